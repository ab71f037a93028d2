//! The reader of files of all formats. Takes settings and a path; produces a table, blocks of rows, or a description.

use std::path::Path;

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use super::blocks::{Blocks, Rows, compare};
use super::description::Description;
use super::file::Opening;
use super::notes;
use super::open::open;
use super::settings::Settings;
use super::source::Opened;
use super::{
    Columns, Constants, Format, Header, Missing, Separator, Table, TableError, TextColumns,
};
use crate::error::{Error, Result};

/// Reads tables of numbers from files: CSV, npy, npz, Parquet and xlsx, as far as this build has their features. The
/// first bytes of a file say which it is, then its name.
///
/// [`Table::notes`] says what was left out, converted or chosen. Missing values are empty cells, words such as `NA` and
/// `null`, NaN, nulls, and errors of a sheet such as `#N/A`. Columns whose names are empty are not among
/// [`Columns::All`].
///
/// Text is as `CsvReader` reads it. Of npy, every type of real numbers is read, in both orders of
/// bytes and of axes, with one axis (one column) or two. Of Parquet, flat columns of numbers, booleans and decimals are
/// read. Of a sheet, the first row that has cells is the header, under the rule of [`Header`]; rows without cells are
/// skipped; formulas have the values that were saved with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[must_use]
pub struct FileReader {
    settings: Settings,
}

impl FileReader {
    /// A reader of all columns of numbers. A missing value is an error.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads only these columns.
    pub fn columns(mut self, columns: Columns) -> Self {
        self.settings.columns = columns;
        self
    }

    /// Sets whether the first row of text or of a sheet is a header. Other formats say it themselves.
    pub fn header(mut self, header: Header) -> Self {
        self.settings.header = header;
        self
    }

    /// Sets the separator between the cells of text, in place of the one that fits the first lines best.
    pub fn separator(mut self, separator: Separator) -> Self {
        self.settings.separator = Some(separator);
        self
    }

    /// Sets what is done about missing values in chosen columns.
    pub fn missing(mut self, missing: Missing) -> Self {
        self.settings.missing = missing;
        self
    }

    /// Sets what is done about columns without numbers. Unless it is set, they are an error where columns are named, and
    /// left out where all are asked for.
    pub fn text(mut self, text: TextColumns) -> Self {
        self.settings.text = Some(text);
        self
    }

    /// Sets what is done about columns that hold one value in all rows that are kept.
    pub fn constant(mut self, constant: Constants) -> Self {
        self.settings.constant = constant;
        self
    }

    /// Chooses an array of an npz file; needed if it has several.
    pub fn array(mut self, name: impl Into<String>) -> Self {
        self.settings.array = Some(name.into());
        self
    }

