//! Accumulators of slots, the work they stand for, and their sum in a fixed order: every even slot and the next make a
//! pair, and the sums of pairs are added up.

use std::ops::Range;

use scorematch_kernels::simd::{ForVector, Real, Vector};

use super::kept::Written;
use super::products::Products;
use super::tiling::Tiling;
use crate::buffer::Buffer;

/// A slot's work: its samples, and where their results go.
pub(super) struct Job<'a, T> {
    /// Its number.
    pub(super) slot: usize,
    /// The slot's samples.
    pub(super) samples: Range<usize>,
    /// Its accumulator.
    pub(super) acc: &'a mut [T],
    /// What its tiles write beside sums.
    pub(super) written: Written<'a, T>,
}

/// The slots that no thread has taken yet, in their order.
pub(super) struct Jobs<'a, T> {
    pub(super) tiling: Tiling,
    /// The slots that are left.
    pub(super) left: Range<usize>,
    pub(super) acc: std::slice::IterMut<'a, Buffer<T>>,
    /// The pairs whose sum is in the even slot.
    pub(super) joined: &'a mut [bool],
    /// What their tiles write beside sums.
    pub(super) written: Option<Written<'a, T>>,
}

impl<'a, T: Real> Jobs<'a, T> {
    /// The first slot that is left, or the last. A thread that always takes from one end has, in every run, mostly the
    /// same slots, whose accumulators its core's cache holds.
    pub(super) fn take(&mut self, first: bool) -> Option<Job<'a, T>> {
        let (slot, acc) = if first {
            (self.left.next()?, self.acc.next()?)
        } else {
            (self.left.next_back()?, self.acc.next_back()?)
        };
        let samples = self.tiling.slot(slot);
        let left = self.written.take()?;
        let (written, left) = if first {
            left.split_at(samples.len())
        } else {
            let at = left.out.nrows() - samples.len();
            let (left, written) = left.split_at(at);
            (written, left)
        };
        self.written = Some(left);
        Some(Job {
            slot,
            samples,
            acc,
            written,
        })
    }
}

/// The sum of slots, a stretch of [`COLUMNS`] at a time.
pub(super) struct AddSlots<'a, T> {
    /// The accumulators of all slots.
    pub(super) slots: &'a [Buffer<T>],
    /// The pairs of slots whose sum is in the even one.
    pub(super) joined: &'a [bool],
    /// Where the stretch starts in the accumulator.
    pub(super) start: usize,
    /// The sum's stretch; what it held is of no meaning.
    pub(super) sums: &'a mut [T],
    /// Scalars of an accumulator.
    pub(super) len: usize,
    pub(super) products: Products,
}

impl<T: Real> ForVector<T> for AddSlots<'_, T> {
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
            for (pair, slots) in self.slots.chunks(2).enumerate() {
                let even = &slots[0][range.clone()];
                let odd = slots.get(1).filter(|_| !self.joined[pair]);
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
pub(super) struct JoinSlots<'a, T> {
    pub(super) even: &'a mut [T],
    pub(super) odd: &'a [T],
    pub(super) products: Products,
}

impl<T: Real> ForVector<T> for JoinSlots<'_, T> {
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
    use scorematch_kernels::simd::Form;

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

    /// The sum of `count` slots, of which some pairs are joined before.
    fn sum(count: usize, joined: &[bool]) -> Vec<f64> {
        let mut slots: Vec<_> = (0..count)
            .map(|slot| Buffer::of(&vec![1.0 / (slot as f64 + 3.0); 12_000]))
            .collect();
        for (pair, _) in joined.iter().enumerate().filter(|(_, joined)| **joined) {
            let (even, odd) = slots[2 * pair..].split_at_mut(1);
            let join = JoinSlots {
                even: &mut even[0],
                odd: &odd[0],
                products: PRODUCTS,
            };
            f64::dispatch(Form::Portable, join);
        }
        let mut acc = vec![-1.0; 12_000];
        for (i, sums) in acc.chunks_mut(COLUMNS).enumerate() {
            let add = AddSlots {
                slots: &slots,
                joined,
                start: i * COLUMNS,
                sums,
                len: 12_000,
                products: PRODUCTS,
            };
            f64::dispatch(Form::Portable, add);
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
