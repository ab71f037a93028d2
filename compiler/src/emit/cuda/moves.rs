//! Entries moved: slice, pad, concat, gather, scatter, maximum; and results that leave. Each entry of the result is
//! computed by one thread from where it comes from, so that nothing is written twice.

use super::super::rust::writer::Writer;
use super::team::Team;
use super::value::{Scope, entry, place_entry};
use crate::ir::{NodeId, Op};
use crate::plan::{Phase, Plan, Step};

/// A shape around one axis: entries along it with what follows, and what follows.
fn around(shape: &[usize], axis: usize) -> (usize, usize) {
    let post = shape[axis + 1..].iter().product();
    (shape[axis] * post, post)
}

/// The tables of gathers and scatters, which stand outside the functions.
pub(super) fn index_tables(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for phase in [
        Phase::Prologue,
        Phase::Samples,
        Phase::Stream,
        Phase::Finish,
        Phase::Epilogue,
    ] {
        for step in plan.steps(phase) {
            let Step::Move(id) = step else { continue };
            if let Op::Gather { indices, .. } | Op::Scatter { indices, .. } =
                &plan.graph.node(*id).op
            {
                let list: Vec<String> = indices.iter().map(usize::to_string).collect();
                lines.push(format!(
                    "static __device__ const int indices_{}[{}] = {{{}}};",
                    id.0,
                    indices.len(),
                    list.join(", ")
                ));
            }
        }
    }
    lines
}

/// A slice, pad, concat, gather, scatter or maximum, in a tile or between shared values.
pub(super) fn moved(w: &mut Writer, plan: &Plan, id: NodeId, scope: Scope, team: Team) {
    let g = &plan.graph;
    let node = g.node(id);
    w.line(format!("// v{} = {}", id.0, describe(&node.op)));
    let n = node.len();
    let (head, columns) = match (scope, node.axes.sample, node.axes.tangent) {
        (Scope::Grid, _, _) | (_, false, _) => (Team::Grid.each(n), None),
        (_, _, true) => (team.each(format!("{n} * CHUNK")), Some("CHUNK")),
        _ => (team.each(format!("{n} * SAMPLES")), Some("SAMPLES")),
    };
    w.block(head, |w| {
        match columns {
            Some("CHUNK") => {
                w.line("const int u = i / CHUNK, s = i % SAMPLES, t = i / SAMPLES % DIRECTIONS;")
            }
            Some(_) => w.line("const int u = i / SAMPLES, s = i % SAMPLES;"),
            None => w.line("const int u = i;"),
        }
        source(w, plan, id, scope);
        let to = place_entry(plan, plan.place(id), "u", scope);
        w.line(format!("{to} = value;"));
    });
}

