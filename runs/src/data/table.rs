//! Tables of files, as the settings of a run read them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use ndarray::Array2;
use scorematch::data::{Columns, Constants, Description, FileReader, Missing, Table, TextColumns};

use super::Account;
use crate::cures::in_flags;
use crate::settings::{DataSettings, Settings};

/// The number of columns that a run of these settings would take from its file.
///
/// # Errors
/// The file cannot be read.
pub fn width(settings: &DataSettings) -> Result<usize> {
    let description = reader(settings).describe(&settings.file);
    let description = description.map_err(|error| anyhow!(in_flags(&error)))?;
    Ok(description.names.len())
}

/// What the data file says about itself, columns that hold one value included: nothing but its header is read if it says
/// how many rows it has.
pub(super) fn describe(settings: &DataSettings) -> Result<Description> {
    let all = DataSettings {
        keep_constant: true,
        ..settings.clone()
    };
    let description = reader(&all).describe(&settings.file);
    description.map_err(|error| anyhow!(in_flags(&error)))
}

/// Reads a table.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_table(data: &DataSettings, file: &Path) -> Result<Table> {
    let table = reader(data).read(file);
    table.map_err(|error| anyhow!(in_flags(&error)))
}

pub(super) fn reader(data: &DataSettings) -> FileReader {
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
    let names: BTreeSet<&String> = account.columns.iter().collect();
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

/// The held-out rows of a file of their own, which has the columns of these names, and what its reader did.
pub(super) fn held_out_file(
    data: &DataSettings,
    file: &Path,
    names: &[String],
) -> Result<(Array2<f64>, Vec<String>)> {
    let wanted = DataSettings {
        columns: named(names),
        keep_constant: true,
        ..data.clone()
    };
    let table = read_table(&wanted, file)
        .with_context(|| format!("the held-out rows of {}", file.display()))?;
    let notes = table.notes().iter();
    let notes = notes.map(|note| format!("held-out rows: {note}")).collect();
    Ok((table.values, notes))
}

/// That a model takes as many columns.
pub(super) fn check_width(names: &[String], dim: usize, model: &str) -> Result<()> {
    let width = names.len();
    if width == dim {
        return Ok(());
    }
    const SHOWN: usize = 12;
    let mut names = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    if width > SHOWN {
        names.push(format!("… ({} more)", width - SHOWN));
    }
    bail!(
        "the data has {width} columns ({}), and {model} takes {dim}: choose {dim} of them with --columns, or write x: [D] in \
         the spec, whose size is then taken from the data",
        names.join(", ")
    )
}
