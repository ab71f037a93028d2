//! Emitted CUDA C against the interpreter, by the emulation, and the emulation against planted faults.
//!
//! Needs g++, as tests alone do.

mod families;
mod launch;
