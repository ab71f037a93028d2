//! Training steps that the caller controls.

use std::fmt;
use std::marker::PhantomData;

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;

use super::Optimizer;
use super::instances;
use super::stepping::{Step, Stepping};
use crate::backend::{Phases, Samples};
use crate::error::Result;
use crate::model::Model;
use crate::objective::Loss;
use crate::program::Spec;

/// An optimizer for one model. A trainer calls it for every batch; call it directly to train with your own batches and
/// directions.
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
/// The spec is part of the type, so a stepper cannot be used on a model of another spec:
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
    stepping: Stepping<T>,
    spec: PhantomData<fn() -> S>,
}

impl<S: Spec, T: Real> Stepper<S, T> {
    /// A stepper for models of this spec, at step 0.
    ///
    /// # Errors
    /// A setting of the optimizer is out of its range.
    pub fn new(model: &Model<S, T>, optimizer: impl Into<Optimizer>) -> Result<Self> {
        Ok(Self {
            stepping: Stepping::new(model.params(), optimizer.into())?,
            spec: PhantomData,
        })
    }

    /// Scales every gradient of a larger norm down to this norm.
    ///
    /// # Errors
    /// The norm is not positive and finite.
    pub fn clip(mut self, norm: f64) -> Result<Self> {
        self.stepping.clip(norm)?;
        Ok(self)
    }

    /// Keeps a moving average of the parameters: mean ← decay·mean + (1 − decay)·θ after every update. It starts from
    /// the current parameters.
    ///
    /// # Errors
    /// The decay is outside [0, 1).
    pub fn ema(mut self, decay: f64) -> Result<Self> {
        self.stepping.ema(decay)?;
        Ok(self)
    }

    /// The times of the phases of the last step; all zero before the first step and on a GPU.
    #[must_use]
    pub fn phases(&self) -> Phases {
        self.stepping.phases()
    }

    /// Number of updates.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.stepping.steps()
    }

    /// The moving average of the parameters, if one is kept, in the order of [`Model::params`].
    #[must_use]
    pub fn averaged(&self) -> Option<&[T]> {
        self.stepping.averaged()
    }

    /// Computes the loss of `[B, D]` samples and makes one update at `factor` times the optimizer's learning rate.
    ///
    /// # Errors
    /// [`Error::Diverged`](crate::Error::Diverged) if the loss or the gradient is not finite, or if the loss is a
    /// million times larger in size than any before it. In this case no update is made, and the model is reset to the
    /// last finite parameters. The error names the parameter or the row of the batch that is the cause, if there is
    /// one. Otherwise as [`Model::loss_gradient`].
    pub fn step<'x>(
        &mut self,
        model: &mut Model<S, T>,
        batch: impl Into<ArrayView2<'x, T>>,
        loss: &Loss<T>,
        factor: f64,
    ) -> Result<Step> {
        let samples = Samples::Rows(batch.into());
        instances::step(&mut self.stepping, model.any_mut(), samples, loss, factor)
    }

    /// Number of updates that produced the last finite parameters, at which the loss was last computed without
    /// divergence.
    #[must_use]
    pub fn last_finite_step(&self) -> u64 {
        self.stepping.last_finite_step()
    }

    /// Resets the model to the last finite parameters.
    pub fn restore(&self, model: &mut Model<S, T>) {
        self.stepping.restore(model.any_mut());
    }
}

impl<S: Spec, T: Real> Clone for Stepper<S, T> {
    fn clone(&self) -> Self {
        Self {
            stepping: self.stepping.clone(),
            spec: PhantomData,
        }
    }
}

impl<S: Spec, T: Real> fmt::Debug for Stepper<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stepper")
            .field("spec", &S::NAME)
            .field("state", &self.stepping)
            .finish()
    }
}
