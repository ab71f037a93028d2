//! The lowered form as text.

use super::{
    BatchStatement, Contraction, IndexMap, LoopNest, Lowered, Movement, Output, RankKCall, Source,
    Subscript, TileStatement,
};
use crate::ir::Pool;
use crate::plan::Repeat;

/// The text of a program.
pub fn print(lowered: &Lowered) -> String {
    let l = lowered;
    let mut text = format!(
        "  buffers: params {} shared {} sums {} samples {} chunk {}; a tile has {} panels, a chunk {} directions x panels; \
         directions {:?}\n",
        l.params, l.shared, l.sums, l.sample_rows, l.chunk_rows, l.panels, l.chunk, l.stream
    );
    for output in &l.outputs {
        text.push_str(&match output {
            Output::Loss(view) => format!("  loss: {view}\n"),
            Output::Gradient(i, view) => format!("  gradient of parameter {i}: {view}\n"),
            Output::Sample { name, rows } => format!("  result {name}: {rows} a sample\n"),
        });
    }
    for (i, d) in l.deferred.iter().enumerate() {
        let (to, with) = (d.to, d.with);
        text.push_str(&format!("  deferred {i}: {to} += {} x {with:?}\n", d.rows));
    }
    batch(&mut text, l, "prologue", &l.prologue);
    tile(&mut text, l, "samples", &l.samples);
    tile(&mut text, l, "stream", &l.stream_body);
    tile(&mut text, l, "finish", &l.finish);
    batch(&mut text, l, "epilogue", &l.epilogue);
    text
}

fn tile(text: &mut String, lowered: &Lowered, phase: &str, statements: &[TileStatement]) {
    section(text, phase, statements, |s| tile_statement(lowered, s));
}

fn batch(text: &mut String, lowered: &Lowered, phase: &str, statements: &[BatchStatement]) {
    section(text, phase, statements, |s| batch_statement(lowered, s));
}

fn section<S>(text: &mut String, phase: &str, statements: &[S], line: impl Fn(&S) -> String) {
    if !statements.is_empty() {
        text.push_str(&format!("  {phase}:\n"));
    }
    for statement in statements {
        text.push_str(&format!("    {}\n", line(statement)));
    }
}

fn tile_statement(lowered: &Lowered, statement: &TileStatement) -> String {
    match statement {
        TileStatement::Loop(l) => nest(&lowered.scalars, l),
        TileStatement::Gemm(g) => {
            let (row, col) = (g.matrix_row, g.matrix_col);
            let mut text = format!(
                "gemm {}{}x{}{}: {} = {}{} {}{}",
                g.m,
                diagonal(g.dead),
                g.k,
                diagonal(g.zeros),
                rows(&g.y.to_string(), g.y_row),
                g.matrix,
                strides(&[row, col]),
                rows(&g.x.to_string(), g.x_row),
                repeats(g.fold, &g.repeats),
            );
            if let Some(copy) = g.transposed {
                text.push_str(&format!(", or from the transpose {copy}"));
            }
            text
        }
        TileStatement::RankK(update) => format!("rank-k {}", rank_k(update)),
        TileStatement::Contraction(c) => contraction(c),
        TileStatement::SampleSum(sum) => format!("sum over samples: {} += {}", sum.to, sum.from),
        TileStatement::Movement(m) => movement(m),
        TileStatement::Directions(view) => format!("directions: {view}"),
        TileStatement::Zero(view) => format!("zero: {view}"),
        TileStatement::ReduceToColumns(c) => {
            format!("to columns: {}[.., t of {}] += {}", c.to, c.columns, c.from)
        }
        TileStatement::Defer(d) => format!("defer {}: {}", d.index, rank_k(&d.update)),
        TileStatement::Result(r) => format!("result {} at row {}: {}", r.name, r.row, r.from),
    }
}

fn batch_statement(lowered: &Lowered, statement: &BatchStatement) -> String {
    match statement {
        BatchStatement::Loop(l) => nest(&lowered.scalars, l),
        BatchStatement::Contraction(c) => contraction(c),
        BatchStatement::Movement(m) => movement(m),
        BatchStatement::Lq(lq) => {
            let parts = lq.lower.iter().chain(&lq.orthonormal);
            let parts: Vec<String> = parts.map(ToString::to_string).collect();
            let [rows, columns] = lq.shape;
            format!("lq {rows}x{columns}: {} = {}", parts.join(", "), lq.of)
        }
        BatchStatement::LqGradient(g) => {
            let [rows, columns] = g.shape;
            format!(
                "lq gradient {rows}x{columns}: {} = {} with {}",
                g.to, g.gradient, g.lower
            )
        }
        BatchStatement::Fill(fill) => match fill.uniform() {
            Some(value) => format!("fill: {} = {value}", fill.to),
            None => format!("fill: {} = {:?}", fill.to, fill.values),
        },
        BatchStatement::Deliver(d) => format!("deliver: {} = {}", d.to, d.from),
        BatchStatement::Transpose(t) => {
            format!("transpose {}x{}: {} = {}", t.k, t.m, t.to, t.from)
        }
    }
}

