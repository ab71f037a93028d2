//! Copies by index map, sums by index map, maxima along an axis. Each entry of the result is computed by one thread from
//! where it comes from, so that nothing is written twice.

use super::super::rust::writer::Writer;
use super::thread_group::ThreadGroup;
use super::value::{Scope, entry, view_entry};
use crate::lower::{
    BatchStatement, Block, IndexMap, Indexed, Lowered, Maximum, Movement, Operand, SampleResult,
    TileStatement,
};

/// The index tables of gathers and scatters, which stand outside the functions. Ranges are written out by the device's
/// compiler.
pub(super) fn index_tables(program: &Lowered) -> Vec<String> {
    let tile = [&program.samples, &program.stream_body, &program.finish];
    let in_tiles = tile
        .into_iter()
        .flatten()
        .filter_map(|statement| match statement {
            TileStatement::Movement(m) => Some(m),
            TileStatement::Loop(_)
            | TileStatement::Gemm(_)
            | TileStatement::RankK(_)
            | TileStatement::Contraction(_)
            | TileStatement::SampleSum(_)
            | TileStatement::Directions(_)
            | TileStatement::Zero(_)
            | TileStatement::ReduceToColumns(_)
            | TileStatement::Defer(_)
            | TileStatement::Result(_) => None,
        });
    let in_batch = |statements| {
        let statements: &Vec<BatchStatement> = statements;
        statements.iter().filter_map(|statement| match statement {
            BatchStatement::Movement(m) => Some(m),
            BatchStatement::Loop(_)
            | BatchStatement::Contraction(_)
            | BatchStatement::Lq(_)
            | BatchStatement::LqGradient(_)
            | BatchStatement::Fill(_)
            | BatchStatement::Deliver(_)
            | BatchStatement::Transpose(_) => None,
        })
    };
    let (before, after) = (in_batch(&program.prologue), in_batch(&program.epilogue));
    let tables = before.chain(in_tiles).chain(after).filter_map(|m| match m {
        Movement::Gather(indexed) | Movement::Scatter(indexed) => Some(table(indexed)),
        Movement::Blocks { .. } | Movement::Maximum(_) => None,
    });
    tables.collect()
}

fn table(indexed: &Indexed) -> String {
    let (label, n) = (indexed.to.label, indexed.map.len());
    match &indexed.map {
        IndexMap::List(indices) => {
            let list: Vec<String> = indices.iter().map(usize::to_string).collect();
            let list = list.join(", ");
            format!("static __device__ constexpr Indices<{n}> indices_{label} = {{{{{list}}}}};")
        }
        IndexMap::Ranges {
            pieces,
            start,
            start_step,
            count,
            count_step,
            step,
        } => format!(
            "static __device__ constexpr Indices<{n}> indices_{label} = \
             ranges<{n}>({pieces}, {start}, {start_step}, {count}, {count_step}, {step});"
        ),
    }
}

/// Data movement in a tile or between batch-independent values.
pub(super) fn movement(
    w: &mut Writer,
    program: &Lowered,
    m: &Movement,
    scope: Scope,
    group: ThreadGroup,
) {
    comment(w, m);
    let to = m.to();
    let n = to.len;
    let (head, columns) = match (scope, to.axes.sample, to.axes.tangent) {
        (Scope::Grid, _, _) | (_, false, _) => (ThreadGroup::Grid.strided_loop(n), None),
        (_, _, true) => (group.strided_loop(format!("{n} * CHUNK")), Some("CHUNK")),
        _ => (
            group.strided_loop(format!("{n} * SAMPLES")),
            Some("SAMPLES"),
        ),
    };
    w.block(head, |w| {
        match columns {
            Some("CHUNK") => {
                w.line("const int u = i / CHUNK, s = i % SAMPLES, t = i / SAMPLES % DIRECTIONS;")
            }
            Some(_) => w.line("const int u = i / SAMPLES, s = i % SAMPLES;"),
            None => w.line("const int u = i;"),
        }
        let read = |source: &Operand, at: &str| entry(program, source, at, scope);
        match m {
            Movement::Blocks { blocks, zeros, .. } => copy(w, blocks, *zeros, read),
            Movement::Gather(g) => gather(w, g, read),
            Movement::Scatter(s) => scatter(w, s, read),
            Movement::Maximum(m) => maximum(w, m, read),
        }
        w.line(format!("{} = value;", view_entry(program, &to, "u", scope)));
    });
}

