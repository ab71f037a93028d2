//! Products over the whole batch that are computed after the tiles, and the ranges that tiles add to.

use std::ops::Range;

use scorematch_kernels::panel::{LANES, Write};

use crate::backend::Batch;
use crate::objective::Projections;
use crate::program::{Deferred, Factor, Layout};

/// The most memory for directions and their values at which products with them are deferred to the end of the tiles.
/// Above it, tiles compute them.
const DEFERRED_BYTES: usize = 16 << 20;

/// The products that a program defers, in one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Products {
    pub(super) deferred: &'static [Deferred],
    /// Features of a sample, D.
    pub(super) dim: usize,
    /// Whether products with directions are deferred too.
    pub(super) keeps_directions: bool,
    /// Whether signs of directions are kept, in place of rows.
    pub(super) signs: bool,
}

impl Products {
    /// The products of a run over a batch; `signs`: whether the signs of its directions suffice.
    pub(super) fn new<T>(layout: &Layout, batch: &Batch<'_, T>, signs: bool) -> Self {
        let (samples, dim) = batch.x.dim();
        let width = layout.deferred_rows(Factor::Directions);
        let rows = width + if signs { dim.div_ceil(LANES) } else { dim };
        let columns = samples * batch.projections.as_ref().map_or(0, Projections::count);
        Products {
            deferred: layout.deferred,
            dim,
            keeps_directions: width > 0 && rows * columns * size_of::<T>() <= DEFERRED_BYTES,
            signs,
        }
    }

    /// Rows of values, and of their factor, that are kept of a panel (and direction) for products after the tiles.
    pub(super) fn operand_rows(&self, with: Factor) -> [usize; 2] {
        let waiting = self
            .deferred
            .iter()
            .filter(|d| d.with == with && self.waits(d));
        let values = waiting.map(|product| product.m).sum();
        let factor = match with {
            _ if values == 0 => 0,
            // A word a feature.
            Factor::Directions if self.signs => self.dim.div_ceil(LANES),
            _ => self.dim,
        };
        [values, factor]
    }

    /// Whether a product is formed after the tiles.
    fn waits(&self, product: &Deferred) -> bool {
        product.with == Factor::Samples || self.keeps_directions
    }

    /// Whether no tile adds to the range of a product.
    pub(super) fn is_untouched(&self, product: &Deferred) -> bool {
        let mut there = self.deferred.iter().filter(|d| d.acc == product.acc);
        there.all(|d| self.waits(d))
    }

    /// The products with samples, or with directions, that are formed after the tiles, in their order, each with the
    /// first of its columns among the values of a sample (and direction), and with whether it replaces the sums or is
    /// added to them.
    pub(super) fn after_tiles(
        self,
        with: Factor,
    ) -> impl Iterator<Item = (&'static Deferred, usize, Write)> {
        let mut column = 0;
        let products = self.deferred.iter().enumerate();
        let products = products.filter(move |(_, product)| product.with == with);
        products
            .map(move |(i, product)| {
                let first = column;
                column += product.m;
                let earlier = self.deferred.iter().enumerate().any(|(j, other)| {
                    other.acc == product.acc && (other.with as usize, j) < (with as usize, i)
                });
                let write = if self.is_untouched(product) && !earlier {
                    Write::Set
                } else {
                    Write::Add
                };
                (product, first, write)
            })
            .filter(move |(product, ..)| self.waits(product))
    }

    /// The ranges of an accumulator of `len` scalars that tiles add to.
    pub(super) fn touched(self, len: usize) -> impl Iterator<Item = Range<usize>> {
        let mut next = 0;
        std::iter::from_fn(move || {
            while next < len {
                let start = next;
                let product = self.following(start);
                let end = product.map_or(len, |product| product.acc);
                next = product.map_or(len, |product| product.acc + product.m * self.dim);
                if start < end {
                    return Some(start..end);
                }
            }
            None
        })
    }

    /// The first product that starts at `start` or after and that no tile adds to.
    fn following(&self, start: usize) -> Option<&'static Deferred> {
        let products = self.deferred.iter();
        products
            .filter(|product| product.acc >= start && self.is_untouched(product))
            .min_by_key(|product| product.acc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn deferred(acc: usize, m: usize, with: Factor) -> Deferred {
        Deferred { acc, m, with }
    }

    const DEFERRED: &[Deferred] = &[
        deferred(10_000, 40, Factor::Samples),
        deferred(3, 2, Factor::Directions),
        deferred(3, 2, Factor::Samples),
    ];

    fn products(deferred: &'static [Deferred], keeps_directions: bool) -> Products {
        Products {
            deferred,
            dim: 7,
            keeps_directions,
            signs: false,
        }
    }

    #[test]
    fn touched_ranges_leave_the_products_out() {
        let touched = |products: Products, len| products.touched(len).collect::<Vec<_>>();
        let all = products(DEFERRED, true);
        assert_eq!(touched(all, 12_000), [0..3, 17..10_000, 10_280..12_000]);
        let some = products(DEFERRED, false);
        assert_eq!(touched(some, 12_000), [0..10_000, 10_280..12_000]);
        let one = products(&DEFERRED[2..], false);
        assert_eq!(touched(one, 17), vec![0..3]);
        let none = products(&[], true);
        assert_eq!(touched(none, 5), vec![0..5]);
        assert!(touched(none, 0).is_empty());
    }

    #[test]
    fn the_first_product_into_an_untouched_place_sets_it() {
        let writes = |keeps, with| -> Vec<(usize, usize, Write)> {
            let products = products(DEFERRED, keeps).after_tiles(with);
            products
                .map(|(product, column, write)| (product.acc, column, write))
                .collect()
        };
        assert_eq!(
            writes(true, Factor::Samples),
            [(10_000, 0, Write::Set), (3, 40, Write::Set)]
        );
        assert_eq!(writes(true, Factor::Directions), [(3, 0, Write::Add)]);
        assert_eq!(
            writes(false, Factor::Samples),
            [(10_000, 0, Write::Set), (3, 40, Write::Add)]
        );
        assert_eq!(writes(false, Factor::Directions), []);
    }
}
