//! The compiler of scorematch: a declared energy in, its derivatives and training steps as Rust and CUDA C out.
//!
//! One way only: `spec` → `ir` → `diff` → `opt` → `plan` → `lower` → `emit`. A build script compiles spec files with
//! [`compile_file`], the macro `energy!` calls [`expand`], and [`inspect`] shows a spec at any stage. A spec whose sizes
//! come from data is compiled by [`compile_source`], and [`declared`] tells which sizes those are. [`torch_module`]
//! writes a model as a PyTorch module.

pub mod diff;
pub mod emit;
pub mod ir;
pub mod lower;
pub mod opt;
pub mod plan;
pub mod spec;

mod driver;
mod guard;

/// The table of objectives.
pub use scorematch_objectives as objectives;

pub use driver::{
    Compiled, Stage, compile_file, compile_source, declared, expand, inspect, plan_model, program,
    torch_module,
};
pub use spec::{Axis, Declaration, Sizes};
