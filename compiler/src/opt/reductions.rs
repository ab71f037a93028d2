//! Σ (a·g) = a · Σ g where a does not vary over what is summed.
//!
//! Sums over directions and samples then run over the smallest product, and those that a loss and its gradient have
//! in common (Σₜ v̇²) become one.

use super::rebuild::{rebuild, same};
use crate::ir::{Graph, Node, NodeId, Op, Term};

/// The pass.
pub(super) fn factor_reductions(g: &Graph) -> Graph {
    rebuild(g, |new, node| {
        factored(new, &node).unwrap_or_else(|| same(new, node))
    })
}

fn factored(g: &mut Graph, node: &Node) -> Option<NodeId> {
    let Op::Contract { operands, out } = &node.op else {
        return None;
    };
    let [(of, labels)] = operands.as_slice() else {
        return None;
    };
    let Op::Map { expr, args } = g.node(*of).op.clone() else {
        return None;
    };
    let shape = g.shape(*of).to_vec();
    let (coefficient, body) = g.scalars.split_coefficient(expr);
    let factors = match g.scalars.term(body) {
        Term::Product(factors) => factors.clone(),
        _ => vec![(body, 1)],
    };
    // Only axes are summed when the labels stay: then a factor of the result's axes moves out whatever its shape.
    let only_axes = labels == out;
    let (outer, inner): (Vec<_>, Vec<_>) = factors.into_iter().partition(|f| {
        only_axes
            && g.scalars
                .arguments(f.0)
                .iter()
                .all(|&i| g.axes(args[i]).within(node.axes))
    });
    if (outer.is_empty() && coefficient == 1.0) || inner.is_empty() {
        return None;
    }
    let mut product = |parts: &[(crate::ir::Expr, i32)]| {
        parts
            .iter()
            .fold(g.scalars.constant(1.0), |acc, &(base, n)| {
                let power = g.scalars.powi(base, n);
                g.scalars.mul(acc, power)
            })
    };
    let (inner, outer) = (product(&inner), product(&outer));
    // The inner product keeps the operand's shape: what is summed must still be repeated along it.
    let summand = g.map_expr(inner, args.clone(), shape);
    let sum = g.contract(
        vec![(summand, labels.clone())],
        out.clone(),
        Some(node.axes),
    );
    let mut inputs = args;
    inputs.push(sum);
    let total = g.scalars.arg(inputs.len() - 1);
    let scaled = g.scalars.mul(outer, total);
    let scaled = g.scalars.scale(coefficient, scaled);
    Some(g.map_expr(scaled, inputs, node.shape.clone()))
}
