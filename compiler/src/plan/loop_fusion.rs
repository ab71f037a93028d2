//! Which formulas are computed in one loop.
//!
//! A value's level is the longest chain of work before it within its phase; a formula that reads another of the same
//! shape stays on its level and joins its loop. Nodes of one level do not depend on each other but through loops, so
//! the formulas of a level with one shape and the same axes may form a loop. [`super::divide`] parts those that have nothing in
//! common.
//!
//! A formula that one later loop alone reads joins that loop, if it reads no value of as many axes that the loop does
//! not read already: computing it there costs less than storing it.

use super::access::source;
use super::accumulate::is_reduction;
use super::phase::Phase;
use crate::ir::{Axes, Graph, NodeId, Op};
use rustc_hash::FxHashSet as HashSet;
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
    let in_tile = |id: NodeId| {
        matches!(
            phases[id.index()],
            Phase::Samples | Phase::Stream | Phase::Finish
        ) && !is_free(g, id)
    };
    for id in g.ids().filter(|&id| in_tile(id)) {
        let phase = phases[id.index()];
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
    }
    sink_into_consumers(g, phases, &mut level);
    // Loops before other steps of a level, reductions over samples last: they read what their level computed.
    let mut loops: BTreeMap<(Phase, usize, Key), Vec<NodeId>> = BTreeMap::new();
    let mut singles: BTreeMap<(Phase, usize, bool), Vec<NodeId>> = BTreeMap::new();
    for id in g.ids().filter(|&id| in_tile(id)) {
        let (phase, l) = (phases[id.index()], level[id.index()]);
        match key(g, id) {
            Some(key) => loops.entry((phase, l, key)).or_default().push(id),
            None => singles
                .entry((phase, l, is_reduction(g, id)))
                .or_default()
                .push(id),
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

/// Sinks formulas into the loop that reads them, where that saves storing them.
fn sink_into_consumers(g: &Graph, phases: &[Phase], level: &mut [usize]) {
    let (readers, are_outputs) = (g.readers(), g.are_outputs());
    // What the members of each loop read.
    let mut reads: BTreeMap<(Phase, usize, Key), HashSet<NodeId>> = BTreeMap::new();
    for id in g.ids() {
        if let Some(key) = key(g, id) {
            let place = (phases[id.index()], level[id.index()], key);
            reads.entry(place).or_default().extend(g.operands(id));
        }
    }
    for id in g.ids().rev() {
        let (Op::Map { .. }, Some(key)) = (&g.node(id).op, key(g, id)) else {
            continue;
        };
        let phase = phases[id.index()];
        let place = |r: NodeId| {
            let alike = phases[r.index()] == phase && self::key(g, r).as_ref() == Some(&key);
            alike.then_some(level[r.index()])
        };
        let readers = &readers[id.index()];
        let Some(later) = readers.first().and_then(|&r| place(r)) else {
            continue;
        };
        if later <= level[id.index()]
            || g.axes(id) == Axes::SHARED
            || readers.iter().any(|&r| place(r) != Some(later))
            || are_outputs[id.index()]
        {
            continue;
        }
        // `id` is on an earlier level, so none of these reads is its own.
        let Some(there) = reads.get_mut(&(phase, later, key)) else {
            continue;
        };
        let read_there = |a: NodeId| there.contains(&a);
        let same_axes = |a: &NodeId| g.axes(*a) == g.axes(id) && g.shape(*a) == g.shape(id);
        if g.operands(id).into_iter().filter(same_axes).all(read_there) {
            level[id.index()] = later;
            // What it reads may be read by others for its sake from now on.
            there.extend(g.operands(id));
        }
    }
}

/// Values that exist without a step.
fn is_free(g: &Graph, id: NodeId) -> bool {
    match g.node(id).op {
        Op::Reshape(_)
        | Op::UnitDirections
        | Op::ExpandColumns(_)
        | Op::Param(_)
        | Op::Const(_) => true,
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
