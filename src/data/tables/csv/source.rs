//! Lines of text as rows of numbers. Takes the bytes of a text file; produces the cells of the chosen columns, line by
//! line. The whole text is in memory.

use std::borrow::Cow;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader};

use super::format::{Lines, decode};
use crate::data::tables::cell::{Cell, Decimal, bare, is_rounded};
use crate::data::tables::choice::{Kind, choose};
use crate::data::tables::place::Locator;
use crate::data::tables::settings::Settings;
use crate::data::tables::source::{Block, NULL, Opened, Seen, Source};
use crate::data::tables::{
    Columns, Header, Layout, Missing, Place, RowNumber, Separator, TableError, TextColumns,
};

/// Lines of text whose columns are chosen.
struct Text {
    records: Records,
    locator: Locator,
    header: bool,
    missing: Missing,
    width: usize,
    /// The line of the first record. If a separator ends each line, the last cell of it is empty, and those of all other
    /// lines must be.
    first: u64,
    ends_with_separator: bool,
    /// Whether the record at hand was not given yet.
    pending: bool,
    /// The decimal separator of the file, and the line of the first number that has one.
    decimal: Option<(Decimal, u64)>,
    seen: Seen,
}

/// The records of a text, blank lines left out.
struct Records {
    file: PathBuf,
    separator: Separator,
    reader: Reader<Cursor<Vec<u8>>>,
    lines: Lines,
    record: ByteRecord,
    /// Where the record at hand starts and ends, and its line.
    range: (usize, usize),
    line: u64,
}

/// Chooses the columns of a text.
///
/// # Errors
/// The bytes are no text, a quote is not closed, there is no line, or as [`choose`].
pub(crate) fn open(file: &Path, bytes: Vec<u8>, settings: &Settings) -> Result<Opened, TableError> {
    let mut records = Records::new(file, bytes, settings.separator)?;
    if !records.next()? {
        return Err(TableError::Empty {
            file: file.to_owned(),
        });
    }
    let opened = records.header(settings.header).and_then(|header| {
        let width = records.record.len();
        let ends_with_separator = header.is_none()
            && settings.columns == Columns::All
            && width > 1
            && records.record[width - 1].is_empty();
        let mut kinds = match settings.text() {
            // Text is told where it is read.
            TextColumns::Error => vec![Kind::Number; width],
            TextColumns::LeaveOut => records.kinds(header.is_some(), width),
        };
        if ends_with_separator {
            kinds[width - 1] = Kind::Number;
        }
        let mut choice = choose(settings, file, header.as_deref(), &kinds, false)?;
        if ends_with_separator {
            choice.places.retain(|&place| place != width - 1);
        }
        if choice.places.is_empty() {
            return Err(TableError::NoNumbers {
                file: file.to_owned(),
                notes: choice.notes,
            });
        }
        Ok((header, width, ends_with_separator, choice))
    });
    let (header, width, ends_with_separator, choice) =
        opened.map_err(|error| records.quoted_over(error))?;
    let locator = Locator::new(file, choice.places, header.as_deref(), true);
    let text = Text {
        locator: locator.clone(),
        header: header.is_some(),
        missing: settings.missing,
        width,
        first: records.line,
        ends_with_separator,
        pending: header.is_none(),
        decimal: None,
        seen: Seen::default(),
        records,
    };
    Ok(Opened {
        locator,
        notes: choice.notes,
        rows: None,
        source: Box::new(text),
    })
}

impl Records {
    fn new(file: &Path, bytes: Vec<u8>, separator: Option<Separator>) -> Result<Self, TableError> {
        let no_text = || TableError::NotText {
            file: file.to_owned(),
            line: 1,
        };
        let text = decode(&bytes).ok_or_else(no_text)?;
        let separator = separator.unwrap_or_else(|| Separator::of(&text));
        let text = match separator.single(&text) {
            Cow::Owned(text) => text,
            Cow::Borrowed(text) if text.len() < bytes.len() => text.to_vec(),
            Cow::Borrowed(_) => bytes,
        };
        if let Some(place) = separator.open_quote(&text) {
            return Err(TableError::OpenQuote {
                file: file.to_owned(),
                line: Lines::new().at(&text, place),
            });
        }
        Ok(Records {
            file: file.to_owned(),
            separator,
            reader: separator.reader(Cursor::new(text)),
            lines: Lines::new(),
            record: ByteRecord::new(),
            range: (0, 0),
            line: 0,
        })
    }

    fn text(&self) -> &[u8] {
        self.reader.get_ref().get_ref()
    }

    /// Reads the next record. Returns whether there was one.
    fn next(&mut self) -> Result<bool, TableError> {
        loop {
            let found = self.reader.read_byte_record(&mut self.record);
            match found {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => {
                    return Err(TableError::Read {
                        file: self.file.clone(),
                        source: error.into(),
                    });
                }
            }
            let start = self.record.position().map_or(0, csv::Position::byte) as usize;
            let end = self.reader.position().byte() as usize;
            let text = self.reader.get_ref().get_ref();
            // The reported position is before the blank lines that the reader skips.
            let skipped = text[start..]
                .iter()
                .take_while(|&&byte| byte == b'\n' || byte == b'\r');
            let start = start + skipped.count();
            let raw = text.get(start..end).unwrap_or_default();
            if raw.trim_ascii().is_empty() && self.record.len() == 1 {
                continue;
            }
            self.range = (start, end);
            self.line = self.lines.at(text, start);
            return Ok(true);
        }
    }

