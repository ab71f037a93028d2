//! Rank-k updates whose operands both have many features.
//!
//! A block of one operand, [`DEPTH`] panels deep and two vectors of features wide, is transposed through registers into
//! a small buffer. Rows of the other operand are broadcast against it sample by sample, as in the GEMM. A remainder of
//! few features is computed by dot products (`dots`).

use std::mem::MaybeUninit;

use super::super::register_block::{NEAR, each_row, even_row_blocks, hidden, row_pointers};
use super::{DEPTH, FEW, LANES, Side, dots};
use crate::simd::Vector;

/// Features of a transposed block at most: two of the widest vectors.
const WIDEST: usize = 32;

/// Samples per iteration of a block's loop. On Intel's cores the other instructions of an iteration compete with the
/// multiply-adds for ports.
const STEPS: usize = 2;

/// Buffer for a transposed block: DEPTH panels × 16 samples × features.
#[repr(align(64))]
struct Transposed<T>(MaybeUninit<[[[T; WIDEST]; LANES]; DEPTH]>);

/// `across` transposed, `down` broadcast in up to `R` rows, for `vectors` vectors of `depth` ≤ DEPTH panels.
#[inline(always)]
pub(super) unsafe fn broadcasts<V: Vector, const R: usize>(
    c: *mut V::Scalar,
    down: &Side<V::Scalar>,
    across: &Side<V::Scalar>,
    depth: usize,
    vectors: usize,
) {
    let mut buffer = Transposed::<V::Scalar>(MaybeUninit::uninit());
    let buffer = buffer.0.as_mut_ptr().cast::<V::Scalar>();
    for from in (0..across.len).step_by(2 * V::LANES) {
        let features = (across.len - from).min(2 * V::LANES);
        let c = c.wrapping_add(from * across.c);
        let across = across.part(from, features);
        // SAFETY: `features` features of `depth` panels are within the operand.
        unsafe {
            if features <= FEW {
                dots::<V>(c, &across, down, depth, vectors);
            } else if features > V::LANES {
                transpose::<V, 2>(&across, depth, vectors, buffer);
                row_blocks::<V, R, 2>(c, down, buffer, &across, depth, vectors);
            } else {
                transpose::<V, 1>(&across, depth, vectors, buffer);
                row_blocks::<V, R, 1>(c, down, buffer, &across, depth, vectors);
            }
        }
    }
}

/// to\[q\]\[lane\]\[j\] = from\[q\]\[j\]\[lane\] for the lanes of `vectors` vectors and the `S · LANES` features j, zero
/// past the last.
#[inline(always)]
unsafe fn transpose<V: Vector, const S: usize>(
    from: &Side<V::Scalar>,
    panels: usize,
    vectors: usize,
    to: *mut V::Scalar,
) {
    let width = S * V::LANES;
    let mut padded = [[V::Scalar::default(); LANES]; WIDEST];
    for (q, &panel) in from.data[..panels].iter().enumerate() {
        // SAFETY: the caller's features and panels; the buffer holds WIDEST features.
        unsafe {
            let mut rows = panel;
            let mut row = from.row;
            if from.len < width {
                for (j, padded) in padded[..from.len].iter_mut().enumerate() {
                    *padded = *rows.add(j * row).cast::<[V::Scalar; LANES]>();
                }
                rows = padded.as_ptr().cast();
                row = LANES;
            }
            for j in (0..width).step_by(V::LANES) {
                for lane in (0..vectors * V::LANES).step_by(V::LANES) {
                    V::transpose(
                        rows.add(j * row + lane),
                        row,
                        to.add((q * vectors * V::LANES + lane) * width + j),
                        width,
                    );
                }
            }
        }
    }
}

