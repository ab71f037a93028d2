//! The command line of scorematch; `scorematch help` lists what it does.
//!
//! Arguments in, an exit code out: 0 when everything held, 1 with one message on standard error otherwise
//! (2 for arguments that cannot be read). A program of a spec that takes the command's place has codes of its own.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

mod cache;
mod compare;
mod compile;
mod completions;
mod doctor;
mod energy_picture;
mod export;
mod inspect;
mod new;
mod power_law;
mod program;
mod ready_made;
mod runs;
mod scale;
mod spec;
mod verify;
mod zoo;

use scorematch_runs::process;
use scorematch_runs::standard_output::say;

/// Energy-based models by score matching, compiled.
#[derive(Parser)]
#[command(name = "scorematch", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Run(scorematch_runs::commands::Command),
    /// List the runs in a folder, with the settings in which they differ
    Runs(scorematch_runs::commands::ListOptions),
    /// Write the model of a run as a PyTorch module with its parameters
    Export(export::Options),
    /// Train one architecture by exact and by sliced score matching, side by side, and report
    Compare(compare::Options),
    /// Check the mathematics on the spot and print what held
    Verify(verify::Options),
    /// Time one step against the dimension: exact, sliced, and the textbook's D backward passes
    Scale(scale::Options),
    /// Print one stage of the compiler for a spec file
    Inspect(inspect::Options),
    /// Write a crate to start from: a spec and a program that trains it
    New(new::Options),
    /// Compile a spec file to a program of its own and print where it is
    Compile(compile::Options),
    /// Tell where compiled programs are kept and what they take
    Cache(cache::Options),
    /// Tell what this machine has to compute with, and what to do about what is missing
    Doctor,
    /// Print what completes commands in a shell
    Completions(completions::Options),
    /// Write pages for `man`
    Man(completions::ManOptions),
}

fn main() -> ExitCode {
    process::show_warnings();
    match execute(Arguments::parse().command) {
        Ok(Some(code)) => code,
        other => process::exit_code(other.map(drop)),
    }
}

/// The exit code of a program that the command has started, if it has.
fn execute(command: Command) -> anyhow::Result<Option<ExitCode>> {
    // Commands that compute stop at a variable that they would have to ignore; the others do not read it.
    let environment = || Ok(scorematch::__private::check_environment()?);
    match command {
        Command::Run(command) => return runs::run(&command).map(Some),
        Command::Runs(options) => scorematch_runs::commands::list(&options),
        Command::Export(options) => export::run(&options),
        Command::Compare(options) => environment().and_then(|()| compare::run(&options)),
        Command::Verify(options) => environment().and_then(|()| verify::run(&options)),
        Command::Scale(options) => environment().and_then(|()| scale::run(&options)),
        Command::Inspect(options) => inspect::run(&options),
        Command::New(options) => new::run(&options),
        Command::Compile(options) => return compile::run(options),
        Command::Cache(options) => cache::run(&options),
        Command::Doctor => doctor::run(),
        Command::Completions(options) => completions::run(&options, Arguments::command()),
        Command::Man(options) => completions::write_pages(&options, Arguments::command()),
    }
    .map(|()| None)
}
