//! Forward mode: tangents of every node along seeds.
//!
//! Enters: a graph and seeds for some of its nodes. Leaves: the same graph with nodes for the tangents appended.
//! A tangent that is the same linear map for every sample stays shared ([`Tangent::Diagonal`], [`Tangent::Columns`])
//! for as long as the operations are linear with shared coefficients, so that the entry of a network costs nothing
//! per sample.

use crate::ir::{Axes, DIRECTION, Graph, Label, NodeId, Op};
use std::collections::HashMap;

/// The tangent of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tangent {
    /// Known to vanish.
    Zero,
    /// Along the D unit vectors of x: diag(coefficient), a shared value broadcast to the node's shape, whose entries
    /// are x's entries in order.
    Diagonal(NodeId),
    /// A shared array [node shape.., r]: one column a direction.
    Columns(NodeId),
    /// A value with the node's shape.
    Value(NodeId),
}

/// Tangents of nodes `0..count` given `seeds`.
pub fn tangents(g: &mut Graph, count: usize, seeds: &[(NodeId, Tangent)]) -> Vec<Tangent> {
    let seeds: HashMap<NodeId, Tangent> = seeds.iter().copied().collect();
    let mut result: Vec<Tangent> = Vec::with_capacity(count);
    for id in g.ids().take(count) {
        let tangent = match seeds.get(&id) {
            Some(&seed) => seed,
            None => rule(g, id, &result),
        };
        result.push(tangent);
    }
    result
}

/// The tangent as a value that varies over directions.
pub(super) fn value(g: &mut Graph, tangent: Tangent, shape: &[usize]) -> Option<NodeId> {
    match tangent {
        Tangent::Zero => None,
        Tangent::Value(id) => Some(id),
        Tangent::Columns(a) => Some(g.expand_columns(a)),
        Tangent::Diagonal(coefficient) => {
            let basis = g.unit_directions();
            let basis = g.reshape(basis, shape.to_vec());
            Some(g.mul(coefficient, basis))
        }
    }
}

fn rule(g: &mut Graph, id: NodeId, known: &[Tangent]) -> Tangent {
    let node = g.node(id).clone();
    let of = |a: NodeId| known[a.index()];
    if g.operands(id).iter().all(|&a| of(a) == Tangent::Zero) {
        return Tangent::Zero;
    }
    match &node.op {
        Op::Param(_) | Op::Input(_) | Op::Const(_) | Op::UnitDirections => Tangent::Zero,
        // Results do not depend on the shift, so any tangent would do in exact arithmetic. With the tangent of the
        // largest entry the tangents of shifted exponents are differences: Σ p t² − (Σ p t)² loses at most the factor
        // 1/p of that entry to cancellation, where a shift without a tangent loses (t/Δt)².
        Op::AtMax {
            of: a,
            values,
            axis,
        } => {
            let shape = g.shape(*values).to_vec();
            match value(g, of(*values), &shape) {
                Some(v) => Tangent::Value(g.at_max(*a, v, *axis)),
                None => Tangent::Zero,
            }
        }
        Op::ExpandColumns(_)
        | Op::ReduceToColumns(_)
        | Op::LqLower(_)
        | Op::LqOrthonormal(_)
        | Op::LqGradient { .. } => {
            unreachable!("forward mode runs before seeds and factorisations enter a graph")
        }
        Op::Map { expr, args } => map_rule(g, *expr, args, &node.shape, known),
        Op::Contract { operands, out } => match operands.as_slice() {
            [(a, labels)] => unary(g, of(*a), *a, |g, t, extra| {
                let (labels, out) = extended(labels, out, extra);
                g.contract(vec![(t, labels)], out, None)
            }),
            [a, b] => {
                let left = contract_rule(g, of(a.0), a, b, out);
                let right = contract_rule(g, of(b.0), b, a, out);
                sum(g, left, right, &node.shape)
            }
            _ => unreachable!("a contraction has one or two operands"),
        },
        Op::Reshape(a) => {
            let shape = node.shape.clone();
            if let Tangent::Diagonal(c) = of(*a) {
                let own = g.shape(*a).to_vec();
                let full = broadcast_to(g, c, &own);
                return Tangent::Diagonal(g.reshape(full, shape));
            }
            unary(g, of(*a), *a, |g, t, extra| {
                let mut shape = shape.clone();
                shape.extend(extra);
                g.reshape(t, shape)
            })
        }
        Op::Slice { of: a, axis, start } => unary(g, of(*a), *a, |g, t, _| {
            g.slice(t, *axis, *start, node.shape[*axis])
        }),
        Op::Pad {
            of: a,
            axis,
            before,
        } => unary(g, of(*a), *a, |g, t, _| {
            g.pad(t, *axis, *before, node.shape[*axis])
        }),
        Op::Gather {
            of: a,
            axis,
            indices,
        } => unary(g, of(*a), *a, |g, t, _| g.gather(t, *axis, indices)),
        Op::Scatter {
            of: a,
            axis,
            indices,
        } => unary(g, of(*a), *a, |g, t, _| {
            g.scatter(t, *axis, indices, node.shape[*axis])
        }),
        Op::Concat { parts, axis } => concat_rule(g, parts, *axis, known),
    }
}

