//! Contractions: products on tensor cores where one fits, elsewhere sums by some lanes of a warp for each entry.

use super::super::index::{linear, number};
use super::super::rust::writer::Writer;
use super::loops::decode;
use super::thread_group::ThreadGroup;
use super::value::{Scope, columns, entry, pointer, view_entry};
use crate::ir::Label;
use crate::lower::{
    BatchStatement, Contraction, Factor, GemmCall, IndexAxis, Lowered, Operand, RankKCall,
    ReduceToColumns, Repeat, Subscript, View,
};

/// The innermost repetition of a product, which is part of its kernel: (times, rows on in a, rows on in b).
pub(super) fn innermost(
    repeats: &[Repeat],
    fold: usize,
    a: usize,
    b: usize,
) -> (usize, usize, usize) {
    match repeats.last() {
        Some(r) => (r.size, r.a, r.b),
        None if fold > 1 => (fold, a / fold, b / fold),
        None => (1, 0, 0),
    }
}

/// Loops for the other repetitions around what `body` writes, which gets the rows that they add to a and b.
fn repeated(w: &mut Writer, repeats: &[Repeat], body: impl FnOnce(&mut Writer, &str, &str)) {
    let outer = &repeats[..repeats.len().saturating_sub(1)];
    let names: Vec<String> = (0..outer.len()).map(|i| format!("r{i}")).collect();
    let rows = |f: fn(&Repeat) -> usize| {
        let names = names.iter().map(String::as_str);
        linear(names.zip(outer.iter().map(f)), number)
    };
    let (a, b) = (rows(|r| r.a), rows(|r| r.b));
    for (name, r) in names.iter().zip(outer) {
        w.open(format!(
            "for (int {name} = 0; {name} < {}; ++{name})",
            r.size
        ));
    }
    body(w, &a, &b);
    outer.iter().for_each(|_| w.close());
}

/// A pointer some rows on.
fn offset(pointer: String, rows: &str, ld: &str) -> String {
    if rows == "0" {
        pointer
    } else {
        format!("{pointer} + ({rows}) * {ld}")
    }
}

pub(super) fn gemm(w: &mut Writer, program: &Lowered, g: &GemmCall) {
    let Operand::View(matrix) = &g.matrix else {
        // A constant matrix of one number needs no GEMM.
        return tile_contraction(w, program, &g.contraction(), ThreadGroup::Block);
    };
    w.line(format!(
        "// v{} = v{} v{}",
        g.y.label, matrix.label, g.x.label
    ));
    let (count, ld) = columns(g.x.axes);
    let (times, x_step, y_step) = innermost(&g.repeats, g.fold, g.x.len, g.y.len);
    let skip = zeros(program, g.zeros, g.k);
    let skip = skip.map_or(String::new(), |skip| format!(", {skip}"));
    let pointer = |view: &View| pointer(program, view, Scope::Tile);
    repeated(w, &g.repeats, |w, x, y| {
        w.line(format!(
            "gemm<{}, {}, {}, {}, {}, {}, {count}, {ld}, {times}, {x_step}, {y_step}>({}, {}, {}{skip});",
            g.m,
            g.k,
            g.matrix_row,
            g.matrix_col,
            g.x_row,
            g.y_row,
            pointer(matrix),
            offset(pointer(&g.x), x, ld),
            offset(pointer(&g.y), y, ld),
        ));
    });
}

/// How many features vanish in all directions of the chunk, of a value with structural zeros; the factorisation in
/// `kernels/cuda/lq.cuh` gives a triangle for wide matrices only.
fn zeros(program: &Lowered, diagonal: Option<usize>, features: usize) -> Option<String> {
    let statements = program.prologue.iter().chain(&program.epilogue);
    let mut factors = statements.filter_map(|statement| match statement {
        BatchStatement::Lq(lq) => Some(lq.shape),
        BatchStatement::Loop(_)
        | BatchStatement::Contraction(_)
        | BatchStatement::Movement(_)
        | BatchStatement::LqGradient(_)
        | BatchStatement::Fill(_)
        | BatchStatement::Deliver(_)
        | BatchStatement::Transpose(_) => None,
    });
    let is_wide = factors.all(|[rows, columns]| rows <= columns);
    diagonal
        .filter(|_| is_wide)
        .map(|diagonal| format!("structural_zeros(tile, {diagonal}, {features})"))
}