    /// Chooses a sheet of an xlsx file; needed if several have cells.
    pub fn sheet(mut self, name: impl Into<String>) -> Self {
        self.settings.sheet = Some(name.into());
        self
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`TableError`], which names the file and, of a value, its place: the file cannot be read, is damaged or of no
    /// format of this build; a chosen column, array or sheet is not there or holds no numbers; a chosen cell is missing
    /// or not a finite number; there are no rows.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table> {
        let (rows, _) = self.rows(path.as_ref())?;
        let mut table = rows.table()?;
        if self.settings.constant == Constants::LeaveOut {
            let (mut varies, first) = (
                vec![false; table.values.ncols()],
                table.values.row(0).to_vec(),
            );
            for row in table.values.rows() {
                let row = row.to_slice().expect("the rows of a table are contiguous");
                compare(row, &first, &mut varies);
            }
            let origin = &mut table.origin;
            if let Some(note) = left_out(path.as_ref(), &varies, &first, &table.names)? {
                origin.notes.push(note);
                let kept: Vec<usize> = (0..varies.len()).filter(|&column| varies[column]).collect();
                table.values = table
                    .values
                    .select(Axis(1), &kept)
                    .as_standard_layout()
                    .into_owned();
                origin.locator.retain(&varies);
                table.names.clone_from(&origin.locator.names);
            }
        }
        Ok(table)
    }

    /// The rows of a file in blocks of `rows_per_block`, for data larger than memory: the same values under the same rules
    /// as [`FileReader::read`], with the same notes after the last block.
    ///
    /// Memory is bounded by a block and what the format unpacks at a time: nothing of an npy file; one page of each
    /// column of a Parquet file. An array of an npz file with compression, a CSV file and a sheet are in memory as a
    /// whole. Columns with one value, if they are to be left out, are found in a pass over the file before the first
    /// block.
    ///
    /// # Errors
    /// As [`FileReader::read`], for what is known before the rows; `rows_per_block` is 0. Blocks are errors for the rest.
    pub fn blocks(&self, path: impl AsRef<Path>, rows_per_block: usize) -> Result<Blocks> {
        let path = path.as_ref();
        if rows_per_block == 0 {
            return Err(Error::InvalidSetting {
                setting: "rows_per_block",
                found: "0".to_owned(),
                expected: "give the number of rows of a block, at least 1".to_owned(),
            });
        }
        let (rows, mut names) = self.rows(path)?;
        let constant = self.constant_columns(path, &names)?;
        if let Some((varies, _)) = &constant {
            let mut varies = varies.iter();
            names.retain(|_| varies.next() == Some(&true));
        }
        let (keep, constant) = constant.unzip();
        Ok(Blocks {
            rows,
            rows_per_block,
            keep,
            names,
            constant,
            is_done: false,
            given: 0,
        })
    }

    /// What a file holds: its format, the columns that would be read, and the number of rows if the file says it. Reads
    /// no rows of npy and Parquet files, unless columns with one value are to be left out.
    ///
    /// # Errors
    /// As [`FileReader::read`], for what is known before the rows.
    pub fn describe(&self, path: impl AsRef<Path>) -> Result<Description> {
        let path = path.as_ref();
        let (format, _, opened) = self.open(path)?;
        let Opened {
            locator,
            mut notes,
            rows,
            ..
        } = opened;
        let mut names = locator.names;
        if let Some((varies, note)) = self.constant_columns(path, &names)? {
            notes.push(note);
            let mut varies = varies.iter();
            names.retain(|_| varies.next() == Some(&true));
        }
        Ok(Description {
            format,
            names,
            rows,
            notes,
        })
    }

    fn open(&self, path: &Path) -> Result<(Format, super::limit::Limit, Opened), TableError> {
        let opening = Opening::of(path)?;
        let (format, limit) = (opening.format, opening.limit());
        Ok((format, limit, open(opening, &self.settings)?))
    }

    fn rows(&self, path: &Path) -> Result<(Rows, Vec<String>), TableError> {
        let (_, limit, opened) = self.open(path)?;
        let names = opened.locator.names.clone();
        Ok((Rows::new(opened, self.settings.missing, limit), names))
    }

    /// The columns that vary and the sentence about the others, if there are others and they are to be left out.
    fn constant_columns(
        &self,
        path: &Path,
        names: &[String],
    ) -> Result<Option<(Vec<bool>, String)>, TableError> {
        if self.settings.constant == Constants::Keep {
            return Ok(None);
        }
        let (rows, _) = self.rows(path)?;
        let (varies, first) = rows.varying()?;
        let note = left_out(path, &varies, &first, names)?;
        Ok(note.map(|note| (varies, note)))
    }
}

/// The sentence about columns that do not vary, if there are some.
fn left_out(
    file: &Path,
    varies: &[bool],
    first: &[f64],
    names: &[String],
) -> Result<Option<String>, TableError> {
    let constant: Vec<(String, f64)> = (0..varies.len())
        .filter(|&column| !varies[column])
        .map(|column| (names[column].clone(), first[column]))
        .collect();
    let note = notes::constant(&constant);
    if constant.len() == varies.len() {
        return Err(TableError::NoNumbers {
            file: file.to_owned(),
            notes: note.into_iter().collect(),
        });
    }
    Ok(note)
}
