//! `resume`: a run that was ended or killed continues from its last checkpoint.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use scorematch::Real;

use super::fit::{self, Start};
use crate::data::{self, Account};
use crate::folder::{Environment, RunFolder, read_json, settings_of, spec_of};
use crate::metrics;
use crate::model::Models;
use crate::settings::{MachineFlags, ProgressFlags};

/// Which run, and what changes.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The folder of the run
    pub run: PathBuf,
    /// The data, if it is no longer where the run found it
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the text would be that of the group")]
    pub progress: ProgressFlags,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the text would be that of the group")]
    pub machine: MachineFlags,
}

pub(super) fn run<T: Real>(options: &Options, models: &Models<T>) -> Result<()> {
    let folder = RunFolder::open(&options.run)?;
    let mut settings = settings_of(&options.run)?;
    if let Some(file) = &options.data {
        settings.data.file = std::path::absolute(file)?;
    }
    options.progress.apply(&mut settings.train)?;
    options.machine.apply(&mut settings);
    let compiled = models.get(&settings.model)?;
    let before: Account = read_json(&options.run, "data.json")?;
    let reading = data::as_in_run(&settings, &before);
    let rows = data::read::<T>(
        &reading,
        compiled.dim(),
        compiled.name(),
        &folder.row_copy(),
    )?;
    if before.columns != rows.account.columns {
        bail!(
            "the run was trained on the columns {}; {} has {}: give the same file with --data",
            before.columns.join(", "),
            settings.data.file.display(),
            rows.account.columns.join(", ")
        );
    }
    // What the run goes on to write is read first, so that a damaged file is told before anything is changed.
    metrics::read(&folder.file("metrics.jsonl"))?;
    spec_of(&options.run)?;
    if settings.tensorboard {
        read_json::<Environment>(&options.run, "environment.json")?;
    }
    // A run that was killed before its first checkpoint begins at its first step.
    let start = match folder.state().exists() {
        true => Start::Resumed,
        false => Start::Again,
    };
    fit::fit(&folder, &settings, compiled, rows, start, &options.machine)
}
