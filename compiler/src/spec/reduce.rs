//! Sums, products and functions built from them.

use super::ast::Place;
use super::builtin::{Arguments, Builtin, Run};
use super::diagnostic::Outcome;
use super::lower::Lower;
use super::value::{Lazy, Value};
use crate::ir::{Func, Label, NodeId, Op, broadcast};

type General = for<'a> fn(&mut Lower<'a>, &Arguments<'a>) -> Outcome<Value<'a>>;

const fn reduction(
    name: &'static str,
    usage: &'static str,
    options: &'static [&'static str],
    run: General,
) -> Builtin {
    Builtin {
        name,
        usage,
        arguments: (1, 1),
        options,
        run: Run::General(run),
    }
}

const REDUCE: &[&str] = &["axis", "keep"];

pub(super) const BUILTINS: &[Builtin] = &[
    reduction(
        "sum",
        "sum(a, axis = 1, keep = true)",
        REDUCE,
        |lower, given| {
            let a = operand(lower, given)?;
            summed(lower, given, a, |_| 1.0)
        },
    ),
    reduction(
        "mean",
        "mean(a, axis = 1, keep = true)",
        REDUCE,
        |lower, given| {
            let a = operand(lower, given)?;
            summed(lower, given, a, |count| 1.0 / count as f64)
        },
    ),
    reduction(
        "norm_sq",
        "norm_sq(a, axis = 1, keep = true)",
        REDUCE,
        |lower, given| {
            let a = operand(lower, given)?;
            let square = lower.nonlinear(a, |s, a| s.powi(a, 2));
            summed(lower, given, square, |_| 1.0)
        },
    ),
    reduction(
        "logsumexp",
        "logsumexp(a, axis = 1, keep = true)",
        REDUCE,
        |lower, given| {
            let a = operand(lower, given)?;
            let full = a.shape.clone();
            let (a, axis) = match given.option("axis") {
                Some((Value::List(items), place)) => {
                    let axes = listed_axes(lower, items, place, &full)?;
                    let a = lower.node(a);
                    (together(lower, a, &axes), full.len() - axes.len())
                }
                Some((value, place)) => {
                    let axis = lower.axis(value, place, &full)?;
                    (lower.node(a), axis)
                }
                None => (flat(lower, a), 0),
            };
            let keep = keep(lower, given)?;
            let (shifted, shift) = exponentials(lower, a, axis);
            let total = lower.graph.sum(shifted, &[axis]);
            let without = lower.graph.shape(total).to_vec();
            let shift = lower.graph.reshape(shift, without.clone());
            let result = lower.graph.map(&[total, shift], |s, v| {
                let log = s.call(Func::Log, v[0]);
                s.add(log, v[1])
            });
            let kept = match (keep, given.option("axis")) {
                (false, _) => without,
                (true, Some((Value::List(items), place))) => {
                    let axes = listed_axes(lower, items, place, &full)?;
                    let size = |i: usize| if axes.contains(&i) { 1 } else { full[i] };
                    (0..full.len()).map(size).collect()
                }
                (true, Some(_)) => with_axis(&without, axis),
                (true, None) => {
                    vec![1; lower.tensor(&given.values[0], given.places[0])?.shape.len()]
                }
            };
            let result = lower.graph.reshape(result, kept);
            Ok(Value::Tensor(lower.plain(result)))
        },
    ),
    reduction(
        "softmax",
        "softmax(a, axis = -1)",
        &["axis"],
        |lower, given| {
            let (a, axis, back) = along(lower, given)?;
            let (shifted, _) = exponentials(lower, a, axis);
            let total = kept_sum(lower, shifted, axis);
            let (shifted, total) = (lower.plain(shifted), lower.plain(total));
            let inverse = lower.inverse(total);
            let result = lower.times(shifted, inverse);
            Ok(Value::Tensor(back.apply(lower, result)))
        },
    ),
    reduction(
        "log_softmax",
        "log_softmax(a, axis = -1)",
        &["axis"],
        |lower, given| {
            let (a, axis, back) = along(lower, given)?;
            let (shifted, shift) = exponentials(lower, a, axis);
            let total = kept_sum(lower, shifted, axis);
            // a − m is exact near the maximum, whereas m + log Σ would be rounded to the spacing of float numbers at m.
            let result = lower.graph.map(&[a, shift, total], |s, v| {
                let log = s.call(Func::Log, v[2]);
                s.linear(&[(1.0, v[0]), (-1.0, v[1]), (-1.0, log)])
            });
            let result = lower.plain(result);
            Ok(Value::Tensor(back.apply(lower, result)))
        },
    ),
    reduction(
        "cumsum",
        "cumsum(a, axis = -1)",
        &["axis"],
        |lower, given| {
            let (a, axis, back) = along(lower, given)?;
            let len = lower.graph.shape(a)[axis];
            // Sums of 1, 2, 4, ... entries: no table of len² numbers, and len · log len additions.
            let mut sums = a;
            let mut width = 1;
            while width < len {
                let earlier = lower.graph.slice(sums, axis, 0, len - width);
                let earlier = lower.graph.pad(earlier, axis, width, len);
                sums = lower.graph.add(sums, earlier);
                width *= 2;
            }
            let result = lower.plain(sums);
            Ok(Value::Tensor(back.apply(lower, result)))
        },
    ),
    Builtin {
        name: "dot",
        usage: "dot(a, b)",
        arguments: (2, 2),
        options: &[],
        run: Run::General(|lower, given| {
            let a = lower.tensor(&given.values[0], given.places[0]);
            let b = lower.tensor(&given.values[1], given.places[1]);
            let (a, b) = (a?, b?);
            for (operand, &place) in [&a, &b].into_iter().zip(&given.places) {
                if operand.shape.is_empty() {
                    let message = "`dot` takes arrays, and this is a single number (shape []): multiply with `*`";
                    return Err(lower.fail(place, message));
                }
            }
            product(lower, a, b, given.place).map(Value::Tensor)
        }),
    },
];

