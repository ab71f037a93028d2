//! What is told of one step.

use serde::{Deserialize, Serialize};

/// One step, as passed to the callback of [`Trainer::on_step`](super::Trainer::on_step).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepInfo {
    /// Index of the step, from 0.
    pub step: u64,
    /// The epoch in which the batch begins, from 0.
    pub epoch: u64,
    /// The loss of the batch before the update.
    pub loss: f64,
    /// ‖∇loss‖ before clipping.
    pub gradient_norm: f64,
    /// The learning rate of the update.
    pub learning_rate: f64,
    /// Seconds of training so far.
    pub seconds: f64,
}
