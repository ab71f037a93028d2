//! What a checkpoint says about itself: one entry of the safetensors header, as JSON, with a hash over it and the tensors.

use std::collections::HashMap;

use safetensors::tensor::TensorView;
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::hash::content_hash;
use crate::data::Standardization;
use crate::program::CompiledSpec;

/// The header entry. One entry only, so that the same model gives the same bytes.
pub(super) const KEY: &str = "scorematch";

/// The one header entry of other libraries that says nothing about the parameters: PyTorch writes `format: pt`.
const FOREIGN: &str = "format";

/// The format that this version writes and reads.
const FORMAT: u64 = 1;

/// The entry's content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    /// [`FORMAT`].
    format: u64,
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
    /// [`Metadata::hash_of`].
    hash: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Units {
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Metadata {
    pub(super) fn new<T: Real>(
        compiled: &CompiledSpec<T>,
        standardization: Option<&Standardization>,
        step: u64,
        tensors: &[(&str, TensorView<'_>)],
    ) -> Self {
        let units = |s: &Standardization| Units {
            mean: s.mean().to_vec(),
            std: s.std().to_vec(),
        };
        let metadata = Self {
            format: FORMAT,
            spec: compiled.name.to_owned(),
            x_shape: compiled.x_shape.to_vec(),
            dtype: T::NAME.to_owned(),
            step,
            standardization: standardization.map(units),
            hash: String::new(),
        };
        metadata.signed(tensors)
    }

    /// The same content, with its hash over these tensors.
    pub(super) fn signed(mut self, tensors: &[(&str, TensorView<'_>)]) -> Self {
        self.hash = self.hash_of(tensors);
        self
    }

    /// The metadata of a file, checked against its tensors; `None` if the file has none of this library. The error says
    /// what is wrong.
    pub(super) fn read(
        header: Option<&HashMap<String, String>>,
        tensors: &[(&str, TensorView<'_>)],
    ) -> Result<Option<Self>, String> {
        let Some(header) = header else {
            return Ok(None);
        };
        let text = header.get(KEY);
        let known = |key: &&String| *key == KEY || (text.is_none() && *key == FOREIGN);
        if let Some(key) = header.keys().filter(|key| !known(key)).min() {
            return Err(format!(
                "its metadata has the entry {key:?}, which is not one that this library writes: the file is damaged, or \
                 another program added the entry. To load the tensors alone, save them without metadata"
            ));
        }
        let Some(text) = text else {
            return Ok(None);
        };
        let unreadable =
            |error: serde_json::Error| format!("its {KEY:?} metadata cannot be read: {error}");
        let any: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
        if let Some(found) = any.get("format").and_then(serde_json::Value::as_u64)
            && found > FORMAT
        {
            return Err(format!(
                "its {KEY:?} metadata is of format {found}; this version of the library reads format {FORMAT}: load it with \
                 a later one, or take another copy of the file if it is damaged"
            ));
        }
        let metadata: Self = serde_json::from_str(text).map_err(unreadable)?;
        if metadata.format != FORMAT || metadata.hash != metadata.hash_of(tensors) {
            return Err(
                "it was changed after it was saved: its hash is not that of its tensors and metadata. Take another copy of \
                 the file; to load tensors that were changed on purpose, save them without metadata"
                    .to_owned(),
            );
        }
        Ok(Some(metadata))
    }

    /// The hash of all but the hash itself.
    fn hash_of(&self, tensors: &[(&str, TensorView<'_>)]) -> String {
        let unsigned = Self {
            hash: String::new(),
            ..self.clone()
        };
        content_hash(&unsigned.to_json(), tensors)
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("names and finite numbers are JSON")
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
