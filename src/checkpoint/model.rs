//! Saving and loading, on the model itself.

use std::path::Path;

use super::{Trained, load, save};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;
use scorematch_kernels::simd::Real;

impl<S: Spec, T: Real> Model<S, T> {
    /// Saves the parameters as a safetensors file that PyTorch reads. A model that was trained in units of its own is
    /// saved with them by [`Trainer::checkpoint`](crate::train::Trainer::checkpoint) or [`Trained::save`].
    ///
    /// # Errors
    /// As [`checkpoint::save`](save).
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save(path, self, None, 0)
    }

    /// The model in a file that [`Model::save`], [`Trainer::checkpoint`](crate::train::Trainer::checkpoint) or PyTorch
    /// wrote.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] for a file with the units of a standardized training, which a model alone would lose:
    /// [`Trained::load`] reads it. Otherwise as [`checkpoint::load`](load).
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let Trained {
            model,
            standardization,
            ..
        } = load(path)?;
        match standardization {
            None => Ok(model),
            Some(_) => Err(Error::Checkpoint {
                path: path.to_owned(),
                message: "the model was trained on standardized data, and its energies and scores are those of z = (x − \
                          mean) / std: load it with `Trained::load`, which has the means and deviations"
                    .to_owned(),
            }),
        }
    }
}
