//! The dead triangle: values of a direction that nothing reads, above the diagonal of the gradient of L.
//!
//! A function f(L) that entry compression leaves sees L through L Lᵀ alone, so f(LΩ) = f(L) for orthogonal Ω, and LᵀL̄
//! is symmetric. The entries of L̄ on and below the diagonal then determine those above ([`Op::LqGradient`]). The
//! stream skips the entries above, the values that only they need, and terms with a zero of L.

use super::structural_zeros::Zeros;
use crate::ir::{Graph, NodeId, Op};

/// For each node the diagonal offset of its dead triangle, if it has one: nothing reads feature u of direction t where
/// u + offset < t.
pub(super) fn diagonal_offsets(
    g: &Graph,
    structural_zeros: &[Option<usize>],
) -> Vec<Option<usize>> {
    let mut diagonal_offsets = vec![None; g.nodes.len()];
    let (readers, are_outputs) = (g.readers(), g.are_outputs());
    let mut zeros = Zeros::new(g);
    for id in g.ids().rev() {
        if are_outputs[id.index()] {
            continue;
        }
        // Entries that no reader needs; of the ranges that readers leave out, the shortest has the greatest diagonal
        // offset.
        let left_out = readers[id.index()].iter().map(|&reader| {
            by_reader(
                &mut zeros,
                id,
                reader,
                diagonal_offsets[reader.index()],
                structural_zeros,
            )
        });
        diagonal_offsets[id.index()] = left_out.reduce(|all, one| Some(all?.max(one?))).flatten();
    }
    diagonal_offsets
}

/// The diagonal offset of the entries of `id` that `reader` does not read, where `own` is the offset of its dead
/// triangle.
fn by_reader(
    zeros: &mut Zeros<'_>,
    id: NodeId,
    reader: NodeId,
    own: Option<usize>,
    structural_zeros: &[Option<usize>],
) -> Option<usize> {
    let g = zeros.graph;
    let alike = g.axes(id) == g.axes(reader);
    match &g.node(reader).op {
        Op::LqGradient { lower, .. } => (*lower != id).then_some(0),
        Op::Map { .. } if alike && g.shape(id) == g.shape(reader) => {
            let independent = zeros.where_independent(reader, id, structural_zeros);
            // Either is enough.
            own.into_iter().chain(independent).min()
        }
        Op::ReduceToColumns(_) => own,
        // Of shared values the last axis, that of the directions, must stay.
        Op::Reshape(_)
            if alike && (g.axes(id).tangent || g.shape(id).last() == g.shape(reader).last()) =>
        {
            own
        }
        // Rows of a part among those of the whole.
        Op::Pad {
            axis: 0, before, ..
        } if alike && g.shape(id).len() == 2 => own.map(|diagonal_offset| diagonal_offset + before),
        _ => None,
    }
}
