//! Which formulas are computed in one loop.
//!
//! A value's level is the longest chain of work before it within its phase; a formula that reads another of the same
//! shape stays on its level and joins its loop. Nodes of one level do not depend on each other but through loops, so
//! the formulas of a level with one shape and the same axes form a loop.

use super::access::source;
use super::accumulate::is_reduction;
use super::phase::Phase;
use crate::ir::{Axes, Graph, NodeId, Op};
use std::collections::BTreeMap;

/// What becomes one step.
pub(super) enum Members {
    /// A fused loop.
    Loop(Vec<NodeId>),
    /// A step of its own.
    Single(NodeId),
}

/// What two nodes must share to be computed in one loop.
type Key = (Axes, Vec<usize>);

/// Steps of the tile phases, in order.
pub(super) fn groups(g: &Graph, phases: &[Phase]) -> Vec<(Phase, Members)> {
    let mut level: Vec<usize> = vec![0; g.nodes.len()];
    // Loops before other steps of a level, reductions over samples last: they read what their level computed.
    let mut loops: BTreeMap<(Phase, usize, Key), Vec<NodeId>> = BTreeMap::new();
    let mut singles: BTreeMap<(Phase, usize, bool), Vec<NodeId>> = BTreeMap::new();
    for id in g.ids() {
        let phase = phases[id.index()];
        if !matches!(phase, Phase::Samples | Phase::Stream | Phase::Finish) || is_free(g, id) {
            continue;
        }
        let reduction = is_reduction(g, id);
        let key = key(g, id);
        for a in g.operands(id) {
            let of = source(g, a);
            if phases[of.index()] != phase || is_free(g, of) {
                continue;
            }
            let joins =
                a == of && key.is_some() && self::key(g, of) == key && !sums_directions(g, of);
            let after = level[of.index()] + usize::from(!joins && !reduction);
            level[id.index()] = level[id.index()].max(after);
        }
        let l = level[id.index()];
        match key {
            Some(key) => loops.entry((phase, l, key)).or_default().push(id),
            None => singles.entry((phase, l, reduction)).or_default().push(id),
        }
    }
    let mut ordered: Vec<((Phase, usize, u8), Members)> = Vec::new();
    for ((phase, l, _), nodes) in loops {
        ordered.push(((phase, l, 0), Members::Loop(nodes)));
    }
    for ((phase, l, reduction), nodes) in singles {
        for id in nodes {
            ordered.push(((phase, l, 1 + u8::from(reduction)), Members::Single(id)));
        }
    }
    ordered.sort_by_key(|o| o.0);
    ordered
        .into_iter()
        .map(|((phase, _, _), members)| (phase, members))
        .collect()
}

/// Values that are there without a step.
fn is_free(g: &Graph, id: NodeId) -> bool {
    match g.node(id).op {
        Op::Reshape(_) | Op::Basis | Op::Columns(_) | Op::Param(_) | Op::Const(_) => true,
        Op::Input(input) => input != crate::ir::Input::Directions,
        _ => false,
    }
}

/// Σ over directions that keeps every feature.
fn sums_directions(g: &Graph, id: NodeId) -> bool {
    match &g.node(id).op {
        Op::Contract { operands, out } => match operands.as_slice() {
            [(a, labels)] => labels == out && g.axes(*a).tangent && g.axes(id) == Axes::SAMPLE,
            _ => false,
        },
        _ => false,
    }
}

fn key(g: &Graph, id: NodeId) -> Option<Key> {
    match &g.node(id).op {
        Op::Map { .. } => Some((g.axes(id), g.shape(id).to_vec())),
        Op::Contract { .. } if sums_directions(g, id) => {
            Some((Axes::TANGENT, g.shape(id).to_vec()))
        }
        _ => None,
    }
}