    /// A cell of the record at hand.
    fn cell(&self, place: usize) -> Result<&str, TableError> {
        let text = std::str::from_utf8(&self.record[place]).map_err(|_| TableError::NotText {
            file: self.file.clone(),
            line: self.line,
        })?;
        Ok(bare(text))
    }

    /// The names in the record at hand, if it is a header.
    fn header(&self, header: Header) -> Result<Option<Vec<String>>, TableError> {
        if header == Header::Absent {
            return Ok(None);
        }
        let (mut names, mut text, mut number) = (Vec::new(), false, false);
        for place in 0..self.record.len() {
            let cell = self.cell(place)?;
            match Cell::of(cell, self.separator) {
                Cell::Number(..) => number = true,
                Cell::Text => text = true,
                Cell::Infinite | Cell::Nan | Cell::Missing => {}
            }
            names.push(cell.to_owned());
        }
        Ok(header.is_header(text, number).then_some(names))
    }

    /// What each column holds, by its first cell that is not missing. Reads until that is known of all.
    fn kinds(&self, has_header: bool, width: usize) -> Vec<Kind> {
        let mut kinds = vec![Kind::Empty; width];
        let mut unknown = width;
        let mut reader = self.separator.reader(self.text());
        let mut record = ByteRecord::new();
        let mut is_header = has_header;
        while unknown > 0 && matches!(reader.read_byte_record(&mut record), Ok(true)) {
            let is_blank = record.len() == 1 && record[0].is_empty();
            if is_blank || std::mem::take(&mut is_header) {
                continue;
            }
            // A line of another width is an error where it is read.
            for (kind, cell) in kinds.iter_mut().zip(&record) {
                if *kind != Kind::Empty {
                    continue;
                }
                let text = String::from_utf8_lossy(cell);
                *kind = match Cell::of(bare(&text), self.separator) {
                    Cell::Number(..) | Cell::Infinite => Kind::Number,
                    Cell::Text => Kind::Text,
                    Cell::Nan | Cell::Missing => continue,
                };
                unknown -= 1;
            }
        }
        kinds
    }

    /// The error of the record at hand; if the record spans several lines, the quote is reported instead.
    fn quoted_over(&self, error: TableError) -> TableError {
        let (start, end) = self.range;
        let raw = self.text().get(start..end).unwrap_or_default();
        let trimmed = raw.trim_ascii_end();
        let end = self.line + Lines::new().at(trimmed, trimmed.len()) - 1;
        if end == self.line {
            return error;
        }
        TableError::LongQuote {
            file: self.file.clone(),
            line: self.line,
            end,
        }
    }
}

impl Source for Text {
    fn read(&mut self, most: usize, block: &mut Block) -> Result<(), TableError> {
        block.values.clear();
        block.rows.clear();
        while block.rows.len() < most
            && (std::mem::take(&mut self.pending) || self.records.next()?)
        {
            self.row(block)
                .map_err(|error| self.records.quoted_over(error))?;
        }
        Ok(())
    }

    fn seen(&self) -> Seen {
        self.seen.clone()
    }

    fn layout(&self) -> Option<Layout> {
        Some(Layout {
            header: self.header,
            separator: self.records.separator,
            decimal_comma: matches!(self.decimal, Some((Decimal::Comma, _))),
        })
    }
}

impl Text {
    fn row(&mut self, block: &mut Block) -> Result<(), TableError> {
        let (found, line) = (self.records.record.len(), self.records.line);
        if found != self.width {
            return Err(TableError::Ragged {
                file: self.records.file.clone(),
                line,
                found,
                expected: self.width,
                separator: self.records.separator,
            });
        }
        let last = self.width - 1;
        if self.ends_with_separator && !self.records.record[last].is_empty() {
            return Err(TableError::Missing {
                place: Place {
                    file: self.records.file.clone(),
                    row: RowNumber::Line(self.first),
                    column: self.width,
                    name: None,
                },
                found: String::new(),
            });
        }
        for column in 0..self.locator.places.len() {
            block.values.push(self.number(column, line)?);
        }
        block.rows.push(line);
        Ok(())
    }

    /// The value of a chosen column; NaN if it is missing and rows with missing values are left out.
    fn number(&mut self, column: usize, line: u64) -> Result<f64, TableError> {
        let cell = self.records.cell(self.locator.places[column])?;
        let (value, decimal) = match Cell::of(cell, self.records.separator) {
            Cell::Number(value, decimal) if value.is_finite() => (value, decimal),
            Cell::Nan | Cell::Missing if self.missing == Missing::DropRows => return Ok(NULL),
            wrong => {
                let (place, found) = (self.locator.place(line, column), cell.to_owned());
                return Err(match wrong {
                    Cell::Number(..) | Cell::Infinite | Cell::Nan => {
                        TableError::NotFinite { place, found }
                    }
                    Cell::Missing => TableError::Missing { place, found },
                    Cell::Text => TableError::NotANumber { place, found },
                });
            }
        };
        match (decimal, self.decimal) {
            (Decimal::None, _) => {
                if is_rounded(cell, value) {
                    self.seen.round(line, column);
                }
            }
            (Decimal::Point | Decimal::Comma, None) => self.decimal = Some((decimal, line)),
            (Decimal::Point | Decimal::Comma, Some((before, first))) => {
                if before != decimal {
                    return Err(TableError::MixedDecimals {
                        place: self.locator.place(line, column),
                        found: cell.to_owned(),
                        first,
                    });
                }
            }
        }
        Ok(value)
    }
}
