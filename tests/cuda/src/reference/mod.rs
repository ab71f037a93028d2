//! The reference that fused kernels are checked and timed against: the same plan, its products by cuBLAS, the steps between
//! them kernels over the whole batch, all of it a graph that is launched as one.
//!
//! Enters: what the compiler emits for it, and a batch on the host. Leaves: results on the host. Must hold: a library is
//! known to be there before it is called, because the bindings panic where it is not; and a batch's buffers live as
//! long as the graph that works on them.

mod batch;
mod blas;
mod ceilings;
mod compile;
mod gpu;
mod run;
mod training;

pub use batch::Batch;
pub use ceilings::{Ceilings, ROUNDS};
pub use compile::Module;
pub use gpu::Gpu;
pub use run::Run;
pub use training::Training;

use std::fmt::Display;

/// What went wrong, for whoever runs a check.
type Result<T> = std::result::Result<T, String>;

/// An error of a library as text.
fn failed<E: Display>(action: &'static str) -> impl Fn(E) -> String {
    move |error| format!("the GPU does not {action}: {error}")
}
