//! Second-order information from one forward pass: vᵀ∇²E v = Σ over nonlinear nodes of v̄ · Σᵢⱼ fᵢⱼ u̇ᵢ u̇ⱼ.
//!
//! Linear nodes contribute nothing, elementwise nodes their second derivatives, bilinear ones 2 v̄ · (ȧ ∘ ḃ). With
//! the unit vectors as directions the sum over directions is the Laplacian.

use super::tangent::{Tangent, broadcast_to, value};
use crate::ir::{Axes, DIRECTION, Expr, Graph, Label, NodeId, Op, broadcast};
use std::collections::HashMap;

/// Whether each direction's curvature is wanted or only their sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectionReduction {
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
    cotangents: &HashMap<NodeId, NodeId>,
    tangents: &[Tangent],
    directions: DirectionReduction,
) -> Option<NodeId> {
    let mut terms = Vec::new();
    for id in g.ids().take(count) {
        let Some(&cotangent) = cotangents.get(&id) else {
            continue;
        };
        let node = g.node(id).clone();
        match &node.op {
            Op::Map { expr, args } => {
                let seconds = second_derivatives(g, *expr, args, tangents);
                if let Some(along) = rank_one(g, &seconds) {
                    let tangent = combined(g, &along.of, args, tangents, &node.shape);
                    let of = (id, tangent);
                    if let Some(square) = square(g, of, of, directions) {
                        let weighted = (along.second, square);
                        terms.push(weighted_term(g, weighted, cotangent, args, &node.shape));
                    }
                    continue;
                }
                for (i, j, second) in seconds {
                    let (a, b) = (args[i], args[j]);
                    let Some(square) = square(
                        g,
                        (a, tangents[a.index()]),
                        (b, tangents[b.index()]),
                        directions,
                    ) else {
                        continue;
                    };
                    let factor = if i == j { 1.0 } else { 2.0 };
                    let second = g.scalars.scale(factor, second);
                    terms.push(weighted_term(
                        g,
                        (second, square),
                        cotangent,
                        args,
                        &node.shape,
                    ));
                }
            }
            Op::Contract { operands, out } if operands.len() == 2 => {
                let (a, b) = (&operands[0], &operands[1]);
                let Some(cross) = cross(g, a, b, tangents, out, directions) else {
                    continue;
                };
                let cross = broadcast_to(g, cross, &node.shape);
                let cotangent = broadcast_to(g, cotangent, &node.shape);
                let product = g.mul(cotangent, cross);
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
            | Op::AtMax { .. }
            | Op::UnitDirections
            | Op::ExpandColumns(_)
            | Op::ReduceToColumns(_)
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

/// The second derivatives fᵢⱼ, i ≤ j, that do not vanish, in arguments whose tangents do not either.
fn second_derivatives(
    g: &mut Graph,
    expr: Expr,
    args: &[NodeId],
    tangents: &[Tangent],
) -> Vec<(usize, usize, Expr)> {
    let moving: Vec<usize> = (0..args.len())
        .filter(|&i| tangents[args[i].index()] != Tangent::Zero)
        .collect();
    let mut seconds = Vec::new();
    for (k, &i) in moving.iter().enumerate() {
        let first = g.scalars.derivative(expr, i);
        for &j in &moving[k..] {
            let second = g.scalars.derivative(first, j);
            if g.scalars.as_constant(second) != Some(0.0) {
                seconds.push((i, j, second));
            }
        }
    }
    seconds
}

/// A function of one sum Σ kᵢuᵢ, as far as its second derivatives tell: fᵢⱼ = f″kᵢkⱼ.
struct Along {
    /// (i, kᵢ)
    of: Vec<(usize, f64)>,
    /// f″
    second: Expr,
}

/// Second derivatives in several arguments that are those of one sum of them. Then Σᵢⱼ fᵢⱼu̇ᵢu̇ⱼ is f″·(Σ kᵢu̇ᵢ)²: multiplied
/// out it would cancel where tangents are large and their sum is small, as those of an exponent and its shift are.
fn rank_one(g: &mut Graph, seconds: &[(usize, usize, Expr)]) -> Option<Along> {
    let &(first, _, _) = seconds.first()?;
    let arguments: Vec<usize> = seconds
        .iter()
        .filter(|s| s.0 == first)
        .map(|s| s.1)
        .collect();
    let n = arguments.len();
    if n < 2 || seconds.len() != n * (n + 1) / 2 {
        return None;
    }
    let split: Vec<(f64, Expr)> = seconds
        .iter()
        .map(|s| g.scalars.split_coefficient(s.2))
        .collect();
    let (scale, second) = split[0];
    let of: Vec<(usize, f64)> = arguments
        .iter()
        .zip(&split)
        .map(|(&i, &(c, _))| (i, c / scale))
        .collect();
    let k = |i: usize| of.iter().find(|o| o.0 == i).map(|o| o.1);
    for (&(i, j, _), &(c, rest)) in seconds.iter().zip(&split) {
        let product = scale * k(i)? * k(j)?;
        if rest != second || (c - product).abs() > 1e-12 * c.abs() {
            return None;
        }
    }
    let second = g.scalars.scale(scale, second);
    Some(Along { of, second })
}

/// Σ kᵢu̇ᵢ, in the shape of the node.
fn combined(
    g: &mut Graph,
    of: &[(usize, f64)],
    args: &[NodeId],
    tangents: &[Tangent],
    shape: &[usize],
) -> Tangent {
    let tangents: Vec<Tangent> = of.iter().map(|o| tangents[args[o.0].index()]).collect();
    let columns: Option<Vec<NodeId>> = tangents
        .iter()
        .map(|t| match t {
            Tangent::Columns(c) => Some(*c),
            Tangent::Zero | Tangent::Diagonal(_) | Tangent::Value(_) => None,
        })
        .collect();
    let mut full = shape.to_vec();
    let inputs = match &columns {
        Some(columns) => {
            full.extend(g.shape(columns[0]).last().copied());
            columns.clone()
        }
        None => of
            .iter()
            .zip(&tangents)
            .map(|(o, &t)| {
                let shape = g.shape(args[o.0]).to_vec();
                value(g, t, &shape).expect("tangents that vanish are left out")
            })
            .collect(),
    };
    let items: Vec<(f64, Expr)> = of
        .iter()
        .enumerate()
        .map(|(i, o)| (o.1, g.scalars.arg(i)))
        .collect();
    let sum = g.scalars.linear(&items);
    let sum = g.map_expr(sum, inputs, full);
    if columns.is_some() {
        Tangent::Columns(sum)
    } else {
        Tangent::Value(sum)
    }
}

/// Σ v̄ · f″ · (products of tangents), over the node's entries.
fn weighted_term(
    g: &mut Graph,
    (second, square): (Expr, NodeId),
    cotangent: NodeId,
    args: &[NodeId],
    shape: &[usize],
) -> NodeId {
    let mut inputs = args.to_vec();
    inputs.extend([cotangent, square]);
    let (cotangent, square) = (g.scalars.arg(args.len()), g.scalars.arg(args.len() + 1));
    let weighted = g.scalars.mul(second, cotangent);
    let product = g.scalars.mul(weighted, square);
    let term = g.map_expr(product, inputs, shape.to_vec());
    g.sum_all(term)
}

/// u̇ᵢ·u̇ⱼ elementwise, summed over directions if asked, broadcast against each other.
fn square(
    g: &mut Graph,
    a: (NodeId, Tangent),
    b: (NodeId, Tangent),
    directions: DirectionReduction,
) -> Option<NodeId> {
    if a.1 == Tangent::Zero || b.1 == Tangent::Zero {
        return None;
    }
    if directions == DirectionReduction::Summed {
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
        DirectionReduction::Each => product,
        DirectionReduction::Summed => over_directions(g, product),
    })
}

/// ȧ ∘ ḃ contracted like a and b, summed over directions if asked.
fn cross(
    g: &mut Graph,
    a: &(NodeId, Vec<Label>),
    b: &(NodeId, Vec<Label>),
    tangents: &[Tangent],
    out: &[Label],
    directions: DirectionReduction,
) -> Option<NodeId> {
    let (ta, tb) = (tangents[a.0.index()], tangents[b.0.index()]);
    if ta == Tangent::Zero || tb == Tangent::Zero {
        return None;
    }
    if directions == DirectionReduction::Summed
        && let (Tangent::Columns(c), Tangent::Columns(d)) = (ta, tb)
    {
        let with = |labels: &[Label]| labels.iter().copied().chain([DIRECTION]).collect();
        return Some(g.contract(vec![(c, with(&a.1)), (d, with(&b.1))], out.to_vec(), None));
    }
    // x·x with unit directions: Σₜ e[t]∘e[t] keeps only equal entries.
    if directions == DirectionReduction::Summed
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
        DirectionReduction::Each => full,
        DirectionReduction::Summed => Axes {
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