fn operand<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Lazy> {
    lower.tensor(&given.values[0], given.places[0])
}

fn keep<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<bool> {
    given
        .option("keep")
        .map_or(Ok(false), |(value, place)| lower.bool(value, place, "keep"))
}

/// c(count)·Σ a over the axes given by the option, or over all axes.
fn summed<'a>(
    lower: &mut Lower<'a>,
    given: &Arguments<'a>,
    a: Lazy,
    factor: fn(usize) -> f64,
) -> Outcome<Value<'a>> {
    let shape = a.shape.clone();
    let axes = match given.option("axis") {
        None => (0..shape.len()).collect(),
        Some((Value::List(items), place)) => {
            let axes: Vec<Outcome<usize>> =
                items.iter().map(|i| lower.axis(i, place, &shape)).collect();
            axes.into_iter().collect::<Outcome<Vec<usize>>>()?
        }
        Some((value, place)) => vec![lower.axis(value, place, &shape)?],
    };
    let keep = keep(lower, given)?;
    let count: usize = axes.iter().map(|&i| shape[i]).product();
    let node = lower.node(a);
    let mut node = lower.graph.sum(node, &axes);
    if keep {
        let kept = shape
            .iter()
            .enumerate()
            .map(|(i, &n)| if axes.contains(&i) { 1 } else { n })
            .collect();
        node = lower.graph.reshape(node, kept);
    }
    let sum = lower.plain(node);
    Ok(Value::Tensor(lower.scaled(factor(count), sum)))
}

/// The operand with all axes joined into one.
fn flat(lower: &mut Lower<'_>, a: Lazy) -> NodeId {
    let count = a.shape.iter().product();
    let node = lower.node(a);
    lower.graph.reshape(node, vec![count])
}

/// The operand and the axis along which the function acts; the last axis by default.
fn along<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<(NodeId, usize, Back)> {
    let a = operand(lower, given)?;
    if let Some((Value::List(items), place)) = given.option("axis") {
        let shape = a.shape.clone();
        let axes = listed_axes(lower, items, place, &shape)?;
        let a = lower.node(a);
        let joined = together(lower, a, &axes);
        let axis = shape.len() - axes.len();
        return Ok((joined, axis, Back(Some((shape, axes)))));
    }
    let last = (Value::Number(-1.0), given.places[0]);
    let (value, place) = given.option("axis").unwrap_or((&last.0, last.1));
    let axis = lower.axis(value, place, &a.shape)?;
    Ok((lower.node(a), axis, Back(None)))
}

/// The inverse of joining axes: the original shape, and those of its axes that were joined.
struct Back(Option<(Vec<usize>, Vec<usize>)>);

impl Back {
    fn apply(self, lower: &mut Lower<'_>, value: Lazy) -> Lazy {
        let Some((shape, axes)) = self.0 else {
            return value;
        };
        let order = behind(shape.len(), &axes);
        let node = lower.node(value);
        let moved = order.iter().map(|&i| shape[i]).collect();
        let node = lower.graph.reshape(node, moved);
        let mut inverse = vec![0; order.len()];
        for (at, &i) in order.iter().enumerate() {
            inverse[i] = at;
        }
        let node = lower.graph.transpose(node, &inverse);
        lower.plain(node)
    }
}

/// The axes in a list, in ascending order and without duplicates.
fn listed_axes<'a>(
    lower: &mut Lower<'a>,
    items: &[Value<'a>],
    place: Place,
    shape: &[usize],
) -> Outcome<Vec<usize>> {
    let axes: Vec<Outcome<usize>> = items.iter().map(|i| lower.axis(i, place, shape)).collect();
    let mut axes = axes.into_iter().collect::<Outcome<Vec<usize>>>()?;
    axes.sort_unstable();
    axes.dedup();
    Ok(axes)
}

/// All axes, with the given ones after the others.
fn behind(rank: usize, axes: &[usize]) -> Vec<usize> {
    let others = (0..rank).filter(|i| !axes.contains(i));
    others.chain(axes.iter().copied()).collect()
}

