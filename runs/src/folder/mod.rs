//! The folder of a run: its files by name, made whole or not at all, and a lock that one process holds.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `spec.energy` | the text of the spec |
//! | `settings.toml` | all settings, resolved |
//! | `environment.json` | versions, machine, and when the run began |
//! | `data.json` | what was read: columns, rows, notes, findings |
//! | `reference.npy` | up to a thousand training rows in data units |
//! | `metrics.jsonl` | a line for each report of the loss and each evaluation |
//! | `checkpoints/run.state` | everything that the remaining steps depend on |
//! | `model.safetensors` | the parameters to keep, with the units of training |
//! | `report.html`, `*.png` | the report |
//!
//! `settings.toml` is written last of what a run begins with: a folder that has it is complete.

mod environment;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use scorematch::__private::write_whole;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::settings::Settings;

pub use environment::Environment;

/// A folder of a run, locked by this process.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Holds the lock until it is dropped.
    _lock: File,
}

/// The files that a run begins with; that of the settings makes it a run.
const BEGUN: [&str; 6] = [
    "settings.toml",
    "spec.energy",
    "environment.json",
    "data.json",
    "reference.npy",
    ".lock",
];

/// Names of runs that are numbered by themselves end in at most so many digits.
const DIGITS: usize = 3;

impl RunFolder {
    /// Makes the folder of a new run: at `path`, or else the first free `runs/<model>-<number>`.
    ///
    /// # Errors
    /// The folder exists and is not empty, or cannot be made; the message has the cure.
    pub fn create(path: Option<&Path>, model: &str) -> Result<Self> {
        let Some(path) = path else {
            return Self::create_numbered(Path::new("runs"), model);
        };
        if path.join("settings.toml").exists() {
            bail!(
                "{} holds a run: resume it with `scorematch resume {}`, or name another folder with --run",
                path.display(),
                path.display()
            );
        }
        let empty = |mut entries: fs::ReadDir| {
            entries.all(|entry| {
                // What a run that was killed while it began leaves behind.
                entry.is_ok_and(|entry| is_of_begun_run(&entry.file_name().to_string_lossy()))
            })
        };
        if path.exists() && !fs::read_dir(path).is_ok_and(empty) {
            bail!(
                "{} is there and is not an empty folder: name another one with --run",
                path.display()
            );
        }
        fs::create_dir_all(path).with_context(|| unwritable(path))?;
        Self::begun(path)
    }

    fn create_numbered(parent: &Path, model: &str) -> Result<Self> {
        fs::create_dir_all(parent).with_context(|| unwritable(parent))?;
        for number in 1.. {
            let name = format!("{}-{number:0DIGITS$}", model.to_lowercase());
            let path = parent.join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Self::begun(&path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(anyhow!(error).context(unwritable(&path))),
            }
        }
        bail!("{} has no room for another run", parent.display())
    }

    fn begun(path: &Path) -> Result<Self> {
        let checkpoints = path.join("checkpoints");
        fs::create_dir_all(&checkpoints).with_context(|| unwritable(path))?;
        Self::locked(path, || unwritable(path))
    }

    /// Opens the folder of a run, to change it.
    ///
    /// # Errors
    /// There is no run, or another process works on it.
    pub fn open(path: &Path) -> Result<Self> {
        check_run(path)?;
        Self::locked(path, || {
            format!(
                "cannot change the run {}: it needs a folder that you can write to",
                path.display()
            )
        })
    }

    fn locked(path: &Path, cure: impl FnOnce() -> String) -> Result<Self> {
        let file = path.join(".lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file)
            .with_context(cure)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => bail!(
                "another process works on the run {}: wait for it, or end it",
                path.display()
            ),
            // A file system without locks.
            Err(fs::TryLockError::Error(error)) => log::debug!("{}: {error}", file.display()),
        }
        Ok(RunFolder {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of one of its files.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The state of the run.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path.join("checkpoints").join("run.state")
    }

    /// The copy of the rows that is read while the run goes on.
    #[must_use]
    pub fn row_copy(&self) -> PathBuf {
        self.path.join("checkpoints").join("rows.bin")
    }

    /// Removes the copy of the rows, if there is one.
    pub fn remove_row_copy(&self) {
        if let Err(error) = fs::remove_file(self.row_copy())
            && error.kind() != io::ErrorKind::NotFound
        {
            log::warn!("{} is left over: {error}", self.row_copy().display());
        }
    }

    /// The parameters to keep.
    #[must_use]
    pub fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// Writes a file, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_whole(&self.path.join(name), bytes)
            .context("cannot write a file of the run; what stood there is unchanged")
    }

    /// Writes a value as JSON.
    ///
    /// # Errors
    /// As [`RunFolder::write`].
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        self.write(name, text.as_bytes())
    }

