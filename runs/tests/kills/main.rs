//! Runs that are killed at random times, resumed and killed again end in the bits of a run that is not.
//!
//! This executable is also the program that is killed: with the name of a command as its first argument it does that
//! command. `SCOREMATCH_KILLS` is the number of runs, 50 if it is not set.

mod check;

use std::process::ExitCode;

use scorematch_runs::{CompiledModel, program};

scorematch::energy! {
    /// A small network in a well.
    Ring(x: [3]) {
        param log_k: [];
        mlp(x, [8], silu) + 0.5 * exp(log_k) * norm_sq(x)
    }
}

/// Stands for the text of the spec.
const SPEC: &str = "Ring(x: [3]) { .. }";

fn main() -> ExitCode {
    let is_command = |name: String| ["train", "resume", "eval", "sample"].contains(&&name[..]);
    if std::env::args().nth(1).is_some_and(is_command) {
        return program::<f32>(vec![CompiledModel::of::<RingSpec>()], SPEC);
    }
    #[cfg(unix)]
    check::all();
    ExitCode::SUCCESS
}
