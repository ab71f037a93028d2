//! The commands that need a compiled model. Each takes its options and the models of the program.

mod evaluate;
mod fit;
mod list;
mod report;
mod resume;
mod sample;
mod train;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use scorematch::Real;

use crate::model::Models;
use crate::process;

pub use evaluate::{Options as EvaluateOptions, Quantity};
pub use list::{Options as ListOptions, list};
pub use report::Options as ReportOptions;
pub use resume::Options as ResumeOptions;
pub use sample::Options as SampleOptions;
pub use train::{Activation, Options as TrainOptions, Source};

/// A command that needs a compiled model.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a spec on a file, into the folder of a run
    #[command(allow_negative_numbers = true)]
    Train(Box<TrainOptions>),
    /// Continue a run that was ended or killed, from its last checkpoint
    #[command(allow_negative_numbers = true)]
    Resume(Box<ResumeOptions>),
    /// Energy, score and Laplacian of the rows of a file, and which rows are odd and why
    Eval(EvaluateOptions),
    /// Write the report of a run anew
    Report(ReportOptions),
    /// Draw samples of the model of a run
    Sample(SampleOptions),
}

impl Command {
    /// The folder of the run that the command works on; `None` if it begins one.
    #[must_use]
    pub fn run(&self) -> Option<&Path> {
        match self {
            Command::Train(_) => None,
            Command::Resume(options) => Some(&options.run),
            Command::Eval(options) => Some(&options.run),
            Command::Report(options) => Some(&options.run),
            Command::Sample(options) => Some(&options.run),
        }
    }

    /// Does it with the models of this program.
    ///
    /// # Errors
    /// What the command found wrong, as one message.
    pub fn execute<T: Real>(&self, models: &Models<T>) -> Result<()> {
        scorematch::__private::check_environment()?;
        match self {
            Command::Train(options) => train::run(options, models),
            Command::Resume(options) => resume::run(options, models),
            Command::Eval(options) => evaluate::run(options, models),
            Command::Report(options) => report::run(options, models),
            Command::Sample(options) => sample::run(options, models),
        }
    }
}

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What a program that was compiled for one spec does: the command in its arguments.
pub fn program<T: Real>(models: Vec<crate::CompiledModel<T>>, source: &str) -> ExitCode {
    process::show_warnings();
    let models = Models {
        models,
        source: source.to_owned(),
    };
    process::exit_code(Arguments::parse().command.execute(&models))
}
