//! The lines of `metrics.jsonl`: what a run reports while it goes on.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use scorematch::__private::write_whole;
use serde::{Deserialize, Serialize};

/// A line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Metric {
    /// The training loss over the steps since the line before.
    Train {
        /// Number of updates so far.
        step: u64,
        /// The epoch of the last batch, from 0.
        epoch: u64,
        /// The mean loss of the batches.
        loss: f64,
        /// The gradient norm of the last step before clipping.
        gradient_norm: f64,
        /// The learning rate of the last step.
        learning_rate: f64,
        /// Seconds of training so far.
        seconds: f64,
    },
    /// An evaluation of held-out rows.
    Evaluation {
        /// Number of updates so far.
        step: u64,
        /// Seconds of training so far.
        seconds: f64,
        /// The loss over the rows.
        #[serde(with = "finite_or_text")]
        loss: f64,
        /// Its standard error over the rows.
        #[serde(with = "finite_or_text")]
        standard_error: f64,
        /// Whether it is the best so far.
        improvement: bool,
    },
    /// The run was resumed here.
    Resumed {
        /// Number of updates so far.
        step: u64,
        /// The settings that were changed, each as `name: before → after`.
        changes: Vec<String>,
    },
    /// The run ended.
    Finished {
        /// Number of updates.
        step: u64,
        /// Seconds of training.
        seconds: f64,
        /// Why it ended.
        stop: String,
        /// The step of the parameters that are kept.
        best_step: u64,
    },
}

impl Metric {
    /// Number of updates when the line was written.
    #[must_use]
    pub fn step(&self) -> u64 {
        let (Metric::Train { step, .. }
        | Metric::Evaluation { step, .. }
        | Metric::Resumed { step, .. }
        | Metric::Finished { step, .. }) = self;
        *step
    }
}

/// Reads the lines of a file. A last line that is cut short is left out: its writer was killed.
///
/// # Errors
/// The file cannot be read, or a line before the last is damaged.
pub fn read(path: &Path) -> Result<Vec<Metric>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.split_inclusive('\n').enumerate();
    let whole = lines.filter(|(_, line)| line.ends_with('\n'));
    whole
        .map(|(place, line)| {
            let damaged = || format!("line {} of {} is damaged", place + 1, path.display());
            serde_json::from_str(line).with_context(damaged)
        })
        .collect()
}

/// Appends lines to a file.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
}

impl Writer {
    /// Opens the file of a run that has made `step` steps: lines of later steps, and the end of a run that goes on, are
    /// removed; all lines, if the run is `new`.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn open(path: &Path, step: u64, new: bool) -> Result<Self> {
        let unwritable = || format!("cannot write {}", path.display());
        if path.exists() {
            let mut kept = if new { Vec::new() } else { read(path)? };
            kept.retain(|line| line.step() <= step && !matches!(line, Metric::Finished { .. }));
            let text: String = kept.iter().map(text).collect::<Result<_>>()?;
            write_whole(path, text.as_bytes()).with_context(unwritable)?;
        }
        let file = File::options().create(true).append(true).open(path);
        Ok(Writer {
            path: path.to_owned(),
            file: file.with_context(unwritable)?,
        })
    }

    /// Appends a line in one write.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, line: &Metric) -> Result<()> {
        let write = self.file.write_all(text(line)?.as_bytes());
        write.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn text(line: &Metric) -> Result<String> {
    Ok(serde_json::to_string(line)? + "\n")
}

/// Numbers that JSON has not, as text.
mod finite_or_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        match value.is_finite() {
            true => value.serialize(to),
            false => value.to_string().serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Written::deserialize(from)? {
            Written::Number(value) => Ok(value),
            Written::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation(step: u64) -> Metric {
        Metric::Evaluation {
            step,
            seconds: 0.5,
            loss: f64::NAN,
            standard_error: f64::INFINITY,
            improvement: false,
        }
    }

    #[test]
    fn lines_of_later_steps_and_cut_lines_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut writer = Writer::open(&path, 0, true).unwrap();
        for step in [0, 5, 10] {
            writer.add(&evaluation(step)).unwrap();
        }
        fs::write(
            &path,
            fs::read_to_string(&path).unwrap() + "{\"kind\":\"trai",
        )
        .unwrap();
        assert_eq!(read(&path).unwrap().len(), 3);
        let mut writer = Writer::open(&path, 5, false).unwrap();
        let resumed = Metric::Resumed {
            step: 5,
            changes: vec!["length: 1 → 2".into()],
        };
        writer.add(&resumed).unwrap();
        let lines = read(&path).unwrap();
        assert_eq!(
            lines.iter().map(Metric::step).collect::<Vec<_>>(),
            [0, 5, 5]
        );
        assert_eq!(lines[2], resumed);
        fs::write(&path, "nonsense\n").unwrap();
        assert!(format!("{:#}", read(&path).unwrap_err()).contains("line 1"));
    }
}
