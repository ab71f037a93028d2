//! A = L Q: a matrix as a lower triangular one times orthonormal rows.
//!
//! Enters: any A, of any rank. Leaves: L `rows × r` and Q `r × cols`, r = min(rows, cols). Must hold: A = LQ and
//! QQᵀ = 1 to rounding, no NaN from finite A.
//!
//! A wide, well conditioned A takes the way of products: AAᵀ = LLᵀ by Cholesky in double precision, Q = L⁻¹A;
//! once more for f64, whose rounding shows what the first pass lost (Yamamoto et al. 2015, CholeskyQR2). What
//! that cannot do, Householder reflections do, ten times slower at 128 × 784.

use nalgebra::{Cholesky, DMatrix};

use crate::simd::Real;

/// Least over greatest pivot from which the way of products is accurate: it loses the square of the inverse.
const WELL_CONDITIONED: f64 = 1e-4;

/// Columns that are worked on at a time, so that they stay in cache.
const COLUMNS: usize = 128;

/// Rows of a strip of a triangular product.
const STRIP: usize = 32;

/// A = L · Q with L `rows × r` lower triangular and Q `r × cols` with orthonormal rows, r = min(rows, cols).
///
/// All row-major and dense. Any A, of any rank.
///
/// # Panics
/// A slice does not have the length of its matrix.
pub fn lq<T: Real>(rows: usize, cols: usize, a: &[T], l: &mut [T], q: &mut [T]) {
    let r = rows.min(cols);
    assert_eq!(a.len(), rows * cols, "lq: a is {rows} × {cols}");
    assert_eq!(l.len(), rows * r, "lq: l is {rows} × {r}");
    assert_eq!(q.len(), r * cols, "lq: q is {r} × {cols}");
    if r > 0 && (rows > cols || !by_products(rows, cols, a, l, q)) {
        by_reflections(rows, cols, a, l, q);
    }
}

/// Householder's QR of Aᵀ, which is A read by columns: Aᵀ = QᵀLᵀ.
fn by_reflections<T: Real>(rows: usize, cols: usize, a: &[T], l: &mut [T], q: &mut [T]) {
    // The squares of what is left after a power of two is taken out neither overflow nor vanish.
    let largest = a
        .iter()
        .fold(0.0, |m: f64, &x| m.max(Real::to_f64(x).abs()));
    let scale = if largest > 0.0 && largest.is_finite() {
        largest.log2().floor().exp2()
    } else {
        1.0
    };
    let transposed = DMatrix::from_iterator(cols, rows, a.iter().map(|&x| Real::to_f64(x) / scale));
    let qr = transposed.qr();
    // Not `unpack`: it shortens R in place, through a shared and an exclusive pointer at once.
    let (orthonormal, upper) = (qr.q(), qr.r());
    for (l, x) in l.iter_mut().zip(&upper) {
        *l = T::of(*x * scale);
    }
    for (q, x) in q.iter_mut().zip(&orthonormal) {
        *q = T::of(*x);
    }
}

/// Whether it went well; if not, `l` and `q` hold nothing of use.
fn by_products<T: Real>(rows: usize, cols: usize, a: &[T], l: &mut [T], q: &mut [T]) -> bool {
    let Some(mut lower) = cholesky_of_gram(rows, cols, a) else {
        return false;
    };
    q.copy_from_slice(a);
    divide(&lower, cols, q);
    if Real::to_f64(T::epsilon()) < WELL_CONDITIONED * WELL_CONDITIONED {
        let Some(rest) = cholesky_of_gram(rows, cols, q) else {
            return false;
        };
        divide(&rest, cols, q);
        lower *= rest;
    }
    for (l, x) in l.iter_mut().zip(&lower.transpose()) {
        *l = T::of(*x);
    }
    true
}

/// The Cholesky factor of AAᵀ, `None` where A is not well conditioned.
fn cholesky_of_gram<T: Real>(rows: usize, cols: usize, a: &[T]) -> Option<DMatrix<f64>> {
    let mut gram = DMatrix::<f64>::zeros(rows, rows);
    let mut block = vec![0.0; rows * COLUMNS.min(cols)];
    for first in (0..cols).step_by(COLUMNS) {
        let width = load(a, cols, first, &mut block);
        for strip in (0..rows).step_by(STRIP) {
            let height = STRIP.min(rows - strip);
            // The lower triangle: strip · (all rows up to its last)ᵀ, column-major.
            // SAFETY: the block holds `rows` rows of `width`; the strip's columns end at the matrix' diagonal.
            unsafe {
                let from = block.as_ptr();
                let to = gram.as_mut_ptr().add(strip);
                let (row, transposed) = ((width as isize, 1), (1, width as isize));
                let by_columns = (1, rows as isize);
                f64::gemm(
                    height,
                    width,
                    strip + height,
                    1.0,
                    from.add(strip * width),
                    row,
                    from,
                    transposed,
                    1.0,
                    to,
                    by_columns,
                );
            }
        }
    }
    let lower = Cholesky::new(gram)?.unpack();
    let pivots = lower.diagonal();
    (pivots.min() > WELL_CONDITIONED * pivots.max()).then_some(lower)
}

