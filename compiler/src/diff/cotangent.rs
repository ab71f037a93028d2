//! Reverse mode: cotangents of the nodes that wanted leaves feed.
//!
//! Enters: a graph, seeds (node, cotangent), the leaves whose cotangents are wanted. Leaves: the same graph with the
//! cotangent nodes appended. A cotangent may be smaller than its node where it is constant along an axis; it
//! broadcasts. What is known to vanish has no cotangent at all.

use super::tangent::broadcast_to;
use crate::ir::{Axes, Graph, Label, NodeId, Op};
use std::collections::HashMap;

/// Cotangents by node, for every node between the seeds and `wanted`.
pub fn cotangents(
    g: &mut Graph,
    seeds: &[(NodeId, NodeId)],
    wanted: &[NodeId],
) -> HashMap<NodeId, NodeId> {
    let top = seeds.iter().map(|s| s.0.index() + 1).max().unwrap_or(0);
    let mut active = vec![false; top];
    for id in wanted.iter().filter(|id| id.index() < top) {
        active[id.index()] = true;
    }
    for id in g.ids().take(top) {
        active[id.index()] |= g.operands(id).iter().any(|a| active[a.index()]);
    }
    let mut pending: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for &(node, cotangent) in seeds {
        pending.entry(node).or_default().push(cotangent);
    }
    let mut result = HashMap::new();
    for id in g.ids().take(top).rev() {
        if !active[id.index()] {
            continue;
        }
        let Some(parts) = pending.remove(&id) else {
            continue;
        };
        let total = g.map(&parts, |s, v| {
            let items: Vec<_> = v.iter().map(|&e| (1.0, e)).collect();
            s.linear(&items)
        });
        if matches!(&g.node(total).op, Op::Const(bits) if bits.iter().all(|b| f64::from_bits(*b) == 0.0))
        {
            continue;
        }
        result.insert(id, total);
        for (operand, part) in rule(g, id, total, &active) {
            pending.entry(operand).or_default().push(part);
        }
    }
    result
}

/// Contributions of a node's cotangent to its operands'.
fn rule(g: &mut Graph, id: NodeId, cotangent: NodeId, active: &[bool]) -> Vec<(NodeId, NodeId)> {
    let node = g.node(id).clone();
    let full = |g: &mut Graph| broadcast_to(g, cotangent, &node.shape);
    match &node.op {
        Op::Param(_) | Op::Input(_) | Op::Const(_) | Op::UnitDirections => vec![],
        // What exponents are shifted by cancels, its tangents too.
        Op::AtMax { .. } => vec![],
        Op::LqOrthonormal(_) | Op::LqGradient { .. } => {
            unreachable!("only the rule of the triangular factor brings these in")
        }
        Op::Map { expr, args } => {
            let mut contributions = Vec::new();
            for (i, &a) in args.iter().enumerate().filter(|(_, a)| active[a.index()]) {
                let partial = g.scalars.derivative(*expr, i);
                if g.scalars.as_constant(partial) == Some(0.0) {
                    continue;
                }
                let mut inputs = args.clone();
                inputs.push(cotangent);
                let b = g.scalars.arg(args.len());
                let product = g.scalars.mul(partial, b);
                let spread = g.map_expr(product, inputs, node.shape.clone());
                contributions.push((a, reduce_to(g, spread, node.axes, a)));
            }
            contributions
        }
        Op::Contract { operands, out } => {
            let cotangent = full(g);
            let mut contributions = Vec::new();
            for (k, (a, labels)) in operands
                .iter()
                .enumerate()
                .filter(|(_, o)| active[o.0.index()])
            {
                let mut factors = vec![(cotangent, out.clone())];
                factors.extend(
                    operands
                        .iter()
                        .enumerate()
                        .filter(|(j, _)| *j != k)
                        .map(|(_, o)| o.clone()),
                );
                contributions.push((*a, contract_back(g, factors, *a, labels)));
            }
            contributions
        }
        Op::Reshape(a) => {
            let cotangent = full(g);
            let shape = g.shape(*a).to_vec();
            vec![(*a, g.reshape(cotangent, shape))]
        }
        Op::Slice { of, axis, start } => {
            let cotangent = full(g);
            let len = g.shape(*of)[*axis];
            vec![(*of, g.pad(cotangent, *axis, *start, len))]
        }
        Op::Pad { of, axis, before } => {
            let cotangent = full(g);
            let len = g.shape(*of)[*axis];
            vec![(*of, g.slice(cotangent, *axis, *before, len))]
        }
        Op::Concat { parts, axis } => {
            let cotangent = full(g);
            let mut start = 0;
            let mut contributions = Vec::new();
            for &part in parts {
                let len = g.shape(part)[*axis];
                if active[part.index()] {
                    let piece = g.slice(cotangent, *axis, start, len);
                    let whole = g.axes(cotangent).union(node.axes);
                    contributions.push((part, reduce_to(g, piece, whole, part)));
                }
                start += len;
            }
            contributions
        }
        Op::Gather { of, axis, indices } => {
            let cotangent = full(g);
            let len = g.shape(*of)[*axis];
            vec![(*of, g.scatter(cotangent, *axis, indices, len))]
        }
        Op::Scatter { of, axis, indices } => {
            let cotangent = full(g);
            vec![(*of, g.gather(cotangent, *axis, indices))]
        }
        Op::ExpandColumns(a) => {
            let cotangent = full(g);
            let count = *g.shape(*a).last().expect("columns have a direction axis");
            vec![(*a, g.reduce_to_columns(cotangent, count))]
        }
        Op::ReduceToColumns(a) => {
            let cotangent = full(g);
            vec![(*a, g.expand_columns(cotangent))]
        }
        // A loss that sees the seeds only through A Aᵀ has Ā = L̄ Q: no derivative of the factorisation.
        Op::LqLower(a) => {
            let cotangent = full(g);
            let (lower, shape) = (id, node.shape.clone());
            let cotangent = g.push(
                Op::LqGradient {
                    lower,
                    gradient: cotangent,
                },
                shape,
                Axes::SHARED,
            );
            let shape = [g.shape(id)[1], g.shape(*a)[1]].to_vec();
            let q = g.push(Op::LqOrthonormal(*a), shape, Axes::SHARED);
            vec![(*a, g.einsum("or,ri->oi", &[cotangent, q]))]
        }
    }
}

