//! Numbers from a file, with the location of each in the file.

use ndarray::Array2;

use super::place::Locator;
use super::{Layout, Place, TableError};
use crate::data::{Standardization, Standardizer};
use crate::error::Result;

/// Numbers read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// `[rows, columns]`, all finite.
    pub values: Array2<f64>,
    /// The name of each column, from the header; `column 1`, `column 2`, … if the file has no header.
    pub names: Vec<String>,
    pub(super) origin: Origin,
}

/// The source of the numbers of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Origin {
    pub(super) locator: Locator,
    /// The number of each row in the file, from 1; `None` if they are 1, 2, 3, ….
    pub(super) rows: Option<Vec<u64>>,
    pub(super) layout: Option<Layout>,
    pub(super) notes: Vec<String>,
}

impl Table {
    /// The layout that a text file was read with, such as its header and its separator; `None` for other formats.
    #[must_use]
    pub fn layout(&self) -> Option<Layout> {
        self.origin.layout
    }

    /// What the reader left out, converted or chose, one sentence each; of rows, columns and values.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.origin.notes
    }

    /// The location of a value in the file; `None` if the table does not have the row or the column.
    #[must_use]
    pub fn place(&self, row: usize, column: usize) -> Option<Place> {
        let Origin { locator, rows, .. } = &self.origin;
        let is_there = row < self.values.nrows() && column < locator.places.len();
        let number = match rows {
            Some(rows) => *rows.get(row)?,
            None => row as u64 + 1,
        };
        is_there.then(|| locator.place(number, column))
    }

    /// The mean and the standard deviation of each column, computed in float64. Convert rows to these units before you
    /// cast them to float32: float32 keeps only 24 bits of a time stamp.
    ///
    /// # Errors
    /// As [`Standardization::fit`]; errors contain the names of the columns.
    pub fn standardization(&self) -> Result<Standardization> {
        let names = self.origin.locator.named.then_some(&self.names);
        let standardizer = Standardizer::new();
        match names {
            Some(names) => standardizer.names(names).fit(self.values.view()),
            None => standardizer.fit(self.values.view()),
        }
    }

    /// Checks that every value is in the range of float32.
    ///
    /// # Errors
    /// [`TableError::BeyondFloat32`] with the first value outside the range, its line and its column.
    pub fn check_float32(&self) -> Result<(), TableError> {
        let beyond = |value: &f64| value.abs() > f64::from(f32::MAX);
        let found = self.values.indexed_iter().find(|(_, value)| beyond(value));
        let Some(((row, column), &value)) = found else {
            return Ok(());
        };
        let place = self.place(row, column).expect("a value of the table");
        Err(TableError::BeyondFloat32 { place, value })
    }
}
