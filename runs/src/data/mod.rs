//! From files to the rows of a run. Takes the settings of the data; produces training rows and held-out rows in the units of
//! training, and what is said about them. Rows are converted in float64 and cast afterwards.

mod blocks;
mod table;
mod units;

use std::path::Path;

use anyhow::{Result, ensure};
use ndarray::{Array2, ArrayView2, Axis, s};
use scorematch::Real;
use scorematch::data::{FileReader, Standardization, split, write_table};
use scorematch::train::{self, RowFile, Shuffle};
use serde::{Deserialize, Serialize};

use crate::cures::in_flags;
use crate::settings::{DataSettings, Settings, Stream};

pub use table::width;
pub(crate) use table::{as_in_run, of_run, read_table};
use table::{check_width, describe, held_out_file, named, reader};
pub(crate) use units::in_units;
use units::{constant_in_training, constant_note, fit_units, in_run_units};

/// Rows of the training data that a run keeps.
const REFERENCE: usize = 1000;

/// The rows of a run.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    /// What is said about them.
    pub(crate) account: Account,
    /// The units of training, if they are not those of the data.
    pub(crate) units: Option<Standardization>,
    /// Training rows.
    pub(crate) train: TrainingRows<T>,
    /// Held-out rows in the units of training.
    pub(crate) held_out: Option<Array2<T>>,
    /// Evenly spaced training rows in data units.
    pub(crate) reference: Array2<f64>,
    /// The held-out rows in data units.
    pub(crate) held_out_in_data_units: Option<Array2<f64>>,
}

/// What was read: the content of `data.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// Training rows.
    pub train: usize,
    /// Held-out rows.
    pub held_out: usize,
    /// What the reader did, a sentence each.
    pub notes: Vec<String>,
    /// What about the data misleads a model, each with its cure.
    pub findings: Vec<String>,
    /// The mean of each column of the units of training; empty if they are those of the data.
    pub mean: Vec<f64>,
    /// The standard deviation of each column of the units of training; empty if they are those of the data.
    pub std: Vec<f64>,
}

/// Training rows in the units of training.
#[derive(Debug)]
pub(crate) enum TrainingRows<T> {
    /// In memory.
    Array(Array2<T>),
    /// In a file.
    File(RowFile<T>),
}

impl<T: Real> TrainingRows<T> {
    pub(crate) fn rows(&self) -> usize {
        match self {
            TrainingRows::Array(rows) => rows.nrows(),
            TrainingRows::File(file) => file.rows(),
        }
    }
}

impl<'x, T: Real> From<&'x TrainingRows<T>> for train::Rows<'x, T> {
    fn from(rows: &'x TrainingRows<T>) -> Self {
        match rows {
            TrainingRows::Array(rows) => rows.into(),
            TrainingRows::File(file) => file.into(),
        }
    }
}

/// Reads the rows of a run. `path` is where a copy of them goes that the trainer reads in blocks, if they are streamed.
///
/// # Errors
/// A file cannot be read, has other columns than the model, or values that cannot be used; each message names the cure.
pub(crate) fn read<T: Real>(
    settings: &Settings,
    dim: usize,
    model: &str,
    path: &Path,
) -> Result<Rows<T>> {
    match (settings.data.stream, settings.train.shuffle) {
        (Stream::Always, _) => blocks::read(settings, dim, model, Some(path)),
        (Stream::Never | Stream::Auto, Shuffle::Rows) => whole(settings, dim, model),
        (Stream::Never | Stream::Auto, _) => blocks::read(settings, dim, model, None),
    }
}

/// Decides whether the rows are streamed, and in which order they are taken.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn resolve_stream<T: Real>(settings: &mut Settings) -> Result<()> {
    if settings.data.stream == Stream::Auto {
        let description = describe(&settings.data)?;
        // In float64 when they are read, and twice in the trainer's type.
        let width = size_of::<f64>() + 2 * size_of::<T>();
        let bytes = description.rows.unwrap_or(0) * (description.names.len() * width) as u64;
        settings.data.stream = match bytes > available_memory() / 2 {
            true => Stream::Always,
            false => Stream::Never,
        };
    }
    if settings.data.stream == Stream::Always && settings.train.shuffle == Shuffle::Rows {
        settings.train.shuffle = Shuffle::Blocks {
            rows: 4096,
            window: 64,
        };
    }
    Ok(())
}

/// Bytes that the system can give; some gigabytes if it does not say.
fn available_memory() -> u64 {
    const USUAL: u64 = 4 << 30;
    let Ok(text) = std::fs::read_to_string("/proc/meminfo") else {
        return USUAL;
    };
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kibibytes.map_or(USUAL, |kibibytes: u64| kibibytes << 10)
}

