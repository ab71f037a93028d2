//! The panel product y = W x.
//!
//! Enters: W with strides (so that one kernel serves W and Wᵀ), x and y in panels. Leaves: y. Must hold:
//! a panel's result has the same bits whatever other panels share the call, because every element is one
//! chain of multiply-adds over k, in order, cut into blocks that depend on k alone.
//!
//! A block of `R` rows × `P` panels × `S` vectors of y stays in registers while k runs; x is read as
//! vectors, w is broadcast from where it lies. Around it, outermost first: blocks of k, so that a panel's
//! block of x stays in the first-level cache; groups of panels, so that theirs stay in the second; strips of
//! `R` rows; the panels of the group.

use std::hint::black_box;
use std::mem::MaybeUninit;

use super::{LANES, Matrix, Panels, Rows, RowsMut, Write, assert_reach};
use crate::simd::{Real, Vector};

/// Bytes of a panel's block of x: half of a first-level cache.
const PANEL_BYTES: usize = 16 << 10;

/// Bytes of the blocks of x of a group of panels: half of a second-level cache.
const GROUP_BYTES: usize = 128 << 10;

/// A column stride of W from which copying a strip of Wᵀ pays: its elements crowd into few cache sets.
const CROWDED_BYTES: usize = 128;

/// Panels that must share the copy of a strip.
const CROWDED_PANELS: usize = 8;

/// Rows of a block at most.
const MOST_ROWS: usize = 12;

/// Rows that are reached from one pointer.
const NEAR: usize = 3;

/// A call of [`product`].
#[derive(Debug)]
pub struct Product<'a, T> {
    w: Matrix<'a, T>,
    m: usize,
    k: usize,
    x: Rows<'a, T>,
    y: RowsMut<'a, T>,
    panels: Panels,
    write: Write,
}

/// y\[q\]\[o\] = Σₖ w\[o, k\] · x\[q\]\[k\], or += of it, for `panels` panels q, `m` rows o and `k` features.
///
/// # Panics
/// A slice is shorter than its strides reach.
#[inline]
pub fn product<V: Vector>(
    w: Matrix<'_, V::Scalar>,
    m: usize,
    k: usize,
    x: Rows<'_, V::Scalar>,
    y: RowsMut<'_, V::Scalar>,
    panels: impl Into<Panels>,
    write: Write,
) {
    V::product(Product {
        w,
        m,
        k,
        x,
        y,
        panels: panels.into(),
        write,
    });
}

/// The product for vectors `V`, in blocks of up to `R` ≤ 8 rows, `S` vectors of a panel and `P` ≤ 2 panels; more panels
/// where rows are few, so that a block holds enough sums to hide the latency of a multiply-add.
#[inline(always)]
pub(crate) fn product_in<V: Vector, const R: usize, const P: usize, const S: usize>(
    task: Product<'_, V::Scalar>,
) {
    let vectors = task.panels.vectors::<V>();
    if vectors.is_multiple_of(S) {
        blocks::<V, R, P, S>(task, vectors);
    } else if task.panels.count > 1 {
        // Of panels that are not full: more panels in place of more vectors.
        blocks::<V, R, 2, 1>(task, vectors);
    } else {
        // Or more rows.
        blocks::<V, MOST_ROWS, 1, 1>(task, vectors);
    }
}

