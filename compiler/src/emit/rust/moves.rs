//! Entries moved: slice, pad, concat, gather, scatter, maximum; and what goes in and out of a tile.

use super::kernel::panels;
use super::region::{Region, Regions};
use super::writer::Writer;
use crate::ir::{Axes, Input, NodeId, Op};
use crate::plan::{Outer, Place, Plan, deferred_rows};

/// A shape around one axis: entries before, along and after it.
fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (
        shape[..axis].iter().product(),
        shape[axis],
        shape[axis + 1..].iter().product(),
    )
}

/// The block of a value that panel q holds.
fn block(region: &Region) -> String {
    if region.rows {
        format!("q * {} + ", region.len)
    } else {
        String::new()
    }
}

/// A slice, pad, concat, gather, scatter or maximum, in a tile or between shared values.
pub(super) fn moved(w: &mut Writer, plan: &Plan, id: NodeId, tile: bool) {
    let g = &plan.graph;
    let node = g.node(id);
    let mut regions = Regions::new(plan, tile);
    let y = regions.of(id);
    let inputs: Vec<Region> = g.operands(id).iter().map(|&a| regions.of(a)).collect();
    let shapes: Vec<Vec<usize>> = g
        .operands(id)
        .iter()
        .map(|&a| g.shape(a).to_vec())
        .collect();
    let zero = "<V::Scalar as rt::Real>::of(0.0)";
    let zero = if y.rows {
        format!("[{zero}; rt::LANES]")
    } else {
        zero.to_owned()
    };
    w.line(format!("// v{} = {}", id.0, name(&node.op)));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let q = if y.rows { vec![("q".to_string(), format!("0..{}", y.panels()))] } else { vec![] };
        let (to, of) = (block(&y), inputs.first().map(block).unwrap_or_default());
        let x = inputs.first().map(|r| r.name.clone()).unwrap_or_default();
        w.nest(&q, |w| match &node.op {
            Op::Slice { axis, start, .. } => {
                let (pre, len, post) = around(&node.shape, *axis);
                let full = shapes[0][*axis];
                let n = len * post;
                w.block(format!("for i in 0..{pre}"), |w| {
                    w.line(format!("let from = &{x}[{of}i * {} + {}..][..{n}];", full * post, start * post));
                    w.line(format!("{}[{to}i * {n}..][..{n}].copy_from_slice(from);", y.name));
                });
            }
            Op::Pad { axis, before, .. } => {
                let (pre, len, post) = around(&shapes[0], *axis);
                let full = node.shape[*axis];
                let n = len * post;
                w.line(format!("{}[{to}0..][..{}].fill({zero});", y.name, y.len));
                w.block(format!("for i in 0..{pre}"), |w| {
                    w.line(format!("let from = &{x}[{of}i * {n}..][..{n}];"));
                    w.line(format!("{}[{to}i * {} + {}..][..{n}].copy_from_slice(from);", y.name, full * post, before * post));
                });
            }
            Op::Concat { axis, .. } => {
                let (pre, full, post) = around(&node.shape, *axis);
                let mut start = 0;
                for (part, shape) in inputs.iter().zip(&shapes) {
                    let n = shape[*axis] * post;
                    w.block(format!("for i in 0..{pre}"), |w| {
                        w.line(format!("let from = &{}[{}i * {n}..][..{n}];", part.name, part_block(part, &y)));
                        w.line(format!("let to = &mut {}[{to}i * {} + {}..][..{n}];", y.name, full * post, start * post));
                        w.line(if part.rows == y.rows {
                            "to.copy_from_slice(from);"
                        } else {
                            "to.iter_mut().zip(from).for_each(|(row, x)| row.fill(*x));"
                        });
                    });
                    start += shape[*axis];
                }
            }
            Op::Gather { axis, indices, .. } => {
                let (pre, len, post) = around(&node.shape, *axis);
                let full = shapes[0][*axis];
                w.line(format!("const INDICES: [usize; {}] = {indices:?};", indices.len()));
                w.block(format!("for i in 0..{pre}"), |w| {
                    w.block("for (j, k) in INDICES.into_iter().enumerate()", |w| {
                        w.line(format!("let from = &{x}[{of}(i * {full} + k) * {post}..][..{post}];"));
                        w.line(format!("{}[{to}(i * {len} + j) * {post}..][..{post}].copy_from_slice(from);", y.name));
                    });
                });
            }
            Op::Scatter { axis, indices, .. } => {
                let (pre, len, post) = around(&shapes[0], *axis);
                let full = node.shape[*axis];
                w.line(format!("const INDICES: [usize; {}] = {indices:?};", indices.len()));
                w.line(format!("{}[{to}0..][..{}].fill({zero});", y.name, y.len));
                w.block(format!("for i in 0..{pre}"), |w| {
                    w.block("for (j, k) in INDICES.into_iter().enumerate()", |w| {
                        w.line(format!("let from = &{x}[{of}(i * {len} + j) * {post}..][..{post}];"));
                        w.line(format!("let to = &mut {}[{to}(i * {full} + k) * {post}..][..{post}];", y.name));
                        w.line(if y.rows {
                            "to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);"
                        } else {
                            "to.iter_mut().zip(from).for_each(|(y, x)| *y = *y + *x);"
                        });
                    });
                });
            }
            Op::AtMax { of: a, values, axis } => {
                let (pre, len, post) = around(&shapes[0], *axis);
                let compared = part_block(&inputs[0], &y);
                let read = (a != values).then(|| (inputs[1].name.clone(), part_block(&inputs[1], &y)));
                w.nest(&[("i".into(), format!("0..{pre}")), ("j".into(), format!("0..{post}"))], |w| {
                    w.line(format!("let mut top = {x}[{compared}i * {} + j];", len * post));
                    if let Some((v, block)) = &read {
                        w.line(format!("let mut at = {v}[{block}i * {} + j];", len * post));
                    }
                    w.block(format!("for k in 1..{len}"), |w| {
                        w.line(format!("let next = {x}[{compared}(i * {len} + k) * {post} + j];"));
                        if let Some((v, block)) = &read {
                            w.line(format!("let value = {v}[{block}(i * {len} + k) * {post} + j];"));
                        }
                        w.line(match (y.rows, &read) {
                            (true, None) => "top.iter_mut().zip(next).for_each(|(a, b)| if b > *a { *a = b });",
                            (false, None) => "if next > top { top = next }",
                            (true, Some(_)) => "for l in 0..rt::LANES { let more = next[l] > top[l]; at[l] = if more { value[l] } else { at[l] }; top[l] = if more { next[l] } else { top[l] }; }",
                            (false, Some(_)) => "if next > top { (top, at) = (next, value) }",
                        });
                    });
                    let result = if read.is_some() { "at" } else { "top" };
                    w.line(format!("{}[{to}i * {post} + j] = {result};", y.name));
                });
            }
            _ => unreachable!("the planner moves no other operation"),
        });
    });
}

