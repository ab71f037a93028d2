//! Programs on an NVIDIA GPU: found, compiled, launched.
//!
//! Enters: a program's CUDA C and a batch on the host. Leaves: its outputs or sums on the host. Must hold: nothing of
//! the driver's library is called before it is known to be there, because the bindings panic where it is not; and a
//! launch has a shape that depends on the program, the batch and the device alone, so that results are the same bits
//! each time.

mod buffers;
mod cache;
mod compile;
mod doctor;
#[cfg(feature = "nccl")]
mod ending;
mod gpu;
#[cfg(feature = "nccl")]
mod joint;
mod kernel;
mod launch;
mod library;
#[cfg(feature = "nccl")]
mod nccl;
mod rank;
mod run;
mod training;

pub(crate) use cache::check_cache;
pub use doctor::{Finding, findings};
pub(crate) use gpu::Gpu;
#[cfg(feature = "nccl")]
pub(crate) use joint::open;
pub(crate) use run::run;
pub(crate) use training::{Record, Rule, Setting, Step, TrainingRun};
