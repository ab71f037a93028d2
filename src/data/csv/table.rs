//! Numbers from a file, with the location of each in the file.

use std::path::PathBuf;

use ndarray::Array2;

use super::{CsvError, Layout, Place};
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
    pub(super) file: PathBuf,
    /// The line of each row, from 1.
    pub(super) lines: Vec<u64>,
    /// The position of each column in its line, from 0.
    pub(super) places: Vec<usize>,
    pub(super) layout: Layout,
}

impl Table {
    /// The layout that the file was read with, such as its header and its separator.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.origin.layout
    }

    /// The location of a value in the file; `None` if the table does not have the row or the column.
    #[must_use]
    pub fn place(&self, row: usize, column: usize) -> Option<Place> {
        let named = self.origin.layout.header;
        Some(Place {
            file: self.origin.file.clone(),
            line: *self.origin.lines.get(row)?,
            column: self.origin.places.get(column)? + 1,
            name: self.names.get(column).filter(|_| named).cloned(),
        })
    }

    /// The mean and the standard deviation of each column, computed in float64. Convert rows to these units before you
    /// cast them to float32: float32 keeps only 24 bits of a time stamp.
    ///
    /// # Errors
    /// As [`Standardization::fit`]; errors contain the names of the columns.
    pub fn standardization(&self) -> Result<Standardization> {
        let names = self.origin.layout.header.then_some(&self.names);
        let standardizer = Standardizer::new();
        match names {
            Some(names) => standardizer.names(names).fit(self.values.view()),
            None => standardizer.fit(self.values.view()),
        }
    }

    /// Checks that every value is in the range of float32.
    ///
    /// # Errors
    /// [`CsvError::BeyondFloat32`] with the first value outside the range, its line and its column.
    pub fn check_float32(&self) -> Result<(), CsvError> {
        let beyond = |value: &f64| value.abs() > f64::from(f32::MAX);
        let found = self.values.indexed_iter().find(|(_, value)| beyond(value));
        let Some(((row, column), &value)) = found else {
            return Ok(());
        };
        let place = self.place(row, column).expect("a value of the table");
        Err(CsvError::BeyondFloat32 { place, value })
    }
}
