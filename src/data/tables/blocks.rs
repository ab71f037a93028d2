//! Rows of a file, block by block. Takes a file whose columns are chosen; produces rows of finite numbers in the order of
//! the file, and says which were left out. A table is the sum of its blocks.

use std::fmt;
use std::path::PathBuf;

use ndarray::Array2;

use super::limit::Limit;
use super::notes::{self, Dropped};
use super::source::{Block, NULL, Opened};
use super::table::Origin;
use super::{Layout, Missing, Table, TableError};
use crate::error::Result;

/// Values that are decoded at a time.
const CHUNK: usize = 1 << 18;

/// Rows that are kept, from a file whose columns are chosen.
pub(super) struct Rows {
    opened: Opened,
    missing: Missing,
    /// The most that the kept values may take.
    limit: Limit,
    block: Block,
    /// The first row of the block that was not given yet.
    next: usize,
    dropped: Dropped,
    read: u64,
}

/// Numbers of rows, which are stored where they are not 1, 2, 3, ….
#[derive(Default)]
struct Numbers {
    count: u64,
    stored: Option<Vec<u64>>,
}

impl Numbers {
    fn push(&mut self, number: u64) {
        self.count += 1;
        match &mut self.stored {
            Some(stored) => stored.push(number),
            None if number == self.count => {}
            None => {
                let mut stored: Vec<u64> = (1..self.count).collect();
                stored.push(number);
                self.stored = Some(stored);
            }
        }
    }
}

impl Rows {
    pub(super) fn new(opened: Opened, missing: Missing, limit: Limit) -> Self {
        Rows {
            opened,
            missing,
            limit,
            block: Block::default(),
            next: 0,
            dropped: Dropped::default(),
            read: 0,
        }
    }

    fn file(&self) -> PathBuf {
        self.opened.locator.file.clone()
    }

    /// Gives at most `most` kept rows to `take`, with their numbers. Returns how many there were.
    fn fill(
        &mut self,
        most: usize,
        mut take: impl FnMut(&[f64], u64),
    ) -> Result<usize, TableError> {
        let width = self.opened.locator.places.len();
        let mut kept = 0;
        while kept < most {
            if self.next == self.block.rows.len() {
                self.next = 0;
                let rows = (CHUNK / width).max(1);
                self.opened.source.read(rows, &mut self.block)?;
                if self.block.rows.is_empty() {
                    break;
                }
            }
            let row = &self.block.values[self.next * width..][..width];
            let number = self.block.rows[self.next];
            self.next += 1;
            self.read += 1;
            // One pass over all values decides almost every row.
            if row.iter().all(|value| value.is_finite()) {
                take(row, number);
                kept += 1;
            } else if let Some(column) = row.iter().position(|value| value.is_infinite()) {
                let place = self.opened.locator.place(number, column);
                let found = row[column].to_string();
                return Err(TableError::NotFinite { place, found });
            } else {
                let column = row.iter().position(|value| value.is_nan()).unwrap_or(0);
                if self.missing == Missing::Error {
                    let place = self.opened.locator.place(number, column);
                    let is_null = row[column].to_bits() == NULL.to_bits();
                    let found = if is_null { "null" } else { "NaN" }.to_owned();
                    return Err(TableError::Missing { place, found });
                }
                self.dropped.add(number, column);
            }
        }
        Ok(kept)
    }

    /// The error of a file of which no row is kept.
    fn nothing(&self) -> TableError {
        match self.dropped.first() {
            None => TableError::Empty { file: self.file() },
            Some((number, column)) => TableError::NoRowsLeft {
                file: self.file(),
                rows: self.read,
                first: self.opened.locator.within(number, column),
            },
        }
    }

    /// What was said about the file and its rows so far.
    fn notes(&self) -> Vec<String> {
        let mut notes = self.opened.notes.clone();
        let seen = self.opened.source.seen();
        notes.extend(notes::values(&seen, &self.opened.locator));
        notes.extend(self.dropped.note(&self.opened.locator));
        notes
    }

