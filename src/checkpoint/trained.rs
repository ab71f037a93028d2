//! A model together with the units it was trained in: what a checkpoint holds.

use std::path::Path;

use ndarray::{Array1, Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use super::{load, save};
use crate::data::Standardization;
use crate::error::Result;
use crate::model::Model;
use crate::program::Spec;

/// A trained model. Its own methods ([`Trained::energy`], [`Trained::score`]) take and give the
/// data's own units, those of [`Trained::model`] the units of training.
#[derive(Clone, Debug)]
pub struct Trained<S: Spec, T: Real> {
    /// The model, in the units of training.
    pub model: Model<S, T>,
    /// Those units; `None` if it was trained in the data's own.
    pub standardization: Option<Standardization>,
    /// Number of updates behind the parameters.
    pub step: u64,
}

impl<S: Spec, T: Real> Trained<S, T> {
    /// [`load`].
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        load(path)
    }

    /// [`save`].
    ///
    /// # Errors
    /// As [`save`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save(path, &self.model, self.standardization.as_ref(), self.step)
    }

    /// E(x) of `[B, D]` samples in data units, `[B]`, with p(x) ∝ exp(−E(x)) there: E(z) + Σ log
    /// std.
    ///
    /// # Errors
    /// As [`Model::energy`].
    pub fn energy(&self, x: ArrayView2<T>) -> Result<Array1<T>> {
        match &self.standardization {
            None => self.model.energy(x),
            Some(units) => {
                let energy = self.model.energy(units.apply(x)?.view())?;
                Ok(energy + T::of(units.energy_shift()))
            }
        }
    }

    /// −∇ₓE of `[B, D]` samples in data units, `[B, D]`, in one over data units.
    ///
    /// # Errors
    /// As [`Model::score`].
    pub fn score(&self, x: ArrayView2<T>) -> Result<Array2<T>> {
        match &self.standardization {
            None => self.model.score(x),
            Some(units) => {
                let score = self.model.score(units.apply(x)?.view())?;
                units.score_in_data_units(score.view())
            }
        }
    }
}
