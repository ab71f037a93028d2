//! `report`: the page of a run, made of its files and of its model on held-out rows.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use ndarray::{Array2, Axis};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use scorematch::Real;
use scorematch::train::{Evaluation, HeldOutLoss, Report};

use crate::data::{self, Account, read_reference};
use crate::folder::{RunFolder, read_json, settings_of, spec_of};
use crate::listing::duration;
use crate::metrics;
use crate::model::{CompiledModel, Models};
use crate::report::{Contents, HeldOut, render};
use crate::scorer::Scorer;
use crate::settings::Settings;
use crate::standard_output::say;

/// Which run.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The folder of the run
    pub run: PathBuf,
    /// The data, if it is no longer where the run found it
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
}

/// Samples in a report, and the steps of their chains.
const SAMPLES: usize = 1000;
const CHAIN_STEPS: u64 = 500;
/// Held-out rows in a report at most.
const ROWS: usize = 20_000;

pub(super) fn run<T: Real>(options: &Options, models: &Models<T>) -> Result<()> {
    let folder = RunFolder::open(&options.run)?;
    let mut settings = settings_of(&options.run)?;
    if let Some(file) = &options.data {
        settings.data.file.clone_from(file);
    }
    let compiled = models.get(&settings.model)?;
    // The report of a run whose data is gone says what its files say.
    let account: Account = read_json(&options.run, "data.json")?;
    let reading = data::as_in_run(&settings, &account);
    let held_out = match data::read::<T>(
        &reading,
        compiled.dim(),
        compiled.name(),
        &folder.row_copy(),
    ) {
        Ok(rows) => rows.held_out_in_data_units,
        Err(error) => {
            log::warn!("the report has no held-out rows: {error:#}");
            None
        }
    };
    folder.remove_row_copy();
    write(&folder, &settings, compiled, held_out)
}

/// Writes the report of a run and its pictures.
pub(super) fn write<T: Real>(
    folder: &RunFolder,
    settings: &Settings,
    compiled: CompiledModel<T>,
    held_out: Option<Array2<f64>>,
) -> Result<()> {
    let run = folder.path();
    let account: Account = read_json(run, "data.json")?;
    let report: Report = read_json(run, "report.json")?;
    let environment = std::fs::read_to_string(run.join("environment.json")).unwrap_or_default();
    let metrics = metrics::read(&run.join("metrics.jsonl"))?;
    let scorer = match folder.model().is_file() {
        true => Some(Scorer::load(run, compiled, settings.threads)?),
        false => None,
    };
    let judged = match (&scorer, held_out, report.evaluation) {
        (Some(scorer), Some(rows), Some(evaluation)) => {
            Some(judge(scorer, &account, few(rows), evaluation, settings)?)
        }
        _ => None,
    };
    let samples = scorer.as_ref().and_then(|scorer| {
        sample(scorer, run, settings.train.seed)
            .inspect_err(|error| log::warn!("the report has no samples: {error:#}"))
            .ok()
    });
    let text = settings.text()?;
    let spec = spec_of(run)?;
    let rendered = render(&Contents {
        title: title(run, compiled.name()),
        lead: format!(
            "{} trained on {} by {}",
            compiled.name(),
            settings.data.file.display(),
            report.objective
        ),
        status: report.stop.to_string(),
        facts: facts(&account, &report, compiled),
        metrics: &metrics,
        objective: report.objective.to_string(),
        findings: &account.findings,
        notes: &account.notes,
        held_out: judged,
        samples,
        settings: &text,
        spec: &spec,
        environment: &environment,
    })?;
    for (name, bytes) in &rendered.pictures {
        folder.write(name, bytes)?;
    }
    folder.write("report.html", rendered.html.as_bytes())?;
    say(format_args!(
        "wrote {}",
        folder.file("report.html").display()
    ));
    Ok(())
}

fn title(run: &Path, model: &str) -> String {
    let name = run.file_name().map(|name| name.display().to_string());
    name.unwrap_or_else(|| model.to_owned())
}

fn facts<T: Real>(
    account: &Account,
    report: &Report,
    compiled: CompiledModel<T>,
) -> Vec<(String, String)> {
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let mut facts = vec![
        fact(
            "model",
            format!("{}, {} parameters", compiled.name(), compiled.parameters()),
        ),
        fact(
            "rows",
            format!(
                "{} to learn from, {} held out",
                account.train, account.held_out
            ),
        ),
        fact("columns", account.columns.len().to_string()),
        fact("steps", report.steps().to_string()),
        fact("time", duration(report.seconds)),
    ];
    if let Some(best) = report.best {
        facts.push(fact("best held-out loss", best.estimate().to_string()));
        facts.push(fact("at step", best.step.to_string()));
    }
    if let Some(training) = report.training_rows {
        facts.push(fact("loss of training rows", training.to_string()));
    }
    facts
}

/// At most [`ROWS`] evenly spaced rows.
fn few(rows: Array2<f64>) -> Array2<f64> {
    if rows.nrows() <= ROWS {
        return rows;
    }
    let places: Vec<usize> = (0..ROWS).map(|k| k * rows.nrows() / ROWS).collect();
    rows.select(Axis(0), &places)
}

/// The model on held-out rows, under the noise of its evaluations.
fn judge<T: Real>(
    scorer: &Scorer<T>,
    account: &Account,
    rows: Array2<f64>,
    evaluation: Evaluation,
    settings: &Settings,
) -> Result<HeldOut> {
    // A denoising loss is J at noisy points up to a constant, which these losses leave out.
    let noise = match evaluation.loss {
        HeldOutLoss::Denoising { sigma } => evaluation.noise.hypot(sigma),
        _ => evaluation.noise,
    };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(settings.train.seed);
    let draws = if noise > 0.0 { evaluation.draws } else { 1 };
    let mut losses = vec![0.0; rows.nrows()];
    let mut points = rows.clone();
    for _ in 0..draws {
        points.assign(&rows);
        if noise > 0.0 {
            for mut row in points.rows_mut() {
                for (column, x) in row.iter_mut().enumerate() {
                    let normal: f64 = rng.sample(StandardNormal);
                    *x += noise * normal * account.std.get(column).copied().unwrap_or(1.0);
                }
            }
        }
        for (sum, loss) in losses.iter_mut().zip(scorer.losses(points.view())?) {
            *sum += loss / draws as f64;
        }
    }
    Ok(HeldOut {
        names: account.columns.clone(),
        scores: scorer.score(points.view())?,
        points,
        rows,
        losses,
        loss: match noise {
            0.0 => "exact J".to_owned(),
            noise => format!("exact J under noise {noise:.3}, {draws} draws a row"),
        },
        noise: match noise {
            0.0 => String::new(),
            noise => format!("noise {noise:.3}"),
        },
    })
}

/// Ends of chains from the rows that the run keeps.
fn sample<T: Real>(scorer: &Scorer<T>, run: &Path, seed: u64) -> Result<Array2<f64>> {
    let reference = read_reference(run)?;
    let count = reference.nrows();
    let places: Vec<usize> = (0..SAMPLES).map(|chain| chain % count).collect();
    let start = reference.select(Axis(0), &places);
    Ok(scorer.sample(start.view(), CHAIN_STEPS, seed)?.positions)
}
