//! The file format: parameters as little-endian tensors by name, and the metadata.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::{SafeTensorError, SafeTensors, TensorView};
use scorematch_kernels::simd::Real;

use super::metadata::{KEY, Metadata};
use super::tensor::{self, dtype, to_bytes};
use super::{Names, Trained};
use crate::data::Standardization;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::{ParamInfo, Spec};
use crate::whole_file::write_whole;

/// A name that safetensors keeps for itself.
const RESERVED: &str = "__metadata__";

/// Saves the parameters, the units they were trained in and the number of updates behind them, with a hash over all of it.
///
/// The file is a safetensors file: `safetensors.torch.load_file` gives a state dict with the same
/// names and shapes. It is written whole or not at all. Where a file stands at `path`, its permissions are kept; where a
/// symbolic link does, the file that it leads to is written.
///
/// # Errors
/// [`Error::Checkpoint`] if a parameter is not finite, or is called `__metadata__`, which the format reserves.
/// [`Error::Io`] if the file cannot be written (no such folder, no space, no permission, no regular file). In all cases a
/// file that stood at `path` is then still there, unchanged.
pub fn save<S: Spec, T: Real>(
    path: impl AsRef<Path>,
    model: &Model<S, T>,
    standardization: Option<&Standardization>,
    step: u64,
) -> Result<()> {
    save_with(path.as_ref(), model, standardization, step, &Names::new())
}

/// [`save`] under other names.
pub(super) fn save_with<S: Spec, T: Real>(
    path: &Path,
    model: &Model<S, T>,
    standardization: Option<&Standardization>,
    step: u64,
    names: &Names,
) -> Result<()> {
    let names = names.of::<S>()?;
    let (dtype, parameters) = (dtype::<T>(), model.params());
    for (info, name) in S::PARAMS.iter().zip(&names) {
        check_parameter(name, &parameters[range(info)]).map_err(|message| broken(path, message))?;
    }
    let bytes: Vec<Vec<u8>> = S::PARAMS
        .iter()
        .map(|info| to_bytes(&parameters[range(info)]))
        .collect();
    let tensors = S::PARAMS.iter().zip(&names).zip(&bytes);
    let tensors = tensors.map(|((info, name), bytes)| {
        let view = TensorView::new(dtype, info.shape.to_vec(), bytes);
        (
            &name[..],
            view.expect("a parameter has the bytes of its shape"),
        )
    });
    let tensors: Vec<_> = tensors.collect();
    let metadata = Metadata::new::<S, T>(standardization, step, &tensors).to_json();
    let header = HashMap::from([(KEY.to_owned(), metadata)]);
    let bytes = safetensors::serialize(tensors, Some(header))
        .map_err(|error| broken(path, error.to_string()))?;
    write_whole(path, &bytes)
}

/// Loads a file that [`save`] or PyTorch wrote; float16, bfloat16, float32 and float64 are converted to `T`.
///
/// What [`save`] wrote is checked against its hash: any change, of tensors or metadata, is an error. A file without
/// metadata, or with PyTorch's entry `format` alone, has no hash that could be checked; it is taken for a model in the data's
/// own units at step 0.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read. [`Error::Checkpoint`] if it is cut short or no
/// safetensors file, was changed after it was saved, has metadata that this library does not write, belongs to another
/// model, lacks a parameter or has one too many, has one of another shape or type, or holds a value that is not finite in
/// `T`.
pub fn load<S: Spec, T: Real>(path: impl AsRef<Path>) -> Result<Trained<S, T>> {
    load_with(path.as_ref(), &Names::new())
}

