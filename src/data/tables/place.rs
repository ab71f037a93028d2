//! Where a value stands in a file.

use std::fmt;
use std::path::{Path, PathBuf};

use super::quote::title;

/// The location of a cell in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line or the row.
    pub row: RowNumber,
    /// The column, from 1.
    pub column: usize,
    /// The column's name in the file, if it has one.
    pub name: Option<String>,
}

/// The number of a row, as people count in a file of its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowNumber {
    /// A line of text, from 1; the header is counted.
    Line(u64),
    /// A row, from 1: of a sheet as its program numbers it, else of the data.
    Row(u64),
}

impl RowNumber {
    /// The number, from 1.
    #[must_use]
    pub fn get(self) -> u64 {
        match self {
            RowNumber::Line(number) | RowNumber::Row(number) => number,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, name) = (self.file.display(), title(self.name.as_deref()));
        match self.row {
            RowNumber::Line(line) => write!(f, "{file}:{line}: column {}{name}", self.column),
            RowNumber::Row(row) => write!(f, "{file}: row {row}, column {}{name}", self.column),
        }
    }
}

/// The columns that are read from a file, and how places in them are named.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Locator {
    pub(super) file: PathBuf,
    /// The position of each column in the file, from 0.
    pub(super) places: Vec<usize>,
    /// The name of each column; `column 3` where the file has none.
    pub(super) names: Vec<String>,
    /// Whether the names stand in the file.
    pub(super) named: bool,
    /// Whether rows are lines of text.
    pub(super) by_line: bool,
}

impl Locator {
    /// The columns at `places` of a file whose columns have the names `header`, if it has names.
    pub(super) fn new(
        file: &Path,
        places: Vec<usize>,
        header: Option<&[String]>,
        by_line: bool,
    ) -> Self {
        let name = |&place: &usize| match header {
            Some(names) => names[place].clone(),
            None => format!("column {}", place + 1),
        };
        Locator {
            file: file.to_owned(),
            names: places.iter().map(name).collect(),
            places,
            named: header.is_some(),
            by_line,
        }
    }

    /// The place of the row with this number in a chosen column, from 0, which must be there.
    pub(super) fn place(&self, number: u64, column: usize) -> Place {
        Place {
            file: self.file.clone(),
            row: if self.by_line {
                RowNumber::Line(number)
            } else {
                RowNumber::Row(number)
            },
            column: self.places[column] + 1,
            name: self.named.then(|| self.names[column].clone()),
        }
    }

    /// Row and column of a place in a sentence: `row 3, column 2 ("b")`.
    pub(super) fn within(&self, number: u64, column: usize) -> String {
        let row = if self.by_line { "line" } else { "row" };
        let name = self.named.then(|| self.names[column].as_str());
        format!(
            "{row} {number}, column {}{}",
            self.places[column] + 1,
            title(name)
        )
    }

    /// Keeps the columns, from 0, for which `keep` holds.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        let mut kept = keep.iter();
        self.places
            .retain(|_| *kept.next().expect("one for each column"));
        let mut kept = keep.iter();
        self.names
            .retain(|_| *kept.next().expect("one for each column"));
    }
}
