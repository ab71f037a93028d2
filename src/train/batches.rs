//! The samples of every step. Takes data `[N, D]`; produces batches `[B, D]`. Every row of the data occurs once an
//! epoch, each epoch has an order of its own, and jitter is added to every sample.
//!
//! The windows of all epochs form one stream ([`Order`]), which is cut into batches of one size. Rows at the end of a
//! window that are too few for a batch come first in the next batch. Invariants: the rows of a step are a function of the seed, the
//! number of rows, the batch size and the step; no batch contains a row twice.

use scorematch_kernels::simd::{InstructionSet, Real};
use serde::{Deserialize, Serialize};

use super::order::{Order, Shuffle};
use super::samples::StepSamples;
use super::store::Store;
use crate::backend::Samples;
use crate::data::check_finite;
use crate::directions::{Purpose, Source};
use crate::error::Result;

/// A bound on the size of a standard normal draw.
const FARTHEST: f64 = 100.0;

/// How a run takes its batches from the data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batching {
    /// Rows of a batch; [`Batches::new`] limits it to the number of rows of the data.
    pub(super) size: usize,
    /// Whether an epoch ends with a shorter batch of the remaining rows. Otherwise these rows go to the next epoch.
    pub(super) keep_short_last: bool,
    pub(super) shuffle: Shuffle,
    /// Standard deviation of the noise added to every sample.
    pub(super) jitter: f64,
    pub(super) seed: u64,
}

/// Where in the data a run is: with the seed, the rows and the batch size it determines all further batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Position {
    /// The rows that were carried over when windows were appended last.
    carried: Vec<usize>,
    /// The number of the first window that was appended behind them.
    first: u64,
    /// The place behind the last batch in these rows and windows.
    end: usize,
    /// The next step.
    next: u64,
}

impl Batching {
    /// The number of steps that use each of so many rows, at least one, `epochs` times; the last of them may use some rows
    /// once more.
    pub(super) fn steps(&self, epochs: u64, rows: usize) -> u64 {
        let (rows, size) = (rows as u64, self.size.min(rows) as u64);
        if self.keep_short_last {
            return epochs.saturating_mul(rows.div_ceil(size));
        }
        let steps = (u128::from(epochs) * u128::from(rows)).div_ceil(size.into());
        u64::try_from(steps).unwrap_or(u64::MAX)
    }
}

/// The batches of a run.
#[derive(Debug)]
pub(super) struct Batches<T> {
    store: Store<T>,
    batching: Batching,
    windows: Order,
    /// The rows carried over, then the rows of the windows that were appended since.
    order: Vec<usize>,
    /// Number of rows at the start of `order` that are carried over.
    carried: usize,
    /// The number of the first window behind them.
    first: u64,
    /// The carried rows in ascending order, while rows are put apart; kept to reuse its memory.
    sorted: Vec<usize>,
    /// Whether the jitter can make a sample overflow.
    may_overflow: bool,
    /// The step after the one that was chosen last.
    next: u64,
    /// The rows of the last batch, as a range of `order`.
    current: std::ops::Range<usize>,
}

impl<T: Real> Batches<T> {
    pub(super) fn new(store: Store<T>, mut batching: Batching) -> Self {
        let rows = store.rows();
        batching.size = batching.size.min(rows);
        let farthest = store.largest() + FARTHEST * batching.jitter;
        Self {
            may_overflow: batching.jitter > 0.0 && farthest > 0.5 * Real::to_f64(T::max_value()),
            windows: Order::new(batching.shuffle, rows, batching.seed),
            store,
            batching,
            order: Vec::new(),
            carried: 0,
            first: 0,
            sorted: Vec::new(),
            next: 0,
            current: 0..0,
        }
    }

    /// The largest number of rows of a batch.
    pub(super) fn size(&self) -> usize {
        self.batching.size
    }

    /// The epoch of the first row of a step's batch, and the index of this batch among those that begin in the epoch;
    /// both from 0.
    pub(super) fn place(&self, step: u64) -> (u64, u64) {
        let (rows, size) = (self.store.rows() as u64, self.batching.size as u64);
        if self.batching.keep_short_last {
            let per_epoch = rows.div_ceil(size);
            return (step / per_epoch, step % per_epoch);
        }
        let (rows, size) = (u128::from(rows), u128::from(size));
        let epoch = u128::from(step) * size / rows;
        // Neither exceeds the step: a batch has no more rows than the data.
        let first = (epoch * rows).div_ceil(size);
        (epoch as u64, step - first as u64)
    }

