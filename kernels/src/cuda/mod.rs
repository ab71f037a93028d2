//! CUDA C that depends on no model, as text. `cuda/README.md` says what each file is for.
//!
//! The runtime puts [`PROGRAM`] before an emitted program, and [`TRAINING`] too where it trains. [`ENDING`] is a kernel by
//! itself.

mod sources;

pub use sources::{ENDING, PROGRAM, Source, TRAINING, text};

/// The machine code of [`ENDING`] for some architectures, and PTX for later ones. Empty where no nvcc compiled it with the
/// crate.
#[cfg(feature = "nccl")]
pub const ENDING_AHEAD: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ending.fatbin"));