/// Declares `value`, the entry u of blocks one after another along an axis.
fn copy(w: &mut Writer, blocks: &[Block], zeros: bool, read: impl Fn(&Operand, &str) -> String) {
    w.line("float value = 0.0f;");
    for (k, b) in blocks.iter().enumerate() {
        let at = format!("at{k}");
        let (step, run) = (b.to_step, b.run);
        w.line(format!("const int {at} = u % {step} - {};", b.to_start));
        let from = format!("u / {step} * {} + {at} + {}", b.from_step, b.from_start);
        let x = read(&b.from, &from);
        // Blocks that cover all entries of the result need no test where there is one of them.
        let whole = !zeros && blocks.len() == 1;
        let test = if whole {
            String::new()
        } else {
            format!("if ({at} >= 0 && {at} < {run}) ")
        };
        w.line(format!("{test}value = {x};"));
    }
}

fn gather(w: &mut Writer, g: &Indexed, read: impl Fn(&Operand, &str) -> String) {
    let (run, full, label) = (g.run, g.mapped * g.run, g.to.label);
    let n = g.map.len() * run;
    w.line(format!(
        "const int at = u / {n} * {full} + indices_{label}.at[u % {n} / {run}] * {run} + u % {run};"
    ));
    w.line(format!("const float value = {};", read(&g.from, "at")));
}

fn scatter(w: &mut Writer, s: &Indexed, read: impl Fn(&Operand, &str) -> String) {
    let (run, full, label) = (s.run, s.mapped * s.run, s.to.label);
    let n = s.map.len() * run;
    w.line("float value = 0.0f;");
    w.block(format!("for (int k = 0; k < {}; ++k)", s.map.len()), |w| {
        w.line(format!(
            "if (indices_{label}.at[k] != u % {full} / {run}) continue;"
        ));
        let at = format!("u / {full} * {n} + k * {run} + u % {run}");
        w.line(format!("value += {};", read(&s.from, &at)));
    });
}

fn maximum(w: &mut Writer, m: &Maximum, read: impl Fn(&Operand, &str) -> String) {
    let (run, n) = (m.run, m.len * m.run);
    let at = |k: &str| format!("u / {run} * {n} + {k} * {run} + u % {run}");
    let rest = format!("for (int k = 1; k < {}; ++k)", m.len);
    match &m.values {
        None => {
            w.line(format!("float value = {};", read(&m.of, &at("0"))));
            w.block(rest, |w| {
                w.line(format!("value = fmaxf(value, {});", read(&m.of, &at("k"))));
            });
        }
        Some(values) => {
            w.line(format!("float top = {};", read(&m.of, &at("0"))));
            w.line(format!("float value = {};", read(values, &at("0"))));
            w.block(rest, |w| {
                w.line(format!("const float next = {};", read(&m.of, &at("k"))));
                let other = read(values, &at("k"));
                w.line(format!(
                    "if (next > top) {{ top = next; value = {other}; }}"
                ));
            });
        }
    }
}

fn comment(w: &mut Writer, m: &Movement) {
    let sources = m.sources().into_iter();
    let names: Vec<String> = sources.map(|s| format!("v{}", s.label())).collect();
    let (to, from) = (m.to().label, names.join(", "));
    w.line(match m {
        Movement::Blocks { .. } => format!("// v{to} = blocks of {from}"),
        Movement::Gather(_) => format!("// v{to} = entries of {from}"),
        Movement::Scatter(_) => format!("// v{to} = {from} added into zeros"),
        Movement::Maximum(_) => format!("// v{to} = the maximum of {from}"),
    });
}

/// Writes a result: columns of `[batch, width]`, or of `[batch, count, width]` where every direction has results.
pub(super) fn result(w: &mut Writer, program: &Lowered, r: &SampleResult, group: ThreadGroup) {
    let (width, before, n) = (program.out_rows(), r.row, r.from.len());
    let columns = if r.per_direction { "CHUNK" } else { "SAMPLES" };
    w.line(format!("// {}", r.name));
    w.block(group.strided_loop(format!("{n} * {columns}")), |w| {
        w.line(format!(
            "const int u = i % {n}, s = i / {n} % SAMPLES, b = tile.first + s;"
        ));
        let value = entry(program, &r.from, "u", Scope::Tile);
        if r.per_direction {
            w.line(format!("const int t = i / ({n} * SAMPLES);"));
            w.line(format!(
                "if (b < a.batch && tile.t0 + t < a.count) \
                 a.out[((size_t)b * a.count + tile.t0 + t) * {width} + {before} + u] = {value};"
            ));
        } else {
            w.line(format!(
                "if (b < a.batch) a.out[(size_t)b * {width} + {before} + u] = {value};"
            ));
        }
    });
}
