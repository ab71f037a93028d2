//! The samples of every step. Enters: data `[N, D]`. Leaves: batches `[B, D]` in which every row of
//! the data comes once an epoch, in an order of that epoch's own, blurred by the jitter.
//!
//! The orders of all epochs form one stream, which is cut into batches of one size: rows that are too few for a batch at
//! the end of an epoch come first in the next batch. Must hold: the rows of a step are a function of the seed, the number
//! of rows, the batch size and the step; a batch holds no row twice.

use ndarray::{Array2, ArrayView2};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use scorematch_kernels::simd::{InstructionSet, Real};

use super::samples::StepSamples;
use crate::backend::Samples;
use crate::data::check_finite;
use crate::directions::{Purpose, Source};
use crate::error::Result;

/// More deviations than a normal draw can be from 0.
const FARTHEST: f64 = 100.0;

/// How a run takes its batches from the data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batching {
    /// Rows of a batch; of all rows, if the data has fewer.
    pub(super) size: usize,
    /// Whether an epoch ends with a batch of the rows that are left, instead of handing them to the next epoch.
    pub(super) keep_short_last: bool,
    /// Standard deviation of the noise added to every sample.
    pub(super) jitter: f64,
    pub(super) seed: u64,
}

/// The batches of a run.
#[derive(Clone, Debug)]
pub(super) struct Batches<T> {
    data: Array2<T>,
    batching: Batching,
    /// Rows that the epoch before left, then all rows in the order of the epoch that was shuffled last.
    order: Vec<usize>,
    /// Epochs that were shuffled.
    epochs: u64,
    /// For each row, whether it is in the batch that begins in the epoch before; all false between two calls, empty
    /// where no batch spans two epochs.
    taken: Vec<bool>,
    /// Whether the jitter could take a sample out of the finite numbers.
    may_overflow: bool,
    /// The step after the last one that was prepared.
    next: u64,
    /// Rows of the last batch, as a range of `order`.
    current: std::ops::Range<usize>,
}

impl<T: Real> Batches<T> {
    pub(super) fn new(data: Array2<T>, mut batching: Batching) -> Self {
        // Rows are copied as ranges of memory.
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
            taken: vec![false; if spans { rows } else { 0 }],
            next: 0,
            current: 0..0,
        }
    }

    /// Rows of a batch at most.
    pub(super) fn size(&self) -> usize {
        self.batching.size
    }

    /// Steps that use every row `epochs` times: the last of them may use some rows once more.
    pub(super) fn steps(&self, epochs: u64) -> u64 {
        let (rows, size) = (self.data.nrows() as u64, self.batching.size as u64);
        if self.batching.keep_short_last {
            return epochs.saturating_mul(rows.div_ceil(size));
        }
        let steps = (u128::from(epochs) * u128::from(rows)).div_ceil(size.into());
        u64::try_from(steps).unwrap_or(u64::MAX)
    }

    /// The epoch of the first row of a step's batch, and which batch that begins in this epoch it is; both from 0.
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

    /// The samples of the step that was chosen last. `isa` draws their jitter.
    ///
    /// # Errors
    /// [`Error::NonFinite`](crate::Error::NonFinite) for a sample that the jitter took out of the finite numbers. Where the
    /// data and the jitter are too small for that, which was found out once, no sample is looked at.
    pub(super) fn samples(&self, isa: InstructionSet) -> Result<StepSamples<'_, T>> {
        let samples = self.samples_of(self.next - 1, self.rows(), isa);
        if self.may_overflow {
            check_finite("x", Samples::Written(&samples).to_rows(isa).view())?;
        }
        Ok(samples)
    }

    /// The samples of a step that had these rows.
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

    /// Puts the rows that are left first and all rows in the order of the next epoch behind them.
    ///
    /// That order is a function of the seed, the epoch and the rows that are left. Where the data has two batches or more,
    /// the rows that are left are in turn a function of the seed and the epoch alone: [`Batches::part`] does not reach them.
    fn begin_epoch(&mut self) {
        let left = self.order.len() - self.current.end;
        self.order.copy_within(self.current.end.., 0);
        self.order.truncate(left);
        self.order.extend(0..self.data.nrows());
        let seed = Purpose::Order.seed(self.batching.seed, self.epochs);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        self.order[left..].shuffle(&mut rng);
        self.part(left);
        self.epochs += 1;
    }

    /// Makes the batch of the `left` first rows free of repetitions: a row of it that comes again changes places with the
    /// next row behind the batch that is not in it.
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
            // There is one: the data has no fewer rows than the batch.
            while self.taken[self.order[behind]] {
                behind += 1;
            }
            self.order.swap(place, behind);
        }
        mark(&mut self.taken, &self.order[..left], false);
    }
}
