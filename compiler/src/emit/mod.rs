//! Emission: a plan in, source text out. No algebra here.

mod cuda;
mod index;
mod rust;
mod torch;

pub use cuda::{Call, CublasGemm, Kernel, Matrix, Memory, Reference, Size, reference};
pub use cuda::{Cuda, Launch, cuda};
pub use rust::rust;
pub use torch::{Module, torch};

use crate::diff::Program;
use crate::ir::Graph;
use crate::plan::Plan;

/// A model ready to be emitted.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Name of the type.
    pub name: String,
    /// `pub`, `pub(crate)` or nothing.
    pub visibility: String,
    /// Lines of documentation.
    pub docs: Vec<String>,
    /// Whether the energy has no kinks.
    pub smooth: bool,
    /// The energy, for its parameters and sizes.
    pub energy: Graph,
    /// Every program's plan.
    pub programs: Vec<(Program, Plan)>,
}