/// `vectors` vectors of every panel, a multiple of `S`.
#[inline(always)]
fn blocks<V: Vector, const R: usize, const P: usize, const S: usize>(
    task: Product<'_, V::Scalar>,
    vectors: usize,
) {
    let Product {
        w,
        m,
        k,
        x,
        y,
        panels: Panels { count: panels, .. },
        mut write,
    } = task;
    assert_reach("product: w", w.data.len(), &[(m, w.row), (k, w.col)]);
    assert_reach("product: x", x.rows.len(), &[(panels, x.panel), (k, x.row)]);
    assert_reach("product: y", y.rows.len(), &[(panels, y.panel), (m, y.row)]);
    const { assert!(R <= MOST_ROWS && P <= 2 && V::PER_ROW.is_multiple_of(S)) };
    let row_bytes = LANES * size_of::<V::Scalar>();
    // Blocks as even as they can be: 128 rows are 18 blocks of 6 and 4 of 5, never a slow one of 2.
    let strips = m.div_ceil(R);
    let mut from = 0;
    while from < k || (from == 0 && write == Write::Set) {
        let depth = (k - from).min(PANEL_BYTES / row_bytes);
        let group = GROUP_BYTES / (depth.max(1) * row_bytes);
        for first in (0..panels).step_by(group) {
            let mut row = 0;
            for strip in 0..strips {
                let rows = m / strips + usize::from(strip < m % strips);
                // SAFETY: the assertions above: `row`, `from` and `first` are below m, k and panels. Where k
                // is 0 nothing is read through w and x, which stay at their beginnings.
                unsafe {
                    let strip = Strip {
                        w: w.data
                            .as_ptr()
                            .add(row * w.row * usize::from(k > 0) + from * w.col),
                        w_row: w.row,
                        w_col: w.col,
                        depth,
                        x: x.rows
                            .as_ptr()
                            .wrapping_add(first * x.panel + from * x.row)
                            .cast(),
                        x_panel: x.panel * LANES,
                        x_row: x.row * LANES,
                        y: y.rows
                            .as_mut_ptr()
                            .add(first * y.panel + row * y.row)
                            .cast(),
                        y_panel: y.panel * LANES,
                        y_row: y.row * LANES,
                        panels: group.min(panels - first),
                        vectors,
                        write,
                    };
                    // Arms that the form's blocks never reach are not compiled.
                    match rows {
                        1 if P > 1 => strip.run::<V, 1, 8, S>(),
                        1 => strip.run::<V, 1, 4, S>(),
                        2 if P > 1 => strip.run::<V, 2, 4, S>(),
                        2 => strip.run::<V, 2, 2, S>(),
                        3 => strip.run::<V, 3, P, S>(),
                        4 => strip.run::<V, 4, P, S>(),
                        5 => strip.run::<V, 5, P, S>(),
                        6 => strip.run::<V, 6, P, S>(),
                        7 if R > 6 => strip.run::<V, 7, P, S>(),
                        8 if R > 6 => strip.run::<V, 8, P, S>(),
                        9 if R > 8 => strip.run::<V, 9, P, S>(),
                        10 if R > 8 => strip.run::<V, 10, P, S>(),
                        11 if R > 8 => strip.run::<V, 11, P, S>(),
                        12 if R > 8 => strip.run::<V, 12, P, S>(),
                        _ => unreachable!("strips have 1 to R rows"),
                    }
                }
                row += rows;
            }
        }
        from += depth;
        write = Write::Add;
    }
}

/// A strip of rows over a group of panels; strides in scalars.
///
/// Must hold for every method: all that sizes and strides reach may be read through `w` and `x` and written
/// through `y`, and the strip has the `R` rows that the method is for.
#[derive(Clone, Copy)]
struct Strip<T> {
    w: *const T,
    w_row: usize,
    w_col: usize,
    depth: usize,
    x: *const T,
    x_panel: usize,
    x_row: usize,
    y: *mut T,
    y_panel: usize,
    y_row: usize,
    panels: usize,
    vectors: usize,
    write: Write,
}

impl<T: Real> Strip<T> {
    /// All panels of the strip, `P` at a time.
    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>, const R: usize, const P: usize, const S: usize>(mut self) {
        let mut copy = [const { MaybeUninit::<[T; R]>::uninit() }; PANEL_BYTES / (LANES * 4)];
        let crowded = self.w_row == 1 && self.w_col * size_of::<T>() >= CROWDED_BYTES * V::LANES;
        if crowded && self.panels >= CROWDED_PANELS && R > 1 {
            for (i, column) in copy[..self.depth].iter_mut().enumerate() {
                // SAFETY: with a row stride of 1 the R elements of a column are neighbours.
                column.write(unsafe { *self.w.add(i * self.w_col).cast::<[T; R]>() });
            }
            self.w = copy.as_ptr().cast();
            self.w_col = R;
        }
        let mut q = 0;
        // SAFETY: panels below `self.panels`, vectors below `self.vectors`, which is PER_ROW at most.
        unsafe {
            // With two panels a block and one vector of each, an odd one out joins the last two: alone it would wait for its
            // weights, of which a core broadcasts only one a cycle.
            let last = if P == 2 && S == 1 && self.panels % 2 == 1 && self.panels > 2 {
                3
            } else {
                0
            };
            while q + P + last <= self.panels {
                for s in (0..self.vectors).step_by(S) {
                    self.block::<V, R, P, S>(q, s);
                }
                q += P;
            }
            if last == 3 {
                for s in (0..self.vectors).step_by(S) {
                    self.three::<V, R, S>(q, s);
                }
                q += 3;
            }
            while q < self.panels {
                for s in (0..self.vectors).step_by(S) {
                    self.block::<V, R, 1, S>(q, s);
                }
                q += 1;
            }
        }
    }

