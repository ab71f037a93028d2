//! What a file holds, without its rows.

use super::Format;

/// The columns that a reader takes from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// The format of the file.
    pub format: Format,
    /// The names of the columns that are read, as in [`Table::names`](super::Table::names).
    pub names: Vec<String>,
    /// The number of rows, if the file says it (npy, Parquet). Rows with missing values are counted, also where they are
    /// left out.
    pub rows: Option<u64>,
    /// What is left out or converted, one sentence each, as far as it is known without the rows.
    pub notes: Vec<String>,
}
