//! The reader of files of separated values. Takes text; produces a matrix of finite numbers, one row per line, and its
//! column names. Any other content is an error with its line and column.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::source::open;
use crate::data::tables::blocks::Rows;
use crate::data::tables::file::unreadable;
use crate::data::tables::limit::Limit;
use crate::data::tables::settings::Settings;
use crate::data::tables::{Columns, Header, Missing, Separator, Table, TableError, TextColumns};

/// Reads tables of numbers from text.
///
/// The separator between cells is a semicolon, tab, bar, comma or whitespace: the one with which most cells of the
/// first lines are numbers. Numbers have a decimal point, or a decimal comma if the separator is not a comma. Blank
/// lines are skipped. Columns that are not chosen may contain anything. Text is UTF-8, or UTF-16 with a byte order
/// mark. [`Table::layout`] returns the layout that a file was read with.
///
/// A chosen column of text and a missing value are errors; [`FileReader`](crate::data::FileReader) leaves them out if it
/// is told to, and unpacks compressed files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use]
pub struct CsvReader {
    columns: Columns,
    header: Header,
    separator: Option<Separator>,
}

impl CsvReader {
    /// A reader of all columns that detects the header and the separator.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads only these columns.
    pub fn columns(self, columns: Columns) -> Self {
        Self { columns, ..self }
    }

    /// Sets whether the first line is a header.
    pub fn header(self, header: Header) -> Self {
        Self { header, ..self }
    }

    /// Sets the separator between cells.
    pub fn separator(self, separator: Separator) -> Self {
        Self {
            separator: Some(separator),
            ..self
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read or has no rows; a line has another number of cells than the first; a quote is not
    /// closed; a chosen cell is missing or not a finite number; a chosen column does not exist. Each error contains the
    /// file, the line and the column.
    pub fn read(&self, file: impl AsRef<Path>) -> Result<Table, TableError> {
        let file = file.as_ref();
        let bytes = std::fs::read(file).map_err(|error| unreadable(file, error))?;
        self.table(file, bytes)
    }

    /// As [`CsvReader::read`], from the contents of a file; `file` is the name that errors contain.
    ///
    /// # Errors
    /// As [`CsvReader::read`].
    pub fn parse(&self, file: impl AsRef<Path>, bytes: &[u8]) -> Result<Table, TableError> {
        self.table(file.as_ref(), bytes.to_vec())
    }

    fn table(&self, file: &Path, bytes: Vec<u8>) -> Result<Table, TableError> {
        let settings = Settings {
            columns: self.columns.clone(),
            header: self.header,
            separator: self.separator,
            text: Some(TextColumns::Error),
            ..Settings::default()
        };
        let limit = Limit::of(bytes.len() as u64);
        Rows::new(open(file, bytes, &settings)?, Missing::Error, limit).table()
    }
}

impl Table {
    /// Reads the chosen columns of a file with the defaults of [`CsvReader`].
    ///
    /// # Errors
    /// As [`CsvReader::read`].
    pub fn read(file: impl AsRef<Path>, columns: &Columns) -> Result<Self, TableError> {
        CsvReader::new().columns(columns.clone()).read(file)
    }

    /// As [`Table::read`], from the contents of a file; `file` is the name that errors contain.
    ///
    /// # Errors
    /// As [`CsvReader::read`].
    pub fn parse(
        file: impl AsRef<Path>,
        text: &[u8],
        columns: &Columns,
    ) -> Result<Self, TableError> {
        CsvReader::new().columns(columns.clone()).parse(file, text)
    }
}
