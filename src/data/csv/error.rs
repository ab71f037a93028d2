//! Errors in a file of numbers. Each message locates the error and names a fix. Messages quote at most a few dozen
//! characters of a file.

use std::fmt;
use std::path::PathBuf;

use super::quote::{listed, quoted, title};
use super::{Column, Separator};

/// An error in reading or selecting numbers of a file. Lines and columns count from 1; the header line is counted.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// The file could not be opened or read.
    #[error("{}: cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The file has no rows of numbers; it may have a header.
    #[error(
        "{}: no rows of numbers: the file is empty or holds only a header",
        file.display()
    )]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// The number of cells of a line differs from that of the first line.
    #[error(
        "{}:{line}: {found} cells where the first line has {expected}, with {separator} between them; \
         every line needs the same number",
        file.display()
    )]
    Ragged {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// Number of cells in this line.
        found: usize,
        /// Number of cells in the first line.
        expected: usize,
        /// The separator that the file was read with.
        separator: Separator,
    },
    /// Bytes are neither UTF-8 text nor UTF-16 text with a byte order mark.
    #[error("{}:{line}: not UTF-8 text; save the file as UTF-8 CSV", file.display())]
    NotText {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
    },
    /// A quote opens a cell and no second quote closes it.
    #[error(
        "{}:{line}: a quote opens a cell and nothing closes it; close it, or remove it if it belongs to the text",
        file.display()
    )]
    OpenQuote {
        /// The file.
        file: PathBuf,
        /// The line on which the quote opens.
        line: u64,
    },
    /// A quoted cell spans several lines, and its row is invalid.
    #[error(
        "{}:{line}: a cell opens with a quote and goes on to line {end}; close the quote on its line, \
         or remove it if it belongs to the text",
        file.display()
    )]
    LongQuote {
        /// The file.
        file: PathBuf,
        /// The line on which the row begins.
        line: u64,
        /// The line on which the row ends.
        end: u64,
    },
    /// A cell of a chosen column is not a number.
    #[error("{place}: {} is not a number; {}", quoted(found), cure_of(found))]
    NotANumber {
        /// The cell.
        place: Place,
        /// Its text.
        found: String,
    },
    /// A cell of a chosen column is empty or contains a word for a missing value, such as `NA`.
    #[error(
        "{place}: {} is a missing value; drop the line or fill the value in",
        quoted(found)
    )]
    Missing {
        /// The cell.
        place: Place,
        /// Its text.
        found: String,
    },
    /// A cell of a chosen column is NaN or infinite.
    #[error(
        "{place}: {} is not finite; drop the line or fill the value in",
        quoted(found)
    )]
    NotFinite {
        /// The cell.
        place: Place,
        /// Its text.
        found: String,
    },
    /// A number has a decimal comma in a file with decimal points, or a decimal point in a file with decimal commas.
    #[error(
        "{place}: {} is written in another way than line {first}, of decimal comma and decimal point; \
         write all numbers of a file alike",
        quoted(found)
    )]
    MixedDecimals {
        /// The cell.
        place: Place,
        /// Its text.
        found: String,
        /// The line of the first number with decimals.
        first: u64,
    },
    /// A value is outside the range of float32.
    #[error(
        "{place}: {value:e} is beyond float32, which ends at 3.4e38; correct it, or write the column in other units"
    )]
    BeyondFloat32 {
        /// The cell.
        place: Place,
        /// Its value.
        value: f64,
    },
    /// The file does not have a chosen column.
    #[error(
        "{}: no column {}; the file has {} columns{}",
        file.display(),
        shown(wanted),
        width,
        names.as_ref().map(|names| format!(": {}", listed(names.iter().map(String::as_str)))).unwrap_or_default()
    )]
    NoSuchColumn {
        /// The file.
        file: PathBuf,
        /// The chosen column.
        wanted: Column,
        /// The number of columns of the file.
        width: usize,
        /// Their names, if the file has a header.
        names: Option<Vec<String>>,
    },
    /// Several columns have the chosen name.
    #[error(
        "{}: {count} columns are named {}, the first of them {} and {}; choose one by its number",
        file.display(),
        quoted(name),
        first[0],
        first[1]
    )]
    AmbiguousColumn {
        /// The file.
        file: PathBuf,
        /// The chosen name.
        name: String,
        /// The number of columns with this name.
        count: usize,
        /// The first two of them, counted from 1.
        first: [usize; 2],
    },
    /// The text of a choice of columns names no column.
    #[error(
        "{} chooses no columns; write names or numbers from 1 between commas, \
         as in `eruptions,waiting` or `2,3`",
        quoted(found)
    )]
    NoColumns {
        /// The text.
        found: String,
    },
}

/// The location of a cell in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: usize,
    /// The column's name in the header, if there is one.
    pub name: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, name) = (self.file.display(), title(self.name.as_deref()));
        write!(f, "{file}:{}: column {}{name}", self.line, self.column)
    }
}

/// The same text as `Display`, because `unwrap` and a `main` that returns an error print the `Debug` form.
impl fmt::Debug for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn cure_of(found: &str) -> &'static str {
    if found.contains(',') {
        "a decimal comma is read where semicolons, tabs, bars or blanks stand between cells, a decimal point anywhere, \
         and separators of thousands nowhere"
    } else {
        "correct it, or choose other columns"
    }
}

fn shown(column: &Column) -> String {
    match column {
        Column::Name(name) => quoted(name),
        Column::Number(number) => number.to_string(),
    }
}
