//! The operands that tiles store for deferred GEMMs, and those GEMMs.

use std::ops::Range;

use ndarray::{ArrayViewMut2, Axis, s};
use scorematch_kernels::panel::{
    LANES, Panels, Rows, SignLookup, SignedRankKUpdate, Write, rank_k_update,
};
use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::{ForVector, Real, Vector};

use super::batch::Inputs;
use crate::buffer::Buffer;
use crate::program::Factor;

/// Panels of the whole batch, P of them.
#[derive(Debug, Default)]
pub(super) struct DeferredOperands<T> {
    /// The samples as tiles see them, `P·D` rows.
    x: Buffer<T>,
    /// The values of products with them, `P·Σm` rows.
    values: Buffer<T>,
    /// The directions, `P·M·D` rows; of ±1 their signs, `P·M·⌈D/16⌉` rows.
    directions: Buffer<T>,
    /// The values of products with those, `P·M·Σm` rows.
    direction_values: Buffer<T>,
}

/// The outputs of tiles: what they write beside sums.
pub(super) struct TileOutputs<'a, T> {
    /// The outputs, a row a sample.
    pub(super) out: ArrayViewMut2<'a, T>,
    /// The panels of a [`DeferredOperands`]; empty if no product asks for them.
    pub(super) x: &'a mut [[T; LANES]],
    pub(super) values: &'a mut [[T; LANES]],
    pub(super) directions: &'a mut [[T; LANES]],
    pub(super) direction_values: &'a mut [[T; LANES]],
}

impl<'a, T> TileOutputs<'a, T> {
    /// Of the first `at` samples, which are whole panels, and of the others.
    pub(super) fn split_at(self, at: usize) -> (Self, Self) {
        let panels = self.out.nrows().div_ceil(LANES);
        let (out, out_rest) = self.out.split_at(Axis(0), at);
        let split = |rows: &'a mut [[T; LANES]]| {
            let width = rows.len() / panels.max(1);
            rows.split_at_mut(at.div_ceil(LANES) * width)
        };
        let (x, x_rest) = split(self.x);
        let (values, values_rest) = split(self.values);
        let (directions, directions_rest) = split(self.directions);
        let (direction_values, direction_values_rest) = split(self.direction_values);
        let first = TileOutputs {
            out,
            x,
            values,
            directions,
            direction_values,
        };
        let rest = TileOutputs {
            out: out_rest,
            x: x_rest,
            values: values_rest,
            directions: directions_rest,
            direction_values: direction_values_rest,
        };
        (first, rest)
    }
}

impl<T> TileOutputs<'_, T> {
    /// Of a tile: of these samples, which begin with a panel.
    pub(super) fn tile(&mut self, samples: Range<usize>) -> TileOutputs<'_, T> {
        let panels = self.out.nrows().div_ceil(LANES);
        let tile = samples.start / LANES..samples.end.div_ceil(LANES);
        fn part<'r, T>(rows: &'r mut [T], tile: &Range<usize>, panels: usize) -> &'r mut [T] {
            let width = rows.len() / panels;
            &mut rows[tile.start * width..tile.end * width]
        }
        TileOutputs {
            out: self.out.slice_mut(s![samples, ..]),
            x: part(self.x, &tile, panels),
            values: part(self.values, &tile, panels),
            directions: part(self.directions, &tile, panels),
            direction_values: part(self.direction_values, &tile, panels),
        }
    }
}

impl<T: Real> DeferredOperands<T> {
    /// The operands of a run, beside its output array.
    pub(super) fn borrow<'a>(
        &'a mut self,
        inputs: &Inputs<'_, '_, T>,
        out: ArrayViewMut2<'a, T>,
    ) -> TileOutputs<'a, T> {
        let panels = inputs.batch.x.nrows().div_ceil(LANES);
        let tangents = inputs.tangents();
        let products = inputs.products;
        let [values, x] = products.operand_rows(Factor::Samples);
        let [direction_values, directions] = products.operand_rows(Factor::Directions);
        TileOutputs {
            out,
            x: self.x.borrow_rows(panels * x),
            values: self.values.borrow_rows(panels * values),
            directions: self.directions.borrow_rows(panels * tangents * directions),
            direction_values: self
                .direction_values
                .borrow_rows(panels * tangents * direction_values),
        }
    }

    /// Computes the products.
    pub(super) fn products(
        &mut self,
        inputs: &Inputs<'_, '_, T>,
        pool: ThreadPool,
        sums: &mut [T],
    ) {
        let (isa, lanes) = (inputs.isa, inputs.lanes());
        let pool = ThreadPool { isa, ..pool };
        let products = inputs.products;
        let dim = products.dim;
        let panels = inputs.batch.x.nrows().div_ceil(LANES);
        for (with, panels, values, factor) in [
            (Factor::Samples, panels, &mut self.values, &mut self.x),
            (
                Factor::Directions,
                panels * inputs.tangents(),
                &mut self.direction_values,
                &mut self.directions,
            ),
        ] {
            let [width, factor_rows] = products.operand_rows(with);
            let values = &*values.borrow_rows(panels * width);
            let factor = &*factor.borrow_rows(panels * factor_rows);
            let sign_lookup = inputs.sign_lookup.filter(|_| with == Factor::Directions);
            for (product, column, write) in products.after_tiles(with) {
                let values = Rows {
                    rows: values.get(column..).unwrap_or_default(),
                    panel: width,
                    row: 1,
                };
                let factor = match sign_lookup {
                    Some(kernels) => Other::Signs(kernels, factor),
                    None => Other::Rows(Rows {
                        rows: factor,
                        panel: dim,
                        row: 1,
                    }),
                };
                let sums = &mut sums[product.acc..][..product.m * dim];
                let panels = Panels {
                    count: panels,
                    lanes,
                };
                compute_product(pool, sums, [product.m, dim], values, factor, panels, write);
            }
        }
    }
}

