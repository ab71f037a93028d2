//! Where a run has its rows: an array in memory, or a file of which some blocks are in memory.

mod blocks;
mod file;

use ndarray::{Array2, ArrayBase, ArrayView2, Axis, Data, Ix2};
use scorematch_kernels::simd::Real;

use super::fingerprint::fingerprint;
use crate::error::{Error, Result};

use blocks::LoadedBlocks;
pub use file::RowFile;

/// The rows that a trainer is given, `[N, D]`: an array, or a file.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Rows<'x, T> {
    /// An array.
    Array(ArrayView2<'x, T>),
    /// A file.
    File(&'x RowFile<T>),
}

impl<'x, T> From<&'x RowFile<T>> for Rows<'x, T> {
    fn from(file: &'x RowFile<T>) -> Self {
        Rows::File(file)
    }
}

impl<'x, T> From<ArrayView2<'x, T>> for Rows<'x, T> {
    fn from(array: ArrayView2<'x, T>) -> Self {
        Rows::Array(array)
    }
}

impl<'x, T, S: Data<Elem = T>> From<&'x ArrayBase<S, Ix2>> for Rows<'x, T> {
    fn from(array: &'x ArrayBase<S, Ix2>) -> Self {
        Rows::Array(array.view())
    }
}

impl<T: Real> Rows<'_, T> {
    /// The rows as an array.
    ///
    /// # Errors
    /// They are in a file, and are to be converted to other units.
    pub(super) fn array(&self) -> Result<ArrayView2<'_, T>> {
        match self {
            Rows::Array(rows) => Ok(rows.view()),
            Rows::File(_) => Err(Error::InvalidSetting {
                setting: "the units of training",
                found: "others than those of the rows in the file".to_owned(),
                expected: "write rows in the units of training to the file, and name them with `converted`"
                    .to_owned(),
            }),
        }
    }

    pub(super) fn fingerprint(&self) -> String {
        match self {
            Rows::Array(rows) => fingerprint(*rows),
            Rows::File(file) => file.fingerprint().to_owned(),
        }
    }

    /// A row as it stands in the array or in the file; `None` if that cannot be read.
    pub(super) fn row(&self, row: usize) -> Option<Vec<f64>> {
        let wide = |x: &T| Real::to_f64(*x);
        match self {
            Rows::Array(rows) => Some(rows.row(row).iter().map(wide).collect()),
            Rows::File(file) => Some(file.select(&[row]).ok()?.iter().map(wide).collect()),
        }
    }
}

/// The rows of a run, in the units of training.
#[derive(Debug)]
pub(super) enum Store<T> {
    /// All of them, one after another.
    Memory {
        values: Vec<T>,
        dim: usize,
    },
    File(LoadedBlocks<T>),
}

impl<T: Real> Store<T> {
    pub(super) fn memory(rows: Array2<T>) -> Self {
        let dim = rows.ncols();
        let rows = match rows.is_standard_layout() {
            true => rows,
            false => rows.as_standard_layout().into_owned(),
        };
        let count = rows.len();
        let (mut values, offset) = rows.into_raw_vec_and_offset();
        values.drain(..offset.unwrap_or(0));
        values.truncate(count);
        Store::Memory { values, dim }
    }

    pub(super) fn file(file: &RowFile<T>, block: usize) -> Result<Self> {
        Ok(Store::File(LoadedBlocks::new(file.another()?, block)))
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        match self {
            Store::Memory { values, dim } => values.len() / dim,
            Store::File(blocks) => blocks.file().rows(),
        }
    }

    /// Features of a row.
    pub(super) fn dim(&self) -> usize {
        match self {
            Store::Memory { dim, .. } => *dim,
            Store::File(blocks) => blocks.file().dim(),
        }
    }

    /// The largest absolute value.
    pub(super) fn largest(&self) -> f64 {
        match self {
            Store::Memory { values, .. } => values
                .iter()
                .fold(0.0, |largest, &x| largest.max(Real::to_f64(x).abs())),
            Store::File(blocks) => blocks.file().largest(),
        }
    }

    /// Makes these rows ready for [`Store::row`], in place of others.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn prepare(&mut self, rows: &[usize]) -> Result<()> {
        match self {
            Store::Memory { .. } => Ok(()),
            Store::File(blocks) => blocks.prepare(rows),
        }
    }

    /// A row; of a file, one that is ready.
    ///
    /// # Panics
    /// There is no such row, or it is not ready.
    #[inline]
    pub(super) fn row(&self, row: usize) -> &[T] {
        match self {
            Store::Memory { values, dim } => &values[row * dim..][..*dim],
            Store::File(blocks) => blocks.row(row),
        }
    }

    /// A copy of these rows, ready or not.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn select(&self, chosen: &[usize]) -> Result<Array2<T>> {
        match self {
            Store::Memory { .. } => Ok(self.array()?.select(Axis(0), chosen)),
            Store::File(blocks) => blocks.file().select(chosen),
        }
    }

    /// All rows.
    ///
    /// # Errors
    /// They are in a file.
    pub(super) fn array(&self) -> Result<ArrayView2<'_, T>> {
        match self {
            Store::Memory { values, dim } => {
                let shape = (values.len() / dim, *dim);
                Ok(ArrayView2::from_shape(shape, values).expect("the values are whole rows"))
            }
            Store::File(_) => Err(Error::InvalidSetting {
                setting: "the device",
                found: "a GPU".to_owned(),
                expected: "data in a file is trained on the CPU: give an array, or the device cpu"
                    .to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::s;

    use super::*;

    #[test]
    fn rows_of_any_layout_are_stored() {
        let x = Array2::from_shape_fn((9, 4), |(row, column)| (10 * row + column) as f64);
        let mut part = x.clone();
        part.slice_collapse(s![2..7, ..]);
        let mut turned = x.t().to_owned();
        turned.swap_axes(0, 1);
        for (rows, expected) in [
            (x.clone(), x.view()),
            (part, x.slice(s![2..7, ..])),
            (turned, x.view()),
        ] {
            let store = Store::memory(rows);
            assert_eq!(store.array().unwrap(), expected);
            assert_eq!((store.rows(), store.dim()), expected.dim());
            assert_eq!(store.row(3), expected.row(3).to_vec());
        }
    }
}
