//! Comma-separated files to arrays of numbers. Enters: text. Leaves: a matrix of finite numbers,
//! one row a line, and its column names. Anything else in the file is an error with its line and
//! column.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder, Trim};
use ndarray::Array2;

use super::{Columns, DataError};

/// Numbers read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// `[rows, columns]`, all finite.
    pub values: Array2<f64>,
    /// The name of each column, from the header; `column 1`, `column 2`, .. where the file has
    /// none.
    pub names: Vec<String>,
}

impl Table {
    /// Reads the chosen columns of a file.
    ///
    /// Cells stand between commas, semicolons or tabs, whichever the first line holds most of;
    /// blank lines are skipped. The first line is a header if none of its cells is a number. Cells
    /// outside the chosen columns may hold anything.
    ///
    /// # Errors
    /// A file that cannot be read or holds no rows, a line with another number of cells than the
    /// first, a chosen cell that is not a finite number, a column that is not there: each with the
    /// file, the line and the column.
    pub fn read(file: impl AsRef<Path>, columns: &Columns) -> Result<Self, DataError> {
        let file = file.as_ref();
        let unreadable = |source| DataError::Read {
            file: file.to_owned(),
            source,
        };
        let mut bytes = Vec::new();
        let mut source = BufReader::new(File::open(file).map_err(unreadable)?);
        source.read_to_end(&mut bytes).map_err(unreadable)?;
        Self::parse(file, &bytes, columns)
    }

    /// As [`Table::read`], from the contents of a file; `file` is the name that errors show.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn parse(
        file: impl AsRef<Path>,
        text: &[u8],
        columns: &Columns,
    ) -> Result<Self, DataError> {
        let file = file.as_ref();
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter(text))
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text);
        let mut record = ByteRecord::new();
        let mut header: Option<Vec<String>> = None;
        let mut places = Vec::new();
        let mut values = Vec::new();
        let mut width = None;
        while reader
            .read_byte_record(&mut record)
            .map_err(|error| DataError::Read {
                file: file.to_owned(),
                source: error.into(),
            })?
        {
            let line = Line {
                file,
                number: line_number(text, &record),
                record: &record,
            };
            match width {
                None => {
                    width = Some(record.len());
                    header = line.header()?;
                    places = columns.places(file, header.as_deref(), record.len())?;
                    if header.is_some() {
                        continue;
                    }
                }
                Some(expected) => line.check_width(expected)?,
            }
            for &place in &places {
                values.push(line.finite(place, header.as_deref())?);
            }
        }
        if values.is_empty() {
            return Err(DataError::Empty {
                file: file.to_owned(),
            });
        }
        let name = |&place: &usize| match &header {
            Some(names) => names[place].clone(),
            None => format!("column {}", place + 1),
        };
        let names: Vec<String> = places.iter().map(name).collect();
        let values = Array2::from_shape_vec((values.len() / names.len(), names.len()), values)
            .expect("every line adds one value for each name");
        Ok(Table { values, names })
    }
}

/// One line, and what an error about it must know.
struct Line<'a> {
    file: &'a Path,
    number: u64,
    record: &'a ByteRecord,
}

impl Line<'_> {
    fn cell(&self, place: usize) -> Result<&str, DataError> {
        std::str::from_utf8(&self.record[place]).map_err(|_| DataError::NotText {
            file: self.file.to_owned(),
            line: self.number,
        })
    }

    /// The cells as names, unless one of them is a number.
    fn header(&self) -> Result<Option<Vec<String>>, DataError> {
        let mut names = Vec::with_capacity(self.record.len());
        for place in 0..self.record.len() {
            let cell = self.cell(place)?;
            if cell.parse::<f64>().is_ok() {
                return Ok(None);
            }
            names.push(cell.to_owned());
        }
        Ok(Some(names))
    }

    fn check_width(&self, expected: usize) -> Result<(), DataError> {
        let found = self.record.len();
        if found == expected {
            return Ok(());
        }
        Err(DataError::Ragged {
            file: self.file.to_owned(),
            line: self.number,
            found,
            expected,
        })
    }

    fn finite(&self, place: usize, header: Option<&[String]>) -> Result<f64, DataError> {
        let cell = self.cell(place)?;
        let number = cell.parse::<f64>();
        if let Ok(value) = number
            && value.is_finite()
        {
            return Ok(value);
        }
        let (file, line, column) = (self.file.to_owned(), self.number, place + 1);
        let name = header.map(|names| names[place].clone());
        let found = cell.to_owned();
        Err(match number {
            Ok(_) => DataError::NotFinite {
                file,
                line,
                column,
                name,
                found,
            },
            Err(_) => DataError::NotANumber {
                file,
                line,
                column,
                name,
                found,
            },
        })
    }
}

/// The line on which a record begins, from 1.
fn line_number(text: &[u8], record: &ByteRecord) -> u64 {
    let start = record
        .position()
        .expect("a record that was read has a position");
    // The reader's position stands before the blank lines that it skips.
    let blank = text[start.byte() as usize..]
        .iter()
        .take_while(|&&byte| byte == b'\n' || byte == b'\r');
    start.line() + blank.filter(|&&byte| byte == b'\n').count() as u64
}

/// The separator that the first line holds most of outside quotes; a comma where it holds none.
fn delimiter(text: &[u8]) -> u8 {
    let mut quoted = false;
    let first = text
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace())
        .take_while(|&&byte| byte != b'\n');
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0)];
    for &byte in first {
        quoted ^= byte == b'"';
        if let Some(count) = counts.iter_mut().find(|(mark, _)| *mark == byte && !quoted) {
            count.1 += 1;
        }
    }
    // The first of equals wins, so a comma where there is none.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(mark, _)| *mark)
}
