//! Data hazards: a barrier precedes a statement that touches what another wrote, or writes what another read, since the
//! last barrier.

use crate::lower::{Buffer, Effects, View};

/// The accesses since the last barrier.
#[derive(Default, Debug)]
pub(super) struct Hazards {
    read: Vec<View>,
    written: Vec<View>,
}

impl Hazards {
    /// Whether a barrier must stand before a statement with these effects, which then counts as done behind it.
    pub(super) fn before(&mut self, effects: Effects) -> bool {
        let Effects { mut reads, writes } = effects;
        reads.retain(|view| match view.buffer {
            Buffer::Shared | Buffer::Sums | Buffer::Samples | Buffer::Chunk => true,
            // No statement writes these.
            Buffer::Params | Buffer::X | Buffer::V | Buffer::Omega => false,
        });
        let meets = |own: &[View], others: &[View]| {
            own.iter().any(|a| others.iter().any(|b| a.overlaps(b)))
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