    /// Vectors `first ..` of the three panels `q ..`. Forms whose blocks have up to 8 rows have the registers for all sums
    /// at once.
    #[inline(always)]
    unsafe fn three<V: Vector<Scalar = T>, const R: usize, const S: usize>(
        self,
        q: usize,
        first: usize,
    ) {
        let below = Strip {
            w: self.w.wrapping_add(3 * self.w_row),
            y: self.y.wrapping_add(3 * self.y_row),
            ..self
        };
        // SAFETY: the caller's promise; of rows 3 .. too where there are any.
        unsafe {
            match R {
                5 => {
                    self.block::<V, 3, 3, S>(q, first);
                    below.block::<V, 2, 3, S>(q, first);
                }
                6 => {
                    self.block::<V, 3, 3, S>(q, first);
                    below.block::<V, 3, 3, S>(q, first);
                }
                _ => self.block::<V, R, 3, S>(q, first),
            }
        }
    }

    /// Vectors `first ..` of panels `q ..`: y\[p\]\[r\]\[s\] = Σₖ w\[r, k\] · x\[p\]\[k\]\[s\].
    #[inline(always)]
    unsafe fn block<V: Vector<Scalar = T>, const R: usize, const P: usize, const S: usize>(
        self,
        q: usize,
        first: usize,
    ) {
        let mut sums = [[[V::constant(0.0); S]; P]; R];
        // Hidden from the optimiser, which would reach each row from the one before: a chain of additions that is longer
        // than the multiply-adds take.
        let mut bases = [self.w; MOST_ROWS / NEAR];
        for (b, base) in bases[1..R.div_ceil(NEAR)].iter_mut().enumerate() {
            *base = black_box(base.wrapping_add((b + 1) * NEAR * self.w_row));
        }
        let mut x = self.x.wrapping_add(q * self.x_panel + first * V::LANES);
        for _ in 0..self.depth {
            let mut xs = [[V::constant(0.0); S]; P];
            for (p, xs) in xs.iter_mut().enumerate() {
                for (s, xs) in xs.iter_mut().enumerate() {
                    // SAFETY: k below `depth`, panel q + p, vector first + s.
                    *xs = unsafe { V::read(x.add(p * self.x_panel + s * V::LANES)) };
                }
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                // SAFETY: k below `depth`, row r.
                let w = V::splat(unsafe { *bases[r / NEAR].add(r % NEAR * self.w_row) });
                for (sums, xs) in sums.iter_mut().zip(xs) {
                    for (sum, x) in sums.iter_mut().zip(xs) {
                        *sum = w.mul_add(x, *sum);
                    }
                }
            }
            for base in &mut bases[..R.div_ceil(NEAR)] {
                *base = base.wrapping_add(self.w_col);
            }
            x = x.wrapping_add(self.x_row);
        }
        for (r, sums) in sums.into_iter().enumerate() {
            for (p, sums) in sums.into_iter().enumerate() {
                for (s, sum) in sums.into_iter().enumerate() {
                    // SAFETY: row r, panel q + p, vector first + s.
                    unsafe {
                        let y = self
                            .y
                            .add((q + p) * self.y_panel + r * self.y_row + (first + s) * V::LANES);
                        match self.write {
                            Write::Set => sum.write(y),
                            Write::Add => (V::read(y) + sum).write(y),
                        }
                    }
                }
            }
        }
    }
}
