//! How long the parts of a step took.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// How long the parts of one training step took, as the calling thread saw it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Phases {
    /// Batch-independent work before the tiles: packing, the factorisation of the first layer.
    pub prologue: Duration,
    /// The samples: values, derivatives and their sums within partial accumulators.
    pub tiles: Duration,
    /// The sum of partial accumulators, and products with the samples over the whole batch.
    pub sum: Duration,
    /// Batch-independent work after the sum.
    pub epilogue: Duration,
    /// The norm of the gradient, the update rule and the moving average; zero for a loss without an update.
    pub update: Duration,
}

/// Time since it was last asked for.
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Clock(Instant::now())
    }

    /// Time since the start or the last lap.
    pub(crate) fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}
