//! `compile`: a spec file in, the path of its program out; or what the program does with further arguments.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::program::{Wanted, execute, program};
use super::{say, spec};

#[derive(Args)]
pub(crate) struct Options {
    /// The spec file
    file: PathBuf,
    #[command(flatten)]
    choice: spec::Choice,
    /// Compute in float64
    #[arg(long)]
    double: bool,
    /// Start the program with these arguments instead of printing where it is
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(options: Options) -> Result<Option<ExitCode>> {
    let source = spec::read(&options.file)?;
    let program = program(&Wanted {
        spec: &options.file,
        source: &source,
        model: &options.choice.model_of(&source, &options.file)?,
        sizes: options.choice.sizes.by_name()?,
        double: options.double,
    })?;
    if options.arguments.is_empty() {
        say(program.display());
        return Ok(None);
    }
    execute(&program, options.arguments).map(Some)
}