/// A linear operation of one operand; `apply` gets the tangent and the trailing direction axis, if there is one.
fn unary(
    g: &mut Graph,
    tangent: Tangent,
    operand: NodeId,
    apply: impl Fn(&mut Graph, NodeId, Option<usize>) -> NodeId,
) -> Tangent {
    match tangent {
        Tangent::Zero => Tangent::Zero,
        Tangent::Columns(a) => {
            let count = g.shape(a).last().copied();
            Tangent::Columns(apply(g, a, count))
        }
        Tangent::Value(v) => Tangent::Value(apply(g, v, None)),
        Tangent::Diagonal(_) => {
            let shape = g.shape(operand).to_vec();
            let v = value(g, tangent, &shape).expect("a diagonal tangent is not zero");
            Tangent::Value(apply(g, v, None))
        }
    }
}

fn extended(labels: &[Label], out: &[Label], extra: Option<usize>) -> (Vec<Label>, Vec<Label>) {
    let add = |l: &[Label]| l.iter().copied().chain(extra.map(|_| DIRECTION)).collect();
    (add(labels), add(out))
}

/// Σ over the labels that `out` lacks of ȧ · b.
fn contract_rule(
    g: &mut Graph,
    tangent: Tangent,
    a: &(NodeId, Vec<Label>),
    b: &(NodeId, Vec<Label>),
    out: &[Label],
) -> Tangent {
    let b_shared = g.axes(b.0) == Axes::SHARED;
    match tangent {
        Tangent::Zero => Tangent::Zero,
        // With every label of x summed against the matrix, the matrix itself is the stack of columns.
        Tangent::Diagonal(c)
            if b_shared && a.1.iter().all(|l| b.1.contains(l) && !out.contains(l)) =>
        {
            let shape = g.shape(a.0).to_vec();
            let dim = shape.iter().product();
            let mut result: Vec<Label> = out.to_vec();
            result.extend(&a.1);
            let columns = if is_one(g, c) {
                g.contract(vec![(b.0, b.1.clone())], result, None)
            } else {
                let c = broadcast_to(g, c, &shape);
                g.contract(vec![(b.0, b.1.clone()), (c, a.1.clone())], result, None)
            };
            let mut flat: Vec<usize> = g.shape(columns)[..out.len()].to_vec();
            flat.push(dim);
            Tangent::Columns(g.reshape(columns, flat))
        }
        Tangent::Columns(t) if b_shared => {
            let (labels, result) = extended(&a.1, out, Some(0));
            Tangent::Columns(g.contract(vec![(t, labels), b.clone()], result, None))
        }
        _ => {
            let shape = g.shape(a.0).to_vec();
            let v = value(g, tangent, &shape).expect("zero was handled");
            Tangent::Value(g.contract(vec![(v, a.1.clone()), b.clone()], out.to_vec(), None))
        }
    }
}

fn is_one(g: &Graph, id: NodeId) -> bool {
    matches!(&g.node(id).op, Op::Const(bits) if bits.iter().all(|b| f64::from_bits(*b) == 1.0))
}