    /// Removes what a run without a step consists of, and the folder if nothing else is in it.
    pub(crate) fn discard(&self) {
        // What cannot be removed is in the way of nothing but a run in the same folder.
        for name in BEGUN
            .into_iter()
            .chain(["metrics.jsonl", "model.safetensors"])
        {
            let _ = fs::remove_file(self.file(name));
        }
        let _ = fs::remove_file(self.state());
        self.remove_row_copy();
        let _ = fs::remove_dir(self.file("checkpoints"));
        let _ = fs::remove_dir(&self.path);
    }

    /// Writes the settings, which completes the folder of a new run.
    ///
    /// # Errors
    /// As [`RunFolder::write`].
    pub fn write_settings(&self, settings: &Settings) -> Result<()> {
        self.write("settings.toml", settings.text()?.as_bytes())
    }
}

/// The settings of the run in a folder.
///
/// # Errors
/// There is no run, or its settings cannot be read.
pub fn settings_of(path: &Path) -> Result<Settings> {
    check_run(path)?;
    Settings::read(&path.join("settings.toml"))
}

/// The text of the spec of the run in a folder.
///
/// # Errors
/// There is no run, or its spec cannot be read.
pub fn spec_of(path: &Path) -> Result<String> {
    check_run(path)?;
    let file = path.join("spec.energy");
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// A JSON file of the run in a folder.
///
/// # Errors
/// The file cannot be read or is damaged.
pub fn read_json<V: DeserializeOwned>(path: &Path, name: &str) -> Result<V> {
    let file = path.join(name);
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()))
}

fn check_run(path: &Path) -> Result<()> {
    if path.join("settings.toml").is_file() {
        return Ok(());
    }
    let begun = path.join(".lock").is_file();
    let path = path.display();
    if begun {
        bail!(
            "the run {path} was ended before it had begun, and nothing was trained: start it again with `scorematch train … \
             --run {path}`"
        );
    }
    bail!("{path} is not the folder of a run: `scorematch runs` lists those there are")
}

/// Whether a process works on the run in a folder.
#[must_use]
pub fn is_at_work(path: &Path) -> bool {
    let lock = File::open(path.join(".lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
}

/// Whether a run that was killed while it began may have left a file of this name.
fn is_of_begun_run(name: &str) -> bool {
    let begins = BEGUN.contains(&name) && name != "settings.toml";
    begins || name == "checkpoints" || name.starts_with(".scorematch-")
}

fn unwritable(path: &Path) -> String {
    format!(
        "cannot write to {}; choose another folder with --run DIR",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_locked_and_opened() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        let message = RunFolder::open(&path).unwrap_err().to_string();
        assert!(message.contains("scorematch runs"), "{message}");
        let folder = RunFolder::create(Some(&path), "Mine").unwrap();
        let second = RunFolder::create(Some(&path), "Mine").unwrap_err();
        assert!(second.to_string().contains("another process"), "{second}");
        folder.write("spec.energy", b"text").unwrap();
        drop(folder);
        // As after a kill before the settings were written.
        let message = RunFolder::open(&path).unwrap_err().to_string();
        assert!(message.contains("start it again"), "{message}");
        let folder = RunFolder::create(Some(&path), "Mine").unwrap();
        let settings = Settings {
            model: "Mine".into(),
            ..Settings::default()
        };
        folder.write_settings(&settings).unwrap();
        drop(folder);
        assert_eq!(settings_of(&path).unwrap(), settings);
        assert!(RunFolder::open(&path).is_ok());
        let message = RunFolder::create(Some(&path), "Mine").unwrap_err();
        assert!(
            message.to_string().contains("scorematch resume"),
            "{message}"
        );
    }

    #[test]
    fn foreign_folders_are_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("thesis.tex"), b"x").unwrap();
        let message = RunFolder::create(Some(root.path()), "Mine").unwrap_err();
        assert!(message.to_string().contains("--run"), "{message}");
        let file = root.path().join("thesis.tex");
        assert!(RunFolder::create(Some(&file), "Mine").is_err());
    }
}
