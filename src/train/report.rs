//! What a finished run tells.

use std::fmt;

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::{Cause, Estimate, Evaluation, HeldOut, Objective};
use crate::data::{Finding, Standardization};
use crate::error::{Error, Result, story};

/// The record of one [`Trainer::fit`](super::Trainer::fit).
///
/// It can be stored: what is read back from JSON equals it to the last bit. Numbers that are not finite, which JSON does
/// not have, are written as text (`"inf"`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// What was minimised.
    pub objective: Objective,
    /// The loss of every step's batch, before its update; in a run of more than 8192 steps, entry k is the mean over steps
    /// k·[`stride`](Report::stride) to (k + 1)·stride, of which the last entry may have fewer.
    pub losses: Vec<f64>,
    /// Seconds of training when the last step of each entry was done.
    pub step_ends: Vec<f64>,
    /// Steps behind an entry of [`Report::losses`] and [`Report::step_ends`]: a power of two, so great that there are 8192
    /// entries at most.
    pub stride: u64,
    pub(super) steps: u64,
    pub(super) last_loss: Option<f64>,
    /// How held-out rows are evaluated; `None` without them.
    pub evaluation: Option<Evaluation>,
    /// The loss of held-out rows over the run; empty without them.
    pub held_out: Vec<HeldOut>,
    /// The last of [`Report::held_out`] that was an improvement by the rule of
    /// [`Trainer::min_improvement`](super::Trainer::min_improvement). A lesser loss that follows differs
    /// from it by less than the rule asks for.
    pub best: Option<HeldOut>,
    /// The loss of rows that the model was trained on at the parameters of [`Report::best`]: as many as
    /// are held out (all, if those are fewer), drawn by chance, under the same noise and estimator. What
    /// it lies below the loss of held-out rows is what the model knows by heart. `None` without
    /// held-out rows.
    pub training_rows: Option<Estimate>,
    /// Why the run ended.
    pub stop: Stop,
    /// Number of updates behind the parameters that the model was left with: those of
    /// [`Report::best`] if rows were held out.
    pub kept: u64,
    /// Seconds spent in steps; evaluations on held-out rows, callbacks and files do not count.
    pub seconds: f64,
    /// The median step, in seconds; of a run of more than 8192 steps, the median over entries of their mean step.
    pub seconds_per_step: f64,
    /// The units that the model was trained in, if the data was standardized.
    pub standardization: Option<Standardization>,
    /// What about the data misleads the model, see
    /// [`Trainer::data_guard`](super::Trainer::data_guard).
    pub findings: Vec<Finding>,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stop {
    /// All steps were made.
    Finished,
    /// The held-out objective has not improved for as many evaluations as the trainer's patience.
    Patience,
    /// A signal, if the trainer was told to [stop on signals](super::Trainer::stop_on_signals), or the caller's flag.
    Interrupted,
    /// A callback returned [`ControlFlow::Break`](std::ops::ControlFlow::Break).
    Callback,
    /// The loss or its gradient was not finite, or a million times larger than any loss before; the model holds the
    /// last finite parameters.
    Diverged(Divergence),
}

/// Where a run diverged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Divergence {
    /// The step, from 0.
    pub step: u64,
    /// The epoch in which the batch begins, from 0.
    pub epoch: u64,
    /// Which of the batches that begin in this epoch, from 0.
    pub batch: u64,
    /// The rows of the data in that batch.
    pub rows: Vec<usize>,
    /// What was not sound.
    pub what: String,
    /// Its value.
    #[serde(with = "crate::number")]
    pub value: f64,
    /// Whether it was so at the parameters that training started from. Then nothing was trained, and no checkpoint is
    /// written.
    pub at_start: bool,
    /// What made it so, if that was found.
    pub cause: Option<Cause>,
}

impl Stop {
    /// Names the row that made a run diverge as it is in the data.
    pub(super) fn in_data<T: Real>(mut self, data: ArrayView2<T>) -> Self {
        if let Stop::Diverged(Divergence {
            rows,
            cause: Some(cause),
            ..
        }) = &mut self
        {
            cause.in_data(rows, data);
        }
        self
    }
}

impl Report {
    /// Seconds of training until the best held-out objective.
    #[must_use]
    pub fn seconds_to_best(&self) -> Option<f64> {
        self.best.map(|best| best.seconds)
    }

    /// The report itself, unless the run diverged.
    ///
    /// # Errors
    /// [`Error::Diverged`].
    pub fn converged(self) -> Result<Self> {
        match self.stop {
            Stop::Diverged(Divergence {
                step,
                what,
                value,
                at_start,
                cause,
                ..
            }) => Err(Error::Diverged {
                step,
                what,
                value,
                at_start,
                cause: cause.map(Box::new),
            }),
            Stop::Finished | Stop::Patience | Stop::Interrupted | Stop::Callback => Ok(self),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} steps in {:.2} s",
            self.objective,
            self.steps(),
            self.seconds
        )?;
        if let Some(loss) = self.last_loss {
            write!(f, ", last loss {loss:.5}")?;
        }
        if let (Some(best), Some(evaluation)) = (self.best, self.evaluation) {
            let Evaluation { loss, rows, .. } = evaluation;
            write!(
                f,
                ", best held-out {loss} {} (se over {rows} rows) at step {}",
                best.estimate(),
                best.step
            )?;
            if let Some(training) = self.training_rows {
                write!(f, ", training rows {training}")?;
            }
            write!(f, " ({evaluation})")?;
        }
        write!(f, "; {}", self.stop)?;
        self.findings
            .iter()
            .try_for_each(|finding| write!(f, "\nwarning: {finding}"))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Finished => f.write_str("finished"),
            Stop::Patience => {
                f.write_str("stopped early: the held-out objective no longer improves")
            }
            Stop::Interrupted => f.write_str("interrupted"),
            Stop::Callback => f.write_str("ended by a callback"),
            Stop::Diverged(divergence) => divergence.fmt(f),
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            step,
            epoch,
            batch,
            what,
            value,
            at_start,
            cause,
            rows: _,
        } = self;
        let story = story(what, *value, *at_start, cause.as_ref());
        if *at_start {
            return write!(f, "cannot start: {story}");
        }
        write!(
            f,
            "diverged at step {step} (epoch {epoch}, batch {batch}, both from 0): {story}"
        )
    }
}