fn nest(scalars: &Pool, l: &LoopNest) -> String {
    let name = |i: usize| format!("%{}", l.label(&l.locals[&i]));
    let mut parts: Vec<String> = l
        .loads()
        .map(|load| {
            let source = match load.source {
                Source::View(view) => format!("{view}{}", strides(&load.strides)),
                Source::Constant(c) => format!("%{} {c}", load.label),
                Source::Weight => format!("%{} weight", load.label),
                Source::Sigma => format!("%{} sigma", load.label),
                Source::UnitDirection => format!("%{} unit direction", load.label),
                Source::Column { matrix, columns } => {
                    format!("%{} column t of {columns} of {matrix}", load.label)
                }
            };
            format!("load {source}")
        })
        .collect();
    for formula in &l.formulas {
        let to = match formula.store {
            Some(view) => view.to_string(),
            None => format!("%{}", formula.label),
        };
        parts.push(format!("{to} = {}", scalars.print(formula.expr, &name)));
    }
    for sum in &l.sums {
        parts.push(format!("{} += {}", sum.to, scalars.print(sum.expr, &name)));
    }
    format!("loop {:?}: {}", l.dims, parts.join("; "))
}

fn rank_k(update: &RankKCall) -> String {
    let pairs: Vec<String> = update
        .pairs
        .iter()
        .map(|(a, b)| {
            format!(
                "{} (x) {}",
                rows(&a.to_string(), update.a_row),
                rows(&b.to_string(), update.b_row)
            )
        })
        .collect();
    let [m, n] = update.zeros.map(diagonal);
    format!(
        "{}{m}x{}{n}: {}{} += {}{}",
        update.m,
        update.n,
        update.c,
        strides(&[update.c_row, update.c_col]),
        pairs.join(" + "),
        repeats(update.fold, &update.repeats),
    )
}

fn contraction(c: &Contraction) -> String {
    let subscripts = |of: &[Subscript]| {
        let of = of
            .iter()
            .map(|s| format!("{}*{}", index(s.label), s.stride));
        format!("[{}]", of.collect::<Vec<_>>().join(" + "))
    };
    let factors: Vec<String> = c
        .factors()
        .map(|f| format!("{}{}", f.operand, subscripts(&f.subscripts)))
        .collect();
    let sizes = c.kept.iter().chain(&c.summed);
    let sizes: Vec<String> = sizes
        .map(|a| format!("{} < {}", index(a.label), a.size))
        .collect();
    format!(
        "contraction {}: {}{} {} {}",
        sizes.join(", "),
        c.to,
        subscripts(&c.subscripts),
        if c.accumulates() { "+=" } else { "=" },
        factors.join(" * "),
    )
}

/// An index's name.
fn index(label: u8) -> String {
    if label.is_ascii_alphanumeric() {
        (label as char).to_string()
    } else {
        format!("i{label}")
    }
}

fn movement(m: &Movement) -> String {
    let to = m.to();
    match m {
        Movement::Blocks { zeros, blocks, .. } => {
            let blocks: Vec<String> = blocks
                .iter()
                .map(|b| {
                    format!(
                        "{} x {}: [{} + {}i] = {}[{} + {}i]",
                        b.count, b.run, b.to_start, b.to_step, b.from, b.from_start, b.from_step
                    )
                })
                .collect();
            let rest = if *zeros { ", zeros elsewhere" } else { "" };
            format!("copy: {to} {}{rest}", blocks.join("; "))
        }
        Movement::Gather(g) => format!(
            "gather {}x{}: {to} = {} of {} at {}",
            g.outer,
            g.run,
            g.from,
            g.mapped,
            map(&g.map)
        ),
        Movement::Scatter(s) => format!(
            "scatter {}x{}: {to} of {} += {} at {}",
            s.outer,
            s.run,
            s.mapped,
            s.from,
            map(&s.map)
        ),
        Movement::Maximum(m) => {
            let values = m
                .values
                .as_ref()
                .map_or(String::new(), |v| format!(", {v} there"));
            format!(
                "maximum {}x{}x{}: {to} = {}{values}",
                m.outer, m.len, m.run, m.of
            )
        }
    }
}

fn map(map: &IndexMap) -> String {
    match map {
        IndexMap::List(indices) => format!("{indices:?}"),
        IndexMap::Ranges {
            pieces,
            start,
            start_step,
            count,
            count_step,
            step,
        } => {
            format!("{start}{start_step:+}r{step:+}e for r < {pieces}, e < {count}{count_step:+}r")
        }
    }
}

/// The features that do not vanish, or that are needed.
fn diagonal(offset: Option<usize>) -> String {
    match offset {
        Some(0) => "[t..]".to_string(),
        Some(offset) => format!("[t - {offset}..]"),
        None => String::new(),
    }
}

fn strides(strides: &[usize]) -> String {
    format!("{strides:?}")
}

/// A value whose features are read at a stride.
fn rows(value: &str, row: usize) -> String {
    match row {
        1 => value.to_string(),
        _ => format!("{value}[{row}]"),
    }
}

fn repeats(fold: usize, repeats: &[Repeat]) -> String {
    let mut text = String::new();
    if fold != 1 {
        text.push_str(&format!(", folded {fold}"));
    }
    for r in repeats {
        text.push_str(&format!(", {} times {} {} on", r.size, r.a, r.b));
    }
    text
}
