//! A model together with the units it was trained in: what a checkpoint holds.

use std::fmt;

use ndarray::{Array1, Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use crate::data::Standardization;
use crate::error::Result;
use crate::model::Model;
use crate::program::Spec;
use crate::sample::Samples;

/// A trained model. Its own methods ([`Trained::energy`], [`Trained::score`]) take and give the
/// data's own units, those of [`Trained::model`] the units of training.
#[non_exhaustive]
pub struct Trained<S: Spec, T: Real = f32> {
    /// The model, in the units of training.
    pub model: Model<S, T>,
    /// Those units; `None` if it was trained in the data's own.
    pub standardization: Option<Standardization>,
    /// Number of updates behind the parameters.
    pub step: u64,
}

impl<S: Spec, T: Real> Clone for Trained<S, T> {
    fn clone(&self) -> Self {
        Self {
            model: self.model.clone(),
            standardization: self.standardization.clone(),
            step: self.step,
        }
    }
}

impl<S: Spec, T: Real> fmt::Debug for Trained<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trained")
            .field("model", &self.model)
            .field("standardization", &self.standardization)
            .field("step", &self.step)
            .finish()
    }
}

impl<S: Spec, T: Real> Trained<S, T> {
    /// A model, the units it was trained in (`None` for those of the data), and the number of updates behind it: after a
    /// fit [`Report::standardization`](crate::train::Report::standardization) and
    /// [`Report::kept`](crate::train::Report::kept).
    #[must_use]
    pub fn new(model: Model<S, T>, standardization: Option<Standardization>, step: u64) -> Self {
        Self {
            model,
            standardization,
            step,
        }
    }

    /// E(x) of `[B, D]` samples in data units, `[B]`, with p(x) ∝ exp(−E(x)) there: E(z) + Σ log
    /// std.
    ///
    /// # Errors
    /// As [`Model::energy`].
    pub fn energy<'x>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array1<T>> {
        match &self.standardization {
            None => self.model.energy(x),
            Some(units) => {
                let energy = self.model.energy(&units.apply(x)?)?;
                Ok(energy + T::of(units.energy_shift()))
            }
        }
    }

    /// −∇ₓE of `[B, D]` samples in data units, `[B, D]`, in one over data units.
    ///
    /// # Errors
    /// As [`Model::score`].
    pub fn score<'x>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array2<T>> {
        match &self.standardization {
            None => self.model.score(x),
            Some(units) => {
                let score = self.model.score(&units.apply(x)?)?;
                units.score_in_data_units(&score)
            }
        }
    }

    /// [`Model::sample`] in data units: chains that start at the rows of `[chains, D]` and end at samples of the data's
    /// density as the model has it. The step size is one in the units of training, whatever those of the data are.
    ///
    /// # Errors
    /// As [`Model::sample`].
    pub fn sample<'x>(
        &self,
        start: impl Into<ArrayView2<'x, T>>,
        step_size: f64,
        steps: u64,
        seed: u64,
    ) -> Result<Samples<T>> {
        let Some(units) = &self.standardization else {
            return self.model.sample(start, step_size, steps, seed);
        };
        let start = units.apply(start)?;
        let samples = self.model.sample(&start, step_size, steps, seed)?;
        Ok(Samples {
            positions: units.invert(&samples.positions)?,
            ..samples
        })
    }
}
