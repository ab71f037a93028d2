//! One column of a file to read.

use serde::{Deserialize, Serialize};

/// One column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Column {
    /// By its name in the header, letter for letter.
    Name(String),
    /// By its place in the line, from 1; a number greater than the file is wide is looked for among
    /// the names, where years stand.
    Number(usize),
}
