//! `sample`: new rows of the model of a run, in data units.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use ndarray::Axis;
use scorematch::Real;
use scorematch::data::write_table;

use crate::data::{Account, read_reference};
use crate::folder::{read_json, settings_of};
use crate::model::Models;
use crate::output::check_table;
use crate::scorer::Scorer;
use crate::standard_output::say;

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
    /// Where the samples go: csv, npy or parquet; samples.csv in the run by default
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Threads; 0 for all cores
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

pub(super) fn run<T: Real>(options: &Options, models: &Models<T>) -> Result<()> {
    ensure!(options.number > 0, "-n 0: at least one sample is needed");
    ensure!(options.steps > 0, "--steps 0: chains of at least one step");
    let file = options
        .out
        .clone()
        .unwrap_or_else(|| options.run.join("samples.csv"));
    let settings = settings_of(&options.run)?;
    let account: Account = read_json(&options.run, "data.json")?;
    check_table(&file)?;
    let scorer = Scorer::load(&options.run, models.get(&settings.model)?, options.threads)?;
    let reference = read_reference(&options.run)?;
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
    write_table(&file, &account.columns, &samples.positions)?;
    say(format_args!(
        "wrote {} samples to {}: chains of {} steps from training rows, step size {:.3}, {:.0} % of proposals accepted",
        options.number,
        file.display(),
        options.steps,
        samples.step_size,
        100.0 * samples.accepted
    ));
    Ok(())
}