/// [`load`] from other names.
pub(super) fn load_with<S: Spec, T: Real>(path: &Path, names: &Names) -> Result<Trained<S, T>> {
    let names = names.of::<S>()?;
    let bytes = fs::read(path).map_err(|error| Error::io(path, error))?;
    let (_, header) =
        SafeTensors::read_metadata(&bytes).map_err(|error| unreadable(path, bytes.len(), error))?;
    let tensors =
        SafeTensors::deserialize(&bytes).map_err(|error| unreadable(path, bytes.len(), error))?;
    let views: Vec<_> = tensors.iter().collect();
    let metadata = Metadata::read(header.metadata().as_ref(), &views)
        .map_err(|message| broken(path, message))?;
    let (standardization, step) = match metadata {
        None => (None, 0),
        Some(metadata) => {
            check_model::<S>(path, &metadata)?;
            (
                metadata
                    .standardization(S::DIM)
                    .map_err(|message| broken(path, message))?,
                metadata.step,
            )
        }
    };
    check_names::<S>(path, &tensors, &names)?;
    let mut model = Model::<S, T>::zeros();
    for (info, name) in S::PARAMS.iter().zip(&names) {
        let tensor = tensors
            .tensor(name)
            .map_err(|error| broken(path, error.to_string()))?;
        let values = values(&tensor, name, info.shape).map_err(|message| broken(path, message))?;
        model.params_mut()[range(info)].copy_from_slice(&values);
    }
    Ok(Trained {
        model,
        standardization,
        step,
    })
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
        load_with(path.as_ref(), names)
    }

    /// [`save`] under other names; the file is loaded with the same [`Names`].
    ///
    /// # Errors
    /// As [`save`] and [`Trained::load_with`].
    pub fn save_with(&self, path: impl AsRef<Path>, names: &Names) -> Result<()> {
        let units = self.standardization.as_ref();
        save_with(path.as_ref(), &self.model, units, self.step, names)
    }
}

/// That a parameter can be saved; the error says why not.
fn check_parameter<T: Real>(name: &str, values: &[T]) -> Result<(), String> {
    if name == RESERVED {
        return Err(format!(
            "a parameter is called {name:?}, which the file format reserves: rename it in the model's declaration"
        ));
    }
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => Err(format!(
            "entry {place} of {name:?} is {}, and a model with such a parameter is not saved: save one from before the \
             training diverged",
            values[place].to_f64()
        )),
    }
}

fn check_model<S: Spec>(path: &Path, metadata: &Metadata) -> Result<()> {
    if metadata.spec == S::NAME && metadata.x_shape == S::X_SHAPE {
        return Ok(());
    }
    let Metadata { spec, x_shape, .. } = metadata;
    let (name, shape) = (S::NAME, S::X_SHAPE);
    Err(broken(
        path,
        format!(
            "it holds the model {spec}(x: {x_shape:?}); it was to be loaded as {name}(x: {shape:?})"
        ),
    ))
}

fn check_names<S: Spec>(path: &Path, tensors: &SafeTensors<'_>, names: &[String]) -> Result<()> {
    let mut there = tensors.names();
    there.sort_unstable();
    let missing: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !there.contains(name))
        .collect();
    let unknown: Vec<&str> = there
        .iter()
        .copied()
        .filter(|there| names.iter().all(|name| name != there))
        .collect();
    if missing.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    let list = |what, names: &[&str]| match names {
        [] => String::new(),
        names => format!("; {what} {}", names.join(", ")),
    };
    Err(broken(
        path,
        format!(
            "its tensors are not the parameters of {}{}{}",
            S::NAME,
            list("missing:", &missing),
            list("not of this model:", &unknown)
        ),
    ))
}

/// The values of one parameter; the error says what is wrong with the tensor.
fn values<T: Real>(tensor: &TensorView<'_>, name: &str, shape: &[usize]) -> Result<Vec<T>, String> {
    if tensor.shape() != shape {
        return Err(format!(
            "{name:?} has shape {:?}; the model's has {shape:?}",
            tensor.shape()
        ));
    }
    let values: Vec<T> = tensor::values(tensor).map_err(|message| format!("{name:?} {message}"))?;
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(place) => Err(format!(
            "entry {place} of {name:?} is not a finite {}",
            T::NAME
        )),
    }
}

fn range(info: &ParamInfo) -> std::ops::Range<usize> {
    info.offset..info.offset + info.len()
}

fn broken(path: &Path, message: String) -> Error {
    Error::Checkpoint {
        path: path.to_owned(),
        message,
    }
}

/// What the file is instead of a whole safetensors file.
fn unreadable(path: &Path, length: usize, error: SafeTensorError) -> Error {
    let message = match error {
        SafeTensorError::HeaderTooSmall
        | SafeTensorError::InvalidHeaderLength
        | SafeTensorError::MetadataIncompleteBuffer => {
            format!(
                "it is cut short or no safetensors file: {length} bytes do not hold what its \
                 header announces"
            )
        }
        error => format!("it is no safetensors file: {error}"),
    };
    broken(path, message)
}