/// All rows of `down` against a transposed block.
#[inline(always)]
unsafe fn row_blocks<V: Vector, const R: usize, const S: usize>(
    c: *mut V::Scalar,
    down: &Side<V::Scalar>,
    transposed: *const V::Scalar,
    across: &Side<V::Scalar>,
    panels: usize,
    vectors: usize,
) {
    let mut row = 0;
    for (count, rows) in even_row_blocks(down.len, R) {
        for _ in 0..count {
            let c = c.wrapping_add(row * down.c);
            let down = &down.part(row, rows);
            // SAFETY: the row block's rows are within the operand.
            unsafe {
                // Arms that this instruction set's register blocks never reach are not compiled.
                match rows {
                    1 => block::<V, 1, S>(c, down, transposed, across, panels, vectors),
                    2 => block::<V, 2, S>(c, down, transposed, across, panels, vectors),
                    3 => block::<V, 3, S>(c, down, transposed, across, panels, vectors),
                    4 => block::<V, 4, S>(c, down, transposed, across, panels, vectors),
                    5 => block::<V, 5, S>(c, down, transposed, across, panels, vectors),
                    6 => block::<V, 6, S>(c, down, transposed, across, panels, vectors),
                    7 if const { R > 6 } => {
                        block::<V, 7, S>(c, down, transposed, across, panels, vectors)
                    }
                    8 if const { R > 6 } => {
                        block::<V, 8, S>(c, down, transposed, across, panels, vectors)
                    }
                    _ => unreachable!("row blocks have 1 to R rows"),
                }
            }
            row += rows;
        }
    }
}

/// c\[r\]\[j\] += Σ down\[q\]\[r\]\[lane\] · transposed\[q\]\[lane\]\[j\] over `panels` panels and the lanes of `vectors` vectors.
#[inline(always)]
unsafe fn block<V: Vector, const R: usize, const S: usize>(
    c: *mut V::Scalar,
    down: &Side<V::Scalar>,
    mut transposed: *const V::Scalar,
    across: &Side<V::Scalar>,
    panels: usize,
    vectors: usize,
) {
    const { assert!(V::LANES.is_multiple_of(STEPS)) };
    let mut sums = [[V::constant(0.0); S]; R];
    for &panel in &down.data[..panels] {
        let mut at = row_pointers(panel, down.row);
        for _ in 0..vectors * V::LANES / STEPS {
            for step in 0..STEPS {
                // SAFETY: the caller's panels, rows and features.
                unsafe {
                    let xs: [V; S] =
                        std::array::from_fn(|s| V::read(transposed.add((step * S + s) * V::LANES)));
                    each_row!(R, r => {
                        let w = V::splat(*at[r / NEAR].add(r % NEAR * down.row + step));
                        for (sum, x) in sums[r].iter_mut().zip(xs) {
                            *sum = w.mul_add(x, *sum);
                        }
                    });
                }
            }
            for at in &mut at[..R.div_ceil(NEAR)] {
                *at = hidden(at.wrapping_add(STEPS));
            }
            transposed = transposed.wrapping_add(STEPS * S * V::LANES);
        }
    }
    if across.c == 1 && across.len >= S * V::LANES {
        each_row!(R, r => {
            for (s, sum) in sums[r].into_iter().enumerate() {
                // SAFETY: row r of C, and columns that exist.
                unsafe { add(sum, c.add(r * down.c + s * V::LANES)) }
            }
        });
    } else {
        // Outlined: inlined here, it would make the compiler keep the sums of every block in memory.
        V::outline(
            #[inline(always)]
            // SAFETY: the caller's rows and features.
            |sums: [[V; S]; R]| unsafe { add_some(sums, c, down.c, across) },
            sums,
        );
    }
}

/// c\[r\]\[j\] += sums for the columns that exist, wherever they lie.
#[inline(always)]
unsafe fn add_some<V: Vector, const R: usize, const S: usize>(
    sums: [[V; S]; R],
    c: *mut V::Scalar,
    c_row: usize,
    across: &Side<V::Scalar>,
) {
    for (r, sums) in sums.into_iter().enumerate() {
        for (s, sum) in sums.into_iter().enumerate() {
            let first = s * V::LANES;
            // SAFETY: row r of C, and those of its columns that exist.
            unsafe {
                let c = c.add(r * c_row);
                if across.c == 1 && first + V::LANES <= across.len {
                    add(sum, c.add(first));
                } else {
                    let mut lanes = [V::Scalar::default(); LANES];
                    sum.store(&mut lanes, 0);
                    for (j, &lane) in (first..across.len).zip(&lanes[..V::LANES]) {
                        *c.add(j * across.c) += lane;
                    }
                }
            }
        }
    }
}

/// c\[j\] += sum for the lanes j.
#[inline(always)]
unsafe fn add<V: Vector>(sum: V, c: *mut V::Scalar) {
    // SAFETY: the caller's columns.
    unsafe { (V::read(c) + sum).write(c) }
}
