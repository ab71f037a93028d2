//! GEMM over panels, y = W x.
//!
//! Enters: W with strides (so that one kernel serves W and Wᵀ), x and y in panels. Leaves: y. Must hold:
//! a panel's result has the same bits whatever other panels share the call, because every element is one
//! chain of multiply-adds over k, in order.
//!
//! A block of `R` rows × `P` panels × `S` vectors of y stays in registers while k runs ([`micro_kernel`]). Around it,
//! outermost first: blocks of k and groups of panels, so that the part of x of a group stays in the first-level cache,
//! or in the second-level cache where panels share a copy of W; row blocks of `R` rows; the panels of the group.

mod micro_kernel;

use micro_kernel::{PANEL_BYTES, RowBlocks, is_crowded};

use std::mem::MaybeUninit;

use super::register_block::{MOST_ROWS, even_row_blocks};
use super::{LANES, Matrix, Panels, Rows, RowsMut, Write, assert_reach};
use crate::simd::Vector;

/// Bytes of the blocks of x of a group of panels: a first-level cache, because every row block reads them.
const GROUP_BYTES: usize = 32 << 10;
/// The same where row blocks of W are copied, because more panels must share a copy: half of a second-level cache.
const CROWDED_GROUP_BYTES: usize = 128 << 10;

/// A call of [`gemm`].
#[derive(Debug)]
pub struct Gemm<'a, T> {
    w: Matrix<'a, T>,
    m: usize,
    k: usize,
    x: Rows<'a, T>,
    /// Rows that are written, and before that read only to be added to.
    y: &'a mut [MaybeUninit<[T; LANES]>],
    /// Their strides: from a panel to the next, and from a row to the next.
    y_strides: [usize; 2],
    panels: Panels,
    write: Write,
}

/// y\[q\]\[o\] = Σₖ w\[o, k\] · x\[q\]\[k\], or += of it, for `panels` panels q, `m` rows o and `k` features.
///
/// Where strides make rows of y coincide, such a row holds one of the sums that are written to it.
///
/// # Panics
/// A slice is shorter than its strides reach.
#[inline]
pub fn gemm<V: Vector>(
    w: Matrix<'_, V::Scalar>,
    m: usize,
    k: usize,
    x: Rows<'_, V::Scalar>,
    y: RowsMut<'_, V::Scalar>,
    panels: impl Into<Panels>,
    write: Write,
) {
    let (rows, strides) = (y.rows, [y.panel, y.row]);
    let (first, len) = (rows.as_mut_ptr(), rows.len());
    V::gemm(Gemm {
        w,
        m,
        k,
        x,
        // SAFETY: the same rows, borrowed for as long; the kernel writes numbers alone.
        y: unsafe { std::slice::from_raw_parts_mut(first.cast(), len) },
        y_strides: strides,
        panels: panels.into(),
        write,
    });
}

/// [`gemm`] over whole rows that may be uninitialised; `y_panel` is the distance of panels of y, whose rows are
/// contiguous.
///
/// # Safety
/// For [`Write::Add`] the rows that are added to hold numbers.
#[inline]
#[expect(clippy::too_many_arguments, reason = "as `gemm`, and a stride")]
pub(super) unsafe fn gemm_into<V: Vector>(
    w: Matrix<'_, V::Scalar>,
    m: usize,
    k: usize,
    x: Rows<'_, V::Scalar>,
    y: &mut [MaybeUninit<[V::Scalar; LANES]>],
    y_panel: usize,
    panels: usize,
    write: Write,
) {
    V::gemm(Gemm {
        w,
        m,
        k,
        x,
        y,
        y_strides: [y_panel, 1],
        panels: panels.into(),
        write,
    });
}

/// The GEMM for vectors `V`, in blocks of up to `R` ≤ 8 rows, `S` vectors of a panel and `P` ≤ 4 panels; a block of few
/// rows has more panels, and a block of few panels has more rows, so that it holds enough sums to hide the latency of a
/// multiply-add.
#[inline(always)]
pub(crate) fn gemm_in<V: Vector, const R: usize, const P: usize, const S: usize>(
    task: Gemm<'_, V::Scalar>,
) {
    let vectors = task.panels.vectors::<V>();
    if vectors.is_multiple_of(S) {
        match task.panels.count {
            ..=1 if const { P > 1 } => blocks::<V, MOST_ROWS, 1, S>(task, vectors),
            ..=3 if const { P > 3 } => blocks::<V, 8, 2, S>(task, vectors),
            _ => blocks::<V, R, P, S>(task, vectors),
        }
    } else if task.panels.count > 1 {
        // Panels that are not full: more panels instead of more vectors.
        blocks::<V, R, 2, 1>(task, vectors);
    } else {
        // A single panel that is not full: more rows.
        blocks::<V, MOST_ROWS, 1, 1>(task, vectors);
    }
}

