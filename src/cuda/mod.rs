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

/// The sources that every program follows, in order.
const KERNELS: [&str; 6] = [
    include_str!("../../kernels/device.cuh"),
    include_str!("../../kernels/team.cuh"),
    include_str!("../../kernels/functions.cuh"),
    include_str!("../../kernels/product.cuh"),
    include_str!("../../kernels/lq.cuh"),
    include_str!("../../kernels/tile.cuh"),
];

/// What training adds to them.
const TRAINING: [&str; 3] = [
    include_str!("../../kernels/random.cuh"),
    include_str!("../../kernels/directions.cuh"),
    include_str!("../../kernels/train.cuh"),
];
