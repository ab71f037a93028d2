//! What a program is told while a run is under way, and how it ends the run.

use std::ops::ControlFlow;

use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::{HeldOut, Report};
use crate::error::{Error, Result};
use crate::model::{AnyModel, Model};
use crate::program::Spec;

/// One step, as [`Trainer::on_step`](super::Trainer::on_step) hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepInfo {
    /// The step, from 0.
    pub step: u64,
    /// The epoch in which the batch begins, from 0.
    pub epoch: u64,
    /// The batch's loss before the update.
    pub loss: f64,
    /// ‖∇loss‖ before clipping.
    pub gradient_norm: f64,
    /// The learning rate of the update.
    pub learning_rate: f64,
    /// Seconds of training so far.
    pub seconds: f64,
}

/// A moment between two steps of a run, as [`Trainer::fit_with`](super::Trainer::fit_with) tells of it.
#[derive(Debug)]
pub struct Event<'r, S: Spec, T: Real> {
    model: &'r Model<S, T>,
    report: &'r Report,
    held_out: Option<HeldOut>,
}

impl<'r, S: Spec, T: Real> Event<'r, S, T> {
    pub(super) fn of(moment: &Moment<'r, T>) -> Self {
        Event {
            model: Model::of_any(moment.model),
            report: moment.report,
            held_out: moment.held_out,
        }
    }

    /// The model as it would be evaluated now: with the moving average of its parameters if the run keeps
    /// one, else with those of the last update. Its inputs are in the units of training, see
    /// [`Report::standardization`].
    #[must_use]
    pub fn model(&self) -> &'r Model<S, T> {
        self.model
    }

    /// The report so far. What only the end can tell is not in it yet: [`Report::stop`],
    /// [`Report::kept`], [`Report::training_rows`] and [`Report::seconds_per_step`].
    #[must_use]
    pub fn report(&self) -> &'r Report {
        self.report
    }

    /// Updates made so far.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.report.steps()
    }

    /// The evaluation on held-out rows that was made at this step, if one was.
    #[must_use]
    pub fn held_out(&self) -> Option<HeldOut> {
        self.held_out
    }

    /// Whether the evaluation of this step is the best so far.
    #[must_use]
    pub fn is_best(&self) -> bool {
        self.held_out.is_some() && self.held_out == self.report.best
    }
}

/// What a callback may return: nothing, to go on; [`ControlFlow`], to go on or to end the run; a
/// [`Result`] of either, whose error ends [`Trainer::fit`](super::Trainer::fit) with this error.
pub trait CallbackResult: sealed::Sealed {
    /// Whether to go on.
    ///
    /// # Errors
    /// That of the callback.
    fn control_flow(self) -> Result<ControlFlow<()>>;
}

impl CallbackResult for () {
    fn control_flow(self) -> Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }
}

impl CallbackResult for ControlFlow<()> {
    fn control_flow(self) -> Result<ControlFlow<()>> {
        Ok(self)
    }
}

impl<C: CallbackResult> CallbackResult for Result<C, Error> {
    fn control_flow(self) -> Result<ControlFlow<()>> {
        self.and_then(CallbackResult::control_flow)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for std::ops::ControlFlow<()> {}
    impl<C: super::CallbackResult> Sealed for Result<C, crate::error::Error> {}
}

/// An [`Event`] of a model without its type.
pub(super) struct Moment<'r, T: Real> {
    pub(super) model: &'r AnyModel<T>,
    pub(super) report: &'r Report,
    pub(super) held_out: Option<HeldOut>,
}

/// What is told of a run's events, if anything is.
pub(super) type Observer<'o, T> =
    Option<&'o mut dyn FnMut(&Moment<'_, T>) -> Result<ControlFlow<()>>>;
