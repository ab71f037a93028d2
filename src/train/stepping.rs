//! One training step: the loss and gradient of a batch, then one update of the parameters. Takes a batch, a loss with
//! its directions, and a factor on the learning rate. If the step diverges, it resets the model to the last finite
//! parameters.

use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::Optimizer;
use super::non_finite;
use super::rules::Rates;
use super::update::{Averages, norm};
use crate::backend::{Clock, Phases, Samples, StepState};
use crate::buffer::Buffer;
use crate::error::{Error, Result};
use crate::model::AnyModel;
use crate::objective::Loss;
use crate::setting::{positive, within};

/// A loss counts as divergence if its size exceeds the largest size before it (or 1, if that is larger) by this factor.
const RUNAWAY: f64 = 1e6;

/// The state of a stepper between steps, independent of the spec.
#[derive(Clone, Debug)]
pub(super) struct Stepping<T> {
    optimizer: Optimizer,
    averages: Averages<T>,
    clip: Option<f64>,
    ema: Option<Ema<T>>,
    /// The last finite parameters; the next update overwrites them.
    last_finite: Buffer<T>,
    /// Sums of squares over ranges of the gradient.
    squares: Vec<f64>,
    phases: Phases,
    /// The largest absolute loss so far.
    largest_loss: Option<f64>,
    steps: u64,
}

/// An exponential moving average of the parameters.
#[derive(Clone, Debug)]
struct Ema<T> {
    decay: f64,
    mean: Vec<T>,
}

/// The loss and the gradient norm of one step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// The loss of the batch before the update.
    pub loss: f64,
    /// ‖∇loss‖ before clipping.
    pub gradient_norm: f64,
}

impl<T: Real> Stepping<T> {
    /// The state at step 0, with these parameters.
    ///
    /// # Errors
    /// A setting of the optimizer is out of its range.
    pub(super) fn new(parameters: &[T], optimizer: Optimizer) -> Result<Self> {
        optimizer.check()?;
        Ok(Self {
            averages: Averages::new(&optimizer, parameters.len()),
            optimizer,
            clip: None,
            ema: None,
            last_finite: Buffer::of(parameters),
            squares: Vec::new(),
            phases: Phases::default(),
            largest_loss: None,
            steps: 0,
        })
    }

    pub(super) fn clip(&mut self, norm: f64) -> Result<()> {
        positive("the gradient norm to clip at", norm)?;
        self.clip = Some(norm);
        Ok(())
    }

    pub(super) fn ema(&mut self, decay: f64) -> Result<()> {
        within("the decay of the moving average", decay, 0.0, 1.0)?;
        let mean = self.last_finite.to_vec();
        self.ema = Some(Ema { decay, mean });
        Ok(())
    }

    /// Continues from a state after `made` steps of the same rule, whose parameters the model has.
    pub(super) fn continue_from(&mut self, state: StepState<T>, made: u64) {
        self.last_finite.copy_from_slice(&state.last_finite);
        self.averages = Averages::of(state.first, state.second, made);
        if let (Some(ema), Some(mean)) = (&mut self.ema, state.mean) {
            ema.mean = mean;
        }
        self.largest_loss = state.largest_loss;
        self.steps = made;
    }

    /// The state after the last step, at which the model has these parameters.
    pub(super) fn state(&self, params: &[T]) -> StepState<T> {
        let (first, second) = self.averages.values();
        StepState {
            params: params.to_vec(),
            last_finite: self.last_finite.to_vec(),
            first: first.to_vec(),
            second: second.to_vec(),
            mean: self.averaged().map(<[T]>::to_vec),
            largest_loss: self.largest_loss,
        }
    }

    pub(super) fn phases(&self) -> Phases {
        self.phases
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    pub(super) fn averaged(&self) -> Option<&[T]> {
        self.ema.as_ref().map(|ema| &ema.mean[..])
    }

    pub(super) fn last_finite_step(&self) -> u64 {
        self.steps.saturating_sub(1)
    }

    pub(super) fn restore(&self, model: &mut AnyModel<T>) {
        model.params_mut().copy_from_slice(&self.last_finite);
    }

    /// [`Stepper::step`](super::Stepper::step) on samples from any source. Samples that a source writes are not
    /// checked.
    pub(super) fn step(
        &mut self,
        model: &mut AnyModel<T>,
        samples: Samples<'_, T>,
        loss: &Loss<T>,
        factor: f64,
    ) -> Result<Step> {
        let pool = model.pool()?;
        let parameters = model.params();
        let step = model.with_loss_gradient(samples, loss, |loss, gradient, phases| {
            let clock = &mut Clock::start();
            let step = self.update(pool, parameters, loss, gradient, factor);
            self.phases = Phases {
                update: clock.lap(),
                ..phases
            };
            step
        })?;
        match step {
            Ok(step) => {
                model.exchange_params(&mut self.last_finite);
                self.steps += 1;
                Ok(step)
            }
            Err(mut diverged) => {
                if let Error::Diverged { value, cause, .. } = &mut diverged {
                    let rows = samples.to_rows(pool.isa);
                    let found = non_finite::find(model, rows.view(), loss, value.is_finite());
                    *cause = found.map(Box::new);
                }
                self.restore(model);
                Err(diverged)
            }
        }
    }

    /// Writes the updated parameters over the last finite ones, or returns an error if the loss or the gradient
    /// diverged.
    fn update(
        &mut self,
        pool: ThreadPool,
        parameters: &[T],
        loss: f64,
        gradient: &[T],
        factor: f64,
    ) -> Result<Step> {
        let gradient_norm = norm(pool, gradient, &mut self.squares);
        let largest = self.largest_loss.unwrap_or(f64::INFINITY).max(1.0);
        for (what, value, limit) in [
            ("the loss", loss, RUNAWAY * largest),
            ("the norm of the gradient", gradient_norm, f64::MAX),
        ] {
            if value.is_finite() && value.abs() <= limit {
                continue;
            }
            return Err(Error::Diverged {
                step: self.steps,
                what: what.to_owned(),
                value,
                at_start: self.steps == 0,
                cause: None,
            });
        }
        self.largest_loss = Some(self.largest_loss.unwrap_or(0.0).max(loss.abs()));
        let scale = match self.clip {
            Some(clip) if gradient_norm > clip => clip / gradient_norm,
            _ => 1.0,
        };
        let rates = Rates {
            learning_rate: self.optimizer.learning_rate() * factor,
            scale,
        };
        let mean = self.ema.as_mut().map(|ema| (ema.decay, &mut ema.mean[..]));
        self.averages.update(
            pool,
            &self.optimizer,
            rates,
            gradient,
            parameters,
            &mut self.last_finite,
            mean,
        );
        Ok(Step {
            loss,
            gradient_norm,
        })
    }
}