/// Q ← L⁻¹Q.
fn divide<T: Real>(lower: &DMatrix<f64>, cols: usize, q: &mut [T]) {
    let rows = lower.nrows();
    let inverse = inverse(lower);
    let mut block = vec![0.0; rows * COLUMNS.min(cols)];
    let mut result = block.clone();
    for first in (0..cols).step_by(COLUMNS) {
        let width = load(q, cols, first, &mut block);
        for strip in (0..rows).step_by(STRIP) {
            let height = STRIP.min(rows - strip);
            // Beyond the strip's last row the triangle is empty.
            // SAFETY: the inverse is `rows × rows`, the blocks hold `rows` rows of `width`.
            unsafe {
                let dense = (width as isize, 1);
                f64::gemm(
                    height,
                    strip + height,
                    width,
                    1.0,
                    inverse.as_ptr().add(strip * rows),
                    (rows as isize, 1),
                    block.as_ptr(),
                    dense,
                    0.0,
                    result.as_mut_ptr().add(strip * width),
                    dense,
                );
            }
        }
        for (q, row) in q.chunks_exact_mut(cols).zip(result.chunks_exact(width)) {
            for (q, x) in q[first..].iter_mut().zip(row) {
                *q = T::of(*x);
            }
        }
    }
}

/// Columns `first ..` of a row-major matrix into `block`, as many as it is made for; how many those were.
fn load<T: Real>(a: &[T], cols: usize, first: usize, block: &mut [f64]) -> usize {
    let width = COLUMNS.min(cols - first);
    for (to, from) in block.chunks_exact_mut(width).zip(a.chunks_exact(cols)) {
        for (to, &from) in to.iter_mut().zip(&from[first..]) {
            *to = Real::to_f64(from);
        }
    }
    width
}

/// L⁻¹, row-major: row i is (eᵢ − Σ_{k<i} lᵢₖ · row k) / lᵢᵢ.
fn inverse(lower: &DMatrix<f64>) -> Vec<f64> {
    let n = lower.nrows();
    let mut inverse = vec![0.0; n * n];
    for i in 0..n {
        let (above, row) = inverse.split_at_mut(i * n);
        let row = &mut row[..=i];
        row[i] = 1.0;
        for (k, above) in above.chunks_exact(n).enumerate() {
            let factor = lower[(i, k)];
            for (x, above) in row[..=k].iter_mut().zip(above) {
                *x -= factor * above;
            }
        }
        let pivot = lower[(i, i)];
        row.iter_mut().for_each(|x| *x /= pivot);
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A = LQ, QQᵀ = 1 and L triangular, each within `tolerance` of the largest element.
    fn check<T: Real>(rows: usize, cols: usize, a: &[f64], tolerance: f64) {
        let a: Vec<T> = a.iter().map(|&x| T::of(x)).collect();
        let r = rows.min(cols);
        let (mut l, mut q) = (vec![T::nan(); rows * r], vec![T::nan(); r * cols]);
        lq(rows, cols, &a, &mut l, &mut q);
        let matrix = |m, n, data: &[T]| {
            DMatrix::from_row_iterator(m, n, data.iter().map(|&x| Real::to_f64(x)))
        };
        let (a, l, q) = (
            matrix(rows, cols, &a),
            matrix(rows, r, &l),
            matrix(r, cols, &q),
        );
        let scale = a.amax().max(f64::MIN_POSITIVE);
        assert!(
            (&l * &q - &a).amax() <= tolerance * scale,
            "{rows} × {cols}: A = LQ"
        );
        assert!(
            (&q * q.transpose() - DMatrix::identity(r, r)).amax() <= tolerance,
            "{rows} × {cols}: QQᵀ = 1"
        );
        for i in 0..rows {
            for j in i + 1..r {
                assert_eq!(l[(i, j)], 0.0, "{rows} × {cols}: L triangular");
            }
        }
    }

    fn both(rows: usize, cols: usize, a: &[f64]) {
        check::<f64>(rows, cols, a, 1e-13);
        check::<f32>(rows, cols, a, 3e-6);
    }

    fn noise(rows: usize, cols: usize) -> Vec<f64> {
        (0..rows * cols)
            .map(|i| ((i as f64 * 12.9898).sin() * 43758.5453).fract())
            .collect()
    }

    #[test]
    fn any_shape() {
        let shapes = [
            (1, 1),
            (1, 7),
            (7, 1),
            (5, 5),
            (33, 100),
            (100, 33),
            (128, 784),
            (257, 300),
        ];
        for &(rows, cols) in &shapes[..if cfg!(miri) { 4 } else { shapes.len() }] {
            both(rows, cols, &noise(rows, cols));
        }
        // The least with more than one strip and more than one block of columns.
        check::<f32>(33, 129, &noise(33, 129), 3e-6);
        both(0, 3, &[]);
        both(3, 0, &[]);
    }

    #[test]
    fn any_rank() {
        both(4, 9, &[0.0; 36]);
        let mut a = noise(20, 40);
        a.copy_within(0..40, 200);
        both(20, 40, &a);
        a[..40].fill(0.0);
        both(20, 40, &a);
        // Rows that nearly agree: too ill conditioned for the way of products.
        for (i, x) in a.iter_mut().enumerate() {
            *x = (i % 40) as f64 + 1e-7 * *x;
        }
        both(20, 40, &a);
    }

    #[test]
    fn extreme_scales() {
        let a = noise(6, 12);
        for scale in [1e-30, 1e30] {
            both(6, 12, &a.iter().map(|x| x * scale).collect::<Vec<_>>());
        }
        for scale in [1e-300, 1e300] {
            check::<f64>(
                6,
                12,
                &a.iter().map(|x| x * scale).collect::<Vec<_>>(),
                1e-13,
            );
        }
    }
}
