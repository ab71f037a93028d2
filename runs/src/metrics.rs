//! The file `metrics.jsonl` of a run: a line of JSON for each thing that happened, appended as it happens.
//!
//! Lines are in the order of their steps. A line that was cut short, which a run that was killed leaves at the end, is no
//! line. Numbers that are not finite, which JSON cannot represent, are written as text (`"inf"`).

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use scorematch::__private::{number, write_whole};
use scorematch::train::Stop;
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Metric {
    /// Steps of training since the line before.
    Train {
        /// Number of updates so far.
        step: u64,
        /// The epoch that the last of the steps belongs to, from 0.
        epoch: u64,
        /// The mean loss of the steps' batches.
        #[serde(with = "number")]
        loss: f64,
        /// Euclidean length of the gradient of the last of the steps.
        #[serde(with = "number")]
        gradient_norm: f64,
        /// The learning rate of the last of the steps.
        #[serde(with = "number")]
        learning_rate: f64,
        /// Seconds of training so far.
        #[serde(with = "number")]
        seconds: f64,
    },
    /// An evaluation of the held-out rows.
    Evaluation {
        /// Number of updates so far.
        step: u64,
        /// Seconds of training so far.
        #[serde(with = "number")]
        seconds: f64,
        /// The average loss of the rows.
        #[serde(with = "number")]
        loss: f64,
        /// Its standard error over the rows.
        #[serde(with = "number")]
        standard_error: f64,
        /// Whether the run counts it as better than the best before.
        improvement: bool,
    },
    /// The run went on from a checkpoint.
    Resumed {
        /// Number of updates that the checkpoint had.
        step: u64,
        /// The settings that are others than before, as `name: old → new`.
        changes: Vec<String>,
    },
    /// The run ended.
    Finished {
        /// Number of updates.
        step: u64,
        /// Seconds of training.
        #[serde(with = "number")]
        seconds: f64,
        /// Why it ended.
        stop: Stop,
        /// The step whose parameters were kept, if rows were held out.
        best_step: Option<u64>,
    },
}

impl Metric {
    /// Number of updates when the line was written.
    pub fn step(&self) -> u64 {
        match self {
            Metric::Train { step, .. }
            | Metric::Evaluation { step, .. }
            | Metric::Resumed { step, .. }
            | Metric::Finished { step, .. } => *step,
        }
    }
}

/// The lines as text, each with its line end.
pub fn text(metrics: &[Metric]) -> Result<String> {
    let mut text = String::new();
    for metric in metrics {
        text += &serde_json::to_string(metric).context("a metric cannot be written as JSON")?;
        text.push('\n');
    }
    Ok(text)
}

/// The lines of a file; none if there is no file, as in a run that has not begun.
///
/// # Errors
/// A file that cannot be read, and a line that is no metric, unless it is the last and has no line end.
pub fn read(path: &Path) -> Result<Vec<Metric>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let mut metrics = Vec::new();
    for (place, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(metric) => metrics.push(metric),
            Err(_) if !line.ends_with(b"\n") => {}
            Err(error) => {
                let (file, number) = (path.display(), place + 1);
                return Err(error).with_context(|| {
                    format!(
                        "{file}, line {number}, is no record of a run; remove the line, or read the folder with the version \
                         that wrote it"
                    )
                });
            }
        }
    }
    Ok(metrics)
}

/// Appends lines to the file of a run.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
}

