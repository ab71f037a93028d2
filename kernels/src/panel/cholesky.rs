//! AAᵀ = UᵀU: the Cholesky factor of a Gram matrix, and its inverse.
//!
//! Enters: a wide A in double precision. Leaves: triangles whose rows are whole chunks of 16, what lies behind the last
//! column of no meaning. Must hold: the same bits for any thread pool.

use std::ops::Range;

use super::multiply::{MatrixMut, Part, multiply};
use super::{LANES, Matrix, Write};
use crate::pool::ThreadPool;
use crate::simd::{ForVector, Real, Vector};

/// The smallest ratio of least to greatest pivot at which the factorisation by products is accurate: its error grows
/// with the square of the inverse ratio.
pub(super) const WELL_CONDITIONED: f64 = 1e-4;

/// Chunks of a row whose sums are kept in registers.
const GROUP: usize = 4;

/// U with UᵀU = AAᵀ, upper triangular, and the inverse of its transpose, lower triangular; zeros elsewhere. Whether A
/// is well conditioned.
pub(super) fn cholesky_of_gram(
    pool: ThreadPool,
    [rows, cols]: [usize; 2],
    a: &[f64],
    upper: &mut [f64],
    inverse: &mut [f64],
) -> bool {
    let transposed = Matrix {
        data: a,
        row: 1,
        col: cols,
    };
    // The lower triangle by columns is the upper one by rows.
    let gram = MatrixMut {
        data: &mut *upper,
        row: 1,
        col: rows.next_multiple_of(LANES),
    };
    let sizes = [rows, cols, rows];
    multiply(
        pool,
        sizes,
        by_rows(a, cols),
        transposed,
        gram,
        Part::LowerC,
        Write::Set,
    );
    f64::dispatch(
        pool.isa,
        Factor {
            rows,
            upper: upper.as_chunks_mut().0,
            inverse: inverse.as_chunks_mut().0,
        },
    )
}

/// S = UᵀU in place, and (Uᵀ)⁻¹; rows of both are whole chunks.
struct Factor<'a> {
    rows: usize,
    upper: &'a mut [[f64; LANES]],
    inverse: &'a mut [[f64; LANES]],
}

impl ForVector<f64> for Factor<'_> {
    /// Whether the pivots tell that S is well conditioned.
    type Out = bool;

    #[inline(always)]
    fn run<V: Vector<Scalar = f64>>(self) -> bool {
        let Factor {
            rows: n,
            upper,
            inverse,
        } = self;
        let width = n.div_ceil(LANES);
        let (mut least, mut greatest) = (f64::INFINITY, 0.0_f64);
        // Row i is (row i of S − Σ_{k<i} uₖᵢ · row k) / uᵢᵢ.
        for i in 0..n {
            let (above, row) = upper.split_at_mut(i * width);
            let row = &mut row[..width];
            let factor = |k: usize| above[k * width + i / LANES][i % LANES];
            eliminate::<V>(above, row, i / LANES..width, 0, factor);
            let row = row.as_flattened_mut();
            let pivot = row[i].sqrt();
            (least, greatest) = (least.min(pivot), greatest.max(pivot));
            // Also where the pivot is NaN.
            if !(pivot > 0.0 && pivot.is_finite()) {
                return false;
            }
            row[..i].fill(0.0);
            row[i..].iter_mut().for_each(|x| *x /= pivot);
        }
        // Row i is (eᵢ − Σ_{k<i} uₖᵢ · row k) / uᵢᵢ.
        for i in 0..n {
            let (above, row) = inverse.split_at_mut(i * width);
            let row = &mut row[..width];
            let of_upper = |k: usize| upper[k * width + i / LANES][i % LANES];
            row.as_flattened_mut().fill(0.0);
            row[i / LANES][i % LANES] = 1.0;
            for from in (0..=i / LANES).step_by(GROUP) {
                let chunks = from..(from + GROUP).min(i / LANES + 1);
                eliminate::<V>(above, row, chunks, from * LANES, of_upper);
            }
            let pivot = of_upper(i);
            row.as_flattened_mut().iter_mut().for_each(|x| *x /= pivot);
        }
        least > WELL_CONDITIONED * greatest
    }
}

/// row ← row − Σ factor(k) · row k over the rows k above, from `first` on, for these chunks.
#[inline(always)]
fn eliminate<V: Vector<Scalar = f64>>(
    above: &[[f64; LANES]],
    row: &mut [[f64; LANES]],
    chunks: Range<usize>,
    first: usize,
    factor: impl Fn(usize) -> f64 + Copy,
) {
    let mut chunk = chunks.start;
    while chunk < chunks.end {
        match chunks.end - chunk {
            1 => eliminate_group::<V, 1>(above, row, chunk, first, factor),
            2 => eliminate_group::<V, 2>(above, row, chunk, first, factor),
            3 => eliminate_group::<V, 3>(above, row, chunk, first, factor),
            _ => eliminate_group::<V, GROUP>(above, row, chunk, first, factor),
        }
        chunk += GROUP;
    }
}

#[inline(always)]
fn eliminate_group<V: Vector<Scalar = f64>, const G: usize>(
    above: &[[f64; LANES]],
    row: &mut [[f64; LANES]],
    chunk: usize,
    first: usize,
    factor: impl Fn(usize) -> f64,
) {
    for l in 0..V::PER_ROW {
        let mut sums = [V::constant(0.0); G];
        for (sum, x) in sums.iter_mut().zip(&row[chunk..]) {
            *sum = V::load(x, l);
        }
        for (k, above) in above.chunks_exact(row.len()).enumerate().skip(first) {
            let factor = V::splat(-factor(k));
            for (sum, x) in sums.iter_mut().zip(&above[chunk..chunk + G]) {
                *sum = factor.mul_add(V::load(x, l), *sum);
            }
        }
        for (sum, x) in sums.into_iter().zip(&mut row[chunk..]) {
            sum.store(x, l);
        }
    }
}

/// A dense matrix, row-major.
pub(super) fn by_rows<T>(data: &[T], row: usize) -> Matrix<'_, T> {
    Matrix { data, row, col: 1 }
}