    /// Chooses the rows of the next step.
    ///
    /// # Errors
    /// The file of the data cannot be read.
    pub(super) fn advance(&mut self) -> Result<()> {
        let Batching {
            size,
            keep_short_last,
            ..
        } = self.batching;
        let left = self.order.len() - self.current.end;
        let ends_epoch = keep_short_last && self.windows.begins_epoch();
        let start = if left == 0 || (left < size && !ends_epoch) {
            self.refill()?;
            0
        } else {
            self.current.end
        };
        self.current = start..(start + size).min(self.order.len());
        self.next += 1;
        Ok(())
    }

    /// The samples of the step that was chosen last. `isa` is the instruction set that draws their jitter.
    ///
    /// # Errors
    /// [`Error::NonFinite`](crate::Error::NonFinite) if the jitter makes a sample overflow. Samples are checked only if
    /// this is possible for the range of the data and the jitter, which [`Batches::new`] determines once.
    pub(super) fn samples(&self, isa: InstructionSet) -> Result<StepSamples<'_, T>> {
        let samples = self.samples_of(self.next - 1, self.rows(), isa);
        if self.may_overflow {
            check_finite("x", Samples::Written(&samples).to_rows(isa).view())?;
        }
        Ok(samples)
    }

    /// The samples of a step with the given rows.
    pub(super) fn samples_of<'b>(
        &'b self,
        step: u64,
        rows: &'b [usize],
        isa: InstructionSet,
    ) -> StepSamples<'b, T> {
        let Batching { jitter, seed, .. } = self.batching;
        let noise = Source::noise(Purpose::Jitter.seed(seed, 0), step, self.store.dim());
        StepSamples {
            store: &self.store,
            rows,
            isa,
            jitter: (jitter > 0.0).then(|| (noise, T::of(jitter))),
        }
    }

    /// Where the rows are, in the units of training.
    pub(super) fn store(&self) -> &Store<T> {
        &self.store
    }

    /// The rows of the step that was chosen last.
    pub(super) fn rows(&self) -> &[usize] {
        &self.order[self.current.clone()]
    }

    /// The step after the one that was chosen last.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The position after the step that was chosen last.
    pub(super) fn position(&self) -> Position {
        Position {
            first: self.first,
            carried: self.order[..self.carried].to_vec(),
            end: self.current.end,
            next: self.next,
        }
    }

    /// Continues from a position in the same data with the same batching. The error says what is wrong with it.
    pub(super) fn continue_from(&mut self, position: &Position) -> Result<(), String> {
        let wrong = || "its position is not one in this data".to_owned();
        let Position {
            first,
            carried,
            end,
            next,
        } = position;
        if *next == 0 {
            return Ok(());
        }
        let rows = self.store.rows();
        if carried.len() >= self.batching.size || carried.iter().any(|&row| row >= rows) {
            return Err(wrong());
        }
        self.order.clone_from(carried);
        self.current = 0..0;
        self.windows.go_to(*first);
        self.refill().map_err(|error| error.to_string())?;
        if *end > self.order.len() {
            return Err(wrong());
        }
        self.current = *end..*end;
        self.next = *next;
        Ok(())
    }

    /// Moves the remaining rows to the front and appends windows until there is a batch. The result is a function of the
    /// remaining rows and the number of the next window.
    fn refill(&mut self) -> Result<()> {
        let left = self.order.len() - self.current.end;
        self.order.copy_within(self.current.end.., 0);
        self.order.truncate(left);
        (self.carried, self.first) = (left, self.windows.next());
        // The place in `order` at which an epoch begins.
        let mut boundary = None;
        while self.order.len() < self.batching.size {
            let begins = self.windows.begins_epoch();
            if begins && self.batching.keep_short_last && !self.order.is_empty() {
                break;
            }
            if begins {
                boundary = Some(self.order.len());
            }
            self.windows.append(&mut self.order);
        }
        if let Some(boundary) = boundary {
            self.part(boundary);
        }
        self.store.prepare(&self.order)
    }

    /// Removes repetitions from the first batch, in which an epoch begins at `boundary`: a row behind the boundary that equals
    /// one before it is swapped with the next row behind the batch that does not. If the data has at least two batches and
    /// is shuffled as a whole, this does not move the last rows of an epoch.
    fn part(&mut self, boundary: usize) {
        if boundary == 0 {
            return;
        }
        self.sorted.clear();
        self.sorted.extend_from_slice(&self.order[..boundary]);
        self.sorted.sort_unstable();
        let mut behind = self.batching.size;
        for place in boundary..self.batching.size {
            if self.sorted.binary_search(&self.order[place]).is_err() {
                continue;
            }
            loop {
                // Such a row exists: the data, and so the epoch, has at least as many rows as the batch.
                while behind >= self.order.len() {
                    self.windows.append(&mut self.order);
                }
                if self.sorted.binary_search(&self.order[behind]).is_err() {
                    break;
                }
                behind += 1;
            }
            self.order.swap(place, behind);
        }
    }
}
