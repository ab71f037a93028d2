//! The steps of a run. Takes a request and the batches of the run; produces a record of each step, and a model with the
//! parameters after them.
//!
//! A run uses the trait [`Steps`]. The host makes one step per call ([`host`]); a backend on which the run is resident
//! makes many ([`resident`]).

mod choice;
mod host;
mod resident;

use scorematch_kernels::simd::Real;

use super::batches::Batches;
use super::{Cause, Settings};
use crate::backend::{Record, StepState};
use crate::error::Result;
use crate::model::AnyModel;

pub(super) use choice::of;

/// The steps of a run, on the host or on a resident backend.
pub(super) trait Steps<T: Real> {
    /// Makes at least one of the requested steps, and appends the record of each step that did not diverge to `seen`.
    /// Afterwards the model has the parameters after the last of them, or the last finite parameters if a step
    /// diverged.
    ///
    /// # Errors
    /// As [`Model::loss_gradient`]; errors of the device.
    fn make(
        &mut self,
        model: &mut AnyModel<T>,
        batches: &mut Batches<T>,
        asked: &Asked<'_>,
        seen: &mut Vec<Record>,
    ) -> Result<Made>;

    /// The moving average of the parameters, if one is kept.
    fn averaged(&self) -> Option<&[T]>;

    /// Number of updates that produced the last finite parameters.
    fn last_finite_step(&self) -> u64;

    /// Resets the model to the last finite parameters.
    fn restore(&self, model: &mut AnyModel<T>);

    /// The state after the last step, at which the model has these parameters. Steps that begin with it make the same
    /// bits as these.
    ///
    /// # Errors
    /// Errors of the device.
    fn state(&self, params: &[T]) -> Result<StepState<T>>;
}

/// A request for steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'s> {
    pub(super) settings: &'s Settings,
    /// The first step, from 0.
    pub(super) first: u64,
    /// The largest number of steps, at least 1.
    pub(super) most: u64,
    /// Number of steps of the whole run.
    pub(super) total: u64,
}

/// The result of a call of [`Steps::make`].
#[derive(Debug)]
pub(super) struct Made {
    /// Mean seconds per step.
    pub(super) seconds: f64,
    /// The step after the recorded ones, if it diverged.
    pub(super) unsound: Option<Unsound>,
}

/// A step that diverged, so that no update was made.
#[derive(Debug)]
pub(super) struct Unsound {
    /// The rows of its batch.
    pub(super) rows: Vec<usize>,
    /// The quantity that diverged.
    pub(super) what: String,
    pub(super) value: f64,
    /// The cause, if it was found.
    pub(super) cause: Option<Cause>,
}
