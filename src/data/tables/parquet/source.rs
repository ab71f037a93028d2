//! Opens a Parquet file and gives its rows. Of each chosen column one page is in memory at a time, whatever the size of
//! the row groups.

use std::path::Path;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::bytes::Checked;
use super::column::{Field, Numbers, big_endian, decimal, fields, float16};
use super::pages;
use crate::data::tables::TableError;
use crate::data::tables::choice::choose;
use crate::data::tables::file::{Opening, damaged, decoding};
use crate::data::tables::place::Locator;
use crate::data::tables::quote::listed;
use crate::data::tables::settings::Settings;
use crate::data::tables::source::{Block, NULL, Opened, Seen, Source};

/// A file whose columns are chosen.
struct Groups {
    locator: Locator,
    reader: SerializedFileReader<Checked>,
    /// The chosen columns.
    fields: Vec<Field>,
    /// The row group at hand, the rows of it that were not read, and its columns.
    group: usize,
    left: u64,
    columns: Vec<ColumnReader>,
    /// Rows that were read.
    read: u64,
    levels: Vec<i16>,
    seen: Seen,
}

/// Chooses the columns of a file.
///
/// # Errors
/// The file is damaged, or as [`choose`].
pub(crate) fn open(opening: Opening, settings: &Settings) -> Result<Opened, TableError> {
    let path = opening.path;
    let reader = decoding(&path, || {
        SerializedFileReader::new(Checked(opening.file)).map_err(|error| told(&path, error))
    })?;
    let metadata = reader.metadata();
    let all = fields(metadata.file_metadata().schema_descr().root_schema());
    let names: Vec<String> = all.iter().map(|field| field.name.clone()).collect();
    let kinds: Vec<_> = all.iter().map(|field| field.kind).collect();
    let choice = choose(settings, &path, Some(&names), &kinds, true)?;
    let mut rows = 0_u64;
    for group in metadata.row_groups() {
        let count = u64::try_from(group.num_rows()).ok();
        rows = count
            .and_then(|count| rows.checked_add(count))
            .ok_or_else(|| damaged(&path, "its row groups have impossible numbers of rows"))?;
        if group.num_columns() != metadata.file_metadata().schema_descr().num_columns() {
            return Err(damaged(&path, "a row group lacks columns"));
        }
    }
    if rows == 0 {
        return Err(TableError::Empty { file: path });
    }
    let chosen: Vec<Field> = choice
        .places
        .iter()
        .map(|&place| all[place].clone())
        .collect();
    let mut notes = choice.notes;
    notes.extend(converted(&chosen));
    let locator = Locator::new(&path, choice.places, Some(&names), false);
    Ok(Opened {
        locator: locator.clone(),
        notes,
        rows: Some(rows),
        source: Box::new(Groups {
            locator,
            reader,
            fields: chosen,
            group: 0,
            left: 0,
            columns: Vec::new(),
            read: 0,
            levels: Vec::new(),
            seen: Seen::default(),
        }),
    })
}

/// Sentences about columns that are not doubles, one for each type.
fn converted(fields: &[Field]) -> Vec<String> {
    let mut types: Vec<&str> = fields
        .iter()
        .filter_map(|field| field.told.as_deref())
        .collect();
    types.sort_unstable();
    types.dedup();
    types
        .into_iter()
        .map(|told| {
            let of_type = fields
                .iter()
                .filter(|field| field.told.as_deref() == Some(told));
            let names: Vec<&str> = of_type.map(|field| field.name.as_str()).collect();
            let names = listed(names.into_iter());
            match told {
                "bool" => format!("read booleans as 0 or 1: {names}"),
                _ => format!("converted {told} to float64: {names}"),
            }
        })
        .collect()
}

fn told(file: &Path, error: ParquetError) -> TableError {
    let text = error.to_string();
    let text = text
        .split_once(": ")
        .map_or(text.as_str(), |(_, text)| text);
    if matches!(error, ParquetError::NYI(_)) {
        return TableError::NotATable {
            file: file.to_owned(),
            what: format!("a column is written in a way that is not read ({text})"),
            cure: "write the file with other settings, as pandas has them by default".to_owned(),
        };
    }
    damaged(file, crate::data::quote::cut(text, 120))
}

impl Source for Groups {
    fn read(&mut self, most: usize, block: &mut Block) -> Result<(), TableError> {
        let file = self.locator.file.clone();
        decoding(&file, || {
            self.block(most, block).map_err(|error| told(&file, error))
        })
    }

    fn seen(&self) -> Seen {
        self.seen.clone()
    }
}

