//! Rows in a binary file, which are written once and read in ranges.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use scorematch_kernels::simd::Real;

use crate::bytes::{from_bytes, to_bytes};
use crate::data::check_finite;
use crate::error::{Error, Result};
use crate::train::fingerprint::Fingerprint;

/// Rows of a run in a file, for data that is larger than memory: the numbers one after another, in the bytes of `T`, with
/// nothing before them.
///
/// ```
/// use ndarray::{Array2, s};
/// use scorematch::train::{Objective, RowFile, Shuffle, Trainer};
/// # scorematch::energy! { Bowl(x: [2]) { param k: [] = ones(); 0.5 * k * norm_sq(x) } }
/// # fn main() -> scorematch::Result<()> {
/// # let folder = tempfile::tempdir().expect("a folder");
/// # let path = folder.path().join("rows.bin");
/// let x = Array2::from_shape_fn((1000, 2), |(row, column)| ((7 * row + column) as f32).sin());
/// // Blocks come from a reader of a large file, for example.
/// let blocks = (0..10).map(|k| Ok(x.slice(s![100 * k..100 * (k + 1), ..]).to_owned()));
/// let rows = RowFile::write(&path, 2, blocks)?;
///
/// let trainer = || {
///     Trainer::new(Objective::esm()).steps(100).shuffle(Shuffle::Blocks { rows: 64, window: 4 })
/// #       .data_guard(scorematch::data::Guard::Silent)
/// };
/// let mut model = Bowl::zeros();
/// trainer().fit(&mut model, &rows)?;
/// // The same order gives the same bits in memory.
/// let mut other = Bowl::zeros();
/// trainer().fit(&mut other, &x)?;
/// assert_eq!(model.params(), other.params());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RowFile<T> {
    path: PathBuf,
    file: File,
    rows: usize,
    dim: usize,
    largest: f64,
    fingerprint: String,
    values: PhantomData<fn() -> T>,
}

impl<T: Real> RowFile<T> {
    /// Writes blocks of rows, `[_, dim]` each, to a file at `path`; one that is there is replaced. The file remains when
    /// this value is dropped.
    ///
    /// # Errors
    /// The error of a block; a block of another width; a value that is not finite; no rows; the file cannot be written.
    pub fn write(
        path: impl AsRef<Path>,
        dim: usize,
        blocks: impl IntoIterator<Item = Result<Array2<T>>>,
    ) -> Result<Self> {
        let path = path.as_ref();
        let io = |error| Error::io(path, error);
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(true);
        let mut file = options.open(path).map_err(io)?;
        let mut fingerprint = Fingerprint::new();
        let (mut rows, mut largest) = (0, 0.0f64);
        for block in blocks {
            let block = block?;
            if block.ncols() != dim {
                return Err(Error::Shape {
                    what: "a block of rows",
                    expected: format!("[_, {dim}]"),
                    found: block.shape().to_vec(),
                });
            }
            check_finite("a block of rows", block.view())?;
            let block = block.as_standard_layout();
            let values = block.as_slice().expect("a standard layout is one slice");
            let of_block = values.iter().map(|&x| Real::to_f64(x).abs());
            largest = of_block.fold(largest, f64::max);
            file.write_all(&to_bytes(values)).map_err(io)?;
            fingerprint.add(block.view());
            rows += block.nrows();
        }
        if rows == 0 {
            return Err(Error::EmptyBatch { what: "the data" });
        }
        Ok(RowFile {
            path: path.to_owned(),
            file,
            rows,
            dim,
            largest,
            fingerprint: fingerprint.finish(rows, dim, size_of::<T>()),
            values: PhantomData,
        })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Features of a row.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    pub(super) fn largest(&self) -> f64 {
        self.largest
    }

    /// That of the rows as an array.
    pub(in crate::train) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The same file, opened once more.
    pub(super) fn another(&self) -> Result<Self> {
        let file = File::open(&self.path).map_err(|error| Error::io(&self.path, error))?;
        Ok(RowFile {
            path: self.path.clone(),
            file,
            fingerprint: self.fingerprint.clone(),
            ..*self
        })
    }

    /// Reads rows from `first` on into `to`, whose length is a multiple of the features of a row.
    pub(super) fn read(&self, first: usize, to: &mut [T], bytes: &mut Vec<u8>) -> Result<()> {
        let io = |error| Error::io(&self.path, error);
        bytes.resize(size_of_val(to), 0);
        let start = (first * self.dim * size_of::<T>()) as u64;
        // One reader at a time has this file, so its place may move.
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        file.read_exact(bytes).map_err(io)?;
        from_bytes(bytes, to);
        Ok(())
    }

    /// A copy of these rows.
    pub(in crate::train) fn select(&self, chosen: &[usize]) -> Result<Array2<T>> {
        let mut rows = Array2::zeros((chosen.len(), self.dim));
        let mut bytes = Vec::new();
        for (&row, mut to) in chosen.iter().zip(rows.rows_mut()) {
            let to = to.as_slice_mut().expect("a new array is dense");
            self.read(row, to, &mut bytes)?;
        }
        Ok(rows)
    }
}