pub(super) fn rank_k(w: &mut Writer, program: &Lowered, o: &RankKCall) {
    let [a, b] = o.zeros;
    let skips = [zeros(program, a, o.m), zeros(program, b, o.n)];
    let skips = match skips {
        [None, None] => String::new(),
        some => {
            let [a, b] = some.map(|skip| skip.unwrap_or("0".to_owned()));
            format!(", {a}, {b}")
        }
    };
    let pointer = |view: &View| pointer(program, view, Scope::Tile);
    for (i, (left, right)) in o.pairs.iter().enumerate() {
        w.line(format!(
            "// v{} += sum of v{} v{}'",
            o.c.label, left.label, right.label
        ));
        let (count, ld) = columns(left.axes);
        let (times, a_step, b_step) = innermost(&o.repeats, o.fold, left.len, right.len);
        repeated(w, &o.repeats, |w, a, b| {
            // Every product adds to the same sums.
            if o.repeats.len() > 1 || i > 0 {
                w.line("__syncthreads();");
            }
            w.line(format!(
                "rank_k_update<{}, {}, {}, {}, {}, {}, {count}, {ld}, {times}, {a_step}, {b_step}>({}, {}, {}{skips});",
                o.m,
                o.n,
                o.c_row,
                o.c_col,
                o.a_row,
                o.b_row,
                pointer(&o.c),
                offset(pointer(left), a, ld),
                offset(pointer(right), b, ld),
            ));
        });
    }
}

fn name(l: Label) -> String {
    if l.is_ascii_alphanumeric() {
        format!("i_{}", l as char)
    } else {
        format!("i_{l}")
    }
}

/// Loops over indices that take more than one value.
fn dims(axes: &[IndexAxis]) -> Vec<(String, usize)> {
    let walked = axes.iter().filter(|axis| axis.size != 1);
    walked.map(|axis| (name(axis.label), axis.size)).collect()
}

/// The feature index of an array with these subscripts.
fn index(c: &Contraction, subscripts: &[Subscript]) -> String {
    let walked = subscripts.iter().filter(|s| c.size(s.label) != Some(1));
    let terms: Vec<(String, usize)> = walked.map(|s| (name(s.label), s.stride)).collect();
    linear(
        terms.iter().map(|(name, stride)| (name.as_str(), *stride)),
        number,
    )
}

/// The statement that adds a term to the sum.
fn accumulate(program: &Lowered, c: &Contraction, scope: Scope) -> String {
    let read = |factor: &Factor| {
        entry(
            program,
            &factor.operand,
            &index(c, &factor.subscripts),
            scope,
        )
    };
    let left = read(&c.left);
    match &c.right {
        None => format!("sum += {left};"),
        Some(right) => format!("sum = fmaf({left}, {}, sum);", read(right)),
    }
}

/// The lanes that share a sum: more of them where there are fewer sums to form.
fn lanes(sums: usize, terms: usize, most: usize) -> usize {
    let wanted = match sums {
        0..=255 => 32,
        256..=4095 => 8,
        _ => 1,
    };
    let useful = (terms / 2).next_power_of_two();
    wanted.min(useful.max(1)).min(most)
}

/// Any contraction in a tile.
pub(super) fn tile_contraction(
    w: &mut Writer,
    program: &Lowered,
    c: &Contraction,
    group: ThreadGroup,
) {
    comment(w, c);
    let (axes, from) = (c.to.axes, c.factor_axes());
    let (kept, summed) = (c.entries(), c.terms());
    // Columns of the result, and columns that are summed over.
    let (own, over) = match (axes.sample, axes.tangent, from.tangent) {
        (true, true, _) => ("CHUNK", "1"),
        (true, false, true) => ("SAMPLES", "DIRECTIONS"),
        (true, false, false) => ("SAMPLES", "1"),
        (false, _, true) => ("1", "CHUNK"),
        (false, _, false) => ("1", "SAMPLES"),
    };
    // Lanes of neighbouring samples read neighbouring banks; 8 of them leave 4 lanes for a sum.
    let g_lanes = match (axes.sample, group) {
        (true, _) => lanes(kept * 8, summed, 4),
        (false, ThreadGroup::Block) => lanes(kept, summed * 16, 32),
        // A sum over a whole batch is long.
        (false, ThreadGroup::Grid) => 32,
    };
    let to = view_entry(program, &c.to, &index(c, &c.subscripts), Scope::Tile);
    let head = format!(
        "outputs<{g_lanes}>({}, {kept} * {own}, [&](int i, int part, bool valid)",
        group.name()
    );
    w.block_with(head, "});", |w| {
        match own {
            "CHUNK" => w.line("const int s = i % SAMPLES, t = i / SAMPLES % DIRECTIONS;"),
            "SAMPLES" => w.line("const int s = i % SAMPLES;"),
            _ => {}
        }
        decode(w, &dims(&c.kept), &quotient("i", own));
        w.line("float sum = 0.0f;");
        let terms = times(summed, over);
        w.block(
            format!("for (int k = part; k < {terms}; k += {g_lanes})"),
            |w| {
                match over {
                    "CHUNK" => {
                        w.line("const int s = k % SAMPLES, t = k / SAMPLES % DIRECTIONS;");
                    }
                    "SAMPLES" => w.line("const int s = k % SAMPLES;"),
                    "DIRECTIONS" => w.line("const int t = k % DIRECTIONS;"),
                    _ => {}
                }
                decode(w, &dims(&c.summed), &quotient("k", over));
                w.line(accumulate(program, c, Scope::Tile));
            },
        );
        w.line(format!("sum = lane_sum<{g_lanes}>(sum);"));
        // Sums over directions go on from chunk to chunk, sums over samples from tile to tile.
        let how = if c.accumulates() { "+=" } else { "=" };
        w.line(format!("if (valid && part == 0) {to} {how} sum;"));
    });
}

