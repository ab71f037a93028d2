//! The micro-kernel of a GEMM: row blocks of W over some panels, in register blocks of y.
//!
//! The change from one register block to the next costs a tenth of a block of 64 steps. Instructions are not the cause:
//! on Zen 3 a store occupies a port that the third operand of a multiply-add needs, and a dozen stores in a row delay
//! the next block by two dozen cycles. The micro-kernel therefore peels its first step, which multiplies and so has two
//! operands. It takes its last steps row by row, which spaces the stores. The loop between has as few instructions as
//! possible, so that the next block starts before the stores do.

use std::mem::MaybeUninit;

use super::super::register_block::{NEAR, RowPointers, each_row, hidden, row_pointers};
use super::{LANES, Write};
use crate::simd::{Real, Vector};
use crate::unrolled::unrolled;

/// Bytes of a panel's block of x: half of a first-level cache.
pub(super) const PANEL_BYTES: usize = 16 << 10;

/// A column stride of W from which copying a row block of Wᵀ pays: its elements crowd into few cache sets.
const CROWDED_BYTES: usize = 128;

/// Panels that must share the copy of a row block.
const CROWDED_PANELS: usize = 8;

/// Whether row blocks of a W with these strides are worth a copy.
#[inline(always)]
pub(super) fn is_crowded<V: Vector>(row: usize, col: usize) -> bool {
    row == 1 && col * size_of::<V::Scalar>() >= CROWDED_BYTES * V::LANES
}

/// Steps of k that are taken row by row, at the end of a block.
const LAST: usize = 2;

/// Row blocks of as many rows over a group of panels; strides in scalars.
///
/// Must hold for every method: all that sizes and strides reach may be read through `w` and `x` and written
/// through `y`, and every row block has the `R` rows that the method is for.
#[derive(Clone, Copy)]
pub(super) struct RowBlocks<T> {
    pub(super) count: usize,
    pub(super) w: *const T,
    pub(super) w_row: usize,
    pub(super) w_col: usize,
    pub(super) depth: usize,
    pub(super) x: *const T,
    pub(super) x_panel: usize,
    pub(super) x_row: usize,
    pub(super) y: *mut T,
    pub(super) y_panel: usize,
    pub(super) y_row: usize,
    pub(super) panels: usize,
    pub(super) vectors: usize,
    pub(super) write: Write,
}

/// Where a block reads next: a column of W, by every `NEAR` of its rows, and a row of x.
struct At<T> {
    w: RowPointers<T>,
    x: *const T,
}

impl<T: Real> RowBlocks<T> {
    /// Runs all row blocks, each over all panels, `P` at a time. Outlined: inlined beside the functions of other sizes
    /// it would take the compiler five times as long, and its loops have no registers to spare.
    #[inline(always)]
    pub(super) unsafe fn run<
        V: Vector<Scalar = T>,
        const R: usize,
        const P: usize,
        const S: usize,
    >(
        self,
    ) {
        V::outline(
            #[inline(always)]
            |mut row_blocks: Self| {
                for _ in 0..row_blocks.count {
                    // SAFETY: the caller's promise, for this row block.
                    unsafe { row_blocks.first::<V, R, P, S>() };
                    row_blocks.w = row_blocks.w.wrapping_add(R * row_blocks.w_row);
                    row_blocks.y = row_blocks.y.wrapping_add(R * row_blocks.y_row);
                }
            },
            self,
        );
    }

    /// The first row block.
    #[inline(always)]
    unsafe fn first<V: Vector<Scalar = T>, const R: usize, const P: usize, const S: usize>(
        mut self,
    ) {
        let mut copy = [const { MaybeUninit::<[T; R]>::uninit() }; PANEL_BYTES / (LANES * 4)];
        let crowded = is_crowded::<V>(self.w_row, self.w_col);
        if const { R > 1 } && crowded && self.panels >= CROWDED_PANELS {
            for (i, column) in copy[..self.depth].iter_mut().enumerate() {
                // SAFETY: with a row stride of 1 the R elements of a column are neighbours.
                column.write(unsafe { *self.w.add(i * self.w_col).cast::<[T; R]>() });
            }
            self.w = copy.as_ptr().cast();
            self.w_col = R;
        }
        let mut q = 0;
        // SAFETY: panels below `self.panels`, since every arm takes as many as are left at most.
        unsafe {
            while q < self.panels {
                q += match self.panels - q {
                    // A single panel would wait for its weights, because a core broadcasts one or two a cycle.
                    3 if const { P == 2 && S == 1 } => self.three::<V, R, S>(q),
                    5 if const { P == 4 } => self.panels::<V, R, 3, S>(q),
                    left if left >= P => self.panels::<V, R, P, S>(q),
                    4.. if const { P > 4 } => self.panels::<V, R, 4, S>(q),
                    3.. if const { P > 3 } => self.panels::<V, R, 3, S>(q),
                    2.. if const { P > 2 } => self.panels::<V, R, 2, S>(q),
                    _ => self.panels::<V, R, 1, S>(q),
                };
            }
        }
    }

    /// All vectors of the `P` panels `q ..`, `S` at a time. Gives P.
    #[inline(always)]
    unsafe fn panels<V: Vector<Scalar = T>, const R: usize, const P: usize, const S: usize>(
        self,
        q: usize,
    ) -> usize {
        for s in (0..self.vectors).step_by(S) {
            // SAFETY: the caller's promise that there are so many panels; vectors below `self.vectors`, PER_ROW at most.
            unsafe { self.block::<V, R, P, S>(q, s) };
        }
        P
    }

