//! `runs`: the runs in a folder, side by side.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use scorematch::train::Length;

use crate::data::Account;
use crate::folder::{Environment, is_at_work, read_json, settings_of};
use crate::listing::{Summary, table};
use crate::metrics::{self, Metric};
use crate::settings::Settings;
use crate::standard_output::say;

/// Which runs.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Folders of runs, or folders that hold some
    #[arg(value_name = "DIR", default_value = "runs")]
    pub folders: Vec<PathBuf>,
}

/// Lists runs.
///
/// # Errors
/// A folder cannot be read.
pub fn list(options: &Options) -> Result<()> {
    let mut runs = Vec::new();
    for folder in &options.folders {
        if folder.join("settings.toml").is_file() {
            runs.push(folder.clone());
            continue;
        }
        let unreadable = || {
            let folder = folder.display();
            format!(
                "cannot list {folder}: name a folder that runs are in; `scorematch train` makes them in ./runs"
            )
        };
        for entry in fs::read_dir(folder).with_context(unreadable)? {
            let path = entry.with_context(unreadable)?.path();
            if path.join("settings.toml").is_file() {
                runs.push(path);
            }
        }
    }
    let mut summaries = Vec::new();
    for run in &runs {
        match summary(run) {
            Ok(summary) => summaries.push(summary),
            // One damaged folder does not hide the others.
            Err(error) => log::warn!("{} is left out: {error:#}", run.display()),
        }
    }
    if summaries.is_empty() {
        say("no runs: `scorematch train` makes them in ./runs");
    } else {
        say(table(&summaries));
    }
    Ok(())
}

fn summary(run: &Path) -> Result<Summary> {
    let settings = settings_of(run)?;
    let account: Account = read_json(run, "data.json")?;
    let environment: Environment = read_json(run, "environment.json")?;
    let metrics = metrics::read(&run.join("metrics.jsonl"))?;
    let mut summary = Summary {
        name: run
            .file_name()
            .map_or_else(String::new, |name| name.display().to_string()),
        model: settings.model.clone(),
        data: settings
            .data
            .file
            .file_name()
            .map_or_else(String::new, |name| name.display().to_string()),
        rows: Some(account.train + account.held_out),
        objective: settings.train.objective.to_string(),
        planned: planned(&settings, account.train),
        status: match is_at_work(run) {
            true => "running".to_owned(),
            false => "ended early".to_owned(),
        },
        started: environment.began,
        settings: flat(&settings)?,
        ..Summary::default()
    };
    for metric in &metrics {
        summary.steps = summary.steps.max(metric.step());
        match metric {
            Metric::Evaluation {
                step,
                loss,
                standard_error,
                improvement: true,
                ..
            } => {
                summary.best = Some((*loss, *standard_error));
                summary.best_step = Some(*step);
            }
            Metric::Train { seconds, .. } => summary.seconds = *seconds,
            Metric::Finished { seconds, stop, .. } => {
                summary.seconds = *seconds;
                summary.status = stop.to_string();
            }
            Metric::Evaluation { .. } | Metric::Resumed { .. } => {}
        }
    }
    Ok(summary)
}

fn planned(settings: &Settings, rows: usize) -> u64 {
    match settings.train.length {
        Length::Steps(steps) => steps,
        Length::Epochs(epochs) => {
            let batch = settings.train.batch.clamp(1, rows.max(1)) as u64;
            epochs.saturating_mul(rows as u64).div_ceil(batch)
        }
        _ => 0,
    }
}

/// Each setting by its full name, as text.
fn flat(settings: &Settings) -> Result<BTreeMap<String, String>> {
    let mut flat = BTreeMap::new();
    let table = toml::Table::try_from(settings)?;
    flatten("", &table, &mut flat);
    // What has a column of its own.
    for name in ["model", "data.file", "train.objective"] {
        flat.remove(name);
    }
    Ok(flat)
}

fn flatten(prefix: &str, table: &toml::Table, flat: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        let name = match prefix {
            "" => name.clone(),
            prefix => format!("{prefix}.{name}"),
        };
        match value {
            toml::Value::Table(inner) => flatten(&name, inner, flat),
            toml::Value::String(text) => {
                flat.insert(name, text.clone());
            }
            value => {
                flat.insert(name, value.to_string());
            }
        }
    }
}
