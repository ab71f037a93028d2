//! Accumulators of slots, the work they stand for, and their sum in a fixed order.

use std::ops::Range;

use ndarray::{ArrayViewMut2, Axis};

use super::buffer::Buffer;
use super::tiling::Tiling;
use crate::program::Deferred;
use crate::simd::{ForVector, Real, Vector};

/// Scalars of an accumulator that one thread adds up at a time; the update of parameters has the same cut.
pub(crate) const COLUMNS: usize = 4096;

/// A slot's work: its samples, and where their results go.
pub(super) struct Job<'a, T> {
    /// The slot's samples.
    pub(super) samples: Range<usize>,
    /// Its accumulator.
    pub(super) acc: &'a mut [T],
    /// Its rows of the output array.
    pub(super) out: ArrayViewMut2<'a, T>,
    /// Its rows of the values that deferred products need.
    pub(super) store: ArrayViewMut2<'a, T>,
    /// Its rows of the samples as tiles see them.
    pub(super) seen: ArrayViewMut2<'a, T>,
}

/// The slots that no thread has taken yet, in their order. The arrays have a row a sample.
pub(super) struct Jobs<'a, T> {
    pub(super) tiling: Tiling,
    /// The slots that are left.
    pub(super) left: Range<usize>,
    pub(super) acc: std::slice::IterMut<'a, Buffer<T>>,
    pub(super) out: Option<ArrayViewMut2<'a, T>>,
    pub(super) store: Option<ArrayViewMut2<'a, T>>,
    pub(super) seen: Option<ArrayViewMut2<'a, T>>,
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
        let rows = samples.len();
        let part = |array: &mut Option<ArrayViewMut2<'a, T>>| {
            let whole = array.take()?;
            let (part, rest) = if first {
                whole.split_at(Axis(0), rows)
            } else {
                let at = whole.nrows() - rows;
                let (rest, part) = whole.split_at(Axis(0), at);
                (part, rest)
            };
            *array = Some(rest);
            Some(part)
        };
        Some(Job {
            samples,
            acc,
            out: part(&mut self.out)?,
            store: part(&mut self.store)?,
            seen: part(&mut self.seen)?,
        })
    }
}

/// The ranges of an accumulator that tiles add to: all but the deferred products'.
pub(super) fn touched(
    len: usize,
    dim: usize,
    deferred: &[Deferred],
) -> impl Iterator<Item = Range<usize>> {
    let mut next = 0;
    std::iter::from_fn(move || {
        while next < len {
            let start = next;
            let product = following(deferred, start);
            let end = product.map_or(len, |product| product.acc);
            next = product.map_or(len, |product| product.acc + product.m * dim);
            if start < end {
                return Some(start..end);
            }
        }
        None
    })
}

/// The first deferred product that starts at `start` or after.
fn following(deferred: &[Deferred], start: usize) -> Option<&Deferred> {
    deferred
        .iter()
        .filter(|product| product.acc >= start)
        .min_by_key(|product| product.acc)
}

/// The sum of slots, a stretch of [`COLUMNS`] at a time.
pub(super) struct AddSlots<'a, T> {
    /// The accumulators of the slots after the first.
    pub(super) others: &'a [Buffer<T>],
    /// Where the stretch starts in the accumulator.
    pub(super) start: usize,
    /// The stretch of the first slot's accumulator, which becomes the sum.
    pub(super) sums: &'a mut [T],
    /// Scalars of an accumulator, features, and products that tiles do not add to.
    pub(super) len: usize,
    pub(super) dim: usize,
    pub(super) deferred: &'a [Deferred],
}

impl<T: Real> ForVector<T> for AddSlots<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let end = self.start + self.sums.len();
        for range in touched(self.len, self.dim, self.deferred) {
            let range = range.start.max(self.start)..range.end.min(end);
            if range.is_empty() {
                continue;
            }
            let sums = &mut self.sums[range.start - self.start..range.end - self.start];
            for other in self.others {
                for (sum, term) in sums.iter_mut().zip(&other[range.clone()]) {
                    *sum += *term;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Form;

    const DEFERRED: &[Deferred] = &[Deferred { acc: 10_000, m: 40 }, Deferred { acc: 3, m: 2 }];

    #[test]
    fn touched_ranges_leave_the_products_out() {
        assert_eq!(
            touched(12_000, 7, DEFERRED).collect::<Vec<_>>(),
            [0..3, 17..10_000, 10_280..12_000]
        );
        assert_eq!(
            touched(17, 7, &DEFERRED[1..]).collect::<Vec<_>>(),
            vec![0..3]
        );
        assert_eq!(touched(5, 7, &[]).collect::<Vec<_>>(), vec![0..5]);
        assert_eq!(touched(0, 7, &[]).count(), 0);
    }

    #[test]
    fn only_what_tiles_touch_is_added() {
        let others: [Buffer<f64>; 2] = [(); 2].map(|()| Buffer::of(&[1.0; 12_000]));
        let mut acc = vec![1.0; 12_000];
        for (i, sums) in acc.chunks_mut(COLUMNS).enumerate() {
            let add = AddSlots {
                others: &others,
                start: i * COLUMNS,
                sums,
                len: 12_000,
                dim: 7,
                deferred: DEFERRED,
            };
            f64::dispatch(Form::Portable, add);
        }
        let touched: Vec<_> = touched(12_000, 7, DEFERRED).collect();
        for (i, sum) in acc.into_iter().enumerate() {
            let added = touched.iter().any(|range| range.contains(&i));
            assert_eq!(sum, if added { 3.0 } else { 1.0 });
        }
    }
}