    /// The three panels `q ..`, as [`panels`](Self::panels). Instruction sets whose register blocks have up to 8 rows
    /// have registers for all sums at once.
    #[inline(always)]
    unsafe fn three<V: Vector<Scalar = T>, const R: usize, const S: usize>(
        self,
        q: usize,
    ) -> usize {
        let below = RowBlocks {
            w: self.w.wrapping_add(3 * self.w_row),
            y: self.y.wrapping_add(3 * self.y_row),
            ..self
        };
        // SAFETY: the caller's promise; of rows 3 .. too where there are any.
        unsafe {
            if const { R == 5 } {
                self.panels::<V, 3, 3, S>(q);
                below.panels::<V, 2, 3, S>(q)
            } else if const { R == 6 } {
                self.panels::<V, 3, 3, S>(q);
                below.panels::<V, 3, 3, S>(q)
            } else {
                self.panels::<V, R, 3, S>(q)
            }
        }
    }

    /// Vectors `first ..` of panels `q ..`: y\[p\]\[r\]\[s\] = Σₖ w\[r, k\] · x\[p\]\[k\]\[s\], or += of it.
    #[inline(always)]
    unsafe fn block<V: Vector<Scalar = T>, const R: usize, const P: usize, const S: usize>(
        self,
        q: usize,
        first: usize,
    ) {
        let mut at = At {
            w: row_pointers(self.w, self.w_row),
            x: self.x.wrapping_add(q * self.x_panel + first * V::LANES),
        };
        let y = self.y.wrapping_add(q * self.y_panel + first * V::LANES);
        let mut sums = [[[V::constant(0.0); S]; P]; R];
        // SAFETY: `depth` steps in all; rows r, panels q + p, vectors first + s.
        unsafe {
            if self.write == Write::Add {
                unrolled!(r < R => unrolled!(p < P => unrolled!(s < S => {
                    sums[r][p][s] = V::read(y.add(r * self.y_row + p * self.y_panel + s * V::LANES));
                })));
            }
            if self.depth <= LAST {
                for _ in 0..self.depth {
                    self.step::<V, R, P, S, false>(&mut at, &mut sums);
                }
                each_row!(R, r => self.store(sums[r], y.add(r * self.y_row)));
                return;
            }
            match self.write {
                Write::Set => self.step::<V, R, P, S, true>(&mut at, &mut sums),
                Write::Add => self.step::<V, R, P, S, false>(&mut at, &mut sums),
            }
            let middle = self.depth - 1 - LAST;
            if const { S > 2 } {
                // With so many vectors of x the optimiser would read those of two steps ahead and move sums to memory.
                for _ in 0..middle {
                    self.step::<V, R, P, S, false>(&mut at, &mut sums);
                }
            } else {
                if !middle.is_multiple_of(2) {
                    self.step::<V, R, P, S, false>(&mut at, &mut sums);
                }
                for _ in 0..middle / 2 {
                    self.step::<V, R, P, S, false>(&mut at, &mut sums);
                    self.step::<V, R, P, S, false>(&mut at, &mut sums);
                }
            }
            each_row!(R, r => self.end(&at, r, sums[r], y.add(r * self.y_row)));
        }
    }

    /// One step of k for all sums, which are 0 before the `FIRST`.
    #[inline(always)]
    unsafe fn step<
        V: Vector<Scalar = T>,
        const R: usize,
        const P: usize,
        const S: usize,
        const FIRST: bool,
    >(
        self,
        at: &mut At<T>,
        sums: &mut [[[V; S]; P]; R],
    ) {
        let mut xs = [[V::constant(0.0); S]; P];
        unrolled!(p < P => unrolled!(s < S => {
            // SAFETY: k below `depth`, panels and vectors of the block.
            xs[p][s] = unsafe { V::read(at.x.add(p * self.x_panel + s * V::LANES)) };
        }));
        unrolled!(r < R => {
            // SAFETY: k below `depth`, row r.
            let w = V::splat(unsafe { *at.w[r / NEAR].add(r % NEAR * self.w_row) });
            unrolled!(p < P => unrolled!(s < S => {
                let (x, sum) = (xs[p][s], &mut sums[r][p][s]);
                *sum = if const { FIRST } { w * x } else { w.mul_add(x, *sum) };
            }));
        });
        unrolled!(b < R.div_ceil(NEAR) => at.w[b] = hidden(at.w[b].wrapping_add(self.w_col)));
        at.x = hidden(at.x.wrapping_add(self.x_row));
    }

    /// The last steps of row r of the block, and its sums into y, which is where this row of the first panel begins.
    #[inline(always)]
    unsafe fn end<V: Vector<Scalar = T>, const P: usize, const S: usize>(
        self,
        at: &At<T>,
        r: usize,
        mut sums: [[V; S]; P],
        y: *mut T,
    ) {
        unrolled!(k < LAST => {
            // SAFETY: k below what is left of `depth`, row r.
            let w =
                V::splat(unsafe { *at.w[r / NEAR].add(r % NEAR * self.w_row + k * self.w_col) });
            unrolled!(p < P => unrolled!(s < S => {
                let x = k * self.x_row + p * self.x_panel + s * V::LANES;
                // SAFETY: the panels and vectors of the block.
                sums[p][s] = w.mul_add(unsafe { V::read(at.x.add(x)) }, sums[p][s]);
            }));
        });
        // SAFETY: the caller's.
        unsafe { self.store(sums, y) }
    }

    /// A row of the block into y, which is where the row of its first panel begins.
    #[inline(always)]
    unsafe fn store<V: Vector<Scalar = T>, const P: usize, const S: usize>(
        self,
        sums: [[V; S]; P],
        y: *mut T,
    ) {
        unrolled!(p < P => unrolled!(s < S => {
            // SAFETY: the panels and vectors of the block.
            unsafe { sums[p][s].write(y.add(p * self.y_panel + s * V::LANES)) }
        }));
    }
}