impl Groups {
    fn block(&mut self, most: usize, block: &mut Block) -> Result<(), ParquetError> {
        while self.left == 0 && self.group < self.reader.num_row_groups() {
            self.next_group()?;
        }
        let rows = (most as u64).min(self.left) as usize;
        block.blank(self.read + 1, rows, self.fields.len());
        if rows == 0 {
            return Ok(());
        }
        for column in 0..self.fields.len() {
            self.column(column, rows, &mut block.values)?;
        }
        self.left -= rows as u64;
        self.read += rows as u64;
        Ok(())
    }

    fn next_group(&mut self) -> Result<(), ParquetError> {
        let group = self.reader.get_row_group(self.group)?;
        self.left = group.metadata().num_rows().max(0) as u64;
        self.group += 1;
        self.columns.clear();
        for field in &self.fields {
            let described = group.metadata().column(field.leaf).column_descr_ptr();
            let pages = pages::Checked::new(
                group.get_column_page_reader(field.leaf)?,
                described.physical_type(),
                described.type_length(),
            );
            self.columns
                .push(get_column_reader(described, Box::new(pages)));
        }
        Ok(())
    }

    /// Writes `rows` values of a column into the rows of a block.
    fn column(
        &mut self,
        column: usize,
        rows: usize,
        values: &mut [f64],
    ) -> Result<(), ParquetError> {
        let numbers = self.fields[column].numbers;
        let (first, seen) = (self.read + 1, &mut self.seen);
        let mut target = Target {
            values,
            column,
            width: self.fields.len(),
            rows,
            levels: &mut self.levels,
        };
        let mut rounded = |row: usize| seen.round(first + row as u64, column);
        match &mut self.columns[column] {
            ColumnReader::BoolColumnReader(reader) => {
                target.fill(reader, |_, x| f64::from(u8::from(*x)))
            }
            ColumnReader::Int32ColumnReader(reader) => target.fill(reader, |_, x| match numbers {
                Numbers::Unsigned => f64::from(*x as u32),
                Numbers::Decimal(scale) => decimal(i128::from(*x), scale),
                _ => f64::from(*x),
            }),
            ColumnReader::Int64ColumnReader(reader) => target.fill(reader, |row, x| {
                let exact = match numbers {
                    Numbers::Unsigned => i128::from(*x as u64),
                    _ => i128::from(*x),
                };
                if let Numbers::Decimal(scale) = numbers {
                    return decimal(exact, scale);
                }
                let value = exact as f64;
                if value as i128 != exact {
                    rounded(row);
                }
                value
            }),
            ColumnReader::FloatColumnReader(reader) => target.fill(reader, |_, x| f64::from(*x)),
            ColumnReader::DoubleColumnReader(reader) => target.fill(reader, |_, x| *x),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                target.fill(reader, |_, x| bytes(x.data(), numbers))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                target.fill(reader, |_, x| bytes(x.data(), numbers))
            }
            ColumnReader::Int96ColumnReader(_) => {
                Err(ParquetError::General("a type changes".to_owned()))
            }
        }
    }
}

/// The number that bytes are.
fn bytes(bytes: &[u8], numbers: Numbers) -> f64 {
    match numbers {
        Numbers::Decimal(scale) => {
            big_endian(bytes).map_or(f64::NAN, |value| decimal(value, scale))
        }
        _ => float16(bytes),
    }
}

/// Where the values of a column go.
struct Target<'a> {
    values: &'a mut [f64],
    column: usize,
    width: usize,
    rows: usize,
    levels: &'a mut Vec<i16>,
}

impl Target<'_> {
    fn fill<T: DataType>(
        &mut self,
        reader: &mut ColumnReaderImpl<T>,
        mut number: impl FnMut(usize, &T::T) -> f64,
    ) -> Result<(), ParquetError> {
        let mut found = Vec::with_capacity(self.rows);
        self.levels.clear();
        let (read, ..) = reader.read_records(self.rows, Some(self.levels), None, &mut found)?;
        if read < self.rows {
            return Err(ParquetError::General("a column ends early".to_owned()));
        }
        // A column without nulls has no levels.
        let has_nulls = !self.levels.is_empty();
        let mut found = found.iter();
        for row in 0..self.rows {
            let is_null = has_nulls && self.levels.get(row).is_none_or(|&level| level == 0);
            let value = match is_null {
                true => NULL,
                false => number(
                    row,
                    found.next().ok_or_else(|| {
                        ParquetError::General("a column has too few values".to_owned())
                    })?,
                ),
            };
            self.values[row * self.width + self.column] = value;
        }
        Ok(())
    }
}
