//! The order in which a run takes the rows: a sequence of windows, each a random order of some rows. Takes the number of
//! rows, the seed and the kind of shuffling; produces the rows of one window after another.
//!
//! Invariants: the rows of a window are a function of the seed, the number of rows, the kind and the window's number; the
//! windows of an epoch contain every row once.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::directions::Purpose;
use crate::error::Result;
use crate::setting::at_least;

/// How a run shuffles the rows of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shuffle {
    /// Each epoch has all rows in a uniformly random order.
    #[default]
    Rows,
    /// Each epoch takes blocks of consecutive rows in a random order, some blocks at a time, whose rows it takes in a random
    /// order. Of data in a [`RowFile`](super::RowFile), the blocks of two windows are in memory. Rows that stand together in
    /// the data come nearer to each other than chance would have it, unless a window holds all blocks.
    Blocks {
        /// Rows of a block.
        rows: usize,
        /// Blocks that are shuffled together.
        window: usize,
    },
}

impl Shuffle {
    /// Rows that are read from a file at a time.
    pub(super) fn block(self) -> usize {
        match self {
            Shuffle::Rows => 4096,
            Shuffle::Blocks { rows, .. } => rows,
        }
    }

    pub(super) fn check(self) -> Result<()> {
        match self {
            Shuffle::Rows => Ok(()),
            Shuffle::Blocks { rows, window } => {
                at_least(1, "the rows of a block", rows as u64)?;
                at_least(1, "the blocks that are shuffled together", window as u64)
            }
        }
    }
}

/// The windows of a run.
#[derive(Clone, Debug)]
pub(super) struct Order {
    shuffle: Shuffle,
    rows: usize,
    seed: u64,
    /// The number of the next window.
    next: u64,
    /// The blocks in the order of an epoch, and that epoch.
    blocks: Vec<usize>,
    epoch: Option<u64>,
}

impl Order {
    /// The order of so many rows, at least one.
    pub(super) fn new(shuffle: Shuffle, rows: usize, seed: u64) -> Self {
        Order {
            shuffle,
            rows,
            seed,
            next: 0,
            blocks: Vec::new(),
            epoch: None,
        }
    }

    /// The number of the next window.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Goes to the window of this number.
    pub(super) fn go_to(&mut self, window: u64) {
        self.next = window;
    }

    /// Whether an epoch begins with the next window.
    pub(super) fn begins_epoch(&self) -> bool {
        self.next.is_multiple_of(self.windows())
    }

    /// Windows of an epoch.
    fn windows(&self) -> u64 {
        match self.shuffle {
            Shuffle::Rows => 1,
            Shuffle::Blocks { rows, window } => self.rows.div_ceil(rows).div_ceil(window) as u64,
        }
    }

    /// Appends the rows of the next window.
    pub(super) fn append(&mut self, to: &mut Vec<usize>) {
        let start = to.len();
        let epoch = self.next / self.windows();
        let seed = match self.shuffle {
            Shuffle::Rows => {
                to.extend(0..self.rows);
                Purpose::Order.seed(self.seed, epoch)
            }
            Shuffle::Blocks { rows, window } => {
                self.shuffle_blocks(rows, epoch);
                let first = (self.next % self.windows()) as usize * window;
                let last = (first + window).min(self.blocks.len());
                for &block in &self.blocks[first..last] {
                    to.extend(block * rows..((block + 1) * rows).min(self.rows));
                }
                Purpose::Window.seed(self.seed, self.next)
            }
        };
        to[start..].shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
        self.next += 1;
    }

    /// Puts the blocks in the order of an epoch.
    fn shuffle_blocks(&mut self, rows: usize, epoch: u64) {
        if self.epoch == Some(epoch) {
            return;
        }
        self.blocks.clear();
        self.blocks.extend(0..self.rows.div_ceil(rows));
        let seed = Purpose::Order.seed(self.seed, epoch);
        self.blocks
            .shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
        self.epoch = Some(epoch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_has_every_row_once_and_a_window_whole_blocks() {
        for (rows, block, window) in [(1, 1, 1), (10, 3, 2), (97, 10, 4), (64, 8, 3), (5, 9, 9)] {
            let blocks = Shuffle::Blocks {
                rows: block,
                window,
            };
            for shuffle in [Shuffle::Rows, blocks] {
                let mut order = Order::new(shuffle, rows, 3);
                for epoch in 0..3 {
                    let mut all = Vec::new();
                    assert!(order.begins_epoch());
                    loop {
                        let start = all.len();
                        order.append(&mut all);
                        if shuffle == blocks {
                            let mut of: Vec<usize> =
                                all[start..].iter().map(|row| row / block).collect();
                            of.sort_unstable();
                            of.dedup();
                            assert!(of.len() <= window, "{rows} {epoch}");
                        }
                        if order.begins_epoch() {
                            break;
                        }
                    }
                    all.sort_unstable();
                    assert_eq!(all, (0..rows).collect::<Vec<_>>(), "{shuffle:?}");
                }
            }
        }
    }

    #[test]
    fn a_window_is_a_function_of_its_number() {
        let shuffle = Shuffle::Blocks { rows: 4, window: 2 };
        let mut order = Order::new(shuffle, 50, 9);
        let mut windows = Vec::new();
        for _ in 0..20 {
            let mut window = Vec::new();
            order.append(&mut window);
            windows.push(window);
        }
        for number in [19, 3, 7, 0] {
            let mut other = Order::new(shuffle, 50, 9);
            other.go_to(number);
            let mut window = Vec::new();
            other.append(&mut window);
            assert_eq!(window, windows[number as usize]);
        }
        assert!(windows.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
