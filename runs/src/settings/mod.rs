//! The settings of a run: defaults, then a TOML file, then flags. Takes these three; produces one value that
//! `settings.toml` of the run holds in full.

mod data;
mod flags;
mod sizes;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use scorematch::train::{self, Schedule};
use serde::{Deserialize, Serialize};

pub use data::{DataFlags, DataSettings, Stream, Units};
pub use flags::{MachineFlags, ObjectiveFlags, ProgressFlags};
pub use sizes::SizeFlags;

/// Reports of the loss in a run, unless an interval is given.
const REPORTS: u64 = 200;
/// Evaluations of held-out rows in a run, unless an interval is given.
const EVALUATIONS: u64 = 50;

/// Everything that a run is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The model's name in the spec.
    pub model: String,
    /// The values of the spec's free sizes.
    pub sizes: BTreeMap<String, usize>,
    /// The type of parameters and arithmetic.
    pub precision: Precision,
    /// Threads; 0 for all cores.
    pub threads: usize,
    /// What steps are computed on: `cpu`, `cuda:0`, `cuda:0,1`.
    pub device: String,
    /// Seconds between two checkpoints.
    pub checkpoint_every: f64,
    /// Steps between two reports of the training loss; a two-hundredth of the run if it is not given.
    pub report_every: Option<u64>,
    /// Whether to write an event file for TensorBoard too.
    pub tensorboard: bool,
    /// The data.
    pub data: DataSettings,
    /// The settings of the trainer.
    pub train: train::Settings,
}

/// The type of parameters and arithmetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// float32
    #[default]
    F32,
    /// float64
    F64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            model: String::new(),
            sizes: BTreeMap::new(),
            precision: Precision::F32,
            threads: 0,
            device: "cpu".to_owned(),
            checkpoint_every: 10.0,
            report_every: None,
            tensorboard: false,
            data: DataSettings::default(),
            train: default_training(),
        }
    }
}

/// The library's defaults, with a learning rate that falls to 0.
fn default_training() -> train::Settings {
    train::Trainer::<f32>::new(train::Objective::esm())
        .schedule(Schedule::cosine())
        .settings()
        .clone()
}

impl Settings {
    /// The settings of a TOML file; what it leaves out has its default.
    ///
    /// # Errors
    /// The file cannot be read, or it is not such a file: the message has the line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} holds no settings", path.display()))
    }

    /// As [`Settings::read`], from the file's text.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(text: &str) -> Result<Self> {
        // A file that leaves out `[train]` or parts of it has this program's defaults, not the library's.
        let given: toml::Table = text.parse()?;
        let mut merged = toml::Table::try_from(Settings::default())?;
        merge(&mut merged, given);
        let settings: Settings = merged.try_into()?;
        ensure!(
            settings.train.units == train::Units::Data,
            "the units of training are set by `units` in [data], not in [train]"
        );
        Ok(settings)
    }

    /// The settings as a TOML file.
    ///
    /// # Errors
    /// A number is beyond what TOML holds.
    pub fn text(&self) -> Result<String> {
        toml::to_string(self).context("the settings cannot be written as TOML")
    }

    /// The steps between two reports of the training loss, in a run of so many.
    pub fn report_interval(&self, steps: u64) -> u64 {
        self.report_every
            .unwrap_or_else(|| (steps / REPORTS).max(1))
    }

    /// The steps between two evaluations of held-out rows, unless they are given.
    pub fn default_evaluation_interval(steps: u64) -> u64 {
        (steps / EVALUATIONS).max(1)
    }
}

/// Puts the values of `given` over those of `base`. A table that names a choice, as `[train.optimizer.sgd]` does, replaces the
/// other choice.
fn merge(base: &mut toml::Table, given: toml::Table) {
    for (name, value) in given {
        match (base.get_mut(&name), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(given)) if !is_choice(&name) => {
                merge(base, given);
            }
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

/// Whether a table of this name holds one of several alternatives.
fn is_choice(name: &str) -> bool {
    [
        "optimizer",
        "length",
        "units",
        "held_out_estimator",
        "shuffle",
        "columns",
    ]
    .contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scorematch::train::{AdamW, Length, Objective};

    #[test]
    fn what_is_written_is_read() {
        let mut settings = Settings {
            model: "Mine".into(),
            report_every: Some(7),
            ..Settings::default()
        };
        settings.train.objective = Objective::ssm(4);
        settings.train.optimizer = AdamW::new(3e-3, 0.1).into();
        settings.train.length = Length::Steps(5);
        settings.train.clip = Some(2.5);
        let text = settings.text().unwrap();
        assert_eq!(Settings::parse(&text).unwrap(), settings, "{text}");
        let default = Settings::default();
        assert_eq!(Settings::parse(&default.text().unwrap()).unwrap(), default);
    }

    #[test]
    fn a_part_of_a_file_is_enough_and_a_slip_is_named() {
        let settings = Settings::parse(
            "model = \"Mine\"\n[train]\nbatch = 32\n[train.optimizer.sgd]\nlearning_rate = 0.1\nmomentum = 0.9\nnesterov = false\n",
        )
        .unwrap();
        assert_eq!(settings.train.batch, 32);
        assert_eq!(settings.train.schedule, Schedule::cosine());
        for (text, part) in [
            ("[train]\nbtach = 3\n", "btach"),
            ("[train]\nbatch = \"many\"\n", "batch"),
            ("model =", "line"),
            ("[train]\nunits = \"fitted\"\n", "[data]"),
            ("[train]\nobjective = \"esn\"\n", "esm"),
        ] {
            let message = format!("{:#}", Settings::parse(text).unwrap_err());
            assert!(message.contains(part), "{message}");
        }
    }
}