    /// All rows as a table.
    pub(super) fn table(mut self) -> Result<Table, TableError> {
        let width = self.opened.locator.places.len();
        let (mut values, mut numbers) = (Vec::new(), Numbers::default());
        // What a file announces is reserved as far as its size makes it plausible.
        let announced = self.opened.rows.unwrap_or(0).saturating_mul(width as u64);
        if announced.saturating_mul(8) <= self.limit.bytes() {
            values.reserve_exact(announced as usize);
        }
        let chunk = (CHUNK / width).max(1);
        while self.fill(chunk, |row, number| {
            values.extend_from_slice(row);
            numbers.push(number);
        })? > 0
        {
            self.limit.check(&self.file(), values.len() as u64 * 8)?;
        }
        if numbers.count == 0 {
            return Err(self.nothing());
        }
        let notes = self.notes();
        let values = Array2::from_shape_vec((values.len() / width, width), values)
            .expect("each row has one value for each column");
        let layout = self.opened.source.layout();
        let locator = self.opened.locator;
        Ok(Table {
            values,
            names: locator.names.clone(),
            origin: Origin {
                locator,
                rows: numbers.stored,
                layout,
                notes,
            },
        })
    }

    /// Which columns hold more than one value in the kept rows, and the values of the others.
    pub(super) fn varying(mut self) -> Result<(Vec<bool>, Vec<f64>), TableError> {
        let width = self.opened.locator.places.len();
        let (mut first, mut varies) = (Vec::new(), vec![false; width]);
        let chunk = (CHUNK / width).max(1);
        while self.fill(chunk, |row, _| {
            if first.is_empty() {
                first.extend_from_slice(row);
            }
            compare(row, &first, &mut varies);
        })? > 0
        {}
        if first.is_empty() {
            return Err(self.nothing());
        }
        Ok((varies, first))
    }
}

/// Marks the columns in which `row` differs from the first row.
pub(super) fn compare(row: &[f64], first: &[f64], varies: &mut [bool]) {
    for ((value, first), varies) in row.iter().zip(first).zip(varies) {
        *varies |= value != first;
    }
}

/// Blocks of rows of a file, in its order: an iterator of `[rows, columns]`, all finite. Every block has the number of
/// rows that was asked for, except the last. It ends after an error.
pub struct Blocks {
    pub(super) rows: Rows,
    pub(super) rows_per_block: usize,
    /// Which of the columns that are read are kept, if some are not.
    pub(super) keep: Option<Vec<bool>>,
    pub(super) names: Vec<String>,
    /// What is said about columns that are not kept.
    pub(super) constant: Option<String>,
    pub(super) is_done: bool,
    pub(super) given: u64,
}

impl Blocks {
    /// The name of each column.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What the reader did, as [`Table::notes`]: after the last block the same, before it what is known of the rows so
    /// far.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.rows.notes();
        notes.extend(self.constant.clone());
        notes
    }

    /// The layout of a text file, as [`Table::layout`], as far as it is known from the rows so far.
    #[must_use]
    pub fn layout(&self) -> Option<Layout> {
        self.rows.opened.source.layout()
    }

    fn block(&mut self) -> Result<Option<Array2<f64>>, TableError> {
        let width = self.names.len();
        let (mut values, mut left) = (Vec::new(), self.rows_per_block);
        let chunk = (CHUNK / width.max(1)).max(1);
        while left > 0 {
            let keep = self.keep.as_deref();
            let kept = self.rows.fill(left.min(chunk), |row, _| match keep {
                None => values.extend_from_slice(row),
                Some(keep) => {
                    values.extend(row.iter().zip(keep).filter(|(_, keep)| **keep).map(|x| x.0))
                }
            })?;
            if kept == 0 {
                break;
            }
            left -= kept;
            self.rows
                .limit
                .check(&self.rows.file(), values.len() as u64 * 8)?;
        }
        let count = self.rows_per_block - left;
        self.given += count as u64;
        if self.given == 0 {
            return Err(self.rows.nothing());
        }
        let block = Array2::from_shape_vec((count, width), values)
            .expect("each row has one value for each column");
        Ok((count > 0).then_some(block))
    }
}

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocks")
            .field("file", &self.rows.opened.locator.file)
            .field("names", &self.names)
            .field("rows_per_block", &self.rows_per_block)
            .finish_non_exhaustive()
    }
}

impl Iterator for Blocks {
    type Item = Result<Array2<f64>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let block = self.block();
        self.is_done = !matches!(&block, Ok(Some(block)) if block.nrows() == self.rows_per_block);
        block.map_err(Into::into).transpose()
    }
}
