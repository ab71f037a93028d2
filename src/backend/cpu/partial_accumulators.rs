//! Partial accumulators, the work they stand for, and their sum in a fixed order: every even one and the next make a
//! pair, and the sums of pairs are added up.

use std::ops::Range;

use scorematch_kernels::simd::{ForVector, Real, Vector};

use super::deferred_operands::TileOutputs;
use super::products::Products;
use super::tiling::Tiling;
use crate::buffer::Buffer;

/// The work of one partial accumulator: its samples, and where their results go.
pub(super) struct Job<'a, T> {
    /// Its number.
    pub(super) slot: usize,
    /// The samples.
    pub(super) samples: Range<usize>,
    /// Its accumulator.
    pub(super) acc: &'a mut [T],
    /// The outputs of its tiles.
    pub(super) outputs: TileOutputs<'a, T>,
}

/// The partial accumulators that no thread has taken yet, in their order.
pub(super) struct Jobs<'a, T> {
    pub(super) tiling: Tiling,
    /// The partial accumulators that are left.
    pub(super) left: Range<usize>,
    pub(super) acc: std::slice::IterMut<'a, Buffer<T>>,
    /// The pairs whose sum is in the even partial accumulator.
    pub(super) joined: &'a mut [bool],
    /// The outputs of their tiles.
    pub(super) outputs: Option<TileOutputs<'a, T>>,
}

impl<'a, T: Real> Jobs<'a, T> {
    /// The first partial accumulator that is left, or the last. A thread that always takes from one end has, in every
    /// run, mostly the same partial accumulators, which its core's cache holds.
    pub(super) fn take(&mut self, first: bool) -> Option<Job<'a, T>> {
        let (slot, acc) = if first {
            (self.left.next()?, self.acc.next()?)
        } else {
            (self.left.next_back()?, self.acc.next_back()?)
        };
        let samples = self.tiling.samples_of(slot);
        let left = self.outputs.take()?;
        let (outputs, left) = if first {
            left.split_at(samples.len())
        } else {
            let at = left.out.nrows() - samples.len();
            let (left, outputs) = left.split_at(at);
            (outputs, left)
        };
        self.outputs = Some(left);
        Some(Job {
            slot,
            samples,
            acc,
            outputs,
        })
    }
}

/// The sum of partial accumulators, a range of [`COLUMNS`] at a time.
pub(super) struct AddPartials<'a, T> {
    /// All partial accumulators.
    pub(super) partials: &'a [Buffer<T>],
    /// The pairs of partial accumulators whose sum is in the even one.
    pub(super) joined: &'a [bool],
    /// Where the range starts in the accumulator.
    pub(super) start: usize,
    /// The sum's range; what it held is of no meaning.
    pub(super) sums: &'a mut [T],
    /// Scalars of an accumulator.
    pub(super) len: usize,
    pub(super) products: Products,
}

impl<T: Real> ForVector<T> for AddPartials<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let end = self.start + self.sums.len();
        for range in self.products.touched(self.len) {
            let range = range.start.max(self.start)..range.end.min(end);
            if range.is_empty() {
                continue;
            }
            let sums = &mut self.sums[range.start - self.start..range.end - self.start];
            for (pair, partials) in self.partials.chunks(2).enumerate() {
                let even = &partials[0][range.clone()];
                let odd = partials.get(1).filter(|_| !self.joined[pair]);
                let terms = even.iter().zip(odd.map_or(even, |odd| &odd[range.clone()]));
                let sums = sums.iter_mut().zip(terms);
                match (pair, odd) {
                    (0, None) => sums.for_each(|(sum, (a, _))| *sum = *a),
                    (0, Some(_)) => sums.for_each(|(sum, (a, b))| *sum = *a + *b),
                    (_, None) => sums.for_each(|(sum, (a, _))| *sum += *a),
                    (_, Some(_)) => sums.for_each(|(sum, (a, b))| *sum += *a + *b),
                }
            }
        }
    }
}

/// even += odd, where tiles add to them.
pub(super) struct JoinPartials<'a, T> {
    pub(super) even: &'a mut [T],
    pub(super) odd: &'a [T],
    pub(super) products: Products,
}

impl<T: Real> ForVector<T> for JoinPartials<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        for range in self.products.touched(self.even.len()) {
            let odd = &self.odd[range.clone()];
            for (sum, term) in self.even[range].iter_mut().zip(odd) {
                *sum += *term;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use scorematch_kernels::simd::InstructionSet;

    use super::*;
    use crate::buffer::COLUMNS;
    use crate::program::{Deferred, Factor};

    const PRODUCTS: Products = Products {
        deferred: &[
            Deferred {
                acc: 10_000,
                m: 40,
                with: Factor::Samples,
            },
            Deferred {
                acc: 3,
                m: 2,
                with: Factor::Directions,
            },
        ],
        dim: 7,
        keeps_directions: true,
        signs: false,
    };

    /// The sum of `count` partial accumulators, of which some pairs are joined before.
    fn sum(count: usize, joined: &[bool]) -> Vec<f64> {
        let mut partials: Vec<_> = (0..count)
            .map(|slot| Buffer::of(&vec![1.0 / (slot as f64 + 3.0); 12_000]))
            .collect();
        for (pair, _) in joined.iter().enumerate().filter(|(_, joined)| **joined) {
            let (even, odd) = partials[2 * pair..].split_at_mut(1);
            let join = JoinPartials {
                even: &mut even[0],
                odd: &odd[0],
                products: PRODUCTS,
            };
            f64::dispatch(InstructionSet::Portable, join);
        }
        let mut acc = vec![-1.0; 12_000];
        for (i, sums) in acc.chunks_mut(COLUMNS).enumerate() {
            let add = AddPartials {
                partials: &partials,
                joined,
                start: i * COLUMNS,
                sums,
                len: 12_000,
                products: PRODUCTS,
            };
            f64::dispatch(InstructionSet::Portable, add);
        }
        acc
    }

    #[test]
    fn only_what_tiles_touch_is_added() {
        let touched: Vec<_> = PRODUCTS.touched(12_000).collect();
        for (i, sum) in sum(3, &[false; 2]).into_iter().enumerate() {
            let added = touched.iter().any(|range| range.contains(&i));
            assert_eq!(
                sum,
                if added {
                    (1.0 / 3.0 + 0.25) + 0.2
                } else {
                    -1.0
                }
            );
        }
    }

    #[test]
    fn joined_or_not_the_sum_has_the_same_bits() {
        for count in 2..8 {
            let pairs = count / 2;
            let apart = sum(count, &vec![false; count.div_ceil(2)]);
            for joined in 1..1 << pairs {
                let joined: Vec<_> = (0..count.div_ceil(2))
                    .map(|pair| joined >> pair & 1 == 1)
                    .collect();
                assert_eq!(sum(count, &joined), apart, "{joined:?}");
            }
        }
    }
}
