//! When a value can be computed.

use crate::ir::{Axes, Graph, Op};

/// The parts of a step, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    /// Batch-independent work before the samples, once.
    Prologue = 0,
    /// Per-sample work before the directions, for each tile.
    Samples = 1,
    /// Per-direction work, for each chunk of directions of each tile.
    Stream = 2,
    /// Per-sample work that needs sums over directions, for each tile.
    Finish = 3,
    /// Batch-independent work that needs sums over samples, once.
    Epilogue = 4,
}

/// The phase in which each node is computed. A reduction belongs to the phase of what it sums.
pub(super) fn phases(g: &Graph) -> Vec<Phase> {
    let mut phase = vec![Phase::Prologue; g.nodes.len()];
    // The phase in which a value can be read. A sum is read later than it is computed.
    let mut ready = vec![Phase::Prologue; g.nodes.len()];
    for id in g.ids() {
        let operands = g.operands(id);
        let latest = operands
            .iter()
            .map(|a| ready[a.index()])
            .max()
            .unwrap_or(Phase::Prologue);
        let from = operands
            .iter()
            .fold(Axes::SHARED, |a, &o| a.union(g.axes(o)));
        let axes = g.axes(id);
        let own = match (axes.sample, axes.tangent) {
            (_, true) => Phase::Stream,
            (true, _) => Phase::Samples,
            _ => Phase::Prologue,
        };
        // A value per direction that needs a sum over directions would need a second stream; no quadratic form does.
        assert!(
            own != Phase::Stream || latest <= Phase::Stream,
            "a stream is one pass"
        );
        let i = id.index();
        if from.sample && !axes.sample {
            phase[i] = latest.max(if from.tangent {
                Phase::Stream
            } else {
                Phase::Samples
            });
            ready[i] = Phase::Epilogue;
        } else if from.tangent && !axes.tangent {
            phase[i] = Phase::Stream;
            ready[i] = Phase::Finish;
        } else {
            phase[i] = own.max(latest);
            ready[i] = phase[i];
        }
    }
    delay(g, &mut phase);
    phase
}

/// Formulas that only the last per-sample phase reads are computed there: their inputs are live anyway.
fn delay(g: &Graph, phase: &mut [Phase]) {
    let (readers, are_outputs) = (g.readers(), g.are_outputs());
    for id in g.ids().rev() {
        let moves = matches!(g.node(id).op, Op::Map { .. } | Op::Reshape(_));
        if phase[id.index()] != Phase::Samples || !moves || are_outputs[id.index()] {
            continue;
        }
        let readers = &readers[id.index()];
        if !readers.is_empty() && readers.iter().all(|c| phase[c.index()] == Phase::Finish) {
            phase[id.index()] = Phase::Finish;
        }
    }
}
