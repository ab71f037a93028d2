//! Emitted CUDA C against the interpreter, by the emulation, and the emulation against planted faults.
//!
//! Needs g++, as tests alone do.

#![allow(unreachable_pub, reason = "modules of one test share what they do")]

mod families;
mod faults;
mod golden;
mod launch;
mod oracle;
mod shapes;
