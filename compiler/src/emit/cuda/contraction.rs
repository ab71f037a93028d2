//! Contractions: products on tensor cores where one fits, elsewhere sums by some lanes of a warp for each entry.

use super::super::rust::writer::Writer;
use super::loops::{decode, linear};
use super::team::Team;
use super::value::{Scope, columns, entry, has_columns, place_entry, pointer};
use crate::ir::{Axes, Label, NodeId, Op};
use crate::plan::{Outer, Place, Plan, Product, Repeat, strides};

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
    let rows =
        |f: fn(&Repeat) -> usize| linear(names.iter().map(String::as_str).zip(outer.iter().map(f)));
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

pub(super) fn product(w: &mut Writer, plan: &Plan, p: &Product) {
    let g = &plan.graph;
    if matches!(plan.place(p.matrix), Place::Constant(_)) {
        // A matrix of one number that is known needs no product.
        return tile_contract(w, plan, p.node, Team::Block);
    }
    w.line(format!("// v{} = v{} v{}", p.node.0, p.matrix.0, p.x.0));
    let (count, ld) = columns(g.axes(p.x));
    let (times, x_step, y_step) =
        innermost(&p.repeats, p.fold, g.node(p.x).len(), g.node(p.node).len());
    let skip = vanishing(plan, p.lag, p.k);
    let skip = skip.map_or(String::new(), |skip| format!(", {skip}"));
    repeated(w, &p.repeats, |w, x, y| {
        w.line(format!(
            "product<{}, {}, {}, {}, {}, {}, {count}, {ld}, {times}, {x_step}, {y_step}>({}, {}, {}{skip});",
            p.m,
            p.k,
            p.matrix_row,
            p.matrix_col,
            p.x_row,
            p.y_row,
            pointer(plan, p.matrix),
            offset(pointer(plan, p.x), x, ld),
            offset(pointer(plan, p.node), y, ld),
        ));
    });
}

/// How many features vanish in all directions of the chunk, of a value with this lag; only a wide matrix gets a triangle
/// of the factorisation of `kernels/lq.cuh`.
fn vanishing(plan: &Plan, lag: Option<usize>, features: usize) -> Option<String> {
    let g = &plan.graph;
    let is_wide = g.ids().all(|id| match g.node(id).op {
        Op::LqLower(of) => g.shape(of)[0] <= g.shape(of)[1],
        _ => true,
    });
    lag.filter(|_| is_wide)
        .map(|lag| format!("vanishing(tile, {lag}, {features})"))
}

pub(super) fn outer(w: &mut Writer, plan: &Plan, o: &Outer) {
    let g = &plan.graph;
    let skips = [(o.lags[0], o.m), (o.lags[1], o.n)].map(|(lag, n)| vanishing(plan, lag, n));
    let skips = match skips {
        [None, None] => String::new(),
        some => {
            let [a, b] = some.map(|skip| skip.unwrap_or("0".to_owned()));
            format!(", {a}, {b}")
        }
    };
    for (i, &(left, right)) in o.pairs.iter().enumerate() {
        w.line(format!(
            "// v{} += sum of v{} v{}'",
            o.node.0, left.0, right.0
        ));
        let (count, ld) = columns(g.axes(left));
        let (times, a_step, b_step) =
            innermost(&o.repeats, o.fold, g.node(left).len(), g.node(right).len());
        repeated(w, &o.repeats, |w, a, b| {
            // Every product adds to the same sums.
            if o.repeats.len() > 1 || i > 0 {
                w.line("__syncthreads();");
            }
            w.line(format!(
                "outer<{}, {}, {}, {}, {}, {}, {count}, {ld}, {times}, {a_step}, {b_step}>({}, {}, {}{skips});",
                o.m,
                o.n,
                o.c_row,
                o.c_col,
                o.a_row,
                o.b_row,
                pointer(plan, o.node),
                offset(pointer(plan, left), a, ld),
                offset(pointer(plan, right), b, ld),
            ));
        });
    }
}

/// A contraction's labels with their sizes.
struct Labels {
    /// Those of the result.
    kept: Vec<(Label, usize)>,
    summed: Vec<(Label, usize)>,
}

