//! Who takes the steps of a tile: the threads of a block, or those of all blocks, whose tile is the whole batch.

use std::fmt::Display;

/// A team, as emitted code names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Team {
    /// A block.
    Block,
    /// All blocks: the `team` at hand.
    Grid,
}

impl Team {
    /// The head of a loop in which the threads take `count` entries in turn.
    pub(super) fn each(self, count: impl Display) -> String {
        let (thread, threads) = match self {
            Team::Block => ("thread()", "THREADS"),
            Team::Grid => ("team.thread()", "team.threads"),
        };
        format!("for (int i = {thread}; i < {count}; i += {threads})")
    }

    /// The team.
    pub(super) fn name(self) -> &'static str {
        match self {
            Team::Block => "Block()",
            Team::Grid => "team",
        }
    }

    /// The team as a last argument of the functions of `kernels/tile.cuh`, which take a block for granted.
    pub(super) fn argument(self) -> &'static str {
        match self {
            Team::Block => "",
            Team::Grid => ", team",
        }
    }
}