/// v̇ = Σᵢ fᵢ · u̇ᵢ
fn map_rule(
    g: &mut Graph,
    expr: crate::ir::Expr,
    args: &[NodeId],
    shape: &[usize],
    known: &[Tangent],
) -> Tangent {
    let mut partials = Vec::new();
    for (i, a) in args.iter().enumerate() {
        let partial = g.scalars.derivative(expr, i);
        if known[a.index()] != Tangent::Zero && g.scalars.as_constant(partial) != Some(0.0) {
            partials.push((partial, known[a.index()], *a));
        }
    }
    if partials.is_empty() {
        return Tangent::Zero;
    }
    let affine = partials.iter().all(|p| {
        g.scalars
            .arguments(p.0)
            .iter()
            .all(|&i| g.axes(args[i]) == Axes::SHARED)
    });
    if affine {
        if let [(partial, Tangent::Diagonal(c), a)] = partials[..]
            && g.shape(a) == shape
        {
            let factor = g.map_expr(partial, args.to_vec(), shape.to_vec());
            return Tangent::Diagonal(g.mul(factor, c));
        }
        if partials.iter().all(|p| matches!(p.1, Tangent::Columns(_))) {
            return affine_columns(g, &partials, args, shape);
        }
    }
    let mut inputs = args.to_vec();
    let mut items = Vec::new();
    for (partial, tangent, a) in partials {
        let a_shape = g.shape(a).to_vec();
        let v = value(g, tangent, &a_shape).expect("zero was handled");
        inputs.push(v);
        let t = g.scalars.arg(inputs.len() - 1);
        items.push((1.0, g.scalars.mul(partial, t)));
    }
    let sum = g.scalars.linear(&items);
    Tangent::Value(g.map_expr(sum, inputs, shape.to_vec()))
}

/// Shared coefficients times shared columns: one more axis, for which the coefficients have length 1.
fn affine_columns(
    g: &mut Graph,
    partials: &[(crate::ir::Expr, Tangent, NodeId)],
    args: &[NodeId],
    shape: &[usize],
) -> Tangent {
    let mut inputs = Vec::new();
    for &a in args {
        // An argument that varies over samples is not in any of the partials.
        let mut widened = g.shape(a).to_vec();
        widened.push(1);
        inputs.push(if g.axes(a) == Axes::SHARED {
            g.reshape(a, widened)
        } else {
            a
        });
    }
    let mut items = Vec::new();
    let mut count = 0;
    for &(partial, tangent, _) in partials {
        let Tangent::Columns(columns) = tangent else {
            unreachable!("the caller saw columns only")
        };
        count = *g
            .shape(columns)
            .last()
            .expect("columns have a direction axis");
        inputs.push(columns);
        let t = g.scalars.arg(inputs.len() - 1);
        items.push((1.0, g.scalars.mul(partial, t)));
    }
    let sum = g.scalars.linear(&items);
    let mut full = shape.to_vec();
    full.push(count);
    Tangent::Columns(g.map_expr(sum, inputs, full))
}

fn concat_rule(g: &mut Graph, parts: &[NodeId], axis: usize, known: &[Tangent]) -> Tangent {
    let tangents: Vec<Tangent> = parts.iter().map(|p| known[p.index()]).collect();
    let count = tangents.iter().find_map(|t| match t {
        Tangent::Columns(c) => g.shape(*c).last().copied(),
        _ => None,
    });
    let all_columns = tangents
        .iter()
        .all(|t| matches!(t, Tangent::Columns(_) | Tangent::Zero));
    let mut pieces = Vec::new();
    for (&part, &tangent) in parts.iter().zip(&tangents) {
        let mut shape = g.shape(part).to_vec();
        let piece = match tangent {
            Tangent::Columns(c) if all_columns => c,
            Tangent::Zero => {
                if all_columns {
                    shape.extend(count);
                }
                zeros(g, &shape)
            }
            _ => value(g, tangent, &shape).expect("zero was handled"),
        };
        pieces.push(piece);
    }
    let joined = g.concat(&pieces, axis);
    if all_columns {
        Tangent::Columns(joined)
    } else {
        Tangent::Value(joined)
    }
}

fn sum(g: &mut Graph, a: Tangent, b: Tangent, shape: &[usize]) -> Tangent {
    match (a, b) {
        (Tangent::Zero, t) | (t, Tangent::Zero) => t,
        (Tangent::Columns(a), Tangent::Columns(b)) => Tangent::Columns(g.add(a, b)),
        (a, b) => {
            let (a, b) = (value(g, a, shape), value(g, b, shape));
            Tangent::Value(g.add(a.expect("not zero"), b.expect("not zero")))
        }
    }
}

/// Zeros of a shape. A formula, not a table, since no memory of the compiler depends on sizes.
pub(super) fn zeros(g: &mut Graph, shape: &[usize]) -> NodeId {
    let zero = g.constant(0.0);
    broadcast_to(g, zero, shape)
}

/// `a` repeated to a full shape.
pub(super) fn broadcast_to(g: &mut Graph, a: NodeId, shape: &[usize]) -> NodeId {
    let identity = g.scalars.arg(0);
    g.map_expr(identity, vec![a], shape.to_vec())
}
