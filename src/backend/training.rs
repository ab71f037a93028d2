//! Training that stays where a backend computes: parameters, averages and data are taken there once, and many steps are
//! one call.
//!
//! Enters: what does not change from step to step, the state of the run, then ranges of planned steps. Leaves: a record of
//! each step, and the state when it is asked for. Must hold: how steps are divided among calls, and among runs that begin
//! with the state of the one before, changes no bit.

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;

use crate::directions::DirectionDistribution;
use crate::error::Result;
use crate::optimizer::Optimizer;
use crate::program::Compiled;

/// A place where training runs can stay.
pub(crate) trait Resident<T> {
    /// Takes the state of the run and the data, `[N, D]`, there. `program` sums the loss and its gradient.
    ///
    /// # Errors
    /// What the device reports, or that it has no such program.
    fn begin(
        &self,
        program: Compiled<T>,
        setting: &Setting,
        state: &StepState<T>,
        data: ArrayView2<'_, T>,
    ) -> Result<Box<dyn Steps<T>>>;
}

/// A training run under way.
pub(crate) trait Steps<T> {
    /// How many steps the next call should plan for; at least 1.
    fn most(&self) -> u64;

    /// Makes steps whose batches are, one after another, ranges of `order`: rows of the data. A record of each, up to
    /// the first that is not sound.
    ///
    /// # Errors
    /// What the device reports.
    fn make(&mut self, steps: &[Planned], order: &[usize]) -> Result<Vec<Record>>;

    /// The parameters after the last sound step.
    ///
    /// # Errors
    /// What the device reports; for several devices, that they differ.
    fn params(&self) -> Result<Vec<T>>;

    /// The last finite parameters: those at which the loss was last finite.
    ///
    /// # Errors
    /// As [`Steps::params`].
    fn last_finite(&self) -> Result<Vec<T>>;

    /// The moving average of the parameters; of no meaning if none is kept.
    ///
    /// # Errors
    /// As [`Steps::params`].
    fn mean(&self) -> Result<Vec<T>>;

    /// The averages of the update rule: as [`StepState::first`] and [`StepState::second`].
    ///
    /// # Errors
    /// As [`Steps::params`].
    fn averages(&self) -> Result<[Vec<T>; 2]>;

    /// [`StepState::largest_loss`].
    fn largest_loss(&self) -> Option<f64>;
}

/// The state of a run between two steps: what the next step depends on besides its number, the data and the settings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StepState<T> {
    pub(crate) params: Vec<T>,
    /// The last finite parameters: those at which the loss was last finite.
    pub(crate) last_finite: Vec<T>,
    /// The mean gradient of Adam; the momentum of gradient descent.
    pub(crate) first: Vec<T>,
    /// The mean square of Adam; empty for gradient descent.
    pub(crate) second: Vec<T>,
    /// The moving average of the parameters, if one is kept.
    pub(crate) mean: Option<Vec<T>>,
    /// The largest absolute loss so far; `None` before the first step.
    pub(crate) largest_loss: Option<f64>,
}

impl<T: Real> StepState<T> {
    /// The state before the first step of a run that starts with these parameters. `averages`: whether a moving average
    /// of the parameters is kept.
    pub(crate) fn start(params: &[T], optimizer: &Optimizer, averages: bool) -> Self {
        StepState {
            params: params.to_vec(),
            last_finite: params.to_vec(),
            first: vec![T::zero(); params.len()],
            second: vec![T::zero(); optimizer.mean_squares(params.len())],
            mean: averages.then(|| params.to_vec()),
            largest_loss: None,
        }
    }
}

/// What does not change from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setting {
    /// Samples of a batch at most.
    pub(crate) batch: usize,
    pub(crate) optimizer: Optimizer,
    /// The norm that longer gradients are scaled down to.
    pub(crate) clip: Option<f64>,
    /// Decay of the moving average of the parameters.
    pub(crate) ema: Option<f64>,
    /// Standard deviation of the noise added to the data.
    pub(crate) jitter: f64,
    /// Directions of the loss, M a sample, and their distribution; none if it draws none.
    pub(crate) directions: Option<(usize, DirectionDistribution)>,
    /// The noise level of denoising score matching, 0 for other losses.
    pub(crate) sigma: f64,
}

/// What is decided for one step before it is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Planned {
    /// The step, from 0.
    pub(crate) step: u64,
    /// Rows of its batch.
    pub(crate) rows: usize,
    /// The factor on the optimizer's learning rate.
    pub(crate) factor: f64,
    /// The key of the noise that is added to the data.
    pub(crate) jitter_key: [u32; 2],
    /// The key of the directions or the noise of the loss.
    pub(crate) loss_key: [u32; 2],
}

/// What one step saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Record {
    /// The batch's loss before the update.
    pub(crate) loss: f64,
    /// ‖∇loss‖ before clipping.
    pub(crate) gradient_norm: f64,
    /// Whether an update was made: the loss and the gradient were finite, and the loss not a million times larger in
    /// size than any before it.
    pub(crate) sound: bool,
}
