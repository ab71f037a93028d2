//! ⟨ȳ, ẏ⟩ = ⟨x̄, ẋ⟩ + ⟨θ̄, θ̇⟩ for every node y of an energy's graph: each reverse rule is the transpose of its forward
//! rule, and no finite difference is asked.
//!
//! The shift of an exponent has a tangent and no cotangent, which is right only for results that do not depend on the
//! shift. Of the values that read one, the energy alone is known to be such a result.

use super::values::{Random, feed, run, same};
use scorematch_compiler::diff::{Tangent, cotangents, tangents};
use scorematch_compiler::ir::{Axes, Feed, Graph, Input, NodeId, Op};

pub(crate) fn reverse_is_forward_transposed(name: &str, g: &Graph, seed: u64) {
    let mut r = Random::new(seed ^ 0x5EED);
    let f = feed(g, seed);
    let leaves: Vec<NodeId> = g
        .ids()
        .filter(|&id| matches!(g.node(id).op, Op::Param(_) | Op::Input(Input::X)))
        .collect();
    let mut shifted = vec![false; g.nodes.len()];
    for (position, y) in g.ids().enumerate() {
        shifted[position] = matches!(g.node(y).op, Op::AtMax { .. })
            || g.operands(y).iter().any(|a| {
                let at = g.ids().position(|id| id == *a);
                at.is_some_and(|i| shifted[i])
            });
        if g.operands(y).is_empty() || (shifted[position] && g.output("energy") != Some(y)) {
            continue;
        }
        let mut h = g.clone();
        let dots: Vec<NodeId> = leaves
            .iter()
            .map(|&leaf| direction(&mut h, leaf, &mut r))
            .collect();
        let seeds: Vec<(NodeId, Tangent)> = leaves
            .iter()
            .copied()
            .zip(dots.iter().map(|&d| Tangent::Value(d)))
            .collect();
        let tangent = tangents(&mut h, g.nodes.len(), &seeds)[position];
        let bar = cotangent(&mut h, y, &mut r);
        let bars = cotangents(&mut h, &[(y, bar)], &leaves);
        let forward = match tangent {
            Tangent::Zero => 0.0,
            Tangent::Value(dot) => inner(&mut h, dot, bar, &f),
            Tangent::Diagonal(_) | Tangent::Columns(_) => unreachable!("the seeds are values"),
        };
        let pulled: Vec<f64> = leaves
            .iter()
            .zip(&dots)
            .filter_map(|(leaf, &dot)| Some(inner(&mut h, *bars.get(leaf)?, dot, &f)))
            .collect();
        // Terms of the right side may cancel each other.
        let scale = pulled.iter().fold(1.0f64, |m, x| m.max(x.abs()));
        let what = format!("{name}: {:?}", g.node(y).op);
        same(&what, &[pulled.iter().sum()], &[forward], scale);
    }
}

/// ẋ, one a sample, or θ̇.
fn direction(h: &mut Graph, leaf: NodeId, r: &mut Random) -> NodeId {
    if h.axes(leaf) == Axes::SAMPLE {
        return h.input(Input::V);
    }
    let shape = h.shape(leaf).to_vec();
    h.constant_array(&r.vec(shape.iter().product()), shape)
}

/// ȳ, which varies over the samples that it is summed over, as the cotangents of a weighted mean do.
fn cotangent(h: &mut Graph, y: NodeId, r: &mut Random) -> NodeId {
    let shape = h.shape(y).to_vec();
    let bar = h.constant_array(&r.vec(shape.iter().product()), shape);
    if h.axes(y) == Axes::SHARED {
        return bar;
    }
    let omega = h.input(Input::Omega);
    h.mul(omega, bar)
}

/// Σ a·b over entries and samples; one of the two has the full shape.
fn inner(h: &mut Graph, a: NodeId, b: NodeId, f: &Feed) -> f64 {
    let product = h.mul(a, b);
    let labels: Vec<u8> = (0..h.shape(product).len())
        .map(|i| b'a' + i as u8)
        .collect();
    let sum = h.contract(vec![(product, labels)], vec![], Some(Axes::SHARED));
    h.outputs = vec![("inner".to_string(), sum)];
    run(h, f)[0][0]
}