/// `count * columns`, `name / columns`: without columns that are no more than one.
fn times(count: usize, columns: &str) -> String {
    match (count, columns) {
        (_, "1") => count.to_string(),
        (1, _) => columns.to_string(),
        _ => format!("{count} * {columns}"),
    }
}

fn quotient(name: &str, columns: &str) -> String {
    match columns {
        "1" => name.to_string(),
        _ => format!("{name} / {columns}"),
    }
}

/// A contraction of batch-independent values.
pub(super) fn batch_contraction(w: &mut Writer, program: &Lowered, c: &Contraction) {
    comment(w, c);
    let (kept, summed) = (c.entries(), c.terms());
    // A launch has some ten thousand lanes.
    let g_lanes = lanes(kept / 32, summed, 32);
    let to = view_entry(program, &c.to, &index(c, &c.subscripts), Scope::Grid);
    let head = format!("outputs<{g_lanes}>(group, {kept}, [&](int i, int part, bool valid)");
    w.block_with(head, "});", |w| {
        decode(w, &dims(&c.kept), "i");
        w.line("float sum = 0.0f;");
        w.block(
            format!("for (int k = part; k < {summed}; k += {g_lanes})"),
            |w| {
                decode(w, &dims(&c.summed), "k");
                w.line(accumulate(program, c, Scope::Grid));
            },
        );
        w.line(format!("sum = lane_sum<{g_lanes}>(sum);"));
        w.line(format!("if (valid && part == 0) {to} = sum;"));
    });
}

/// Sums over samples of per-direction values, into columns of a shared value.
pub(super) fn reduce_to_columns(
    w: &mut Writer,
    program: &Lowered,
    c: &ReduceToColumns,
    group: ThreadGroup,
) {
    let (count, n) = (c.columns, c.from.len);
    w.line(format!(
        "// v{}[.., t] += sum over samples of v{}",
        c.to.label, c.from.label
    ));
    let head = format!(
        "outputs<8>({}, {n} * DIRECTIONS, [&](int i, int part, bool valid)",
        group.name()
    );
    w.block_with(head, "});", |w| {
        w.line("const int u = i / DIRECTIONS, t = i % DIRECTIONS;");
        w.line("float sum = 0.0f;");
        w.block("for (int s = part; s < SAMPLES; s += 8)", |w| {
            let x = view_entry(program, &c.from, "u", Scope::Tile);
            w.line(format!("sum += {x};"));
        });
        w.line("sum = lane_sum<8>(sum);");
        let column = format!("u * {count} + tile.t0 + t");
        let to = view_entry(program, &c.to, &column, Scope::Tile);
        w.line(format!(
            "if (valid && part == 0 && tile.t0 + t < {count}) {to} += sum;"
        ));
    });
}

fn comment(w: &mut Writer, c: &Contraction) {
    let text = |subscripts: &[Subscript]| -> String {
        let names = subscripts.iter().map(|s| name(s.label)[2..].to_string());
        names.collect()
    };
    let parts: Vec<String> = c
        .factors()
        .map(|f| format!("v{}[{}]", f.operand.label(), text(&f.subscripts)))
        .collect();
    w.line(format!(
        "// v{}[{}] = sum of {}",
        c.to.label,
        text(&c.subscripts),
        parts.join(" * ")
    ));
}