/// [`gemm_in`] over all lanes of every panel, whichever are asked for: a third of the code, for an instruction set that
/// every build compiles and few machines run.
#[inline(always)]
pub(crate) fn gemm_of_rows_in<V: Vector, const R: usize, const S: usize>(
    task: Gemm<'_, V::Scalar>,
) {
    blocks::<V, R, 1, S>(task, V::PER_ROW);
}

/// `vectors` vectors of every panel, a multiple of `S`.
#[inline(always)]
fn blocks<V: Vector, const R: usize, const P: usize, const S: usize>(
    task: Gemm<'_, V::Scalar>,
    vectors: usize,
) {
    let Gemm {
        w,
        m,
        k,
        x,
        y,
        y_strides: [y_panel, y_row],
        panels: Panels { count: panels, .. },
        mut write,
    } = task;
    assert_reach("gemm: w", w.data.len(), &[(m, w.row), (k, w.col)]);
    assert_reach("gemm: x", x.rows.len(), &[(panels, x.panel), (k, x.row)]);
    assert_reach("gemm: y", y.len(), &[(panels, y_panel), (m, y_row)]);
    // With k = 0 nothing is read through w and x, so their strides may be any numbers.
    let (w, x) = match k {
        0 => (
            Matrix {
                row: 0,
                col: 0,
                ..w
            },
            Rows {
                panel: 0,
                row: 0,
                ..x
            },
        ),
        _ => (w, x),
    };
    let y = y.as_mut_ptr().cast::<V::Scalar>();
    const { assert!(R <= MOST_ROWS && P <= 4 && V::PER_ROW.is_multiple_of(S)) };
    let row_bytes = LANES * size_of::<V::Scalar>();
    let group_bytes = match is_crowded::<V>(w.row, w.col) {
        true => CROWDED_GROUP_BYTES,
        false => GROUP_BYTES,
    };
    let mut from = 0;
    while from < k || (from == 0 && write == Write::Set) {
        let depth = (k - from).min(PANEL_BYTES / row_bytes);
        let group = (group_bytes / (depth.max(1) * row_bytes)).max(P);
        for first in (0..panels).step_by(group) {
            let mut row = 0;
            for (count, rows) in even_row_blocks(m, R) {
                // SAFETY: the assertions above: `row`, `from` and `first` are below m, k and panels, or k is 0 and w stays
                // at its beginning.
                let row_blocks = unsafe {
                    RowBlocks {
                        count,
                        w: w.data.as_ptr().add(row * w.row + from * w.col),
                        w_row: w.row,
                        w_col: w.col,
                        depth,
                        x: x.rows
                            .as_ptr()
                            .wrapping_add(first * x.panel + from * x.row)
                            .cast(),
                        // The stride of a lone panel or row may be any number.
                        x_panel: x.panel.wrapping_mul(LANES),
                        x_row: x.row.wrapping_mul(LANES),
                        y: y.add((first * y_panel + row * y_row) * LANES),
                        y_panel: y_panel.wrapping_mul(LANES),
                        y_row: y_row.wrapping_mul(LANES),
                        panels: group.min(panels - first),
                        vectors,
                        write,
                    }
                };
                // SAFETY: as above; the row blocks have the rows that each is for.
                unsafe {
                    // Arms that this instruction set's register blocks never reach are not compiled.
                    match rows {
                        1 if const { P > 1 } => row_blocks.run::<V, 1, 8, S>(),
                        1 => row_blocks.run::<V, 1, 4, S>(),
                        2 if const { P > 1 } => row_blocks.run::<V, 2, 4, S>(),
                        2 => row_blocks.run::<V, 2, 2, S>(),
                        3 => row_blocks.run::<V, 3, P, S>(),
                        4 => row_blocks.run::<V, 4, P, S>(),
                        5 => row_blocks.run::<V, 5, P, S>(),
                        6 => row_blocks.run::<V, 6, P, S>(),
                        7 if const { R > 6 } => row_blocks.run::<V, 7, P, S>(),
                        8 if const { R > 6 } => row_blocks.run::<V, 8, P, S>(),
                        9 if const { R > 8 } => row_blocks.run::<V, 9, P, S>(),
                        10 if const { R > 8 } => row_blocks.run::<V, 10, P, S>(),
                        11 if const { R > 8 } => row_blocks.run::<V, 11, P, S>(),
                        12 if const { R > 8 } => row_blocks.run::<V, 12, P, S>(),
                        _ => unreachable!("row blocks have 1 to R rows"),
                    }
                }
                row += count * rows;
            }
        }
        from += depth;
        write = Write::Add;
    }
}
