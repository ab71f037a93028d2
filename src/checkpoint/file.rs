//! The file format: parameters as little-endian tensors by name, and the metadata.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::{SafeTensorError, SafeTensors, TensorView};
use scorematch_kernels::simd::Real;

use super::Names;
use super::metadata::{KEY, Metadata};
use super::tensor::{self, dtype};
use crate::bytes::to_bytes;
use crate::data::Standardization;
use crate::error::{Error, Result};
use crate::model::AnyModel;
use crate::program::{CompiledSpec, ParamInfo};
use crate::whole_file::write_whole;

/// A name that safetensors keeps for itself.
const RESERVED: &str = "__metadata__";

/// Saves a model under these names. See [`save`](super::save).
pub(crate) fn write<T: Real>(
    path: &Path,
    model: &AnyModel<T>,
    standardization: Option<&Standardization>,
    step: u64,
    names: &Names,
) -> Result<()> {
    let spec = model.spec();
    let names = names.of(spec.name, spec.params)?;
    let (dtype, parameters) = (dtype::<T>(), model.params());
    for (info, name) in spec.params.iter().zip(&names) {
        check_parameter(name, &parameters[range(info)]).map_err(|message| broken(path, message))?;
    }
    let bytes: Vec<Vec<u8>> = spec
        .params
        .iter()
        .map(|info| to_bytes(&parameters[range(info)]))
        .collect();
    let tensors = spec.params.iter().zip(&names).zip(&bytes);
    let tensors = tensors.map(|((info, name), bytes)| {
        let view = TensorView::new(dtype, info.shape.to_vec(), bytes);
        (
            &name[..],
            view.expect("a parameter has the bytes of its shape"),
        )
    });
    let tensors: Vec<_> = tensors.collect();
    let metadata = Metadata::new(spec, standardization, step, &tensors).to_json();
    let header = HashMap::from([(KEY.to_owned(), metadata)]);
    let bytes = safetensors::serialize(tensors, Some(header))
        .map_err(|error| broken(path, error.to_string()))?;
    write_whole(path, &bytes)
}

/// The file of the parameters in the folder of a run.
const IN_RUN: &str = "model.safetensors";

/// Reads a file, or the file in the folder of a run, with these names into a model: its parameters. The units and the step
/// are given back. See [`load`](super::load).
pub(super) fn read<T: Real>(
    path: &Path,
    model: &mut AnyModel<T>,
    names: &Names,
) -> Result<(Option<Standardization>, u64)> {
    let in_run = path.join(IN_RUN);
    let path = if path.is_dir() { &in_run } else { path };
    let spec = *model.spec();
    let names = names.of(spec.name, spec.params)?;
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
            check_model(path, &spec, &metadata)?;
            (
                metadata
                    .standardization(spec.dim)
                    .map_err(|message| broken(path, message))?,
                metadata.step,
            )
        }
    };
    check_names(path, spec.name, &tensors, &names)?;
    for (info, name) in spec.params.iter().zip(&names) {
        let tensor = tensors
            .tensor(name)
            .map_err(|error| broken(path, error.to_string()))?;
        let values = values(&tensor, name, info.shape).map_err(|message| broken(path, message))?;
        model.params_mut()[range(info)].copy_from_slice(&values);
    }
    Ok((standardization, step))
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

fn check_model<T>(path: &Path, compiled: &CompiledSpec<T>, metadata: &Metadata) -> Result<()> {
    let (name, shape) = (compiled.name, compiled.x_shape);
    if metadata.spec == name && metadata.x_shape == shape {
        return Ok(());
    }
    let Metadata { spec, x_shape, .. } = metadata;
    Err(broken(
        path,
        format!(
            "it holds the model {spec}(x: {x_shape:?}); it was to be loaded as {name}(x: {shape:?})"
        ),
    ))
}

fn check_names(
    path: &Path,
    model: &str,
    tensors: &SafeTensors<'_>,
    names: &[String],
) -> Result<()> {
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
            "its tensors are not the parameters of {model}{}{}",
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
