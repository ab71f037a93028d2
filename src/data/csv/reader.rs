//! The reader of files of separated values. Takes text; produces a matrix of finite numbers, one row per line, and its
//! column names. Any other content is an error with its line and column.

use std::borrow::Cow;
use std::path::Path;

use csv::ByteRecord;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::cell::{Cell, Decimal, bare};
use super::format::{Lines, decode};
use super::table::Origin;
use super::{Columns, CsvError, Layout, Place, Separator, Table};

/// Whether the first line of a file names its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Header {
    /// The first line is a header if at least one of its cells is text and none is a number. A line of years or of `NA`
    /// is data.
    #[default]
    Auto,
    /// The first line is a header.
    Present,
    /// The first line is a row of data.
    Absent,
}

/// Reads tables of numbers from text.
///
/// The separator between cells is a semicolon, tab, bar, comma or whitespace: the one with which most cells of the
/// first lines are numbers. Numbers have a decimal point, or a decimal comma if the separator is not a comma. Blank
/// lines are skipped. Columns that are not chosen may contain anything. Text is UTF-8, or UTF-16 with a byte order
/// mark. [`Table::layout`] returns the layout that a file was read with.
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
    pub fn read(&self, file: impl AsRef<Path>) -> Result<Table, CsvError> {
        let file = file.as_ref();
        let bytes = std::fs::read(file).map_err(|source| CsvError::Read {
            file: file.to_owned(),
            source,
        })?;
        self.parse(file, &bytes)
    }

    /// As [`CsvReader::read`], from the contents of a file; `file` is the name that errors contain.
    ///
    /// # Errors
    /// As [`CsvReader::read`].
    pub fn parse(&self, file: impl AsRef<Path>, bytes: &[u8]) -> Result<Table, CsvError> {
        let file = file.as_ref();
        let text = decode(bytes).ok_or_else(|| CsvError::NotText {
            file: file.to_owned(),
            line: 1,
        })?;
        let separator = self.separator.unwrap_or_else(|| Separator::of(&text));
        let text: Cow<[u8]> = separator.single(&text);
        let mut lines = Lines::new(&text);
        if let Some(place) = separator.open_quote(&text) {
            return Err(CsvError::OpenQuote {
                file: file.to_owned(),
                line: lines.at(place),
            });
        }
        let mut rows = Rows {
            reader: self,
            file,
            separator,
            header: None,
            first: None,
            decimal: None,
            values: Vec::new(),
            lines: Vec::new(),
        };
        let mut records = separator.reader(&text);
        let mut record = ByteRecord::new();
        while records
            .read_byte_record(&mut record)
            .map_err(|error| CsvError::Read {
                file: file.to_owned(),
                source: error.into(),
            })?
        {
            let start = record
                .position()
                .expect("a record that was read has a position");
            // The reported position is before the blank lines that the reader skips.
            let skipped = text[start.byte() as usize..]
                .iter()
                .take_while(|&&byte| byte == b'\n' || byte == b'\r');
            let start = start.byte() as usize + skipped.count();
            let end = records.position().byte() as usize;
            let raw = text.get(start..end).unwrap_or_default();
            let is_blank = raw.trim_ascii().is_empty();
            if is_blank && record.len() == 1 {
                continue;
            }
            let line = lines.at(start);
            rows.add(&record, line)
                .map_err(|error| rows.quoted_over(error, raw, line))?;
        }
        rows.table()
    }
}

impl Table {
    /// Reads the chosen columns of a file with the defaults of [`CsvReader`].
    ///
    /// # Errors
    /// As [`CsvReader::read`].
    pub fn read(file: impl AsRef<Path>, columns: &Columns) -> Result<Self, CsvError> {
        CsvReader::new().columns(columns.clone()).read(file)
    }

    /// As [`Table::read`], from the contents of a file; `file` is the name that errors contain.
    ///
    /// # Errors
    /// As [`CsvReader::read`].
    pub fn parse(file: impl AsRef<Path>, text: &[u8], columns: &Columns) -> Result<Self, CsvError> {
        CsvReader::new().columns(columns.clone()).parse(file, text)
    }
}

/// Properties of the first line that hold for all lines.
struct First {
    line: u64,
    width: usize,
    /// The positions of the chosen columns, from 0.
    places: Vec<usize>,
    /// Whether a separator ends each line: the last cell of the first line is empty, and those of all other lines must
    /// be.
    ends_with_separator: bool,
}

/// The rows read so far.
struct Rows<'a> {
    reader: &'a CsvReader,
    file: &'a Path,
    separator: Separator,
    header: Option<Vec<String>>,
    first: Option<First>,
    /// The decimal separator of the file, and the line of the first number that has one.
    decimal: Option<(Decimal, u64)>,
    values: Vec<f64>,
    lines: Vec<u64>,
}

