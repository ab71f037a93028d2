//! Values of a direction that nothing needs: above the diagonal of the gradient of L.
//!
//! A function f(L) that entry compression leaves sees L through L Lᵀ alone, so f(LΩ) = f(L) for orthogonal Ω, and
//! LᵀL̄ is symmetric. What L̄ has on and below the diagonal then tells what it has above ([`Op::LqGradient`]); in the
//! stream the latter need not be formed, nor what is formed for its sake, nor what meets a zero of L.

use super::vanishing::Zeros;
use crate::ir::{Graph, NodeId, Op};

/// For each node its lag, if it has one: feature u of direction t is not needed where u + lag < t.
pub(super) fn lags(g: &Graph, vanishing: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut lags = vec![None; g.nodes.len()];
    let (readers, are_outputs) = (g.readers(), g.are_outputs());
    let mut zeros = Zeros::new(g);
    for id in g.ids().rev() {
        if are_outputs[id.index()] {
            continue;
        }
        // What no reader needs; of the stretches that readers leave out, the shortest has the greatest lag.
        let left_out = readers[id.index()]
            .iter()
            .map(|&reader| by_reader(&mut zeros, id, reader, lags[reader.index()], vanishing));
        lags[id.index()] = left_out.reduce(|all, one| Some(all?.max(one?))).flatten();
    }
    lags
}

/// What `reader`, of which `own` is not needed, leaves out of `id`.
fn by_reader(
    zeros: &mut Zeros<'_>,
    id: NodeId,
    reader: NodeId,
    own: Option<usize>,
    vanishing: &[Option<usize>],
) -> Option<usize> {
    let g = zeros.graph;
    let alike = g.axes(id) == g.axes(reader);
    match &g.node(reader).op {
        Op::LqGradient { lower, .. } => (*lower != id).then_some(0),
        Op::Map { .. } if alike && g.shape(id) == g.shape(reader) => {
            let independent = zeros.where_independent(reader, id, vanishing);
            // Either is enough.
            own.into_iter().chain(independent).min()
        }
        Op::Stack(_) => own,
        // Of shared values the last axis, that of the directions, must stay.
        Op::Reshape(_)
            if alike && (g.axes(id).tangent || g.shape(id).last() == g.shape(reader).last()) =>
        {
            own
        }
        // Rows of a part among those of the whole.
        Op::Pad {
            axis: 0, before, ..
        } if alike && g.shape(id).len() == 2 => own.map(|lag| lag + before),
        _ => None,
    }
}
