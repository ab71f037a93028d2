//! Errors in a file of numbers. Each message locates the error and names a fix. Messages quote at most a few dozen
//! characters of a file.

use std::fmt;
use std::path::PathBuf;

use super::quote::{listed, quoted, title};
use super::{Column, Format, Place, Separator};

/// An error in reading or selecting numbers of a file. Lines and columns count from 1; the header line is counted.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
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
        "{place}: {} is a missing value; drop the row or fill the value in (`Missing::DropRows` leaves such rows out)",
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
        "{place}: {} is not finite; drop the row or fill the value in",
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
    /// Every row has a missing value, and such rows are left out.
    #[error(
        "{}: every one of {rows} rows has a missing value, the first in {first}; choose columns that have values",
        file.display()
    )]
    NoRowsLeft {
        /// The file.
        file: PathBuf,
        /// The number of rows.
        rows: u64,
        /// Where the first missing value stands.
        first: String,
    },
    /// A chosen column of a file whose columns have types holds something other than numbers.
    #[error(
        "{}: column {column}{} is one {holds}; choose other columns, or leave such columns out \
         (`TextColumns::LeaveOut`)",
        file.display(),
        title(name.as_deref())
    )]
    NotNumbers {
        /// The file.
        file: PathBuf,
        /// The column, from 1.
        column: usize,
        /// Its name, if it has one.
        name: Option<String>,
        /// What it holds.
        holds: &'static str,
    },
    /// No column is left.
    #[error(
        "{}: no column of numbers is left: {}; choose columns by name, or keep those with one value (`Constants::Keep`)",
        file.display(),
        notes.join("; ")
    )]
    NoNumbers {
        /// The file.
        file: PathBuf,
        /// What was left out.
        notes: Vec<String>,
    },
    /// The file is of no known format.
    #[error(
        "{}: neither text nor a file of a known format; save the table as CSV, npy, Parquet or xlsx",
        file.display()
    )]
    UnknownFormat {
        /// The file.
        file: PathBuf,
    },
    /// The file is of a format that is known and not read.
    #[error(
        "{}: {found}, which is not read; {cure}",
        file.display()
    )]
    OtherFormat {
        /// The file.
        file: PathBuf,
        /// The format.
        found: &'static str,
        /// How to get a file that is read.
        cure: &'static str,
    },
    /// The first bytes of a file are not those of the format that its name ends with.
    #[error(
        "{}: the name is that of a file of {format}, the content is not: it is damaged, or another kind of file",
        file.display()
    )]
    NotAsNamed {
        /// The file.
        file: PathBuf,
        /// The format.
        format: Format,
    },
    /// This build does not read the format.
    #[error(
        "{}: reading {what} needs the feature `{feature}` of scorematch, which this build does not have",
        file.display()
    )]
    FeatureOff {
        /// The file.
        file: PathBuf,
        /// What is not read.
        what: String,
        /// The feature that reads it.
        feature: &'static str,
    },
    /// The content of a file contradicts itself or ends early.
    #[error("{}: the file is damaged: {what}; write or copy it again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was found.
        what: String,
    },
    /// A sound file whose content is no table of numbers.
    #[error("{}: {what}; {cure}", file.display())]
    NotATable {
        /// The file.
        file: PathBuf,
        /// What it holds.
        what: String,
        /// How to get a table from it.
        cure: String,
    },
    /// A file has several arrays or sheets and none was chosen, or it does not have the one that was.
    #[error(
        "{}: {}; it has {}",
        file.display(),
        match wanted {
            Some(wanted) => format!("no {part} {}", quoted(wanted)),
            None => format!("several {part}s, so choose one by its name"),
        },
        listed(names.iter().map(String::as_str))
    )]
    Part {
        /// The file.
        file: PathBuf,
        /// `array` or `sheet`.
        part: &'static str,
        /// The name that was chosen.
        wanted: Option<String>,
        /// The names that there are.
        names: Vec<String>,
    },
    /// The content takes more memory than is plausible for a file of its size.
    #[error(
        "{}: the content takes more than {} MB, which is implausible for a file of this size; unpack it, write it without \
         compression, or read it in blocks",
        file.display(),
        bytes >> 20
    )]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// The number of bytes that it may take.
        bytes: u64,
    },
    /// A table cannot be written to a file of this name.
    #[error("{}: {what}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// The error and its cure.
        what: String,
    },
}

/// The same text as `Display`, because `unwrap` and a `main` that returns an error print the `Debug` form.
impl fmt::Debug for TableError {
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
