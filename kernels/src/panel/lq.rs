//! A = L Q: a matrix as a lower triangular one times orthonormal rows.
//!
//! Enters: any A, of any rank. Leaves: L `rows × r` and Q `r × cols`, r = min(rows, cols). Must hold: A = LQ and
//! QQᵀ = 1 to rounding, no NaN from finite A, the same bits for any thread pool.
//!
//! A wide, well conditioned A is factored by products: AAᵀ = LLᵀ by Cholesky in double precision, then Q = L⁻¹A. For
//! f64 a second pass removes the error of the first, which would exceed the rounding of f64 (CholeskyQR2, Yamamoto et
//! al. 2015). A tall A is factored by its first rows, as many as it has columns; its other rows are multiplied by Qᵀ.
//! All other matrices are factored by Householder's reflections ([`reflections`](super::reflections)), which takes ten
//! times as long at 128 × 784.

use super::cholesky::{WELL_CONDITIONED, by_rows, cholesky_of_gram};
use super::multiply::{MatrixMut, Part, multiply};
use super::reflections::by_reflections;
use super::{LANES, Matrix, Write, assert_dense};
use crate::pool::ThreadPool;
use crate::simd::Real;

/// A = L · Q with L `rows × r` lower triangular and Q `r × cols` with orthonormal rows, r = min(rows, cols); the
/// factors that are asked for. `workspace` is memory for the factorisation by products; it grows, and the caller keeps
/// it.
///
/// All row-major and dense. Any A, of any rank.
///
/// # Panics
/// A slice does not have the length of its matrix.
pub fn lq<T: Real>(
    pool: ThreadPool,
    workspace: &mut Vec<f64>,
    [rows, cols]: [usize; 2],
    a: &[T],
    mut lower: Option<&mut [T]>,
    mut orthonormal: Option<&mut [T]>,
) {
    let r = rows.min(cols);
    assert_dense("lq: a", a.len(), [rows, cols]);
    if let Some(lower) = &lower {
        assert_dense("lq: l", lower.len(), [rows, r]);
    }
    if let Some(orthonormal) = &orthonormal {
        assert_dense("lq: q", orthonormal.len(), [r, cols]);
    }
    let (l, q) = (lower.as_deref_mut(), orthonormal.as_deref_mut());
    if r == 0 {
        return;
    }
    let sizes = [r, cols];
    let (inner, whole) = (
        workspace_len::<T>(sizes),
        if rows > cols { r * cols } else { 0 },
    );
    if workspace.len() < inner + whole {
        workspace.resize(inner + whole, 0.0);
    }
    let (inner, rest) = workspace.split_at_mut(inner);
    let done = if rows > cols {
        tall(pool, inner, &mut rest[..whole], [rows, cols], a, l, q)
    } else {
        by_products::<T, T>(pool, inner, sizes, a, l, q)
    };
    if !done {
        by_reflections([rows, cols], a, lower, orthonormal);
    }
}

/// Factors a matrix of more rows than columns by products; `precise` receives Q in double precision. Whether it
/// succeeded.
fn tall<T: Real>(
    pool: ThreadPool,
    workspace: &mut [f64],
    precise: &mut [f64],
    [rows, cols]: [usize; 2],
    a: &[T],
    lower: Option<&mut [T]>,
    orthonormal: Option<&mut [T]>,
) -> bool {
    let (first, others) = a.split_at(cols * cols);
    let (l, rest) = lower.map(|l| l.split_at_mut(cols * cols)).unzip();
    if !by_products(pool, workspace, [cols; 2], first, l, Some(&mut *precise)) {
        return false;
    }
    for (to, x) in orthonormal.into_iter().flatten().zip(&*precise) {
        *to = T::of(*x);
    }
    if let Some(rest) = rest {
        let transposed = Matrix {
            data: &*precise,
            row: 1,
            col: cols,
        };
        let to = MatrixMut {
            data: rest,
            row: cols,
            col: 1,
        };
        let sizes = [rows - cols, cols, cols];
        let others = by_rows(others, cols);
        multiply(pool, sizes, others, transposed, to, Part::All, Write::Set);
    }
    true
}

/// Whether the first pass loses more than a T's rounding.
fn twice<T: Real>() -> bool {
    Real::to_f64(T::epsilon()) < WELL_CONDITIONED * WELL_CONDITIONED
}

/// The workspace of [`by_products`]: three triangles, whose rows are whole chunks, a copy of A, and a second for the
/// second pass.
fn workspace_len<T: Real>([rows, cols]: [usize; 2]) -> usize {
    let copies = if twice::<T>() { 2 } else { 1 };
    3 * rows * rows.next_multiple_of(LANES) + copies * rows * cols
}

