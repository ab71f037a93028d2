//! What a format gives to the part that all formats share: a file whose columns are chosen, as blocks of rows.

use super::place::Locator;
use super::{Layout, TableError};

/// A NaN that stands for null, to tell it from one that stands in the file. Both are missing values.
pub(super) const NULL: f64 = f64::from_bits(0x7ff8_0000_6e75_6c6c);

/// Rows of a file.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Row by row, one value for each chosen column; NaN is a missing value.
    pub(super) values: Vec<f64>,
    /// The number of each row in the file, from 1.
    pub(super) rows: Vec<u64>,
}

impl Block {
    /// A block of rows with these numbers whose values are still to be written.
    pub(super) fn blank(&mut self, first: u64, rows: usize, columns: usize) {
        self.values.clear();
        self.values.resize(rows * columns, 0.0);
        self.rows.clear();
        self.rows.extend(first..first + rows as u64);
    }
}

/// What was seen in the values that were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// How many integers float64 does not hold, and the row number and chosen column of the first.
    pub(super) rounded: u64,
    pub(super) first_rounded: Option<(u64, usize)>,
    /// How many cells of a sheet are booleans, and how many are text that is a number.
    pub(super) booleans: u64,
    pub(super) as_text: u64,
}

impl Seen {
    /// Counts an integer that is rounded.
    pub(super) fn round(&mut self, number: u64, column: usize) {
        self.rounded += 1;
        let found = (number, column);
        // Columns are read one after the other, so an earlier row may come later.
        self.first_rounded = Some(self.first_rounded.map_or(found, |first| first.min(found)));
    }
}

/// Rows of the chosen columns in the order of the file.
pub(super) trait Source: Send {
    /// Replaces `block` by the next rows, at most `most` of them, which is not 0; by none at the end. What is asked for
    /// is not allocated before it is there.
    fn read(&mut self, most: usize, block: &mut Block) -> Result<(), TableError>;

    /// What was seen in the rows so far.
    fn seen(&self) -> Seen;

    /// The layout of a text file, as far as it is known.
    fn layout(&self) -> Option<Layout> {
        None
    }
}

/// A file whose columns are chosen.
pub(super) struct Opened {
    pub(super) locator: Locator,
    /// What was left out or converted, known before the first row.
    pub(super) notes: Vec<String>,
    /// The number of rows, if the file says it.
    pub(super) rows: Option<u64>,
    pub(super) source: Box<dyn Source>,
}
