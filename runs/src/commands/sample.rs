//! `sample`: new rows of the model of a run, in data units.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use ndarray::Axis;
use scorematch::Real;

use crate::data::Account;
use crate::folder::{read_json, settings_of};
use crate::model::Models;
use crate::npy;
use crate::scorer::Scorer;
use crate::standard_output::say;
use crate::table_file;

/// How many samples, and how long their chains are.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The folder of the run
    pub run: PathBuf,
    /// Samples; each is the end of a chain of its own
    #[arg(short = 'n', long, default_value_t = 1000)]
    pub number: usize,
    /// Steps of a chain; in the first half the step size is adapted
    #[arg(long, default_value_t = 1000)]
    pub steps: u64,
    /// Of the chains
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Where the samples go: csv, npy or parquet; as csv to standard output if it is not given
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Threads; 0 for all cores
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

pub(super) fn run<T: Real>(options: &Options, models: &Models<T>) -> Result<()> {
    ensure!(options.number > 0, "-n 0: at least one sample is needed");
    let settings = settings_of(&options.run)?;
    let account: Account = read_json(&options.run, "data.json")?;
    let scorer = Scorer::load(&options.run, models.get(&settings.model)?, options.threads)?;
    let reference = npy::read(&options.run.join("reference.npy"))?;
    let places: Vec<usize> = (0..options.number)
        .map(|chain| chain % reference.nrows())
        .collect();
    let start = reference.select(Axis(0), &places);
    let samples = scorer.sample(start.view(), options.steps, options.seed)?;
    if samples.accepted < 0.2 {
        log::warn!(
            "{:.0} % of the proposals were accepted: the chains have hardly moved from the training rows that they start at; \
             more --steps let their step size adapt",
            100.0 * samples.accepted
        );
    }
    match &options.out {
        Some(file) => {
            table_file::write(file, &account.columns, samples.positions.view())?;
            say(format_args!(
                "wrote {} samples to {}: chains of {} steps from training rows, step size {:.3}, {:.0} % of proposals accepted",
                options.number,
                file.display(),
                options.steps,
                samples.step_size,
                100.0 * samples.accepted
            ));
        }
        None => say(table_file::csv(&account.columns, samples.positions.view())?.trim_end()),
    }
    Ok(())
}
