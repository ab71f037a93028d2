//! Thread groups that run the steps of a tile: the threads of a block, or those of all blocks, whose tile is the whole
//! batch.

use std::fmt::Display;

/// A thread group, as emitted code names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ThreadGroup {
    /// A block.
    Block,
    /// All blocks: the `group` at hand.
    Grid,
}

impl ThreadGroup {
    /// The head of a loop in which the threads take `count` entries in turn.
    pub(super) fn strided_loop(self, count: impl Display) -> String {
        let (thread, threads) = match self {
            ThreadGroup::Block => ("thread()", "THREADS"),
            ThreadGroup::Grid => ("group.thread()", "group.threads"),
        };
        format!("for (int i = {thread}; i < {count}; i += {threads})")
    }

    /// The group.
    pub(super) fn name(self) -> &'static str {
        match self {
            ThreadGroup::Block => "Block()",
            ThreadGroup::Grid => "group",
        }
    }

    /// The group as the last argument of the functions of `kernels/cuda/tile.cuh`, whose default is a block.
    pub(super) fn argument(self) -> &'static str {
        match self {
            ThreadGroup::Block => "",
            ThreadGroup::Grid => ", group",
        }
    }
}
