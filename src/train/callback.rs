//! Callbacks: the values that they receive during a run, and how they end it.

use std::ops::ControlFlow;

use scorematch_kernels::simd::Real;

use super::{HeldOut, Report};
use crate::error::{Error, Result};
use crate::model::{AnyModel, Model};
use crate::program::Spec;

/// The state of a run between two steps, as passed to the callback of [`Trainer::fit_with`](super::Trainer::fit_with).
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

    /// The model as an evaluation at this step uses it: with the moving average of its parameters if the run keeps one,
    /// else with the parameters after the last update. Its inputs are in the units of training, see
    /// [`Report::standardization`].
    #[must_use]
    pub fn model(&self) -> &'r Model<S, T> {
        self.model
    }

    /// The report so far. Fields that are known only at the end of the run are not filled in yet: [`Report::stop`],
    /// [`Report::kept`], [`Report::training_rows`] and [`Report::seconds_per_step`].
    #[must_use]
    pub fn report(&self) -> &'r Report {
        self.report
    }

    /// Number of updates so far.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.report.steps()
    }

    /// The evaluation on held-out rows at this step, if there was one.
    #[must_use]
    pub fn held_out(&self) -> Option<HeldOut> {
        self.held_out
    }

    /// Whether this step has an evaluation and it is the best so far.
    #[must_use]
    pub fn is_best(&self) -> bool {
        self.held_out.is_some() && self.held_out == self.report.best
    }
}

/// A return value of a callback. `()` continues the run. [`ControlFlow`] continues or ends it. A [`Result`] of either
/// does the same, or makes [`Trainer::fit`](super::Trainer::fit) return the error.
pub trait CallbackResult: sealed::Sealed {
    /// Whether the run continues.
    ///
    /// # Errors
    /// The error of the callback.
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

/// An [`Event`] whose model type is erased.
pub(super) struct Moment<'r, T: Real> {
    pub(super) model: &'r AnyModel<T>,
    pub(super) report: &'r Report,
    pub(super) held_out: Option<HeldOut>,
}

/// The callback that receives the events of a run, if there is one.
pub(super) type Observer<'o, T> =
    Option<&'o mut dyn FnMut(&Moment<'_, T>) -> Result<ControlFlow<()>>>;
