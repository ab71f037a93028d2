//! Where and when a run began.

use std::time::SystemTime;

use scorematch::InstructionSet;
use serde::{Deserialize, Serialize};

/// The versions and the machine of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The version of scorematch.
    pub scorematch: String,
    /// When the run began, UTC.
    pub began: String,
    /// The operating system and the architecture.
    pub system: String,
    /// The cores that the system lets the process use.
    pub cores: usize,
    /// The instruction set of the kernels.
    pub instruction_set: String,
    /// What steps are computed on.
    pub device: String,
    /// The seed.
    pub seed: u64,
}

impl Environment {
    /// That of this process.
    #[must_use]
    pub fn now(device: &str, seed: u64) -> Self {
        let isa = InstructionSet::detect();
        Environment {
            scorematch: env!("CARGO_PKG_VERSION").to_owned(),
            began: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            instruction_set: isa.map_or_else(|error| error.to_string(), |isa| isa.to_string()),
            device: device.to_owned(),
            seed,
        }
    }
}
