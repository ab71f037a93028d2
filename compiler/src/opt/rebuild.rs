//! The traversal that passes share: it rebuilds the nodes that the outputs need, one by one, through a rewrite.

use crate::ir::{Graph, Node, NodeId, Op};

/// Rebuilds the nodes that the outputs of `old` need. `rewrite` gets the new graph and each node with its operands
/// already renamed, and returns the node that stands for it. Dead code is dropped.
pub(super) fn rebuild(old: &Graph, mut rewrite: impl FnMut(&mut Graph, Node) -> NodeId) -> Graph {
    let mut live = vec![false; old.nodes.len()];
    for (_, id) in &old.outputs {
        live[id.index()] = true;
    }
    // Operands come earlier, so one descending sweep finds all.
    for id in old.ids().rev() {
        if live[id.index()] {
            for a in old.operands(id) {
                live[a.index()] = true;
            }
        }
    }
    let mut new = old.emptied();
    let mut stand_ins: Vec<Option<NodeId>> = vec![None; old.nodes.len()];
    for id in old.ids().filter(|id| live[id.index()]) {
        let mut node = old.node(id).clone();
        node.rename(&mut |a| stand_ins[a.index()].expect("operands come first"));
        let stands = rewrite(&mut new, node);
        if let Some(hint) = old.hints.get(&id) {
            new.hints.entry(stands).or_insert_with(|| hint.clone());
        }
        stand_ins[id.index()] = Some(stands);
    }
    new.outputs = old
        .outputs
        .iter()
        .map(|(name, id)| {
            (
                name.clone(),
                stand_ins[id.index()].expect("outputs are live"),
            )
        })
        .collect();
    new
}

/// Adds the node as it is. A Map goes through its constructor, so that constants and equal arguments fold.
pub(super) fn same(g: &mut Graph, node: Node) -> NodeId {
    match node.op {
        Op::Map { expr, args } => g.map_expr(expr, args, node.shape),
        op => g.push(op, node.shape, node.axes),
    }
}
