//! Energy-based models by score matching, compiled.
//!
//! [`energy!`] compiles a declared energy to a [`Model`]; [`train`] fits it to data. [`prelude`] has what most programs name.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `csv` | tables of numbers from CSV files, in [`data`] |
//! | `datasets` | two real data sets, carried inside the library |
//! | `progress` | a progress bar while a model trains |
//! | `cuda` | training on an NVIDIA GPU |
//! | `nccl` | training on several GPUs of one machine |
//!
//! None is on by default. The command line is a crate of its own, `scorematch-cli`.

pub mod checkpoint;
pub mod data;
pub mod diagnostics;
pub mod prelude;
pub mod sample;
pub mod train;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "cuda")]
pub mod cuda;
mod device;
mod directions;
mod engine;
mod error;
mod loss;
mod model;
mod program;
mod setting;
mod statements;
#[cfg(test)]
mod testing;
mod whole_file;

pub use device::{Device, DeviceError};
pub use directions::{Directions, Draw};
pub use error::{Error, Result};
pub use loss::{Loss, Noise, Slices};
pub use model::{Curvature, Model};
pub use program::{Init, ParamInfo, Spec};
#[doc(inline)]
pub use scorematch_kernels::simd::{Form, FormError, Real};
pub use scorematch_macros::energy;

// Code that the compiler emits names the crate from outside, also inside the crate itself.
#[cfg(test)]
extern crate self as scorematch;
