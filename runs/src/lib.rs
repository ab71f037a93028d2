//! Runs on disk, and the commands that need a compiled model: `train`, `resume`, `eval`, `sample`, `report`.
//!
//! The command line `scorematch` and the programs that it compiles for users' specs are made of this crate. It promises no
//! stability to others.

pub mod commands;
mod data;
pub mod folder;
pub mod metrics;
mod model;
pub mod npy;
pub mod output;
pub mod plot;
pub mod process;
pub mod report;
mod scorer;
pub mod settings;
pub mod standard_output;
pub mod table;
mod table_file;

pub use commands::program;
pub use data::{Account, width};
pub use model::{CompiledModel, Models};
