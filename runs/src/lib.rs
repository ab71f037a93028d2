//! Runs on disk, and the commands that need a compiled model: `train`, `resume`, `eval`, `sample`, `report`.
//!
//! The command line `scorematch` and the programs that it compiles for users' specs are made of this crate. It promises no
//! stability to others.

pub mod listing;
pub mod metrics;
pub mod output;
pub mod plot;
pub mod process;
pub mod report;
pub mod standard_output;
pub mod statistics;
pub mod table;
pub mod tensorboard;
