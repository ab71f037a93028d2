//! What a finished run tells.

use std::fmt;

use super::Objective;
use crate::data::{Finding, Standardization};
use crate::error::{Error, Result};

/// The record of one [`Trainer::fit`](super::Trainer::fit).
#[derive(Clone, Debug)]
pub struct Report {
    /// What was minimised.
    pub objective: Objective,
    /// The loss of every step's batch, before its update.
    pub losses: Vec<f64>,
    /// Seconds of training when each step was done.
    pub step_ends: Vec<f64>,
    /// The exact objective on held-out rows over the run; empty without them.
    pub held_out: Vec<HeldOut>,
    /// The least of [`Report::held_out`], the first of equals.
    pub best: Option<HeldOut>,
    /// Why the run ended.
    pub stop: Stop,
    /// Number of updates behind the parameters that the model was left with: those of
    /// [`Report::best`] if rows were held out.
    pub kept: u64,
    /// Seconds spent in steps; evaluations on held-out rows, callbacks and files do not count.
    pub seconds: f64,
    /// The median step, in seconds.
    pub seconds_per_step: f64,
    /// The units that the model was trained in, if the data was standardized.
    pub standardization: Option<Standardization>,
    /// What about the data misleads the model, see
    /// [`Trainer::data_guard`](super::Trainer::data_guard).
    pub findings: Vec<Finding>,
}

/// One evaluation on held-out rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldOut {
    /// Updates made so far.
    pub step: u64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// J = mean of ½‖∇E‖² − ΔE in the units of the model's input, exact whatever the model trains
    /// on.
    pub loss: f64,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// All steps were made.
    Finished,
    /// The held-out objective has not improved for as many evaluations as the trainer's patience.
    Patience,
    /// Ctrl-C, or the caller's flag.
    Interrupted,
    /// The loss left all bounds; the model holds the last good parameters.
    Diverged(Divergence),
}

/// Where a run diverged.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// The step, from 0.
    pub step: u64,
    /// The epoch, from 0.
    pub epoch: u64,
    /// The batch of the epoch, from 0.
    pub batch: u64,
    /// The rows of the data in that batch.
    pub rows: Vec<usize>,
    /// What was not sound.
    pub what: String,
    /// Its value.
    pub value: f64,
}

impl Report {
    /// Steps made.
    pub fn steps(&self) -> u64 {
        self.losses.len() as u64
    }

    /// Seconds of training until the best held-out objective.
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
                step, what, value, ..
            }) => Err(Error::Diverged { step, what, value }),
            _ => Ok(self),
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
        if let Some(loss) = self.losses.last() {
            write!(f, ", last loss {loss:.5}")?;
        }
        if let Some(best) = self.best {
            write!(
                f,
                ", best held-out J {:.5} at step {}",
                best.loss, best.step
            )?;
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
            ..
        } = self;
        write!(
            f,
            "diverged at step {step} (epoch {epoch}, batch {batch}, both from 0): {what} is {value}; \
             the last good parameters are kept. A smaller learning rate, clipping or more jitter may \
             help"
        )
    }
}
