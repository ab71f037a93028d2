//! Programs of specs as their users meet them: files of every kind in, runs out; and runs that are killed.
//!
//! This executable is also the program that is tested: with the name of a command as its first argument it does that
//! command. Otherwise it does all checks, or those whose name contains its argument.

#[cfg(unix)]
mod clumsy;
#[cfg(unix)]
mod data;
#[cfg(unix)]
mod kills;
#[cfg(unix)]
mod mutations;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod used;

use std::process::ExitCode;

use clap::Parser;
use scorematch_runs::commands::{ListOptions, list};
use scorematch_runs::{CompiledModel, process as ending, program};

scorematch::energy! {
    /// A small network in a well.
    Ring(x: [3]) {
        param log_k: [];
        mlp(x, [8], silu) + 0.5 * exp(log_k) * norm_sq(x)
    }

    /// Gaussians.
    Two(x: [2]) { param w: [2, 2] = normal(0.7); param m: [2]; 0.5 * norm_sq(dot(w, x - m)) }
    Thirteen(x: [13]) { param w: [13, 13] = normal(0.3); param m: [13]; 0.5 * norm_sq(dot(w, x - m)) }
    Thirty(x: [30]) { param w: [30, 30] = normal(0.2); param m: [30]; 0.5 * norm_sq(dot(w, x - m)) }
    SixtyFour(x: [64]) { param w: [64, 64] = normal(0.1); param m: [64]; 0.5 * norm_sq(dot(w, x - m)) }
}

/// Stands for the text of the spec.
const SPEC: &str = "Ring(x: [3]) { .. }";

/// The list of runs, which belongs to the command line.
#[derive(Parser)]
struct Runs {
    #[command(flatten)]
    options: ListOptions,
}

const COMMANDS: [&str; 5] = ["train", "resume", "eval", "sample", "report"];

fn main() -> ExitCode {
    let first = std::env::args().nth(1).unwrap_or_default();
    if COMMANDS.contains(&&first[..]) {
        let models = vec![
            CompiledModel::of::<RingSpec>(),
            CompiledModel::of::<TwoSpec>(),
            CompiledModel::of::<ThirteenSpec>(),
            CompiledModel::of::<ThirtySpec>(),
            CompiledModel::of::<SixtyFourSpec>(),
        ];
        return program::<f32>(models, SPEC);
    }
    if first == "runs" {
        ending::show_warnings();
        return ending::exit_code(list(&Runs::parse_from(std::env::args().skip(1)).options));
    }
    #[cfg(unix)]
    for (name, check) in [
        ("data", data::check as fn()),
        ("clumsy", clumsy::check),
        ("used", used::check),
        ("mutations", mutations::check),
        ("kills", kills::check),
    ] {
        if name.contains(&first) || first.starts_with('-') {
            check();
            println!("{name}: ok");
        }
    }
    ExitCode::SUCCESS
}