fn name(l: Label) -> String {
    if l.is_ascii_alphanumeric() {
        format!("i_{}", l as char)
    } else {
        format!("i_{l}")
    }
}

impl Labels {
    fn of(plan: &Plan, id: NodeId) -> Labels {
        let g = &plan.graph;
        let Op::Contract { operands, out } = &g.node(id).op else {
            unreachable!("only contractions have labels")
        };
        let kept: Vec<(Label, usize)> = out
            .iter()
            .copied()
            .zip(g.shape(id).iter().copied())
            .collect();
        let mut summed: Vec<(Label, usize)> = Vec::new();
        for (a, labels) in operands {
            for (&l, &size) in labels.iter().zip(g.shape(*a)) {
                if !out.contains(&l) && !summed.iter().any(|s| s.0 == l) {
                    summed.push((l, size));
                }
            }
        }
        Labels { kept, summed }
    }

    fn dims(labels: &[(Label, usize)]) -> Vec<(String, usize)> {
        labels
            .iter()
            .filter(|l| l.1 != 1)
            .map(|l| (name(l.0), l.1))
            .collect()
    }
}

fn size(labels: &[(Label, usize)]) -> usize {
    labels.iter().map(|l| l.1).product()
}

/// Multiply-adds of a contraction.
pub(super) fn terms(plan: &Plan, id: NodeId) -> usize {
    let labels = Labels::of(plan, id);
    size(&labels.kept) * size(&labels.summed)
}