/// Rows of a product that one thread computes at a time.
const ROWS: usize = 64;

/// What the values of a product are multiplied by.
#[derive(Clone, Copy)]
enum Other<'a, T> {
    Rows(Rows<'a, T>),
    /// The words of signs.
    Signs(SignLookup<T>, &'a [[T; LANES]]),
}

/// The product of the values and the other factor over `panels` panels, or += of it: sums is `[m, n]`.
fn compute_product<T: Real>(
    pool: ThreadPool,
    sums: &mut [T],
    [m, n]: [usize; 2],
    values: Rows<'_, T>,
    other: Other<'_, T>,
    panels: Panels,
    write: Write,
) {
    // A core does 32 multiply-adds in a nanosecond, 16 in double precision.
    let work = panels.count * LANES * m * n / 128 * size_of::<T>();
    pool.parallel_for_ranges(work, ROWS * n, [sums], |i, [sums]| {
        let values = Rows {
            rows: &values.rows[i * ROWS..],
            ..values
        };
        match other {
            Other::Rows(factor) => {
                let add = AddProduct {
                    sums,
                    n,
                    values,
                    factor,
                    panels,
                    write,
                };
                T::dispatch(pool.isa, add);
            }
            Other::Signs(kernels, words) => (kernels.rank_k_update)(SignedRankKUpdate {
                c: sums,
                n,
                values,
                words,
                panels,
                write,
            }),
        }
    });
}

/// Some rows of a product.
struct AddProduct<'a, T> {
    sums: &'a mut [T],
    n: usize,
    values: Rows<'a, T>,
    factor: Rows<'a, T>,
    panels: Panels,
    write: Write,
}

impl<T: Real> ForVector<T> for AddProduct<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        if self.write == Write::Set {
            self.sums.fill(T::zero());
        }
        let (n, pairs) = (self.n, [(self.values, self.factor)]);
        rank_k_update::<V>(self.sums, n, 1, self.sums.len() / n, n, &pairs, self.panels);
    }
}

impl<T: Real> Inputs<'_, '_, T> {
    /// Keeps directions `t0 .. t0 + tn` of a tile, or their signs, if they are kept: `kept` is the tile's.
    pub(super) fn keep_directions(
        &self,
        chunk: [usize; 2],
        rows: &[[T; LANES]],
        kept: &mut [[T; LANES]],
    ) {
        let [_, width] = self.products.operand_rows(Factor::Directions);
        let own = self.products.dim;
        match self.sign_lookup {
            Some(kernels) => self.keep_rows(chunk, rows, kept, [own, width], kernels.pack),
            None => self.keep_rows(chunk, rows, kept, [own, width], |rows, kept| {
                kept.copy_from_slice(rows);
            }),
        }
    }

    /// Takes the values of a product with directions `t0 .. t0 + tn` of a tile: keeps them, or adds the product to
    /// `acc`.
    pub(super) fn keep(
        &self,
        index: usize,
        chunk: [usize; 2],
        [values, directions]: [&[[T; LANES]]; 2],
        acc: &mut [T],
        kept: &mut [[T; LANES]],
    ) {
        let (product, products) = (&self.layout.deferred[index], self.products);
        let [width, _] = products.operand_rows(Factor::Directions);
        let mut after = products.after_tiles(Factor::Directions);
        if let Some((_, column, _)) = after.find(|(kept, ..)| std::ptr::eq(*kept, product)) {
            return self.keep_rows(chunk, values, kept, [product.m, width], |rows, kept| {
                kept[column..][..product.m].copy_from_slice(rows);
            });
        }
        let dim = products.dim;
        let rows = |rows, panel| Rows {
            rows,
            panel,
            row: 1,
        };
        let add = AddProduct {
            sums: &mut acc[product.acc..][..product.m * dim],
            n: dim,
            values: rows(values, product.m),
            factor: rows(directions, dim),
            panels: Panels {
                count: directions.len() / dim,
                lanes: self.lanes(),
            },
            write: Write::Add,
        };
        T::dispatch(self.isa, add);
    }

    /// Hands rows, `own` a direction and panel, to `put` with the `width` rows that are kept of each.
    fn keep_rows(
        &self,
        [t0, tn]: [usize; 2],
        rows: &[[T; LANES]],
        kept: &mut [[T; LANES]],
        [own, width]: [usize; 2],
        put: impl Fn(&[[T; LANES]], &mut [[T; LANES]]),
    ) {
        if width == 0 {
            return;
        }
        let panels = rows.len() / (own * tn);
        for (i, rows) in rows.chunks_exact(own).enumerate() {
            let (t, p) = (t0 + i / panels, i % panels);
            let at = (p * self.tangents() + t) * width;
            put(rows, &mut kept[at..at + width]);
        }
    }
}
