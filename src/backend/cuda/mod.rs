//! Programs on an NVIDIA GPU: found, compiled, launched.
//!
//! Enters: a program's CUDA C and a batch on the host. Leaves: its outputs or sums on the host. Must hold: nothing of
//! the driver's library is called before it is known to be there, because the bindings panic where it is not; and a
//! launch has a shape that depends on the program, the batch and the device alone, so that results are the same bits
//! each time.

mod arguments;
mod buffers;
mod cache;
mod compile;
#[cfg_attr(not(feature = "nccl"), path = "alone.rs")]
mod device_group;
mod doctor;
mod gpu;
mod gpus;
mod kernel;
mod launch;
mod library;
#[cfg(feature = "nccl")]
mod nccl;
mod rank;
mod rules;
mod run;
#[cfg(feature = "nccl")]
mod step_epilogue;
mod training;

use std::sync::Arc;

use super::seam::Place;
use crate::error::{DeviceError, Result};

pub use doctor::{Finding, findings};
use gpus::Cuda;

/// The GPUs of these numbers, at least one.
///
/// # Errors
/// What this build or the machine lacks.
pub(crate) fn open(indices: &[usize]) -> Result<Arc<dyn Place>, DeviceError> {
    Ok(Arc::new(Cuda(match indices {
        [index] => vec![Arc::new(gpu::Gpu::open(*index)?)],
        _ => device_group::open(indices)?,
    })))
}

/// That the environment variables of the backend hold what they may.
///
/// # Errors
/// The first that does not.
pub(crate) fn check_environment() -> Result<()> {
    cache::check_cache()
}
