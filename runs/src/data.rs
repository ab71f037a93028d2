//! From files to the rows of a run. Takes the settings of the data; produces training rows and held-out rows in the units of
//! training, and what is said about them. Rows are converted in float64 and cast afterwards.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use ndarray::{Array2, ArrayView2, Axis};
use scorematch::Real;
use scorematch::data::{
    Columns, ConstantColumns, Constants, FileReader, Missing, Standardization, Standardizer, Table,
    TextColumns, check_finite, split, write_table,
};
use scorematch::train;
use serde::{Deserialize, Serialize};

use crate::cures::in_flags;
use crate::settings::{DataSettings, Settings, Units};

/// Rows of the training data that a run keeps.
const REFERENCE: usize = 1000;

/// The rows of a run.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    /// What is said about them.
    pub(crate) account: Account,
    /// The units of training, if they are not those of the data.
    pub(crate) units: Option<Standardization>,
    /// Training rows in the units of training.
    pub(crate) train: Array2<T>,
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

/// Reads the rows of a run.
///
/// # Errors
/// A file cannot be read, has other columns than the model, or values that cannot be used; each message names the cure.
pub(crate) fn read<T: Real>(settings: &Settings, dim: usize, model: &str) -> Result<Rows<T>> {
    let data = &settings.data;
    let table = read_table(data, &data.file)?;
    check_width(&table, dim, model)?;
    let mut notes = table.notes().to_vec();
    let (mut training, mut held_out) = match (&data.valid, data.valid_fraction) {
        (Some(file), _) => {
            let wanted = DataSettings {
                columns: named(&table.names),
                keep_constant: true,
                ..data.clone()
            };
            let held_out = read_table(&wanted, file)
                .with_context(|| format!("the held-out rows of {}", file.display()))?;
            let of_held_out = held_out.notes().iter();
            notes.extend(of_held_out.map(|note| format!("held-out rows: {note}")));
            (table.values, Some(held_out.values))
        }
        (None, 0.0) => (table.values, None),
        (None, fraction) => {
            ensure!(
                table.values.nrows() > 1,
                "{} has one row, of which none can be held out: give more rows, or --valid-fraction 0",
                data.file.display()
            );
            let parts = split(&table.values, fraction, settings.train.seed)?;
            (parts.train, Some(parts.held_out))
        }
    };
    let names = &table.names;
    notes.extend(constant_in_training(names, training.view(), data.units));
    let units = fit_units(data, names, training.view())?;
    let reference = spaced(training.view());
    let mut findings = Vec::new();
    let cure = || {
        format!(
            "{}: other units keep numbers in range (--units deviation, --units robust), or --precision f64",
            data.file.display()
        )
    };
    let train = in_units::<T>("the data", units.as_ref(), std::mem::take(&mut training))
        .with_context(cure)?;
    let noise = settings
        .train
        .jitter
        .hypot(settings.train.objective.sigma().unwrap_or(0.0));
    for finding in settings
        .train
        .data_guard
        .findings(train.view(), noise, names)?
    {
        findings.push(in_flags(&finding));
    }
    let kept = held_out.clone();
    let held_out = held_out
        .take()
        .map(|rows| in_units("the held-out data", units.as_ref(), rows))
        .transpose()?;
    let (mean, std) = units
        .as_ref()
        .map(|units| (units.mean().to_vec(), units.std().to_vec()))
        .unwrap_or_default();
    let account = Account {
        columns: table.names,
        train: train.nrows(),
        held_out: held_out.as_ref().map_or(0, Array2::nrows),
        notes,
        findings,
        mean,
        std,
    };
    Ok(Rows {
        account,
        units,
        train,
        held_out,
        reference,
        held_out_in_data_units: kept,
    })
}

/// The number of columns that a run of these settings would take from its file.
///
/// # Errors
/// The file cannot be read.
pub fn width(settings: &DataSettings) -> Result<usize> {
    let description = reader(settings)
        .describe(&settings.file)
        .map_err(|error| anyhow!(in_flags(&error)))?;
    Ok(description.names.len())
}

/// Reads a table.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_table(data: &DataSettings, file: &Path) -> Result<Table> {
    let table = reader(data).read(file);
    table.map_err(|error| anyhow!(in_flags(&error)))
}

