//! The command line of scorematch; `scorematch help` lists what it does.
//!
//! Arguments in, an exit code out: 0 when everything held, 1 with one message on standard error otherwise
//! (2 for arguments that cannot be read).

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod compare;
mod doctor;
mod inspect;
mod output;
mod plot;
mod power_law;
mod scale;
mod standard_output;
mod table;
mod verify;
mod zoo;

use self::standard_output::say;

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

fn main() -> ExitCode {
    show_warnings();
    let result = execute(Arguments::parse().command);
    // A command that failed has the more to tell than text that did not arrive.
    let said = standard_output::finish();
    match result.and(said) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed as well, the error cannot be reported.
            let _ = writeln!(io::stderr(), "error: {}", message(&error));
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> anyhow::Result<()> {
    // Commands that compute stop at a variable that they would have to ignore; the others do not read it.
    let environment = || Ok(scorematch::__private::check_environment()?);
    match command {
        Command::Compare(options) => environment().and_then(|()| compare::run(&options)),
        Command::Verify(options) => environment().and_then(|()| verify::run(&options)),
        Command::Scale(options) => environment().and_then(|()| scale::run(&options)),
        Command::Inspect(options) => inspect::run(&options),
        Command::Doctor => doctor::run(),
    }
}

/// What the library logs from warnings on goes to standard error; `RUST_LOG` asks for more or less.
fn show_warnings() {
    env_logger::Builder::new()
        .filter_level(log::LevelFilter::Warn)
        .parse_default_env()
        .format(|to, record| {
            let level = match record.level() {
                log::Level::Error => "error",
                log::Level::Warn => "warning",
                log::Level::Info => "info",
                log::Level::Debug => "debug",
                log::Level::Trace => "trace",
            };
            writeln!(to, "{level}: {}", record.args())
        })
        .init();
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
