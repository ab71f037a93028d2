//! Accumulators of slots, the work they stand for, and their sum in a fixed order.

use std::ops::Range;

use ndarray::{ArrayViewMut2, Axis};

use super::buffer::Buffer;
use super::tiling::Tiling;
use crate::panel::{Matrix, batch_outer};
use crate::program::Deferred;
use crate::simd::Real;

/// Scalars of an accumulator that one thread adds up at a time.
const COLUMNS: usize = 4096;
/// Rows of a deferred product that one thread computes at a time.
const PRODUCT_ROWS: usize = 32;

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
    /// Its rows of the perturbed samples.
    pub(super) perturbed: ArrayViewMut2<'a, T>,
}

/// The slots that no thread has taken yet, in their order. The arrays have a row a sample.
pub(super) struct Jobs<'a, T> {
    pub(super) tiling: Tiling,
    pub(super) next: usize,
    pub(super) acc: std::slice::IterMut<'a, Buffer<T>>,
    pub(super) out: Option<ArrayViewMut2<'a, T>>,
    pub(super) store: Option<ArrayViewMut2<'a, T>>,
    pub(super) perturbed: Option<ArrayViewMut2<'a, T>>,
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
            perturbed: head(&mut self.perturbed)?,
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

/// A part of the sum over slots, which one thread computes.
pub(super) enum Part<'a, T> {
    /// Columns that tiles added to, from `start` on, in the first slot's accumulator.
    Columns { start: usize, sums: &'a mut [T] },
    /// Rows of a deferred product; the values of its first row are column `column` of the store.
    Product { column: usize, rows: &'a mut [T] },
}

/// The parts of the first slot's accumulator, which becomes the sum.
pub(super) struct Parts<'a, T> {
    rest: &'a mut [T],
    /// Where `rest` starts in the accumulator.
    start: usize,
    dim: usize,
    deferred: &'a [Deferred],
}

impl<'a, T> Parts<'a, T> {
    pub(super) fn new(acc: &'a mut [T], dim: usize, deferred: &'a [Deferred]) -> Self {
        Parts {
            rest: acc,
            start: 0,
            dim,
            deferred,
        }
    }
}

impl<'a, T> Iterator for Parts<'a, T> {
    type Item = Part<'a, T>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut column = 0;
        let mut product = None;
        for deferred in self.deferred {
            let block = deferred.acc..deferred.acc + deferred.m * self.dim;
            if block.contains(&self.start) {
                product = Some((column + (self.start - block.start) / self.dim, block.end));
            }
            column += deferred.m;
        }
        let end = match product {
            Some((_, end)) => end.min(self.start + PRODUCT_ROWS * self.dim),
            None => following(self.deferred, self.start)
                .map_or(usize::MAX, |product| product.acc)
                .min(self.start + COLUMNS),
        };
        let len = (end - self.start).min(self.rest.len());
        let (part, rest) = std::mem::take(&mut self.rest).split_at_mut(len);
        let start = self.start;
        (self.rest, self.start) = (rest, start + len);
        Some(match product {
            Some((column, _)) => Part::Product { column, rows: part },
            None => Part::Columns { start, sums: part },
        })
    }
}

/// What the parts of a sum are computed from.
pub(super) struct Terms<'a, T> {
    /// The accumulators of the slots after the first.
    pub(super) others: &'a [Buffer<T>],
    /// Deferred values, `[B, width]`.
    pub(super) store: &'a [T],
    pub(super) width: usize,
    /// What the tiles saw as samples, `[B, dim]`.
    pub(super) x: &'a [T],
    pub(super) dim: usize,
    pub(super) samples: usize,
}

impl<T: Real> Terms<'_, T> {
    /// Computes one part: slots in their order, samples in theirs.
    pub(super) fn sum(&self, part: Part<'_, T>) {
        match part {
            Part::Columns { start, sums } => {
                for other in self.others {
                    for (sum, term) in sums.iter_mut().zip(&other[start..]) {
                        *sum += *term;
                    }
                }
            }
            Part::Product { column, rows } => {
                rows.fill(T::zero());
                let store = Matrix {
                    data: &self.store[column..],
                    row: self.width,
                    col: 1,
                };
                let x = Matrix {
                    data: self.x,
                    row: self.dim,
                    col: 1,
                };
                batch_outer(
                    rows,
                    rows.len() / self.dim,
                    self.dim,
                    store,
                    x,
                    self.samples,
                );
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
    fn parts_cover_the_accumulator_once() {
        let mut acc: Vec<f64> = (0..12_000).map(f64::from).collect();
        let mut next = 0;
        let mut columns = Vec::new();
        for part in Parts::new(&mut acc, 7, DEFERRED) {
            let piece = match part {
                Part::Columns { start, sums } => {
                    assert_eq!(start, next);
                    assert!(sums.len() <= COLUMNS);
                    sums
                }
                Part::Product { column, rows } => {
                    columns.push((next, column, rows.len() / 7));
                    rows
                }
            };
            assert_eq!(piece[0], next as f64);
            next += piece.len();
        }
        assert_eq!(next, 12_000);
        assert_eq!(
            columns,
            [(3, 40, 2), (10_000, 0, 32), (10_000 + 32 * 7, 32, 8)]
        );
    }
}
