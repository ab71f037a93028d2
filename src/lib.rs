//! Energy-based models by score matching, compiled.

// Code that the compiler emits names the crate from outside, also inside the crate itself.
extern crate self as scorematch;

pub mod checkpoint;
pub mod data;
pub mod diagnostics;
pub mod panel;
pub mod program;
#[doc(hidden)]
pub mod rt;
pub mod sample;
pub mod simd;
pub mod team;
pub mod train;
#[cfg(feature = "cli")]
pub mod zoo;

#[cfg(feature = "cuda")]
pub mod cuda;
mod device;
mod directions;
mod engine;
mod error;
mod loss;
mod model;
mod setting;
#[cfg(test)]
mod testing;
#[doc(hidden)]
pub mod whole_file;

pub use device::{Device, DeviceError};
pub use directions::{Directions, Draw};
pub use error::{Error, Result};
pub use loss::{Loss, Noise, Slices};
pub use model::{Curvature, Model};
pub use program::{Init, ParamInfo, Spec};
pub use scorematch_macros::energy;
#[doc(hidden)]
pub use setting::check_environment;
pub use simd::{Form, Real};
