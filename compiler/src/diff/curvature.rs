//! Second-order information from one forward pass: vᵀ∇²E v = Σ over nonlinear nodes of v̄ · Σᵢⱼ fᵢⱼ u̇ᵢ u̇ⱼ.
//!
//! Linear nodes contribute nothing, elementwise nodes their second derivatives, bilinear ones 2 v̄ · (ȧ ∘ ḃ). With
//! the unit vectors as directions the sum over directions is the Laplacian.

use super::tangent::{Tangent, broadcast_to, value};
use crate::ir::{Axes, DIRECTION, Graph, Label, NodeId, Op, broadcast};
use std::collections::HashMap;

/// Whether each direction's curvature is wanted or only their sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Directions {
    /// One value per sample and direction.
    Each,
    /// Σ over directions, one value per sample: only Σₜ u̇ᵢu̇ⱼ of each direction survives it, and shared tangents
    /// need no directions at all.
    Summed,
}

/// The curvature of the nodes `0..count`, or none where it vanishes identically.
pub fn curvature(
    g: &mut Graph,
    count: usize,
    bars: &HashMap<NodeId, NodeId>,
    dots: &[Tangent],
    directions: Directions,
) -> Option<NodeId> {
    let mut terms = Vec::new();
    for id in g.ids().take(count) {
        let Some(&bar) = bars.get(&id) else { continue };
        let node = g.node(id).clone();
        match &node.op {
            Op::Map { expr, args } => {
                for (i, &a) in args.iter().enumerate() {
                    let first = g.scalars.derivative(*expr, i);
                    let others = g.scalars.arguments(first);
                    for (j, b) in others.into_iter().filter(|&j| j >= i).map(|j| (j, args[j])) {
                        let second = g.scalars.derivative(first, j);
                        if g.scalars.as_constant(second) == Some(0.0) {
                            continue;
                        }
                        let Some(square) =
                            square(g, (a, dots[a.index()]), (b, dots[b.index()]), directions)
                        else {
                            continue;
                        };
                        let mut inputs = args.clone();
                        inputs.extend([bar, square]);
                        let (bar, square) =
                            (g.scalars.arg(args.len()), g.scalars.arg(args.len() + 1));
                        let weighted = g.scalars.mul(second, bar);
                        let product = g.scalars.mul(weighted, square);
                        let factor = if i == j { 1.0 } else { 2.0 };
                        let product = g.scalars.scale(factor, product);
                        let term = g.map_expr(product, inputs, node.shape.clone());
                        terms.push(g.sum_all(term));
                    }
                }
            }
            Op::Contract { operands, out } if operands.len() == 2 => {
                let (a, b) = (&operands[0], &operands[1]);
                let Some(cross) = cross(g, a, b, dots, out, directions) else {
                    continue;
                };
                let cross = broadcast_to(g, cross, &node.shape);
                let bar = broadcast_to(g, bar, &node.shape);
                let product = g.mul(bar, cross);
                let term = g.sum_all(product);
                terms.push(g.scale(2.0, term));
            }
            // Linear: no curvature.
            Op::Contract { .. }
            | Op::Param(_)
            | Op::Input(_)
            | Op::Const(_)
            | Op::Reshape(_)
            | Op::Slice { .. }
            | Op::Pad { .. }
            | Op::Concat { .. }
            | Op::Gather { .. }
            | Op::Scatter { .. }
            | Op::MaxShift { .. }
            | Op::Basis
            | Op::Columns(_)
            | Op::Stack(_)
            | Op::LqLower(_)
            | Op::LqOrthonormal(_)
            | Op::LqGradient { .. } => {}
        }
    }
    if terms.is_empty() {
        return None;
    }
    Some(g.map(&terms, |s, v| {
        let items: Vec<_> = v.iter().map(|&e| (1.0, e)).collect();
        s.linear(&items)
    }))
}

/// u̇ᵢ·u̇ⱼ elementwise, summed over directions if asked, broadcast against each other.
fn square(
    g: &mut Graph,
    a: (NodeId, Tangent),
    b: (NodeId, Tangent),
    directions: Directions,
) -> Option<NodeId> {
    if a.1 == Tangent::Zero || b.1 == Tangent::Zero {
        return None;
    }
    if directions == Directions::Summed {
        match (a.1, b.1) {
            (Tangent::Diagonal(c), Tangent::Diagonal(d)) if g.shape(a.0) == g.shape(b.0) => {
                return Some(g.mul(c, d));
            }
            // Σₜ A[.., t]·B[.., t]: squared row norms where A = B.
            (Tangent::Columns(c), Tangent::Columns(d)) => {
                let product = g.mul(c, d);
                let last = g.shape(product).len() - 1;
                return Some(g.sum(product, &[last]));
            }
            _ => {}
        }
    }
    let (sa, sb) = (g.shape(a.0).to_vec(), g.shape(b.0).to_vec());
    let (va, vb) = (value(g, a.1, &sa)?, value(g, b.1, &sb)?);
    let product = g.mul(va, vb);
    debug_assert_eq!(Some(g.shape(product).to_vec()), broadcast(&sa, &sb));
    Some(match directions {
        Directions::Each => product,
        Directions::Summed => over_directions(g, product),
    })
}

/// ȧ ∘ ḃ contracted like a and b, summed over directions if asked.
fn cross(
    g: &mut Graph,
    a: &(NodeId, Vec<Label>),
    b: &(NodeId, Vec<Label>),
    dots: &[Tangent],
    out: &[Label],
    directions: Directions,
) -> Option<NodeId> {
    let (ta, tb) = (dots[a.0.index()], dots[b.0.index()]);
    if ta == Tangent::Zero || tb == Tangent::Zero {
        return None;
    }
    if directions == Directions::Summed
        && let (Tangent::Columns(c), Tangent::Columns(d)) = (ta, tb)
    {
        let with = |labels: &[Label]| labels.iter().copied().chain([DIRECTION]).collect();
        return Some(g.contract(vec![(c, with(&a.1)), (d, with(&b.1))], out.to_vec(), None));
    }
    // x·x with unit directions: Σₜ e[t]∘e[t] keeps only equal entries.
    if directions == Directions::Summed
        && let (Tangent::Diagonal(c), Tangent::Diagonal(d)) = (ta, tb)
        && a.1 == b.1
        && g.shape(a.0) == g.shape(b.0)
    {
        let shape = g.shape(a.0).to_vec();
        let product = g.mul(c, d);
        let product = broadcast_to(g, product, &shape);
        return Some(g.contract(vec![(product, a.1.clone())], out.to_vec(), None));
    }
    let (sa, sb) = (g.shape(a.0).to_vec(), g.shape(b.0).to_vec());
    let (va, vb) = (value(g, ta, &sa)?, value(g, tb, &sb)?);
    let full = g.axes(va).union(g.axes(vb));
    let axes = match directions {
        Directions::Each => full,
        Directions::Summed => Axes {
            tangent: false,
            ..full
        },
    };
    Some(g.contract(
        vec![(va, a.1.clone()), (vb, b.1.clone())],
        out.to_vec(),
        Some(axes),
    ))
}

/// Σ over directions.
pub(super) fn over_directions(g: &mut Graph, a: NodeId) -> NodeId {
    let labels: Vec<Label> = (0..g.shape(a).len()).map(|i| b'a' + i as u8).collect();
    let axes = Axes {
        tangent: false,
        ..g.axes(a)
    };
    g.contract(vec![(a, labels.clone())], labels, Some(axes))
}
