//! A = L Q, rows orthogonalised.

use nalgebra::DMatrix;

use crate::simd::Real;

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
    // A row-major is Aᵀ column-major: Aᵀ = QᵀLᵀ is a QR factorisation.
    let transposed = DMatrix::from_iterator(cols, rows, a.iter().map(|&x| Real::to_f64(x)));
    let (qt, lt) = transposed.qr().unpack();
    for (l, x) in l.chunks_exact_mut(r.max(1)).zip(lt.column_iter()) {
        l.iter_mut().zip(&x).for_each(|(l, x)| *l = T::of(*x));
    }
    for (q, x) in q.iter_mut().zip(&qt) {
        *q = T::of(*x);
    }
}
