//! `train`: a spec and a file in, the folder of a run with a trained model out.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use scorematch::Real;
use scorematch::train::Length;

use super::fit::{self, Start};
use crate::data::{self, Rows};
use crate::folder::{Environment, RunFolder};
use crate::model::{CompiledModel, Models};
use crate::settings::{
    DataFlags, MachineFlags, ObjectiveFlags, Precision, ProgressFlags, Settings, SizeFlags,
};

/// What to train on what.
#[derive(Args, Clone, Debug)]
pub struct Options {
    #[command(flatten)]
    #[expect(missing_docs, reason = "the text would be that of the group")]
    pub source: Source,
    /// The data: csv, also as csv.gz or csv.zst, npy, npz, parquet or xlsx
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Settings to start from, as `settings.toml` of a run; flags win
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// The folder of the run; runs/MODEL-NUMBER by default
    #[arg(long, value_name = "DIR")]
    pub run: Option<PathBuf>,
    /// The type of parameters and arithmetic
    #[arg(long, value_enum)]
    pub precision: Option<Precision>,
    /// Steps between two reports of the training loss; a two-hundredth of the run by default
    #[arg(long, value_name = "STEPS", help_heading = "Training")]
    pub report_every: Option<u64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the text would be that of the group")]
    pub data_flags: DataFlags,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the text would be that of the group")]
    pub objective: ObjectiveFlags,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the text would be that of the group")]
    pub progress: ProgressFlags,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the text would be that of the group")]
    pub machine: MachineFlags,
}

/// The energy.
#[derive(Args, Clone, Debug, Default)]
pub struct Source {
    /// The spec file
    #[arg(value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// The model of a spec with several; without a spec a ready-made architecture: mlp, gaussian
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Units of each layer of a ready-made network; 64 by default
    #[arg(
        long,
        conflicts_with = "spec",
        help_heading = "Ready-made architectures"
    )]
    pub width: Option<usize>,
    /// Layers of a ready-made network; 3 by default
    #[arg(
        long,
        conflicts_with = "spec",
        help_heading = "Ready-made architectures"
    )]
    pub depth: Option<usize>,
    /// What follows each layer of a ready-made network; silu by default
    #[arg(
        long,
        value_enum,
        conflicts_with = "spec",
        help_heading = "Ready-made architectures"
    )]
    pub activation: Option<Activation>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the text would be that of the group")]
    pub sizes: SizeFlags,
}

/// A function between the layers of a ready-made network; each is twice differentiable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Activation {
    /// x·sigmoid(x)
    Silu,
    /// The hyperbolic tangent
    Tanh,
    /// ln(1 + eˣ)
    Softplus,
    /// x·Φ(x)
    Gelu,
}

impl Options {
    /// The settings: defaults, then the file of `--config`, then flags.
    ///
    /// # Errors
    /// The file cannot be read, or a flag does not fit.
    pub fn settings(&self) -> Result<Settings> {
        let mut settings = match &self.config {
            Some(file) => Settings::read(file)?,
            None => Settings::default(),
        };
        // Without a spec it names an architecture.
        if let (Some(model), Some(_)) = (&self.source.model, &self.source.spec) {
            settings.model.clone_from(model);
        }
        // Those of a file are of the data of another run.
        settings.sizes = self.source.sizes.by_name()?;
        if let Some(precision) = self.precision {
            settings.precision = precision;
        }
        if let Some(file) = &self.data {
            settings.data.file.clone_from(file);
        }
        ensure!(
            !settings.data.file.as_os_str().is_empty(),
            "name the data with --data FILE, or in the file of --config"
        );
        if self.report_every.is_some() {
            settings.report_every = self.report_every;
        }
        self.data_flags.apply(&mut settings);
        self.objective.apply(&mut settings.train);
        self.progress.apply(&mut settings.train)?;
        self.machine.apply(&mut settings);
        Ok(settings)
    }
}

pub(super) fn run<T: Real>(options: &Options, models: &Models<T>) -> Result<()> {
    let mut settings = options.settings()?;
    let compiled = models.get(&settings.model)?;
    settings.model = compiled.name().to_owned();
    data::resolve_stream::<T>(&mut settings)?;
    let folder = RunFolder::create(options.run.as_deref(), compiled.name())?;
    let rows = match begin(&folder, &mut settings, compiled, models) {
        Ok(rows) => rows,
        Err(error) => {
            // Nothing was trained: the folder would only be in the way.
            folder.discard();
            return Err(error);
        }
    };
    fit::fit(
        &folder,
        &settings,
        compiled,
        rows,
        Start::New,
        &options.machine,
    )
}

/// Reads the rows and writes what a run begins with.
fn begin<T: Real>(
    folder: &RunFolder,
    settings: &mut Settings,
    compiled: CompiledModel<T>,
    models: &Models<T>,
) -> Result<Rows<T>> {
    let rows = data::read::<T>(
        settings,
        compiled.dim(),
        compiled.name(),
        &folder.row_copy(),
    )?;
    resolve(settings, rows.train.rows(), rows.held_out.is_some());
    folder.write("spec.energy", models.source.as_bytes())?;
    let environment = Environment::now(&settings.device, settings.train.seed);
    folder.write_json("environment.json", &environment)?;
    folder.write_json("data.json", &rows.account)?;
    data::write_reference(folder.path(), &rows.account, &rows.reference)?;
    folder.write_settings(settings)?;
    Ok(rows)
}

/// Fills in the settings that depend on the data, so that the copy in the run names every value.
fn resolve(settings: &mut Settings, rows: usize, held_out: bool) {
    // A relative path would mean another file from another folder.
    for file in std::iter::once(&mut settings.data.file).chain(&mut settings.data.valid) {
        if let Ok(absolute) = std::path::absolute(&*file) {
            *file = absolute;
        }
    }
    let train = &mut settings.train;
    let batch = train.batch.clamp(1, rows.max(1)) as u64;
    let steps = match train.length {
        Length::Steps(steps) => steps,
        Length::Epochs(epochs) => epochs.saturating_mul(rows as u64).div_ceil(batch),
        _ => 0,
    };
    if held_out {
        train
            .evaluate_every
            .get_or_insert_with(|| Settings::default_evaluation_interval(steps));
    }
    let interval = settings.report_interval(steps);
    settings.report_every = Some(interval);
    settings.train.observe_every = Some(interval);
}
