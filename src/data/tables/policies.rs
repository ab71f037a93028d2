//! What a reader does about the first row, missing values, text and columns that hold one value.

use serde::{Deserialize, Serialize};

/// Whether the first row of a text file or a sheet names its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Header {
    /// The first row is a header if at least one of its cells is text and none is a number. A row of years or of `NA`
    /// is data.
    #[default]
    Auto,
    /// The first row is a header.
    Present,
    /// The first row is data.
    Absent,
}

impl Header {
    /// Whether a first row is a header, if `text` and `number` say what its cells hold.
    pub(super) fn is_header(self, text: bool, number: bool) -> bool {
        match self {
            Header::Auto => text && !number,
            Header::Present => true,
            Header::Absent => false,
        }
    }
}

/// What is done about a missing value in a chosen column: an empty cell, a word such as `NA`, NaN, or null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Missing {
    /// It is an error that names the place.
    #[default]
    Error,
    /// Its row is left out.
    DropRows,
}

/// What is done about a column without numbers: one whose first cell that is not missing is not a number, or whose
/// type in the file is text, a date or a time, or nested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TextColumns {
    /// It is an error that names the column.
    Error,
    /// The column is left out. Columns that are left out of a choice of all columns also include those without any
    /// value and the index that pandas writes.
    LeaveOut,
}

/// What is done about a column that holds one value in all rows that are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Constants {
    /// It is kept as any other.
    #[default]
    Keep,
    /// It is left out.
    LeaveOut,
}