fn reader(data: &DataSettings) -> FileReader {
    let mut reader = FileReader::new()
        .columns(data.columns.clone())
        .header(data.header)
        .missing(match data.drop_missing {
            true => Missing::DropRows,
            false => Missing::Error,
        })
        .constant(match data.keep_constant {
            true => Constants::Keep,
            false => Constants::LeaveOut,
        });
    // Columns that are not named are those that hold numbers.
    if data.columns == Columns::All {
        reader = reader.text(TextColumns::LeaveOut);
    }
    if let Some(array) = &data.array {
        reader = reader.array(array);
    }
    if let Some(sheet) = &data.sheet {
        reader = reader.sheet(sheet);
    }
    reader
}

/// The choice of a run's columns in another file: by their names, or by their numbers if the run's file has no names.
pub(crate) fn named(names: &[String]) -> Columns {
    let number = |name: &String| name.strip_prefix("column ")?.parse().ok();
    match names.iter().map(number).collect::<Option<Vec<usize>>>() {
        Some(numbers) => Columns::numbered(numbers),
        None => Columns::named(names.to_vec()),
    }
}

/// The choice of a run's columns in another file of rows; that of the run itself where its names tell no column.
pub(crate) fn of_run(account: &Account, data: &DataSettings) -> Columns {
    let names: std::collections::BTreeSet<&String> = account.columns.iter().collect();
    match names.len() == account.columns.len() {
        true => named(&account.columns),
        false => data.columns.clone(),
    }
}

/// Settings that read the columns that a run was trained on, also if its file has got others.
pub(crate) fn as_in_run(settings: &Settings, account: &Account) -> Settings {
    let mut settings = settings.clone();
    settings.data.columns = of_run(account, &settings.data);
    settings.data.keep_constant = true;
    settings
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

fn check_width(table: &Table, dim: usize, model: &str) -> Result<()> {
    let width = table.names.len();
    if width == dim {
        return Ok(());
    }
    const SHOWN: usize = 12;
    let mut names = table.names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    if width > SHOWN {
        names.push(format!("… ({} more)", width - SHOWN));
    }
    bail!(
        "the data has {width} columns ({}), and {model} takes {dim}: choose {dim} of them with --columns, or write x: [D] in \
         the spec, whose size is then taken from the data",
        names.join(", ")
    )
}

fn fit_units(
    data: &DataSettings,
    names: &[String],
    rows: ArrayView2<'_, f64>,
) -> Result<Option<Standardization>> {
    let standardizer = |robust| {
        Standardizer::new()
            .robust(robust)
            .names(names)
            .constant(ConstantColumns::Unscaled)
    };
    Ok(match data.units {
        Units::Data => None,
        Units::Deviation => Some(standardizer(false).fit(rows)?),
        Units::Robust => Some(standardizer(true).fit(rows)?),
    })
}

/// A note for the columns that hold one value in every training row, which then have no deviation to be divided by.
fn constant_in_training(
    names: &[String],
    rows: ArrayView2<'_, f64>,
    units: Units,
) -> Option<String> {
    if units == Units::Data {
        return None;
    }
    let columns = names.iter().zip(rows.columns());
    let constant: Vec<String> = columns
        .filter(|(_, values)| values.iter().all(|value| *value == values[0]))
        .map(|(name, values)| format!("{name} ({})", values[0]))
        .collect();
    (!constant.is_empty()).then(|| {
        format!(
            "columns that hold one value in every training row are centred and not scaled: {}",
            constant.join(", ")
        )
    })
}

/// Rows in these units, converted in float64. They take the place of the rows, so that no third copy is made.
pub(crate) fn in_units<T: Real>(
    what: &str,
    units: Option<&Standardization>,
    mut rows: Array2<f64>,
) -> Result<Array2<T>> {
    check_finite(what, rows.view())?;
    if let Some(units) = units {
        for mut row in rows.rows_mut() {
            let columns = units.mean().iter().zip(units.std());
            for (x, (mean, std)) in row.iter_mut().zip(columns) {
                *x = (*x - mean) / std;
            }
        }
    }
    let rows = rows.mapv(T::of);
    check_finite(&format!("{what} in the units of training"), rows.view())?;
    Ok(rows)
}

/// At most [`REFERENCE`] evenly spaced rows.
fn spaced(rows: ArrayView2<'_, f64>) -> Array2<f64> {
    let count = rows.nrows().min(REFERENCE);
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