impl Rows<'_> {
    fn add(&mut self, record: &ByteRecord, line: u64) -> Result<(), CsvError> {
        if self.first.is_none() {
            self.header = self.header_of(record, line)?;
            self.first = Some(self.first_of(record, line)?);
            if self.header.is_some() {
                return Ok(());
            }
        }
        let first = self.first.take().expect("the first line has been read");
        let added = self.add_row(record, line, &first);
        self.first = Some(first);
        added
    }

    fn first_of(&self, record: &ByteRecord, line: u64) -> Result<First, CsvError> {
        let width = record.len();
        let mut places = self
            .reader
            .columns
            .places(self.file, self.header.as_deref(), width)?;
        let ends_with_separator = self.header.is_none()
            && self.reader.columns == Columns::All
            && width > 1
            && record[width - 1].is_empty();
        if ends_with_separator {
            places.pop();
        }
        Ok(First {
            line,
            width,
            places,
            ends_with_separator,
        })
    }

    fn add_row(&mut self, record: &ByteRecord, line: u64, first: &First) -> Result<(), CsvError> {
        if record.len() != first.width {
            return Err(CsvError::Ragged {
                file: self.file.to_owned(),
                line,
                found: record.len(),
                expected: first.width,
                separator: self.separator,
            });
        }
        if first.ends_with_separator && !record[first.width - 1].is_empty() {
            return Err(CsvError::Missing {
                place: self.place(first.width - 1, first.line),
                found: String::new(),
            });
        }
        for &place in &first.places {
            let value = self.number(record, place, line)?;
            self.values.push(value);
        }
        self.lines.push(line);
        Ok(())
    }

    fn number(&mut self, record: &ByteRecord, place: usize, line: u64) -> Result<f64, CsvError> {
        let cell = self.text(record, place, line)?;
        let (value, decimal) = match Cell::of(cell, self.separator) {
            Cell::Number(value, decimal) if value.is_finite() => (value, decimal),
            wrong => {
                let (place, found) = (self.place(place, line), cell.to_owned());
                return Err(match wrong {
                    Cell::Number(..) | Cell::NotFinite => CsvError::NotFinite { place, found },
                    Cell::Missing => CsvError::Missing { place, found },
                    Cell::Text => CsvError::NotANumber { place, found },
                });
            }
        };
        match (decimal, self.decimal) {
            (Decimal::None, _) => {}
            (Decimal::Point | Decimal::Comma, None) => self.decimal = Some((decimal, line)),
            (Decimal::Point | Decimal::Comma, Some((before, first))) => {
                if before != decimal {
                    return Err(CsvError::MixedDecimals {
                        place: self.place(place, line),
                        found: cell.to_owned(),
                        first,
                    });
                }
            }
        }
        Ok(value)
    }

    fn text<'r>(
        &self,
        record: &'r ByteRecord,
        place: usize,
        line: u64,
    ) -> Result<&'r str, CsvError> {
        let text = std::str::from_utf8(&record[place]).map_err(|_| CsvError::NotText {
            file: self.file.to_owned(),
            line,
        })?;
        Ok(bare(text))
    }

    fn header_of(&self, record: &ByteRecord, line: u64) -> Result<Option<Vec<String>>, CsvError> {
        if self.reader.header == Header::Absent {
            return Ok(None);
        }
        let (mut names, mut text, mut number) = (Vec::with_capacity(record.len()), false, false);
        for place in 0..record.len() {
            let cell = self.text(record, place, line)?;
            match Cell::of(cell, self.separator) {
                Cell::Number(..) => number = true,
                Cell::Text => text = true,
                Cell::NotFinite | Cell::Missing => {}
            }
            names.push(cell.to_owned());
        }
        let is_header = match self.reader.header {
            Header::Auto => text && !number,
            Header::Present => true,
            Header::Absent => false,
        };
        Ok(is_header.then_some(names))
    }

    fn place(&self, place: usize, line: u64) -> Place {
        Place {
            file: self.file.to_owned(),
            line,
            column: place + 1,
            name: self.header.as_ref().map(|names| names[place].clone()),
        }
    }

    /// The error of a record; if the record spans several lines, the quote is reported instead.
    fn quoted_over(&self, error: CsvError, record: &[u8], line: u64) -> CsvError {
        let trimmed = record.trim_ascii_end();
        let end = line + Lines::new(trimmed).at(trimmed.len()) - 1;
        if end == line {
            return error;
        }
        CsvError::LongQuote {
            file: self.file.to_owned(),
            line,
            end,
        }
    }

    fn table(self) -> Result<Table, CsvError> {
        let file = self.file.to_owned();
        let Some(First { places, .. }) = self.first.filter(|_| !self.values.is_empty()) else {
            return Err(CsvError::Empty { file });
        };
        let name = |&place: &usize| match &self.header {
            Some(names) => names[place].clone(),
            None => format!("column {}", place + 1),
        };
        let names: Vec<String> = places.iter().map(name).collect();
        let values = Array2::from_shape_vec((self.lines.len(), names.len()), self.values)
            .expect("every line adds one value for each name");
        let layout = Layout {
            header: self.header.is_some(),
            separator: self.separator,
            decimal_comma: matches!(self.decimal, Some((Decimal::Comma, _))),
        };
        let origin = Origin {
            file,
            lines: self.lines,
            places,
            layout,
        };
        Ok(Table {
            values,
            names,
            origin,
        })
    }
}
