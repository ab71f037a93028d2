//! `compile`: a spec file in, the path of its program out; or what the program does with further arguments.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::program::{Wanted, execute, program};
use super::say;

#[derive(Args)]
pub(crate) struct Options {
    /// The spec file
    file: PathBuf,
    /// Which of its models
    #[arg(long, value_name = "NAME")]
    model: String,
    /// The value of a free size of the spec, as D=3; once for each
    #[arg(long = "size", value_name = "NAME=NUMBER", value_parser = size)]
    sizes: Vec<(String, usize)>,
    /// Compute in float64
    #[arg(long)]
    double: bool,
    /// Start the program with these arguments instead of printing where it is
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

/// `NAME=NUMBER` of the command line.
fn size(text: &str) -> Result<(String, usize)> {
    let (name, number) = text
        .split_once('=')
        .ok_or_else(|| anyhow!("write NAME=NUMBER, as D=3"))?;
    let number = number
        .parse()
        .map_err(|_| anyhow!("{number:?} is no size: write NAME=NUMBER, as D=3"))?;
    Ok((name.to_owned(), number))
}

pub(crate) fn run(options: Options) -> Result<Option<ExitCode>> {
    let file = options.file.display();
    let source =
        fs::read_to_string(&options.file).with_context(|| format!("cannot read {file}"))?;
    let program = program(&Wanted {
        spec: &options.file,
        source: &source,
        model: &options.model,
        sizes: options.sizes.into_iter().collect::<BTreeMap<_, _>>(),
        double: options.double,
    })?;
    if options.arguments.is_empty() {
        say(program.display());
        return Ok(None);
    }
    execute(&program, options.arguments).map(Some)
}
