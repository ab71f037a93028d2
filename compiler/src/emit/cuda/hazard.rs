//! Which steps must wait: a step that touches what another wrote, or writes what another read, since the last barrier.

use crate::ir::{Input, NodeId};
use crate::plan::{Place, Plan, Step};

/// A stretch of one buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stretch {
    buffer: Buffer,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Buffer {
    Shared,
    Sums,
    Samples,
    Chunk,
}

impl Stretch {
    fn meets(&self, other: &Stretch) -> bool {
        self.buffer == other.buffer && self.start < other.end && other.start < self.end
    }
}

/// What has been touched since the last barrier.
#[derive(Default, Debug)]
pub(super) struct Hazards {
    read: Vec<Stretch>,
    written: Vec<Stretch>,
}

impl Hazards {
    /// Whether a barrier must stand before this step, which then counts as done behind it.
    pub(super) fn before(&mut self, plan: &Plan, step: &Step) -> bool {
        let (reads, writes) = touches(plan, step);
        let meets = |own: &[Stretch], others: &[Stretch]| {
            own.iter().any(|a| others.iter().any(|b| a.meets(b)))
        };
        let waits = meets(&reads, &self.written)
            || meets(&writes, &self.written)
            || meets(&writes, &self.read);
        if waits {
            self.read.clear();
            self.written.clear();
        }
        self.read.extend(reads);
        self.written.extend(writes);
        waits
    }
}

/// What a step reads and writes of the buffers that steps write to.
fn touches(plan: &Plan, step: &Step) -> (Vec<Stretch>, Vec<Stretch>) {
    let reads = step.reads(&plan.graph);
    let of = |ids: &[NodeId]| -> Vec<Stretch> {
        ids.iter()
            .filter_map(|&id| stretch(plan, plan.place(id), plan.graph.node(id).len()))
            .collect()
    };
    let mut writes = of(&step.writes());
    if let Step::Deliver { from, to } = step {
        writes.extend(stretch(plan, to, plan.graph.node(*from).len()));
    }
    (of(&reads), writes)
}

fn stretch(plan: &Plan, place: &Place, len: usize) -> Option<Stretch> {
    let (buffer, start, len) = match place {
        Place::Shared(at) => (Buffer::Shared, *at, len),
        Place::Acc(at) => (Buffer::Sums, *at, len),
        Place::Sample(at) => (Buffer::Samples, *at, len),
        Place::Tangent(at) => (Buffer::Chunk, *at, len),
        Place::Columns(of) => return stretch(plan, plan.place(*of), plan.graph.node(*of).len()),
        Place::Input(Input::X | Input::V | Input::Omega) => return None,
        Place::Input(_) | Place::Fused | Place::Constant(_) | Place::Param(_) | Place::Basis => {
            return None;
        }
    };
    Some(Stretch {
        buffer,
        start,
        end: start + len,
    })
}
