//! The file of a state: arrays as tensors by name, and the header as one metadata entry behind a hash over all of it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::{Header, State, broken};
use crate::backend::StepState;
use crate::bytes::to_bytes;
use crate::checkpoint::{content_hash, dtype, tensor_values};
use crate::error::{Error, Result};
use crate::train::stopping::Best;
use crate::whole_file::write_whole;

/// The metadata entry.
const KEY: &str = "scorematch_run";
/// The format that this version writes and reads.
const FORMAT: u64 = 1;

const PARAMS: &str = "parameters";
const LAST_FINITE: &str = "last_finite";
const FIRST: &str = "first";
const SECOND: &str = "second";
const MEAN: &str = "mean";
const BEST: &str = "best.parameters";
const BEST_LOSSES: &str = "best.losses";

/// The metadata entry's content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    format: u64,
    header: Header,
}

/// Hexadecimal digits of the hash, which stand before the entry's content.
const HASH: usize = 32;

/// Writes a state, whole or not at all.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written; the old file is then unchanged.
pub(in crate::train) fn write<T: Real>(path: &Path, state: &State<T>) -> Result<()> {
    let bytes = encode(state).map_err(|message| broken(path, message))?;
    write_whole(path, &bytes)
}

/// Reads a state.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Checkpoint`] if it is damaged or not the state of a run.
pub(in crate::train) fn read<T: Real>(path: &Path) -> Result<State<T>> {
    let bytes = fs::read(path).map_err(|error| Error::io(path, error))?;
    decode(&bytes).map_err(|message| broken(path, message))
}

fn encode<T: Real>(state: &State<T>) -> Result<Vec<u8>, String> {
    let StepState {
        params,
        last_finite,
        first,
        second,
        mean,
        largest_loss: _,
    } = &state.steps;
    let mut arrays: Vec<(&str, Dtype, Vec<u8>)> = Vec::new();
    let scalars = [
        (PARAMS, Some(&params[..])),
        (LAST_FINITE, Some(&last_finite[..])),
        (FIRST, Some(&first[..])),
        (SECOND, Some(&second[..])),
        (MEAN, mean.as_deref()),
        (BEST, state.best.parameters()),
    ];
    for (name, values) in scalars {
        if let Some(values) = values {
            arrays.push((name, dtype::<T>(), to_bytes(values)));
        }
    }
    if let Some(losses) = state.best.units() {
        arrays.push((BEST_LOSSES, Dtype::F64, to_bytes(losses)));
    }
    let views: Vec<(&str, TensorView<'_>)> = arrays
        .iter()
        .map(|(name, dtype, bytes)| {
            let count = bytes.len() * 8 / dtype.bitsize();
            let view = TensorView::new(*dtype, vec![count], bytes);
            view.map(|view| (*name, view))
                .map_err(|error| error.to_string())
        })
        .collect::<Result<_, _>>()?;
    let entry = Entry {
        format: FORMAT,
        header: state.header.clone(),
    };
    let text = serde_json::to_string(&entry).map_err(|error| error.to_string())?;
    let hash = content_hash(&text, &views);
    let metadata = HashMap::from([(KEY.to_owned(), hash + &text)]);
    safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())
}

fn decode<T: Real>(bytes: &[u8]) -> Result<State<T>, String> {
    const FOREIGN: &str = "it is not the state of a run, or it is damaged: name the file that `Trainer::save_state` wrote";
    let unreadable = |error: safetensors::SafeTensorError| format!("{FOREIGN} ({error})");
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(unreadable)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(unreadable)?;
    let text = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
    let text = text.ok_or_else(|| FOREIGN.to_owned())?;
    let (hash, text) = text
        .split_at_checked(HASH)
        .ok_or_else(|| FOREIGN.to_owned())?;
    if content_hash(text, &tensors.iter().collect::<Vec<_>>()) != hash {
        return Err(
            "it was changed after it was saved: its hash is not that of its content. Take another copy of the file"
                .to_owned(),
        );
    }
    let unreadable = |error: serde_json::Error| format!("{FOREIGN} ({error})");
    let any: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
    if let Some(found) = any.get("format").and_then(serde_json::Value::as_u64)
        && found != FORMAT
    {
        return Err(format!(
            "it is of format {found}; this version of the library reads format {FORMAT}: resume with the version that wrote \
             it"
        ));
    }
    let entry: Entry = serde_json::from_str(text).map_err(unreadable)?;
    let values = |name: &str| -> Result<Option<Vec<T>>, String> {
        match tensors.tensor(name) {
            Ok(tensor) => Ok(Some(tensor_values(&tensor)?)),
            Err(_) => Ok(None),
        }
    };
    let needed = |name: &str| values(name)?.ok_or_else(|| format!("it has no {name:?}"));
    let units: Option<Vec<f64>> = match tensors.tensor(BEST_LOSSES) {
        Ok(tensor) => Some(tensor_values(&tensor)?),
        Err(_) => None,
    };
    let header = entry.header;
    Ok(State {
        steps: StepState {
            params: needed(PARAMS)?,
            last_finite: needed(LAST_FINITE)?,
            first: needed(FIRST)?,
            second: needed(SECOND)?,
            mean: values(MEAN)?,
            largest_loss: header.largest_loss,
        },
        best: Best::of(header.best.clone(), values(BEST)?, units),
        header,
    })
}