/// Reads all rows at once.
fn whole<T: Real>(settings: &Settings, dim: usize, model: &str) -> Result<Rows<T>> {
    let data = &settings.data;
    let table = read_table(data, &data.file)?;
    check_width(&table.names, dim, model)?;
    let (names, mut notes) = (table.names.clone(), table.notes().to_vec());
    let (training, held_out) = match (&data.valid, data.valid_fraction) {
        (Some(file), _) => {
            let (held_out, of_held_out) = held_out_file(data, file, &names)?;
            notes.extend(of_held_out);
            (table.values, Some(held_out))
        }
        (None, 0.0) => (table.values, None),
        (None, fraction) => {
            ensure!(
                table.values.nrows() > 1,
                "{} has one row, of which none can be held out: give more rows, or --valid-fraction 0",
                data.file.display()
            );
            let (training, held_out) = apart(table.values, fraction, settings.train.seed)?;
            (training, Some(held_out))
        }
    };
    notes.extend(constant_in_training(&names, training.view(), data.units));
    let units = fit_units(data.units, &names, training.view())?;
    let reference = spaced(training.view(), REFERENCE);
    let train: Array2<T> = in_run_units(data, units.as_ref(), training.view())?;
    drop(training);
    let findings = findings(settings, train.view(), &names)?;
    let said = Said {
        names,
        notes,
        findings,
    };
    let train = TrainingRows::Array(train);
    Rows::of(data, said, units, train, held_out, reference)
}

/// What is said about rows before they are counted.
struct Said {
    names: Vec<String>,
    notes: Vec<String>,
    findings: Vec<String>,
}

impl<T: Real> Rows<T> {
    /// Rows of which all but the training rows are in data units.
    fn of(
        data: &DataSettings,
        said: Said,
        units: Option<Standardization>,
        train: TrainingRows<T>,
        held_out: Option<Array2<f64>>,
        reference: Array2<f64>,
    ) -> Result<Self> {
        let Said {
            names,
            notes,
            findings,
        } = said;
        let (mean, std) = match &units {
            Some(units) => (units.mean().to_vec(), units.std().to_vec()),
            None => (Vec::new(), Vec::new()),
        };
        let converted = held_out
            .as_ref()
            .map(|rows| in_run_units(data, units.as_ref(), rows.view()));
        Ok(Rows {
            account: Account {
                columns: names,
                train: train.rows(),
                held_out: held_out.as_ref().map_or(0, Array2::nrows),
                notes,
                findings,
                mean,
                std,
            },
            held_out: converted.transpose()?,
            units,
            train,
            reference,
            held_out_in_data_units: held_out,
        })
    }
}

/// What the guard of the settings says about rows in the units of training.
fn findings<T: Real>(
    settings: &Settings,
    rows: ArrayView2<'_, T>,
    names: &[String],
) -> Result<Vec<String>> {
    let train = &settings.train;
    let noise = train.jitter.hypot(train.objective.sigma().unwrap_or(0.0));
    let findings = train.data_guard.findings(rows, noise, names)?;
    Ok(findings.iter().map(in_flags).collect())
}

/// The file of the rows that a run keeps.
const REFERENCE_FILE: &str = "reference.npy";

/// Writes the rows that a run keeps.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write_reference(run: &Path, account: &Account, rows: &Array2<f64>) -> Result<()> {
    Ok(write_table(
        run.join(REFERENCE_FILE),
        &account.columns,
        rows,
    )?)
}

/// Reads the rows that a run keeps.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn read_reference(run: &Path) -> Result<Array2<f64>> {
    Ok(FileReader::new().read(run.join(REFERENCE_FILE))?.values)
}

/// [`split`], without a second copy of the training rows.
fn apart(mut x: Array2<f64>, fraction: f64, seed: u64) -> Result<(Array2<f64>, Array2<f64>)> {
    let places = split(&Array2::<f32>::zeros((x.nrows(), 1)), fraction, seed)?;
    let held_out = x.select(Axis(0), &places.held_out_rows);
    let count = places.train_rows.len();
    for (to, from) in places.train_rows.into_iter().enumerate() {
        if from > to {
            let (mut first, second) = x.multi_slice_mut((s![to, ..], s![from, ..]));
            first.assign(&second);
        }
    }
    x.slice_collapse(s![..count, ..]);
    Ok((x, held_out))
}

/// At most so many evenly spaced rows.
pub(crate) fn spaced(rows: ArrayView2<'_, f64>, most: usize) -> Array2<f64> {
    let count = rows.nrows().min(most);
    let places: Vec<usize> = (0..count).map(|k| k * rows.nrows() / count).collect();
    rows.select(Axis(0), &places)
}

/// The units of training as a setting of the trainer, whose rows have them already.
pub(crate) fn units_setting(units: Option<&Standardization>) -> train::Units {
    match units {
        Some(units) => train::Units::Converted(units.clone()),
        None => train::Units::Data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_held_out_as_by_a_split() {
        for rows in [2, 3, 50, 1001] {
            let x = Array2::from_shape_fn((rows, 3), |(row, column)| (3 * row + column) as f64);
            let expected = split(&x, 0.3, 5).unwrap();
            let (training, held_out) = apart(x, 0.3, 5).unwrap();
            assert_eq!((training, held_out), (expected.train, expected.held_out));
        }
    }
}