/// Sums a contribution over what its operand does not vary over.
fn reduce_to(g: &mut Graph, value: NodeId, node_axes: Axes, operand: NodeId) -> NodeId {
    let (shape, axes) = (g.shape(operand).to_vec(), g.axes(operand));
    let from = g.shape(value).to_vec();
    debug_assert!(
        Axes {
            sample: node_axes.sample && !axes.sample,
            tangent: node_axes.tangent && !axes.tangent
        }
        .within(g.axes(value)),
        "a cotangent that is summed over samples or directions varies over them"
    );
    let lead = from.len() - shape.len();
    let labels: Vec<Label> = (0..from.len()).map(|i| b'a' + i as u8).collect();
    let out: Vec<Label> = (0..from.len())
        .filter(|&i| i >= lead && !(shape[i - lead] == 1 && from[i] != 1))
        .map(|i| labels[i])
        .collect();
    let kept = Axes {
        sample: g.axes(value).sample && axes.sample,
        tangent: g.axes(value).tangent && axes.tangent,
    };
    let reduced = g.contract(vec![(value, labels)], out, Some(kept));
    g.reshape(reduced, shape)
}

/// Contracts factors back to an operand's labels; labels that no factor has get length 1 and broadcast.
fn contract_back(
    g: &mut Graph,
    factors: Vec<(NodeId, Vec<Label>)>,
    operand: NodeId,
    labels: &[Label],
) -> NodeId {
    let axes = g.axes(operand);
    let all = factors
        .iter()
        .fold(Axes::SHARED, |a, f| a.union(g.axes(f.0)));
    let kept = Axes {
        sample: all.sample && axes.sample,
        tangent: all.tangent && axes.tangent,
    };
    let out: Vec<Label> = labels
        .iter()
        .copied()
        .filter(|l| factors.iter().any(|f| f.1.contains(l)))
        .collect();
    let shape: Vec<usize> = labels
        .iter()
        .zip(g.shape(operand))
        .map(|(l, &n)| if out.contains(l) { n } else { 1 })
        .collect();
    let product = g.contract(factors, out, Some(kept));
    g.reshape(product, shape)
}