impl Writer {
    /// Opens the file of a run. Lines from step `from` on, a line that was cut short, and those that tell of an end are
    /// removed: the run goes on and writes them again.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn open(path: &Path, from: u64) -> Result<Self> {
        let mut metrics = read(path)?;
        metrics.retain(|line| line.step() < from && !matches!(line, Metric::Finished { .. }));
        write_whole(path, text(&metrics)?.as_bytes())
            .context("cannot write the record of the run")?;
        let file = File::options().append(true).open(path);
        Ok(Writer {
            path: path.to_owned(),
            file: file.with_context(|| format!("cannot write {}", path.display()))?,
        })
    }

    /// Appends a line in one write.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, line: &Metric) -> Result<()> {
        let write = self
            .file
            .write_all(text(std::slice::from_ref(line))?.as_bytes());
        write.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Metric> {
        vec![
            Metric::Train {
                step: 500,
                epoch: 3,
                loss: -1.25,
                gradient_norm: 0.8,
                learning_rate: 1e-3,
                seconds: 0.12,
            },
            Metric::Evaluation {
                step: 500,
                seconds: 0.12,
                loss: -1.0,
                standard_error: f64::INFINITY,
                improvement: true,
            },
            Metric::Resumed {
                step: 500,
                changes: vec!["schedule: constant → cosine".into()],
            },
            Metric::Finished {
                step: 900,
                seconds: 0.25,
                stop: Stop::Finished,
                best_step: None,
            },
        ]
    }

    fn file(content: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        file
    }

    #[test]
    fn lines_are_as_documented_and_come_back() {
        let written = text(&all()).unwrap();
        let expected = "\
{\"kind\":\"train\",\"step\":500,\"epoch\":3,\"loss\":-1.25,\"gradient_norm\":0.8,\"learning_rate\":0.001,\"seconds\":0.12}
{\"kind\":\"evaluation\",\"step\":500,\"seconds\":0.12,\"loss\":-1.0,\"standard_error\":\"inf\",\"improvement\":true}
{\"kind\":\"resumed\",\"step\":500,\"changes\":[\"schedule: constant → cosine\"]}
{\"kind\":\"finished\",\"step\":900,\"seconds\":0.25,\"stop\":\"finished\",\"best_step\":null}
";
        assert_eq!(written, expected);
        assert_eq!(read(file(written.as_bytes()).path()).unwrap(), all());
        // As other programs may write them.
        let line = b"{\"kind\":\"evaluation\",\"step\":1,\"seconds\":2,\"loss\":\"NaN\",\"standard_error\":0,\"improvement\":false}";
        let metrics = read(file(line).path()).unwrap();
        assert!(matches!(metrics[..], [Metric::Evaluation { loss, .. }] if loss.is_nan()));
    }

    #[test]
    fn a_cut_last_line_is_ignored_wherever_it_is_cut() {
        let written = text(&all()[..3]).unwrap();
        let start = text(&all()[..2]).unwrap().len();
        // The last of these has lost its line end alone and is whole.
        for length in start..written.len() - 1 {
            let metrics = read(file(&written.as_bytes()[..length]).path()).unwrap();
            assert_eq!(metrics, all()[..2], "cut at {length}");
        }
        let metrics = read(file(&written.as_bytes()[..written.len() - 1]).path()).unwrap();
        assert_eq!(metrics, all()[..3]);
    }

    #[test]
    fn a_broken_line_is_named_with_the_cure() {
        let mut written = text(&all()).unwrap();
        written.insert_str(0, "{\"kind\":\"train\"}\n");
        let message = format!("{:#}", read(file(written.as_bytes()).path()).unwrap_err());
        assert!(
            message.contains("line 1") && message.contains("remove the line"),
            "{message}"
        );
    }

    #[test]
    fn later_steps_and_cut_lines_are_dropped() {
        let written = text(&all()).unwrap() + "{\"kind\":\"tra";
        let file = file(written.as_bytes());
        let mut writer = Writer::open(file.path(), 501).unwrap();
        assert_eq!(read(file.path()).unwrap(), all()[..3]);
        writer.add(&all()[3]).unwrap();
        assert_eq!(read(file.path()).unwrap(), all());
        Writer::open(file.path(), 500).unwrap();
        assert_eq!(fs::read(file.path()).unwrap(), b"");
        let none = file.path().with_extension("none");
        assert_eq!(read(&none).unwrap(), []);
    }
}
