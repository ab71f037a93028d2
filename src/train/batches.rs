//! The samples of every step. Takes data `[N, D]`; produces batches `[B, D]`. Every row of the data occurs once an
//! epoch, each epoch has an order of its own, and jitter is added to every sample.
//!
//! The orders of all epochs form one stream, which is cut into batches of one size. Rows at the end of an epoch that
//! are too few for a batch come first in the next batch. Invariants: the rows of a step are a function of the seed, the
//! number of rows, the batch size and the step; no batch contains a row twice.

use ndarray::{Array2, ArrayView2};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use scorematch_kernels::simd::{InstructionSet, Real};
use serde::{Deserialize, Serialize};

use super::samples::StepSamples;
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
    /// Standard deviation of the noise added to every sample.
    pub(super) jitter: f64,
    pub(super) seed: u64,
}

/// Where in the data a run is: with the seed, the rows and the batch size it determines all further batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Position {
    /// Number of shuffled epochs.
    epochs: u64,
    /// The rows that the last of them began with: those carried over from the epoch before.
    carried: Vec<usize>,
    /// The place in its order after the last batch.
    end: usize,
    /// The next step.
    next: u64,
}

/// The batches of a run.
#[derive(Clone, Debug)]
pub(super) struct Batches<T> {
    data: Array2<T>,
    batching: Batching,
    /// The rows carried over from the previous epoch, then all rows in the order of the last shuffled epoch.
    order: Vec<usize>,
    /// Number of shuffled epochs.
    epochs: u64,
    /// Number of rows at the start of `order` that are carried over.
    carried: usize,
    /// For each row, whether it is carried over from the previous epoch; all false between calls, empty if no batch
    /// spans two epochs.
    taken: Vec<bool>,
    /// Whether the jitter can make a sample overflow.
    may_overflow: bool,
    /// The step after the one that was chosen last.
    next: u64,
    /// The rows of the last batch, as a range of `order`.
    current: std::ops::Range<usize>,
}

impl<T: Real> Batches<T> {
    pub(super) fn new(data: Array2<T>, mut batching: Batching) -> Self {
        // Rows are copied as contiguous ranges of memory.
        let data = data.as_standard_layout().into_owned();
        let rows = data.nrows();
        batching.size = batching.size.min(rows);
        let spans = !batching.keep_short_last && !rows.is_multiple_of(batching.size);
        let largest = data
            .iter()
            .fold(0.0f64, |largest, &x| largest.max(Real::to_f64(x).abs()));
        let farthest = largest + FARTHEST * batching.jitter;
        Self {
            may_overflow: batching.jitter > 0.0 && farthest > 0.5 * Real::to_f64(T::max_value()),
            data,
            batching,
            order: Vec::with_capacity(rows + if spans { batching.size } else { 0 }),
            epochs: 0,
            carried: 0,
            taken: vec![false; if spans { rows } else { 0 }],
            next: 0,
            current: 0..0,
        }
    }

    /// The largest number of rows of a batch.
    pub(super) fn size(&self) -> usize {
        self.batching.size
    }

    /// The number of steps that use every row `epochs` times; the last of them may use some rows once more.
    pub(super) fn steps(&self, epochs: u64) -> u64 {
        let (rows, size) = (self.data.nrows() as u64, self.batching.size as u64);
        if self.batching.keep_short_last {
            return epochs.saturating_mul(rows.div_ceil(size));
        }
        let steps = (u128::from(epochs) * u128::from(rows)).div_ceil(size.into());
        u64::try_from(steps).unwrap_or(u64::MAX)
    }

    /// The epoch of the first row of a step's batch, and the index of this batch among those that begin in the epoch;
    /// both from 0.
    pub(super) fn place(&self, step: u64) -> (u64, u64) {
        let (rows, size) = (self.data.nrows() as u64, self.batching.size as u64);
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
    pub(super) fn advance(&mut self) {
        let Batching {
            size,
            keep_short_last,
            ..
        } = self.batching;
        let left = self.order.len() - self.current.end;
        let start = if left == 0 || (left < size && !keep_short_last) {
            self.begin_epoch();
            0
        } else {
            self.current.end
        };
        self.current = start..(start + size).min(self.order.len());
        self.next += 1;
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
        let Some(data) = self.data.as_slice() else {
            unreachable!("the data of batches is dense")
        };
        let dim = self.data.ncols();
        let noise = Source::noise(Purpose::Jitter.seed(seed, 0), step, dim);
        StepSamples {
            data,
            dim,
            rows,
            isa,
            jitter: (jitter > 0.0).then(|| (noise, T::of(jitter))),
        }
    }

    /// All rows, in the units of training.
    pub(super) fn data(&self) -> ArrayView2<'_, T> {
        self.data.view()
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
            epochs: self.epochs,
            carried: self.order[..self.carried].to_vec(),
            end: self.current.end,
            next: self.next,
        }
    }

    /// Continues from a position in the same data with the same batching. The error says what is wrong with it.
    pub(super) fn continue_from(&mut self, position: &Position) -> Result<(), String> {
        let Position {
            epochs,
            carried,
            end,
            next,
        } = position;
        let Some(before) = epochs.checked_sub(1) else {
            return Ok(());
        };
        let rows = self.data.nrows();
        if carried.len() >= self.batching.size
            || carried.iter().any(|&row| row >= rows)
            || (!carried.is_empty() && self.taken.is_empty())
        {
            return Err("its position is not one in this data".to_owned());
        }
        self.order.clone_from(carried);
        self.current = 0..0;
        self.epochs = before;
        self.begin_epoch();
        if *end > self.order.len() {
            return Err("its position is not one in this data".to_owned());
        }
        self.current = *end..*end;
        self.next = *next;
        Ok(())
    }

    /// Moves the remaining rows to the front and appends all rows in the order of the next epoch.
    ///
    /// This order is a function of the seed, the epoch and the remaining rows. If the data has at least two batches,
    /// the remaining rows are a function of the seed and the epoch alone, because [`Batches::part`] does not move the
    /// last rows of an epoch.
    fn begin_epoch(&mut self) {
        let left = self.order.len() - self.current.end;
        self.order.copy_within(self.current.end.., 0);
        self.order.truncate(left);
        self.order.extend(0..self.data.nrows());
        let seed = Purpose::Order.seed(self.batching.seed, self.epochs);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        self.order[left..].shuffle(&mut rng);
        self.part(left);
        self.carried = left;
        self.epochs += 1;
    }

    /// Removes repetitions from the batch that begins with the `left` carried-over rows: a row of this batch that
    /// equals a carried-over row is swapped with the next row behind the batch that does not.
    fn part(&mut self, left: usize) {
        if left == 0 {
            return;
        }
        let mark = |taken: &mut [bool], rows: &[usize], mark| {
            for &row in rows {
                taken[row] = mark;
            }
        };
        mark(&mut self.taken, &self.order[..left], true);
        let mut behind = self.batching.size;
        for place in left..self.batching.size {
            if !self.taken[self.order[place]] {
                continue;
            }
            // Such a row exists: the data has at least as many rows as the batch.
            while self.taken[self.order[behind]] {
                behind += 1;
            }
            self.order.swap(place, behind);
        }
        mark(&mut self.taken, &self.order[..left], false);
    }
}
