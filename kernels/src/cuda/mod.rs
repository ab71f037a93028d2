//! CUDA C that depends on no model, as text. `cuda/README.md` says what each file is for.
//!
//! The runtime puts [`PROGRAM`] before an emitted program, and [`TRAINING`] too where it trains. [`STEP_EPILOGUE`] is a
//! kernel by itself.

mod sources;

pub use sources::{PROGRAM, STEP_EPILOGUE, Source, TRAINING, text};

/// The machine code of [`STEP_EPILOGUE`] for some architectures, and PTX for later ones. Empty where no nvcc compiled
/// it with the crate.
#[cfg(feature = "nccl")]
pub const STEP_EPILOGUE_AHEAD: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/step_epilogue.fatbin"));
