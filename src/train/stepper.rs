//! One training step: loss and gradient of a batch, then one update of the parameters. Enters: a
//! batch, a loss with its directions, a factor on the learning rate. Leaves: a model whose
//! parameters are finite, whatever happens.

use std::fmt;
use std::marker::PhantomData;

use ndarray::ArrayView2;
use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::Optimizer;
use super::non_finite;
use super::rules::Rates;
use super::update::{Averages, norm};
use crate::backend::{Clock, Phases, Samples};
use crate::buffer::Buffer;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::objective::Loss;
use crate::program::Spec;
use crate::setting::{positive, within};

/// A loss this many times in size the largest before it (or 1, if that is greater) counts as
/// divergence.
const RUNAWAY: f64 = 1e6;

/// The optimizer at work on one model: what the trainer calls for every batch, and what to call
/// with batches and directions of one's own.
///
/// ```no_run
/// # use ndarray::{Array2, Array3};
/// # use scorematch::train::{Adam, Stepper};
/// # use scorematch::{Loss, Model, Result, Projections, Spec};
/// # fn example<S: Spec>(model: &mut Model<S, f64>, given: &[(Array2<f64>, Array3<f64>)]) -> Result<()> {
/// let mut stepper = Stepper::new(model, Adam::new(3e-3))?;
/// for (batch, directions) in given {
///     let loss = Loss::ssm(directions.view());
///     println!("{:?}", stepper.step(model, batch.view(), &loss, 1.0)?);
/// }
/// # Ok(())
/// # }
/// ```
///
/// The spec is part of the type, so that a stepper cannot be used on a model of another:
///
/// ```compile_fail,E0308
/// # use ndarray::Array2;
/// # use scorematch::train::{Adam, Stepper};
/// # use scorematch::{Loss, Model, Result, Spec};
/// # fn example<A: Spec, B: Spec>(one: &mut Model<A>, other: &mut Model<B>, x: Array2<f32>) -> Result<()> {
/// let mut stepper = Stepper::new(one, Adam::new(3e-3))?;
/// stepper.step(other, &x, &Loss::esm(), 1.0)?;
/// # Ok(())
/// # }
/// ```
pub struct Stepper<S: Spec, T: Real = f32> {
    state: State<T>,
    spec: PhantomData<fn() -> S>,
}

/// What a stepper keeps between steps, whatever the spec.
#[derive(Clone, Debug)]
struct State<T> {
    optimizer: Optimizer,
    averages: Averages<T>,
    clip: Option<f64>,
    ema: Option<Ema<T>>,
    /// The parameters at which the loss was last found finite; where the next ones are written.
    last_finite: Buffer<T>,
    /// Sums of squares of ranges of the gradient.
    squares: Vec<f64>,
    phases: Phases,
    /// The largest size of a loss so far.
    largest_loss: Option<f64>,
    steps: u64,
}

/// An exponential moving average of the parameters.
#[derive(Clone, Debug)]
struct Ema<T> {
    decay: f64,
    mean: Vec<T>,
}

/// What one step saw.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// The batch's loss before the update.
    pub loss: f64,
    /// ‖∇loss‖ before clipping.
    pub gradient_norm: f64,
}

impl<S: Spec, T: Real> Stepper<S, T> {
    /// A stepper for models of this spec, at step 0.
    ///
    /// # Errors
    /// A setting of the optimizer out of its range.
    pub fn new(model: &Model<S, T>, optimizer: impl Into<Optimizer>) -> Result<Self> {
        let optimizer = optimizer.into();
        optimizer.check()?;
        let parameters = model.params();
        let state = State {
            averages: Averages::new(&optimizer, parameters.len()),
            optimizer,
            clip: None,
            ema: None,
            last_finite: Buffer::of(parameters),
            squares: Vec::new(),
            phases: Phases::default(),
            largest_loss: None,
            steps: 0,
        };
        Ok(Self {
            state,
            spec: PhantomData,
        })
    }

    /// Scales every gradient of a greater norm down to this one.
    ///
    /// # Errors
    /// A norm that is not positive and finite.
    pub fn clip(mut self, norm: f64) -> Result<Self> {
        positive("the gradient norm to clip at", norm)?;
        self.state.clip = Some(norm);
        Ok(self)
    }

    /// Keeps mean ← decay·mean + (1 − decay)·θ after every update, starting from the parameters as
    /// they are now.
    ///
    /// # Errors
    /// A decay outside [0, 1).
    pub fn ema(mut self, decay: f64) -> Result<Self> {
        within("the decay of the moving average", decay, 0.0, 1.0)?;
        let mean = self.state.last_finite.to_vec();
        self.state.ema = Some(Ema { decay, mean });
        Ok(self)
    }

    /// How long the parts of the last step took; all zero before the first and on a GPU.
    #[must_use]
    pub fn phases(&self) -> Phases {
        self.state.phases
    }

    /// Updates made.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.state.steps
    }

    /// The moving average of the parameters, if one is kept: in the order of [`Model::params`].
    #[must_use]
    pub fn averaged(&self) -> Option<&[T]> {
        self.state.ema.as_ref().map(|ema| &ema.mean[..])
    }

    /// The loss of `[B, D]` samples and one update at `factor` times the optimizer's learning rate.
    ///
    /// # Errors
    /// [`Error::Diverged`] if the loss or the gradient is not finite, or the loss is a million
    /// times larger in size than any before it: no update is made, and the model is given back the
    /// parameters at which the loss was last sound. The error names the parameter or the row of the batch that made it so,
    /// where one did. Otherwise as [`Model::loss_gradient`].
    pub fn step<'x>(
        &mut self,
        model: &mut Model<S, T>,
        batch: impl Into<ArrayView2<'x, T>>,
        loss: &Loss<T>,
        factor: f64,
    ) -> Result<Step> {
        self.step_on(model, Samples::Rows(batch.into()), loss, factor)
    }

    /// [`Stepper::step`] on samples wherever they come from.
    ///
    /// # Errors
    /// As [`Stepper::step`]; what a source writes is not looked at.
    pub(super) fn step_on(
        &mut self,
        model: &mut Model<S, T>,
        samples: Samples<'_, T>,
        loss: &Loss<T>,
        factor: f64,
    ) -> Result<Step> {
        let pool = model.pool()?;
        let parameters = model.params();
        let state = &mut self.state;
        let step = model.with_loss_gradient(samples, loss, |loss, gradient, phases| {
            let clock = &mut Clock::start();
            let step = state.update(pool, parameters, loss, gradient, factor);
            state.phases = Phases {
                update: clock.lap(),
                ..phases
            };
            step
        })?;
        match step {
            Ok(step) => {
                model.exchange_params(&mut self.state.last_finite);
                self.state.steps += 1;
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

    /// Number of updates behind the parameters at which the loss was last found sound.
    #[must_use]
    pub fn last_finite_step(&self) -> u64 {
        self.state.steps.saturating_sub(1)
    }

    /// Gives the model back the parameters at which the loss was last found sound.
    pub fn restore(&self, model: &mut Model<S, T>) {
        model.params_mut().copy_from_slice(&self.state.last_finite);
    }
}

impl<T: Real> State<T> {
    /// Writes the parameters after an update along this gradient over the last finite ones, or tells what is not sound.
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

impl<S: Spec, T: Real> Clone for Stepper<S, T> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            spec: PhantomData,
        }
    }
}

impl<S: Spec, T: Real> fmt::Debug for Stepper<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stepper")
            .field("spec", &S::NAME)
            .field("state", &self.state)
            .finish()
    }
}