/// The operand with the given axes joined into one, which is the last.
fn together(lower: &mut Lower<'_>, a: NodeId, axes: &[usize]) -> NodeId {
    let shape = lower.graph.shape(a).to_vec();
    let mut joined: Vec<usize> = (0..shape.len())
        .filter(|i| !axes.contains(i))
        .map(|i| shape[i])
        .collect();
    joined.push(axes.iter().map(|&i| shape[i]).product());
    let node = lower.graph.transpose(a, &behind(shape.len(), axes));
    lower.graph.reshape(node, joined)
}

/// e^(a − m) and m, where m is the largest entry along the axis, kept with length 1. No exponential overflows.
fn exponentials(lower: &mut Lower<'_>, a: NodeId, axis: usize) -> (NodeId, NodeId) {
    let shift = lower.graph.at_max(a, a, axis);
    let shifted = lower.graph.map(&[a, shift], |s, v| {
        let difference = s.sub(v[0], v[1]);
        s.call(Func::Exp, difference)
    });
    (shifted, shift)
}

fn kept_sum(lower: &mut Lower<'_>, a: NodeId, axis: usize) -> NodeId {
    let sum = lower.graph.sum(a, &[axis]);
    let shape = with_axis(lower.graph.shape(sum), axis);
    lower.graph.reshape(sum, shape)
}

fn with_axis(shape: &[usize], axis: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    shape.insert(axis, 1);
    shape
}

/// The matrix product of NumPy's matmul: contracts the last axis of a with the second to last of b (the only one of a
/// vector). The axes before these are batch axes and broadcast.
fn product(lower: &mut Lower<'_>, a: Lazy, b: Lazy, place: Place) -> Outcome<Lazy> {
    let (rows, columns) = (a.shape.len() > 1, b.shape.len() > 1);
    let inner = (
        a.shape[a.shape.len() - 1],
        b.shape[b.shape.len() - if columns { 2 } else { 1 }],
    );
    let batch = |shape: &[usize]| shape[..shape.len().saturating_sub(2)].to_vec();
    let (a_batch, b_batch) = (batch(&a.shape), batch(&b.shape));
    let whole = broadcast(&a_batch, &b_batch);
    let Some(whole) = whole.filter(|_| inner.0 == inner.1) else {
        let (left, right) = (&a.shape, &b.shape);
        let (m, n) = inner;
        let cure = match (left.as_slice(), right.as_slice()) {
            ([k, _], [l, ..]) if k == l => "transpose the left: `dot(transpose(a), b)`".to_string(),
            ([.., k], [_, l]) if k == l => {
                "transpose the right: `dot(a, transpose(b))`".to_string()
            }
            _ if m != n => format!(
                "the last axis of the left has {m} entries, the axis of the right that it meets has {n}"
            ),
            _ => format!("the batch axes {a_batch:?} and {b_batch:?} do not broadcast"),
        };
        return Err(lower.fail(
            place,
            format!("shapes {left:?} · {right:?} do not fit in `dot`: {cure}"),
        ));
    };
    // Labels of the batch axes, aligned from the last. An axis of length 1 that meets a longer one is dropped.
    let label = |i: usize| b'A' + i as u8;
    let mut labelled = |operand: Lazy, own: &[usize], ends: &[Label]| {
        let lead = whole.len() - own.len();
        let kept: Vec<usize> = (0..own.len())
            .filter(|&i| own[i] == whole[lead + i])
            .collect();
        let shape = kept
            .iter()
            .map(|&i| own[i])
            .chain(operand.shape[own.len()..].iter().copied())
            .collect();
        let labels = kept
            .iter()
            .map(|&i| label(lead + i))
            .chain(ends.iter().copied())
            .collect();
        let node = lower.node(operand);
        let node = lower.graph.reshape(node, shape);
        untransposed(lower, node, labels)
    };
    let a = labelled(a, &a_batch, if rows { b"ik" } else { b"k" });
    let b = labelled(b, &b_batch, if columns { b"kj" } else { b"k" });
    let ends = [rows.then_some(b'i'), columns.then_some(b'j')];
    let out: Vec<Label> = (0..whole.len())
        .map(label)
        .chain(ends.into_iter().flatten())
        .collect();
    let node = lower.graph.contract(vec![a, b], out, None);
    let result = lower.plain(node);
    lower.check_entries(&result.shape, place)?;
    Ok(result)
}

/// Replaces a transposition by its operand with permuted labels: a contraction takes its axes in any order.
fn untransposed(lower: &Lower<'_>, node: NodeId, labels: Vec<Label>) -> (NodeId, Vec<Label>) {
    if let Op::Contract { operands, out } = &lower.graph.node(node).op
        && let [(of, order)] = operands.as_slice()
        && order.len() == out.len()
        && lower.graph.axes(*of) == lower.graph.axes(node)
    {
        let at = |l: &Label| out.iter().position(|o| o == l).map(|i| labels[i]);
        if let Some(labels) = order.iter().map(at).collect() {
            return (*of, labels);
        }
    }
    (node, labels)
}
