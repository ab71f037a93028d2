//! How stored values are read: strides, and which values must be stored before they can be read at all.

use crate::ir::{Graph, NodeId, Op};

/// Row-major strides of a shape.
pub fn strides(shape: &[usize]) -> Vec<usize> {
    (0..shape.len())
        .map(|i| shape[i + 1..].iter().product())
        .collect()
}

/// For every axis of `to`, the stride of an array of shape `from` broadcast to it.
pub fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<usize> {
    let own = strides(from);
    let lead = to.len() - from.len();
    (0..to.len())
        .map(|i| match i.checked_sub(lead) {
            Some(k) if from[k] != 1 => own[k],
            _ => 0,
        })
        .collect()
}

/// The node whose storage a value shares: reshapes move nothing.
pub(crate) fn source(g: &Graph, mut id: NodeId) -> NodeId {
    while let Op::Reshape(of) = g.node(id).op {
        id = of;
    }
    id
}

/// Unit vectors and columns are never stored: formulas read them in place. Where another operation reads one, a
/// formula that copies it comes between; where a reshape of one is read by a formula, the copy is reshaped.
pub(super) fn materialize(g: &Graph) -> Graph {
    let mut new = g.emptied();
    let mut stands: Vec<NodeId> = Vec::new();
    for id in g.ids() {
        let mut node = g.node(id).clone();
        let by_formula = matches!(node.op, Op::Map { .. });
        let mut stand_in = |a: NodeId| {
            let mapped = stands[a.index()];
            if by_formula
                || !matches!(
                    new.node(mapped).op,
                    Op::UnitDirections | Op::ExpandColumns(_)
                )
            {
                return mapped;
            }
            let expr = new.scalars.arg(0);
            let (shape, axes) = (new.shape(mapped).to_vec(), new.axes(mapped));
            new.push(
                Op::Map {
                    expr,
                    args: vec![mapped],
                },
                shape,
                axes,
            )
        };
        node.rename(&mut stand_in);
        stands.push(new.push(node.op, node.shape, node.axes));
    }
    new.outputs = g
        .outputs
        .iter()
        .map(|(name, id)| (name.clone(), stands[id.index()]))
        .collect();
    new.hints = g
        .hints
        .iter()
        .map(|(id, hint)| (stands[id.index()], hint.clone()))
        .collect();
    new
}
