//! One column of a file that is read.

use serde::{Deserialize, Serialize};

/// One column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Column {
    /// The column with this name in the header; the comparison is exact.
    Name(String),
    /// The column at this position of the line, from 1. 0 and a number larger than the number of columns are
    /// looked up among the names, which may be years.
    Number(usize),
}