/// The block of a part of a concatenation: a per-sample part is the same for every direction.
fn part_block(part: &Region, whole: &Region) -> String {
    match (part.rows, whole.axes.tangent && !part.axes.tangent) {
        (true, true) => format!("(q % pn) * {} + ", part.len),
        _ => block(part),
    }
}

fn name(op: &Op) -> String {
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

/// Accumulates per-tangent rows into shared columns.
pub(super) fn stack(w: &mut Writer, plan: &Plan, id: NodeId) {
    let of = plan.graph.operands(id)[0];
    let count = plan.graph.shape(id).last().copied().unwrap_or(1);
    let mut regions = Regions::new(plan, true);
    let (x, c) = (regions.of(of), regions.of(id));
    w.line(format!(
        "// v{}[.., t] += sum over samples of v{}",
        id.0, of.0
    ));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!(
            "rt::add_columns::<V>({}, {count}, t0, {}, tn, {}, {});",
            c.name,
            x.name,
            x.len,
            panels("pn", 1)
        ));
    });
}

/// Writes a result.
pub(super) fn output(w: &mut Writer, plan: &Plan, i: usize, out_rows: usize, streamed: bool) {
    let g = &plan.graph;
    let (name, id) = &g.outputs[i];
    let len = g.node(*id).len();
    let before: usize = g.outputs[..i].iter().map(|o| g.node(o.1).len()).sum();
    let mut regions = Regions::new(plan, true);
    let x = regions.of(*id);
    w.line(format!("// {name}"));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let mut loops = vec![("p".to_string(), "0..pn".to_string())];
        if streamed {
            loops.insert(0, ("t".to_string(), "0..tn".to_string()));
        }
        w.nest(&loops, |w| {
            let panel = if streamed { "((t0 + t) * pn + p)" } else { "p" };
            w.line(format!(
                "let to = &mut tile.out[{panel} * {out_rows} + {before}..][..{len}];"
            ));
            let features = g.node(*id).len();
            if x.rows {
                w.line(format!(
                    "to.copy_from_slice(&{}[{}..][..{features}]);",
                    x.name,
                    x.index("0")
                ));
            } else {
                w.line(format!(
                    "to.iter_mut().zip({}.iter()).for_each(|(row, x)| row.fill(*x));",
                    x.name
                ));
            }
        });
    });
}

/// Hands rows to the caller for a product over the whole batch.
pub(super) fn defer(w: &mut Writer, plan: &Plan, outer: &Outer, index: usize) {
    let mut regions = Regions::new(plan, true);
    let [a, b] = [outer.pairs[0].0, outer.pairs[0].1].map(|id| regions.of(id));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        if plan.deferred[index].with == Input::Directions {
            w.line(format!(
                "(tile.keep)(&mut *tile.acc, {index}, t0, tn, {}, {});",
                a.name, b.name
            ));
            return;
        }
        let before = deferred_rows(&plan.deferred[..index]);
        let width = deferred_rows(&plan.deferred);
        w.block("for p in 0..pn", |w| {
            w.line(format!(
                "tile.deferred[p * {width} + {before}..][..{}].copy_from_slice(&{});",
                a.len,
                a.block()
            ));
        });
    });
}

/// A shared value copied to where the caller looks for it.
pub(super) fn deliver(w: &mut Writer, plan: &Plan, from: NodeId, to: &Place) {
    let len = plan.graph.node(from).len();
    let mut regions = Regions::new(plan, false);
    let x = regions.of(from);
    let y = regions.at(to.clone(), len, Axes::SHARED, "result".to_string());
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!("{}.copy_from_slice(&{}[..{len}]);", y.name, x.name));
    });
}
