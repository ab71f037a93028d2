//! What can be wrong with a table of numbers, told so that a person can open the file and mend it.

use std::path::PathBuf;

/// An error in reading, selecting or scaling data. Lines and columns count from 1, the header's
/// line included.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file could not be opened or read.
    #[error("{}: cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Nothing but (at most) a header.
    #[error("{}: no rows of numbers: the file is empty or holds only a header", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// A line whose number of cells differs from the first line's.
    #[error(
        "{}:{line}: {found} cells where the first line has {expected}; \
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
    },
    /// A line that is not text in UTF-8.
    #[error("{}:{line}: not UTF-8 text; save the file as UTF-8 CSV", file.display())]
    NotText {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
    },
    /// A cell of a chosen column that is no number.
    #[error(
        "{at}:{line}: column {column}{title}: {found:?} is not a number; \
         correct it, or choose other columns",
        title = quoted(name),
        at = file.display()
    )]
    NotANumber {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: usize,
        /// The column's name in the header, if there is one.
        name: Option<String>,
        /// The cell.
        found: String,
    },
    /// A cell of a chosen column that is NaN or infinite.
    #[error(
        "{at}:{line}: column {column}{title}: {found:?} is not finite; \
         drop the line or fill the value in",
        title = quoted(name),
        at = file.display()
    )]
    NotFinite {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: usize,
        /// The column's name in the header, if there is one.
        name: Option<String>,
        /// The cell.
        found: String,
    },
    /// A chosen column that the file does not have.
    #[error("{}: no column {wanted}; the file has {}", file.display(), available.join(", "))]
    NoSuchColumn {
        /// The file.
        file: PathBuf,
        /// The column asked for.
        wanted: String,
        /// The columns there are, each by its number and name.
        available: Vec<String>,
    },
    /// A written choice of columns that names none.
    #[error(
        "{found:?} chooses no columns; write names or numbers from 1 between commas, \
         as in `eruptions,waiting` or `2,3`"
    )]
    NoColumns {
        /// What was written.
        found: String,
    },
    /// A column that cannot be scaled to unit deviation.
    #[error(
        "column {column} cannot be standardized: every one of its {rows} rows holds {value}; \
         leave the column out"
    )]
    Constant {
        /// The column, from 1.
        column: usize,
        /// Number of rows.
        rows: usize,
        /// The value they share.
        value: f64,
    },
    /// Too few rows for what was asked.
    #[error("{found} rows, but {what} needs at least {needed}")]
    TooFewRows {
        /// What needs them.
        what: &'static str,
        /// Rows there are.
        found: usize,
        /// Rows needed.
        needed: usize,
    },
}

/// ` ("name")`, or nothing where the file has no header.
fn quoted(name: &Option<String>) -> String {
    name.as_ref()
        .map(|name| format!(" ({name:?})"))
        .unwrap_or_default()
}
