//! Arguments in, an exit code out: 0 when everything held, 1 with one message on standard error otherwise
//! (2 for arguments that cannot be read).

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod compare;
mod doctor;
mod inspect;
mod output;
mod plot;
mod power_law;
mod scale;
mod table;
mod verify;

/// Energy-based models by score matching, compiled.
#[derive(Parser)]
#[command(name = "scorematch", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train one architecture by exact and by sliced score matching, side by side, and report
    Compare(compare::Options),
    /// Check the mathematics on the spot and print what held
    Verify(verify::Options),
    /// Time one step against the dimension: exact, sliced, and the textbook's D backward passes
    Scale(scale::Options),
    /// Print one stage of the compiler for a spec file
    Inspect(inspect::Options),
    /// Tell what this machine has to compute with, and what to do about what is missing
    Doctor,
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Compare(options) => compare::run(&options),
        Command::Verify(options) => verify::run(&options),
        Command::Scale(options) => scale::run(&options),
        Command::Inspect(options) => inspect::run(&options),
        Command::Doctor => doctor::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if standard error is closed as well.
            let _ = writeln!(io::stderr(), "error: {}", message(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes, those that the text before them does not quote already.
fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

/// Whether the reader of our output has left, as `| head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}

/// Prints a line of the result on standard output.
fn say(line: impl std::fmt::Display) -> Result<()> {
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}
