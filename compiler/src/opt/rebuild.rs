//! The one traversal that passes share: what the outputs need is built again, node by node, through a rewrite.

use crate::ir::{Graph, Node, NodeId, Op};

/// Rebuilds what the outputs of `old` need. `rewrite` gets the new graph and each node with its operands already
/// renamed, and returns the node that stands for it. Dead code stays behind.
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
        let node = renamed(old.node(id), &|a| stand_ins[a.index()].expect("operands come first"));
        let stands = rewrite(&mut new, node);
        if let Some(hint) = old.hints.get(&id) {
            new.hints.entry(stands).or_insert_with(|| hint.clone());
        }
        stand_ins[id.index()] = Some(stands);
    }
    new.outputs = old
        .outputs
        .iter()
        .map(|(name, id)| (name.clone(), stand_ins[id.index()].expect("outputs are live")))
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

/// The node with its operands renamed.
pub(super) fn renamed(node: &Node, f: &impl Fn(NodeId) -> NodeId) -> Node {
    let mut node = node.clone();
    match &mut node.op {
        Op::Param(_) | Op::Input(_) | Op::Const(_) | Op::Basis => {}
        Op::Contract { operands, .. } => operands.iter_mut().for_each(|o| o.0 = f(o.0)),
        Op::Map { args, .. } => args.iter_mut().for_each(|a| *a = f(*a)),
        Op::Concat { parts, .. } => parts.iter_mut().for_each(|a| *a = f(*a)),
        Op::Reshape(of)
        | Op::Slice { of, .. }
        | Op::Pad { of, .. }
        | Op::Gather { of, .. }
        | Op::Scatter { of, .. }
        | Op::MaxShift { of, .. }
        | Op::Columns(of)
        | Op::Stack(of)
        | Op::LqLower(of)
        | Op::LqOrthonormal(of) => *of = f(*of),
    }
    node
}