/// The feature index of a value with these labels.
fn index(plan: &Plan, id: NodeId, labels: &[Label]) -> String {
    let shape = plan.graph.shape(id);
    let names: Vec<String> = labels.iter().map(|&l| name(l)).collect();
    linear(
        names
            .iter()
            .map(String::as_str)
            .zip(strides(shape))
            .zip(shape)
            .filter(|(_, size)| **size != 1)
            .map(|(term, _)| term),
    )
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
pub(super) fn tile_contract(w: &mut Writer, plan: &Plan, id: NodeId, team: Team) {
    let g = &plan.graph;
    let Op::Contract { operands, out } = &g.node(id).op else {
        unreachable!("the planner names contractions")
    };
    comment(w, plan, id);
    let labels = Labels::of(plan, id);
    let axes = g.axes(id);
    let from = operands
        .iter()
        .fold(Axes::SHARED, |x, o| x.union(g.axes(o.0)));
    let (kept, summed) = (size(&labels.kept), size(&labels.summed));
    // Columns of the result, and columns that are summed over.
    let (own, over) = match (axes.sample, axes.tangent, from.tangent) {
        (true, true, _) => ("CHUNK", "1"),
        (true, false, true) => ("SAMPLES", "DIRECTIONS"),
        (true, false, false) => ("SAMPLES", "1"),
        (false, _, true) => ("1", "CHUNK"),
        (false, _, false) => ("1", "SAMPLES"),
    };
    // Lanes of neighbouring samples read neighbouring banks; 8 of them leave 4 lanes for a sum.
    let g_lanes = match (axes.sample, team) {
        (true, _) => lanes(kept * 8, summed, 4),
        (false, Team::Block) => lanes(kept, summed * 16, 32),
        // A sum over a whole batch is long.
        (false, Team::Grid) => 32,
    };
    let inputs: Vec<String> = operands
        .iter()
        .map(|(a, l)| entry(plan, *a, &index(plan, *a, l), Scope::Tile))
        .collect();
    let to = place_entry(plan, plan.place(id), &index(plan, id, out), Scope::Tile);
    let head = format!(
        "outputs<{g_lanes}>({}, {kept} * {own}, [&](int i, int part, bool valid)",
        team.name()
    );
    w.block_with(head, "});", |w| {
        match own {
            "CHUNK" => w.line("const int s = i % SAMPLES, t = i / SAMPLES % DIRECTIONS;"),
            "SAMPLES" => w.line("const int s = i % SAMPLES;"),
            _ => {}
        }
        decode(w, &Labels::dims(&labels.kept), &quotient("i", own));
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
                decode(w, &Labels::dims(&labels.summed), &quotient("k", over));
                w.line(accumulate(&inputs));
            },
        );
        w.line(format!("sum = lane_sum<{g_lanes}>(sum);"));
        // Sums over directions go on from chunk to chunk, sums over samples from tile to tile.
        let adds = !axes.sample || (from.tangent && !axes.tangent);
        let how = if adds { "+=" } else { "=" };
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

fn accumulate(factors: &[String]) -> String {
    match factors {
        [a] => format!("sum += {a};"),
        [a, b] => format!("sum = fmaf({a}, {b}, sum);"),
        _ => unreachable!("a contraction has one or two operands"),
    }
}

/// A contraction of batch-independent values.
pub(super) fn shared_contract(w: &mut Writer, plan: &Plan, id: NodeId) {
    let Op::Contract { operands, out } = &plan.graph.node(id).op else {
        unreachable!("the planner names contractions")
    };
    comment(w, plan, id);
    let labels = Labels::of(plan, id);
    let (kept, summed) = (size(&labels.kept), size(&labels.summed));
    // A launch has some ten thousand lanes.
    let g_lanes = lanes(kept / 32, summed, 32);
    let inputs: Vec<String> = operands
        .iter()
        .map(|(a, l)| entry(plan, *a, &index(plan, *a, l), Scope::Grid))
        .collect();
    let to = place_entry(plan, plan.place(id), &index(plan, id, out), Scope::Grid);
    let head = format!("outputs<{g_lanes}>(team, {kept}, [&](int i, int part, bool valid)");
    w.block_with(head, "});", |w| {
        decode(w, &Labels::dims(&labels.kept), "i");
        w.line("float sum = 0.0f;");
        w.block(
            format!("for (int k = part; k < {summed}; k += {g_lanes})"),
            |w| {
                decode(w, &Labels::dims(&labels.summed), "k");
                w.line(accumulate(&inputs));
            },
        );
        w.line(format!("sum = lane_sum<{g_lanes}>(sum);"));
        w.line(format!("if (valid && part == 0) {to} = sum;"));
    });
}

/// Sums over samples of per-direction values, into columns of a shared value.
pub(super) fn stack(w: &mut Writer, plan: &Plan, id: NodeId, team: Team) {
    let g = &plan.graph;
    let of = g.operands(id)[0];
    let count = g.shape(id).last().copied().unwrap_or(1);
    let n = g.node(of).len();
    w.line(format!(
        "// v{}[.., t] += sum over samples of v{}",
        id.0, of.0
    ));
    debug_assert!(has_columns(plan, of));
    let head = format!(
        "outputs<8>({}, {n} * DIRECTIONS, [&](int i, int part, bool valid)",
        team.name()
    );
    w.block_with(head, "});", |w| {
        w.line("const int u = i / DIRECTIONS, t = i % DIRECTIONS;");
        w.line("float sum = 0.0f;");
        w.block("for (int s = part; s < SAMPLES; s += 8)", |w| {
            w.line(format!("sum += {};", entry(plan, of, "u", Scope::Tile)));
        });
        w.line("sum = lane_sum<8>(sum);");
        let to = place_entry(
            plan,
            plan.place(id),
            &format!("u * {count} + tile.t0 + t"),
            Scope::Tile,
        );
        w.line(format!(
            "if (valid && part == 0 && tile.t0 + t < {count}) {to} += sum;"
        ));
    });
}

fn comment(w: &mut Writer, plan: &Plan, id: NodeId) {
    let Op::Contract { operands, out } = &plan.graph.node(id).op else {
        return;
    };
    let text = |l: &[Label]| {
        l.iter()
            .map(|&b| name(b)[2..].to_string())
            .collect::<String>()
    };
    let parts: Vec<String> = operands
        .iter()
        .map(|(a, l)| format!("v{}[{}]", a.0, text(l)))
        .collect();
    w.line(format!(
        "// v{}[{}] = sum of {}",
        id.0,
        text(out),
        parts.join(" * ")
    ));
}
