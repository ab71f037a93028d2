//! Runs on disk, and the commands that need a compiled model: `train`, `resume`, `eval`, `sample`, `report`.
//!
//! The command line `scorematch` and the programs that it compiles for users' specs are made of this crate. It promises no
//! stability to others.

pub mod commands;
mod cures;
mod data;
pub mod folder;
pub mod listing;
pub mod metrics;
mod model;
pub mod output;
pub mod plot;
pub mod process;
pub mod report;
mod scorer;
pub mod settings;
pub mod standard_output;
pub mod statistics;
pub mod table;
pub mod tensorboard;

pub use commands::program;
pub use data::{Account, width};
pub use model::{CompiledModel, Models};
