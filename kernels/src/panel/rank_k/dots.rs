//! Rank-k updates where one operand has few features: blocks of dot products over samples, whose lanes are summed once,
//! at the end.

use super::Side;
use crate::simd::Vector;
use crate::unrolled::unrolled;

/// Dot products over the samples of `vectors` vectors of some panels, in blocks of up to 3 features of `few`.
#[inline(always)]
pub(super) unsafe fn dots<V: Vector>(
    c: *mut V::Scalar,
    few: &Side<V::Scalar>,
    many: &Side<V::Scalar>,
    panels: usize,
    vectors: usize,
) {
    let row_blocks = few.len.div_ceil(3);
    let mut row = 0;
    for row_block in 0..row_blocks {
        let rows = few.len / row_blocks + usize::from(row_block < few.len % row_blocks);
        let c = c.wrapping_add(row * few.c);
        let few = &few.part(row, rows);
        // SAFETY: the row block's rows are within the operand.
        unsafe {
            match rows {
                1 => dot_block::<V, 1, 8>(c, few, many, panels, vectors),
                2 => dot_block::<V, 2, 6>(c, few, many, panels, vectors),
                _ => dot_block::<V, 3, 4>(c, few, many, panels, vectors),
            }
        }
        row += rows;
    }
}

/// c\[i\]\[j\] += Σ few\[q\]\[i\]\[lane\] · many\[q\]\[j\]\[lane\] for `I` features i and all j, `J` at a time.
#[inline(always)]
unsafe fn dot_block<V: Vector, const I: usize, const J: usize>(
    c: *mut V::Scalar,
    few: &Side<V::Scalar>,
    many: &Side<V::Scalar>,
    panels: usize,
    vectors: usize,
) {
    for first in (0..many.len).step_by(J) {
        let mut sums = [[V::constant(0.0); J]; I];
        // Past the end the last feature is repeated; its sums are dropped.
        let columns: [usize; J] = std::array::from_fn(|j| (first + j).min(many.len - 1) * many.row);
        for (&a, &b) in few.data[..panels].iter().zip(&many.data) {
            for s in 0..vectors {
                // SAFETY: the caller's panels and features.
                unsafe {
                    let mut xs = [V::constant(0.0); I];
                    unrolled!(i < I => xs[i] = V::read(a.add(i * few.row + s * V::LANES)));
                    unrolled!(j < J => {
                        let y = V::read(b.add(columns[j] + s * V::LANES));
                        unrolled!(i < I => sums[i][j] = xs[i].mul_add(y, sums[i][j]));
                    });
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            for (j, sum) in (first..many.len).zip(sums) {
                // SAFETY: features that exist.
                unsafe { *c.add(i * few.c + j * many.c) += sum.sum() };
            }
        }
    }
}