/// Factors an A of no more rows than columns by products. Whether it succeeded; if not, the contents of the factors are
/// unspecified.
fn by_products<T: Real, Q: Real>(
    pool: ThreadPool,
    workspace: &mut [f64],
    sizes @ [rows, cols]: [usize; 2],
    a: &[T],
    lower: Option<&mut [T]>,
    orthonormal: Option<&mut [Q]>,
) -> bool {
    let stride = rows.next_multiple_of(LANES);
    let (triangle, whole) = (rows * stride, rows * cols);
    let (upper, rest) = workspace.split_at_mut(triangle);
    let (inverse, rest) = rest.split_at_mut(triangle);
    let (first_upper, rest) = rest.split_at_mut(triangle);
    let (precise, rest) = rest.split_at_mut(whole);
    convert(pool, a, precise);
    if !cholesky_of_gram(pool, sizes, precise, upper, inverse) {
        return false;
    }
    if !twice::<T>() {
        if let Some(q) = orthonormal {
            divide(pool, sizes, inverse, precise, q);
        }
        write_lower(lower, upper, stride);
        return true;
    }
    let nearly = &mut rest[..whole];
    divide(pool, sizes, inverse, precise, nearly);
    first_upper.copy_from_slice(upper);
    if !cholesky_of_gram(pool, sizes, nearly, upper, inverse) {
        return false;
    }
    if let Some(q) = orthonormal {
        divide(pool, sizes, inverse, nearly, q);
    }
    // L₁L₂ is the transpose of U₂U₁, which overwrites L₂⁻¹.
    multiply(
        ThreadPool::single_threaded(pool.isa),
        [rows; 3],
        by_rows(upper, stride),
        by_rows(first_upper, stride),
        MatrixMut {
            data: inverse,
            row: stride,
            col: 1,
        },
        Part::All,
        Write::Set,
    );
    write_lower(lower, inverse, stride);
    true
}

/// A in double precision.
fn convert<T: Real>(pool: ThreadPool, a: &[T], precise: &mut [f64]) {
    /// Scalars that one thread converts at a time.
    const CHUNK: usize = 8192;
    pool.parallel_for_ranges(a.len() / 8, CHUNK, [precise], |i, [to]| {
        for (to, from) in to.iter_mut().zip(&a[i * CHUNK..]) {
            *to = Real::to_f64(*from);
        }
    });
}

/// L as the transpose of an upper triangle, whose elements below the diagonal are not read.
fn write_lower<T: Real>(lower: Option<&mut [T]>, upper: &[f64], stride: usize) {
    let Some(lower) = lower else { return };
    let rows = upper.len() / stride;
    for (i, row) in lower.chunks_exact_mut(rows).enumerate() {
        for (j, x) in row.iter_mut().enumerate() {
            *x = if j <= i {
                T::of(upper[j * stride + i])
            } else {
                T::zero()
            };
        }
    }
}

/// Q = L⁻¹A.
fn divide<T: Real>(
    pool: ThreadPool,
    [rows, cols]: [usize; 2],
    inverse: &[f64],
    a: &[f64],
    q: &mut [T],
) {
    let q = MatrixMut {
        data: q,
        row: cols,
        col: 1,
    };
    let sizes = [rows, rows, cols];
    multiply(
        pool,
        sizes,
        by_rows(inverse, rows.next_multiple_of(LANES)),
        by_rows(a, cols),
        q,
        Part::LowerA,
        Write::Set,
    );
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::simd::InstructionSet;

    fn pool(threads: usize) -> ThreadPool {
        ThreadPool {
            isa: InstructionSet::detect().expect("the instruction set can be had"),
            threads,
        }
    }

    /// A = LQ, QQᵀ = 1 and L triangular, each within `tolerance` of the largest element.
    fn check<T: Real>(rows: usize, cols: usize, a: &[f64], tolerance: f64) {
        let a: Vec<T> = a.iter().map(|&x| T::of(x)).collect();
        let r = rows.min(cols);
        let (mut l, mut q) = (vec![T::nan(); rows * r], vec![T::nan(); r * cols]);
        let sizes = [rows, cols];
        lq(
            pool(1),
            &mut Vec::new(),
            sizes,
            &a,
            Some(&mut l),
            Some(&mut q),
        );
        let (mut alone, mut shared) = (vec![T::nan(); rows * r], vec![T::nan(); r * cols]);
        let mut workspace = vec![f64::NAN; 1];
        lq(pool(3), &mut workspace, sizes, &a, Some(&mut alone), None);
        lq(pool(3), &mut workspace, sizes, &a, None, Some(&mut shared));
        assert!(
            alone == l && shared == q,
            "the same bits, whatever is asked for"
        );
        let matrix = |m, n, data: &[T]| {
            let data = data.iter().map(|&x| Real::to_f64(x)).collect();
            Array2::from_shape_vec((m, n), data).expect("the factors have these sizes")
        };
        let (a, l, q) = (
            matrix(rows, cols, &a),
            matrix(rows, r, &l),
            matrix(r, cols, &q),
        );
        let largest = |m: &Array2<f64>| m.fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let scale = largest(&a).max(f64::MIN_POSITIVE);
        assert!(
            largest(&(l.dot(&q) - &a)) <= tolerance * scale,
            "{rows} × {cols}: A = LQ"
        );
        assert!(
            largest(&(q.dot(&q.t()) - Array2::<f64>::eye(r))) <= tolerance,
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
            (128, 50),
            (128, 784),
            (257, 300),
        ];
        for &(rows, cols) in &shapes[..if cfg!(miri) { 4 } else { shapes.len() }] {
            both(rows, cols, &noise(rows, cols));
        }
        // The least with more than one row block and more than one block of columns.
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
        // Rows that nearly agree: too ill conditioned for the factorisation by products.
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
