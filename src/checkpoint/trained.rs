//! A model together with the units it was trained in: what a checkpoint holds.

use std::fmt;
use std::path::Path;

use ndarray::{Array1, Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use super::Names;
use super::instances;
use crate::data::Standardization;
use crate::error::Result;
use crate::model::{AnySpec, Model};
use crate::program::{CompiledSpec, Spec};
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

impl<T: Real> Trained<AnySpec, T> {
    /// [`load`], into a model of this spec.
    ///
    /// # Errors
    /// As [`load`].
    #[doc(hidden)]
    pub fn load_of(spec: CompiledSpec<T>, path: impl AsRef<Path>) -> Result<Self> {
        Self::read(Model::zeros_of(spec), path.as_ref(), &Names::new())
    }
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

    /// [`load`] from a file with other names, as a bare PyTorch `Sequential` has them.
    ///
    /// # Errors
    /// As [`load`]; [`Error::InvalidSetting`](crate::Error::InvalidSetting) for a rule that names no parameter, or two
    /// parameters alike.
    pub fn load_with(path: impl AsRef<Path>, names: &Names) -> Result<Self> {
        Self::read(Model::zeros(), path.as_ref(), names)
    }

    /// Reads a file into a model.
    fn read(mut model: Model<S, T>, path: &Path, names: &Names) -> Result<Self> {
        let (standardization, step) = instances::load(path, model.any_mut(), names)?;
        Ok(Trained {
            model,
            standardization,
            step,
        })
    }

    /// [`save`] under other names; the file is loaded with the same [`Names`].
    ///
    /// # Errors
    /// As [`save`] and [`Trained::load_with`].
    pub fn save_with(&self, path: impl AsRef<Path>, names: &Names) -> Result<()> {
        let units = self.standardization.as_ref();
        instances::save(path.as_ref(), self.model.any(), units, self.step, names)
    }
}

/// Saves the parameters, the units they were trained in and the number of updates behind them, with a hash over all of
/// it.
///
/// The file is a safetensors file: `safetensors.torch.load_file` gives a state dict with the same
/// names and shapes. It is written whole or not at all. Where a file stands at `path`, its permissions are kept; where a
/// symbolic link does, the file that it leads to is written.
///
/// # Errors
/// [`Error::Checkpoint`](crate::Error::Checkpoint) if a parameter is not finite, or is called `__metadata__`, which the
/// format reserves. [`Error::Io`](crate::Error::Io) if the file cannot be written (no such folder, no space, no
/// permission, no regular file). In all cases a file that stood at `path` is then still there, unchanged.
pub fn save<S: Spec, T: Real>(
    path: impl AsRef<Path>,
    model: &Model<S, T>,
    standardization: Option<&Standardization>,
    step: u64,
) -> Result<()> {
    let (path, names) = (path.as_ref(), Names::new());
    instances::save(path, model.any(), standardization, step, &names)
}

/// Loads a file that [`save`] or PyTorch wrote, or `model.safetensors` of the folder that is named, such as that of a run of
/// the command `scorematch train`; float16, bfloat16, float32 and float64 are converted to `T`.
///
/// What [`save`] wrote is checked against its hash: any change, of tensors or metadata, is an error. A file without
/// metadata, or with PyTorch's entry `format` alone, has no hash that could be checked; it is taken for a model in the
/// data's own units at step 0.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if the file cannot be read. [`Error::Checkpoint`](crate::Error::Checkpoint) if it is
/// cut short or no safetensors file, was changed after it was saved, has metadata that this library does not write,
/// belongs to another model, lacks a parameter or has one too many, has one of another shape or type, or holds a value
/// that is not finite in `T`.
pub fn load<S: Spec, T: Real>(path: impl AsRef<Path>) -> Result<Trained<S, T>> {
    Trained::load_with(path, &Names::new())
}
