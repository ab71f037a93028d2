//! The steps of a run. Enters: what a run asks for, and its batches. Leaves: what each step saw, and a model with the
//! parameters after them.
//!
//! [`Steps`] is what a run knows. The host makes one step at a time ([`host`]); a backend where the run can stay makes
//! many ([`resident`]).

mod choice;
mod host;
mod resident;

use scorematch_kernels::simd::Real;

use super::batches::Batches;
use super::{Cause, Settings};
use crate::backend::Record;
use crate::error::Result;
use crate::model::AnyModel;

pub(super) use choice::of;

/// The steps of a run, wherever they are made.
pub(super) trait Steps<T: Real> {
    /// Makes a step or more of those that are asked for, and adds what each sound one saw to `seen`. The model has the
    /// parameters after the last of them; after a step that was not sound, those at which the loss was last sound.
    ///
    /// # Errors
    /// As [`Model::loss_gradient`]; what the device reports.
    fn make(
        &mut self,
        model: &mut AnyModel<T>,
        batches: &mut Batches<T>,
        asked: &Asked<'_>,
        seen: &mut Vec<Record>,
    ) -> Result<Made>;

    /// The moving average of the parameters, if one is kept.
    fn averaged(&self) -> Option<&[T]>;

    /// Number of updates behind the parameters at which the loss was last found sound.
    fn last_finite_step(&self) -> u64;

    /// Gives the model back the parameters at which the loss was last found sound.
    fn restore(&self, model: &mut AnyModel<T>);
}

/// What a run asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'s> {
    pub(super) settings: &'s Settings,
    /// The first step, from 0.
    pub(super) first: u64,
    /// Steps at most, at least 1.
    pub(super) most: u64,
    /// Steps of the whole run.
    pub(super) total: u64,
}

/// The outcome of a call of [`Steps::make`].
#[derive(Debug)]
pub(super) struct Made {
    /// Seconds that each step took.
    pub(super) seconds: f64,
    /// The step after the sound ones, if that was not sound.
    pub(super) unsound: Option<Unsound>,
}

/// A step that made no update.
#[derive(Debug)]
pub(super) struct Unsound {
    /// The rows of its batch.
    pub(super) rows: Vec<usize>,
    /// What left the finite numbers.
    pub(super) what: String,
    pub(super) value: f64,
    /// What made it so, if that was found.
    pub(super) cause: Option<Cause>,
}