/// Declares `value`, the entry u of the result.
fn source(w: &mut Writer, plan: &Plan, id: NodeId, scope: Scope) {
    let g = &plan.graph;
    let node = g.node(id);
    let of = |k: usize| g.operands(id)[k];
    let shape = |k: usize| g.shape(of(k)).to_vec();
    match &node.op {
        Op::Slice { axis, start, .. } => {
            let ((n, post), (full, _)) = (around(&node.shape, *axis), around(&shape(0), *axis));
            let at = format!("u / {n} * {full} + u % {n} + {}", start * post);
            w.line(format!(
                "const float value = {};",
                entry(plan, of(0), &at, scope)
            ));
        }
        Op::Pad { axis, before, .. } => {
            let ((full, post), (n, _)) = (around(&node.shape, *axis), around(&shape(0), *axis));
            w.line(format!("const int at = u % {full} - {};", before * post));
            let x = entry(plan, of(0), &format!("u / {full} * {n} + at"), scope);
            w.line(format!(
                "const float value = at >= 0 && at < {n} ? {x} : 0.0f;"
            ));
        }
        Op::Concat { axis, parts } => {
            let (full, _) = around(&node.shape, *axis);
            w.line(format!("const int at = u % {full};"));
            w.line("float value;");
            let mut start = 0;
            for (k, &part) in parts.iter().enumerate() {
                let (n, _) = around(g.shape(part), *axis);
                let x = entry(
                    plan,
                    part,
                    &format!("u / {full} * {n} + at - {start}"),
                    scope,
                );
                start += n;
                let test = match (k, k + 1 == parts.len()) {
                    (0, true) => String::new(),
                    (0, _) => format!("if (at < {start}) "),
                    (_, true) => "else ".to_string(),
                    _ => format!("else if (at < {start}) "),
                };
                w.line(format!("{test}value = {x};"));
            }
        }
        Op::Gather { axis, .. } => {
            let ((n, post), (full, _)) = (around(&node.shape, *axis), around(&shape(0), *axis));
            w.line(format!(
                "const int at = u / {n} * {full} + indices_{}[u % {n} / {post}] * {post} + u % {post};",
                id.0
            ));
            w.line(format!(
                "const float value = {};",
                entry(plan, of(0), "at", scope)
            ));
        }
        Op::Scatter { axis, indices, .. } => {
            let ((full, post), (n, _)) = (around(&node.shape, *axis), around(&shape(0), *axis));
            w.line("float value = 0.0f;");
            w.block(
                format!("for (int k = 0; k < {}; ++k)", indices.len()),
                |w| {
                    w.line(format!(
                        "if (indices_{}[k] != u % {full} / {post}) continue;",
                        id.0
                    ));
                    let at = format!("u / {full} * {n} + k * {post} + u % {post}");
                    w.line(format!("value += {};", entry(plan, of(0), &at, scope)));
                },
            );
        }
        Op::AtMax {
            of: a,
            values,
            axis,
        } => {
            let (n, post) = around(&shape(0), *axis);
            let at = |k: &str| format!("u / {post} * {n} + {k} * {post} + u % {post}");
            let read = |id: NodeId, k: &str| entry(plan, id, &at(k), scope);
            if a == values {
                w.line(format!("float value = {};", read(*a, "0")));
                w.block(format!("for (int k = 1; k < {}; ++k)", n / post), |w| {
                    w.line(format!("value = fmaxf(value, {});", read(*a, "k")));
                });
            } else {
                w.line(format!("float top = {};", read(*a, "0")));
                w.line(format!("float value = {};", read(*values, "0")));
                w.block(format!("for (int k = 1; k < {}; ++k)", n / post), |w| {
                    w.line(format!("const float next = {};", read(*a, "k")));
                    let other = read(*values, "k");
                    w.line(format!(
                        "if (next > top) {{ top = next; value = {other}; }}"
                    ));
                });
            }
        }
        _ => unreachable!("the planner moves no other operation"),
    }
}

fn describe(op: &Op) -> String {
    match op {
        Op::Slice { of, axis, .. } => format!("slice of v{}, axis {axis}", of.0),
        Op::Pad { of, axis, .. } => format!("v{} in zeros, axis {axis}", of.0),
        Op::Concat { parts, axis } => {
            let parts: Vec<String> = parts.iter().map(|p| format!("v{}", p.0)).collect();
            format!("{} one after another, axis {axis}", parts.join(", "))
        }
        Op::Gather { of, axis, .. } => format!("entries of v{}, axis {axis}", of.0),
        Op::Scatter { of, axis, .. } => format!("v{} added into zeros, axis {axis}", of.0),
        Op::AtMax { of, values, axis } if of == values => format!("max of v{}, axis {axis}", of.0),
        Op::AtMax { of, values, axis } => {
            format!("v{} where v{} is largest, axis {axis}", values.0, of.0)
        }
        _ => String::new(),
    }
}

/// Writes a result: columns of `[batch, width]`, or of `[batch, count, width]` where every direction has results.
pub(super) fn output(w: &mut Writer, plan: &Plan, i: usize, streamed: bool, team: Team) {
    let g = &plan.graph;
    let (name, id) = &g.outputs[i];
    let len = |k: usize| g.node(g.outputs[k].1).len();
    let width: usize = (0..g.outputs.len()).map(len).sum();
    let before: usize = (0..i).map(len).sum();
    let columns = if streamed { "CHUNK" } else { "SAMPLES" };
    w.line(format!("// {name}"));
    let n = len(i);
    w.block(team.each(format!("{n} * {columns}")), |w| {
        w.line(format!(
            "const int u = i % {n}, s = i / {n} % SAMPLES, b = tile.first + s;"
        ));
        let value = entry(plan, *id, "u", Scope::Tile);
        if streamed {
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
