//! What can be wrong with a file of numbers, told so that a person can open it and mend it. Messages quote a few dozen
//! characters of a file at most.

use std::fmt;
use std::path::PathBuf;

use super::quote::{listed, quoted, title};
use super::{Column, Separator};

/// An error in reading or selecting numbers of a file. Lines and columns count from 1, the header's line included.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// The file could not be opened or read.
    #[error("{}: cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Nothing but (at most) a header.
    #[error(
        "{}: no rows of numbers: the file is empty or holds only a header",
        file.display()
    )]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// A line whose number of cells differs from the first line's.
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
        /// Cells in this line.
        found: usize,
        /// Cells in the first line.
        expected: usize,
        /// What cells were taken to stand between.
        separator: Separator,
    },
    /// Bytes that are not text in UTF-8, nor in UTF-16 with a byte order mark.
    #[error("{}:{line}: not UTF-8 text; save the file as UTF-8 CSV", file.display())]
    NotText {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
    },
    /// A quote at the start of a cell without a second one.
    #[error(
        "{}:{line}: a quote opens a cell and nothing closes it; close it, or remove it if it belongs to the text",
        file.display()
    )]
    OpenQuote {
        /// The file.
        file: PathBuf,
        /// The line on which it opens.
        line: u64,
    },
    /// A cell that goes on over several lines and makes no sense there.
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
        /// The line on which it ends.
        end: u64,
    },
    /// A cell of a chosen column that is no number.
    #[error("{place}: {} is not a number; {}", quoted(found), cure_of(found))]
    NotANumber {
        /// Which cell.
        place: Place,
        /// What it holds.
        found: String,
    },
    /// An empty cell of a chosen column, or one that says that it is, as `NA` does.
    #[error(
        "{place}: {} is a missing value; drop the line or fill the value in",
        quoted(found)
    )]
    Missing {
        /// Which cell.
        place: Place,
        /// What it holds.
        found: String,
    },
    /// A cell of a chosen column that is NaN or infinite.
    #[error(
        "{place}: {} is not finite; drop the line or fill the value in",
        quoted(found)
    )]
    NotFinite {
        /// Which cell.
        place: Place,
        /// What it holds.
        found: String,
    },
    /// A decimal comma in a file with decimal points, or a point in one with commas.
    #[error(
        "{place}: {} is written in another way than line {first}, of decimal comma and decimal point; \
         write all numbers of a file alike",
        quoted(found)
    )]
    MixedDecimals {
        /// Which cell.
        place: Place,
        /// What it holds.
        found: String,
        /// The line whose decimals were read first.
        first: u64,
    },
    /// A value that float32 cannot hold.
    #[error(
        "{place}: {value:e} is beyond float32, which ends at 3.4e38; correct it, or write the column in other units"
    )]
    BeyondFloat32 {
        /// Which cell.
        place: Place,
        /// Its value.
        value: f64,
    },
    /// A chosen column that the file does not have.
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
        /// The column asked for.
        wanted: Column,
        /// The number of columns there are.
        width: usize,
        /// Their names, if the file has a header.
        names: Option<Vec<String>>,
    },
    /// A name that several columns have.
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
        /// The name asked for.
        name: String,
        /// How many columns have it.
        count: usize,
        /// The first two of them, from 1.
        first: [usize; 2],
    },
    /// A written choice of columns that names none.
    #[error(
        "{} chooses no columns; write names or numbers from 1 between commas, \
         as in `eruptions,waiting` or `2,3`",
        quoted(found)
    )]
    NoColumns {
        /// What was written.
        found: String,
    },
}

/// A cell of a file.
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

/// The message: a `main` that returns an error, and `unwrap`, print this.
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
