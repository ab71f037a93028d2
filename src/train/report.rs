//! The report of a finished run.

use std::fmt;

use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::{Cause, Estimate, Evaluation, HeldOut, Objective, Rows, StepInfo};
use crate::data::{Finding, Standardization};
use crate::error::{Error, Result, story};

/// The record of one [`Trainer::fit`](super::Trainer::fit).
///
/// A report can be stored: a report read back from JSON is equal to it to the last bit. Numbers that are not finite,
/// which JSON cannot represent, are written as text (`"inf"`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The objective that was minimised.
    pub objective: Objective,
    /// The loss of every step's batch, before its update. In a run of more than 8192 steps, entry k is the mean over
    /// steps k·[`stride`](Report::stride) to (k + 1)·stride; the last entry may cover fewer steps.
    pub losses: Vec<f64>,
    /// Seconds of training at the end of the last step of each entry.
    pub step_ends: Vec<f64>,
    /// Number of steps that one entry of [`Report::losses`] and [`Report::step_ends`] covers: the smallest power of two
    /// for which there are at most 8192 entries.
    pub stride: u64,
    pub(super) steps: u64,
    /// The last step; `None` before the first.
    #[serde(default)]
    pub last_step: Option<StepInfo>,
    /// How held-out rows are evaluated; `None` if there are none.
    pub evaluation: Option<Evaluation>,
    /// The evaluations of held-out rows over the run; empty if there are none.
    pub held_out: Vec<HeldOut>,
    /// The last of [`Report::held_out`] that was an improvement by the rule of
    /// [`Trainer::min_improvement`](super::Trainer::min_improvement). A smaller loss in a later evaluation differs from
    /// it by less than the rule requires.
    pub best: Option<HeldOut>,
    /// The loss of rows that the model was trained on, at the parameters of [`Report::best`]. These rows are a random
    /// sample, as many as are held out (or all, if there are fewer), evaluated under the same noise and estimator. The
    /// difference of the held-out loss and this loss measures overfitting. `None` if there is no best evaluation, or if
    /// this evaluation failed.
    pub training_rows: Option<Estimate>,
    /// Why the run ended.
    pub stop: Stop,
    /// Number of updates that produced the parameters of the model at the end: the step of [`Report::best`], if there
    /// is one.
    pub kept: u64,
    /// Seconds spent in steps; evaluations on held-out rows, callbacks and file writes are not included.
    pub seconds: f64,
    /// The median time of a step, in seconds; in a run of more than 8192 steps, the median over entries of their mean
    /// time of a step.
    pub seconds_per_step: f64,
    /// The units that the model was trained in, if they are not those of the data.
    pub standardization: Option<Standardization>,
    /// Properties of the data that mislead the model, see [`Trainer::data_guard`](super::Trainer::data_guard).
    pub findings: Vec<Finding>,
    /// The steps from which the run was resumed, see [`Trainer::resume`](super::Trainer::resume).
    #[serde(default)]
    pub resumed: Vec<Resumed>,
}

/// A run that was resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Resumed {
    /// Number of updates that had been made.
    pub step: u64,
    /// The settings that were changed, each as `name: before → after` in JSON.
    pub changes: Vec<String>,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stop {
    /// All steps were completed.
    Finished,
    /// The number of consecutive evaluations without improvement reached the trainer's patience.
    Patience,
    /// A signal arrived and [`Trainer::stop_on_signals`](super::Trainer::stop_on_signals) is set, or the caller's flag
    /// was set.
    Interrupted,
    /// A callback returned [`ControlFlow::Break`](std::ops::ControlFlow::Break).
    Callback,
    /// The loss or its gradient was not finite, or the loss was a million times larger than any before; the model has
    /// the last finite parameters.
    Diverged(Divergence),
}

/// Where a run diverged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Divergence {
    /// Index of the step, from 0.
    pub step: u64,
    /// The epoch in which the batch begins, from 0.
    pub epoch: u64,
    /// Index of the batch among those that begin in this epoch, from 0.
    pub batch: u64,
    /// The rows of the data in that batch.
    pub rows: Vec<usize>,
    /// The quantity that diverged.
    pub what: String,
    /// Its value.
    #[serde(with = "crate::number")]
    pub value: f64,
    /// Whether it diverged at the initial parameters of the run. In that case nothing was trained and no checkpoint is
    /// written.
    pub at_start: bool,
    /// The cause, if it was found.
    pub cause: Option<Cause>,
}

impl Stop {
    /// Replaces the row of the batch that caused a divergence by the corresponding row of the data.
    pub(super) fn in_data<T: Real>(mut self, data: &Rows<'_, T>) -> Self {
        if let Stop::Diverged(Divergence {
            rows,
            cause: Some(cause),
            ..
        }) = &mut self
        {
            cause.in_data(rows, |row| data.row(row));
        }
        self
    }
}

impl Report {
    /// Seconds of training up to the best held-out evaluation.
    #[must_use]
    pub fn seconds_to_best(&self) -> Option<f64> {
        self.best.map(|best| best.seconds)
    }

    /// The report itself, unless the run diverged.
    ///
    /// # Errors
    /// [`Error::Diverged`] if the run diverged.
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
        if let Some(loss) = self.last_loss() {
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
