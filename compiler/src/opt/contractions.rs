//! Contractions read through permutations: a transposed matrix is the same matrix under other labels.

use super::rebuild::{rebuild, same};
use crate::ir::{Graph, Label, Node, NodeId, Op};

/// The pass.
pub(super) fn fold_permutations(g: &Graph) -> Graph {
    rebuild(g, |new, node| match &node.op {
        Op::Contract { operands, out } => {
            let operands = operands.iter().map(|o| through(new, o.clone())).collect();
            new.contract(operands, out.clone(), Some(node.axes))
        }
        _ => same(
            new,
            Node {
                op: node.op,
                shape: node.shape,
                axes: node.axes,
            },
        ),
    })
}

/// The operand of a permutation in place of its result.
fn through(g: &Graph, (id, labels): (NodeId, Vec<Label>)) -> (NodeId, Vec<Label>) {
    if let Op::Contract { operands, out } = &g.node(id).op
        && let [(inner, from)] = operands.as_slice()
        && from.len() == out.len()
        && g.axes(*inner) == g.axes(id)
    {
        let renamed = from
            .iter()
            .map(|l| {
                labels[out
                    .iter()
                    .position(|o| o == l)
                    .expect("a permutation keeps every label")]
            })
            .collect();
        return (*inner, renamed);
    }
    (id, labels)
}
