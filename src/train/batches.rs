//! The samples of every step. Enters: data `[N, D]`. Leaves: batches `[B, D]` in which every row of
//! the data comes once an epoch, in an order of that epoch's own, blurred by the jitter.

use std::sync::Mutex;

use ndarray::{Array2, ArrayView2, s};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

use crate::directions::{Block, Source, lane_samples};
use crate::panel::LANES;
use crate::simd::Real;
use crate::team::{Team, locked};

/// What random numbers of a run are for; each purpose has a seed of its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Order = 1,
    Jitter = 2,
    Directions = 3,
}

impl Purpose {
    /// The seed for this purpose in the run of this seed: one output of SplitMix64 (Steele, Lea and
    /// Flood 2014).
    pub(super) fn seed(self, seed: u64) -> u64 {
        let mut z = seed.wrapping_add((self as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The batches of a run. An epoch ends with a shorter batch where the batch size does not divide
/// the number of rows.
#[derive(Clone, Debug)]
pub(super) struct Batches<T> {
    data: Array2<T>,
    seed: u64,
    jitter: f64,
    order: Vec<usize>,
    samples: Array2<T>,
    /// Room for the jitter of a panel, one for each thread.
    rooms: Vec<Vec<[T; LANES]>>,
    /// The step after the last one that was prepared.
    next: u64,
    /// Rows of the last batch, as a range of `order`.
    current: std::ops::Range<usize>,
}

impl<T: Real> Batches<T> {
    /// Batches of `size` rows (of all rows, if that is less).
    pub(super) fn new(data: Array2<T>, size: usize, jitter: f64, seed: u64) -> Self {
        // Rows are copied as stretches of memory.
        let data = data.as_standard_layout().into_owned();
        let (rows, dim) = data.dim();
        let samples = Array2::from_elem((size.min(rows), dim), T::zero());
        let order = (0..rows).collect();
        Self {
            data,
            seed,
            jitter,
            order,
            samples,
            rooms: Vec::new(),
            next: 0,
            current: 0..0,
        }
    }

    /// Steps in an epoch.
    pub(super) fn per_epoch(&self) -> u64 {
        self.order.len().div_ceil(self.samples.nrows()) as u64
    }

    /// Epoch and batch of the epoch, both from 0, of a step.
    pub(super) fn place(&self, step: u64) -> (u64, u64) {
        (step / self.per_epoch(), step % self.per_epoch())
    }

    /// Chooses the rows of the next step.
    pub(super) fn advance_rows(&mut self) {
        let (epoch, batch) = self.place(self.next);
        if batch == 0 {
            self.shuffle(epoch);
        }
        let start = batch as usize * self.samples.nrows();
        self.current = start..(start + self.samples.nrows()).min(self.order.len());
        self.next += 1;
    }

    /// Prepares the samples of the next step: 16 at a time, on the team.
    pub(super) fn advance(&mut self, team: Team) {
        let step = self.next;
        self.advance_rows();
        let dim = self.data.ncols();
        let rows = &self.order[self.current.clone()];
        let last = rows.len() - 1;
        let source = Source::noise(Purpose::Jitter.seed(self.seed), step, dim);
        let scale = T::of(self.jitter);
        // Both arrays are in standard layout: `new` made them.
        let (Some(data), Some(samples)) = (self.data.as_slice(), self.samples.as_slice_mut())
        else {
            unreachable!("arrays of a batch are dense")
        };
        let drawn = if self.jitter > 0.0 { dim } else { 0 };
        // One for each thread that can have a panel to fill.
        let threads = team.threads.min(rows.len().div_ceil(LANES)).max(1);
        if self.rooms.len() < threads {
            self.rooms
                .resize_with(threads, || vec![[T::zero(); LANES]; drawn]);
        }
        let panels = Mutex::new(
            rows.chunks(LANES)
                .zip(samples.chunks_mut(LANES * dim))
                .enumerate(),
        );
        // Scattered rows come with some 8 scalars in a nanosecond, a normal number takes one or two.
        let work = rows.len() * (dim / 8 + 2 * drawn);
        team.each(work, &mut self.rooms, |_, noise| {
            // In a closure, so that the lock is not held while a panel is filled.
            let next = || locked(&panels).next();
            while let Some((panel, (rows, samples))) = next() {
                for (sample, &row) in samples.chunks_exact_mut(dim).zip(rows) {
                    sample.copy_from_slice(&data[row * dim..][..dim]);
                }
                if noise.is_empty() {
                    continue;
                }
                let lanes = lane_samples(panel * LANES, last);
                source.fill(team.form, &[lanes], 0, 1, noise, &mut Block::default());
                for (lane, sample) in samples.chunks_exact_mut(dim).take(rows.len()).enumerate() {
                    for (x, noise) in sample.iter_mut().zip(&*noise) {
                        *x += scale * noise[lane];
                    }
                }
            }
        });
    }

    /// All rows, in the units of training.
    #[cfg(feature = "cuda")]
    pub(super) fn data(&self) -> ArrayView2<'_, T> {
        self.data.view()
    }

    /// The samples that [`Batches::advance`] prepared.
    pub(super) fn samples(&self) -> ArrayView2<'_, T> {
        self.samples.slice(s![..self.current.len(), ..])
    }

    /// Their rows in the data.
    pub(super) fn rows(&self) -> &[usize] {
        &self.order[self.current.clone()]
    }

    /// The order of an epoch is a function of the seed and the epoch, not of the orders before it.
    fn shuffle(&mut self, epoch: u64) {
        let mut rng =
            Xoshiro256PlusPlus::seed_from_u64(Purpose::Order.seed(self.seed).wrapping_add(epoch));
        for (row, place) in self.order.iter_mut().enumerate() {
            *place = row;
        }
        self.order.shuffle(&mut rng);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Form;

    fn data(rows: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, 3), |(row, column)| (10 * row + column) as f64)
    }

    fn team() -> Team {
        Team {
            threads: 2,
            ..Team::alone(Form::Portable)
        }
    }

    #[test]
    fn every_row_once_an_epoch() {
        let mut batches = Batches::new(data(11), 4, 0.0, 7);
        assert_eq!(batches.per_epoch(), 3);
        let mut orders = Vec::new();
        for epoch in 0..3 {
            let mut seen = Vec::new();
            for batch in 0..3 {
                batches.advance(team());
                assert_eq!(batches.place(3 * epoch + batch), (epoch, batch));
                assert_eq!(batches.rows().len(), if batch == 2 { 3 } else { 4 });
                for (sample, &row) in batches.samples().outer_iter().zip(batches.rows()) {
                    assert_eq!(sample, data(11).row(row));
                    seen.push(row);
                }
            }
            orders.push(seen.clone());
            seen.sort_unstable();
            assert_eq!(seen, (0..11).collect::<Vec<_>>());
        }
        assert_ne!(orders[0], orders[1]);
        let mut again = Batches::new(data(11), 4, 0.0, 7);
        again.advance(team());
        assert_eq!(again.rows(), &orders[0][..4]);
    }

    #[test]
    fn a_batch_is_no_larger_than_the_data() {
        let mut batches = Batches::new(data(5), 100, 0.0, 0);
        batches.advance(team());
        assert_eq!((batches.per_epoch(), batches.samples().nrows()), (1, 5));
    }

    #[test]
    fn jitter_is_drawn_anew_with_the_deviation_asked_for() {
        let rows = 4000;
        let mut batches = Batches::new(Array2::<f64>::zeros((rows, 3)), rows, 0.5, 3);
        batches.advance(team());
        let first = batches.samples().to_owned();
        let mean_square = first.iter().map(|x| x * x).sum::<f64>() / (3 * rows) as f64;
        // Four standard errors of the mean of 12 000 squares of deviation 0.5.
        assert!(
            (mean_square - 0.25).abs() < 4.0 * 0.25 * (2.0 / (3 * rows) as f64).sqrt(),
            "{mean_square}"
        );
        batches.advance(team());
        assert!(
            batches
                .samples()
                .iter()
                .zip(&first)
                .all(|(second, first)| second != first)
        );
    }
}
