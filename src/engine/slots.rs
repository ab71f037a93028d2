//! Accumulators of slots, the work they stand for, and their sum in a fixed order.

use std::ops::Range;

use ndarray::{ArrayViewMut2, Axis};

use super::buffer::Buffer;
use super::tiling::Tiling;
use crate::program::Deferred;
use crate::simd::{ForVector, Form, Real, Vector};

/// Scalars of an accumulator that one thread adds up at a time.
const COLUMNS: usize = 4096;

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
    pub(super) next: usize,
    pub(super) acc: std::slice::IterMut<'a, Buffer<T>>,
    pub(super) out: Option<ArrayViewMut2<'a, T>>,
    pub(super) store: Option<ArrayViewMut2<'a, T>>,
    pub(super) seen: Option<ArrayViewMut2<'a, T>>,
}

impl<'a, T: Real> Iterator for Jobs<'a, T> {
    type Item = Job<'a, T>;

    fn next(&mut self) -> Option<Self::Item> {
        let acc = self.acc.next()?;
        let samples = self.tiling.slot(self.next);
        self.next += 1;
        let rows = samples.len();
        let head = |array: &mut Option<ArrayViewMut2<'a, T>>| {
            let (head, tail) = array.take()?.split_at(Axis(0), rows);
            *array = Some(tail);
            Some(head)
        };
        Some(Job {
            samples,
            acc,
            out: head(&mut self.out)?,
            store: head(&mut self.store)?,
            seen: head(&mut self.seen)?,
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

/// The stretches of the first slot's accumulator that tiles added to, with their starts: at most [`COLUMNS`] long, each
/// the work of one thread.
pub(super) fn stretches<'a, T>(
    acc: &'a mut [T],
    dim: usize,
    deferred: &'a [Deferred],
) -> impl Iterator<Item = (usize, &'a mut [T])> {
    let (mut rest, mut start) = (acc, 0);
    touched(rest.len(), dim, deferred)
        .flat_map(|range| {
            let end = range.end;
            range
                .step_by(COLUMNS)
                .map(move |from| from..(from + COLUMNS).min(end))
        })
        .map(move |range| {
            let (_, after) = std::mem::take(&mut rest).split_at_mut(range.start - start);
            let (stretch, after) = after.split_at_mut(range.len());
            (rest, start) = (after, range.end);
            (range.start, stretch)
        })
}

/// sums ← sums + what the slots after the first hold from `start` on, in their order.
pub(super) fn add_slots<T: Real>(form: Form, others: &[Buffer<T>], start: usize, sums: &mut [T]) {
    T::dispatch(
        form,
        AddSlots {
            others,
            start,
            sums,
        },
    );
}

struct AddSlots<'a, T> {
    others: &'a [Buffer<T>],
    start: usize,
    sums: &'a mut [T],
}

impl<T: Real> ForVector<T> for AddSlots<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        for other in self.others {
            for (sum, term) in self.sums.iter_mut().zip(&other[self.start..]) {
                *sum += *term;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn stretches_cover_what_tiles_touch() {
        let mut acc: Vec<f64> = (0..12_000).map(f64::from).collect();
        let (mut ranges, mut touched) = (Vec::new(), touched(12_000, 7, DEFERRED));
        for (start, stretch) in stretches(&mut acc, 7, DEFERRED) {
            assert!(stretch.len() <= COLUMNS);
            assert_eq!(stretch[0], start as f64);
            match ranges.last_mut() {
                Some(Range { end, .. }) if *end == start => *end += stretch.len(),
                _ => ranges.push(start..start + stretch.len()),
            }
        }
        assert!(touched.by_ref().eq(ranges));
    }
}
