//! What a checkpoint says about itself: one entry of the safetensors header, as JSON.

use serde::{Deserialize, Serialize};

use crate::data::Standardization;
use crate::program::Spec;
use crate::simd::Real;

/// The header entry. One entry only, so that the same model gives the same bytes.
pub(super) const KEY: &str = "scorematch";

/// The entry's content.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Metadata {
    /// The declared name of the model.
    pub(super) spec: String,
    /// The declared shape of its input.
    pub(super) x_shape: Vec<usize>,
    /// `f32` or `f64`.
    pub(super) dtype: String,
    /// Number of updates behind the parameters.
    pub(super) step: u64,
    /// The units that the model was trained in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    standardization: Option<Units>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Units {
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Metadata {
    pub(super) fn new<S: Spec, T: Real>(
        standardization: Option<&Standardization>,
        step: u64,
    ) -> Self {
        let units = |s: &Standardization| Units {
            mean: s.mean().to_vec(),
            std: s.std().to_vec(),
        };
        Self {
            spec: S::NAME.to_owned(),
            x_shape: S::X_SHAPE.to_vec(),
            dtype: T::NAME.to_owned(),
            step,
            standardization: standardization.map(units),
        }
    }

    /// The units, if the file has any; the inner `Err` says why they cannot be used.
    pub(super) fn standardization(&self, dim: usize) -> Result<Option<Standardization>, String> {
        let Some(units) = &self.standardization else {
            return Ok(None);
        };
        if units.mean.len() != dim {
            return Err(format!(
                "its standardization has {} columns; the model has {dim}",
                units.mean.len()
            ));
        }
        match Standardization::new(units.mean.clone(), units.std.clone()) {
            Some(standardization) => Ok(Some(standardization)),
            None => Err(
                "its standardization is damaged: deviations must be positive, one for each mean"
                    .to_owned(),
            ),
        }
    }
}
