//! The compiler of scorematch: a declared energy in, its derivatives and training steps as Rust out.
//!
//! One way only: `spec` → `ir` → `diff` → `opt` → `plan` → `emit`.

pub mod diff;
pub mod ir;
pub mod opt;
