//! Contractions of values without a batch axis, and of whole batches, by the library product.

use super::{Matrix, Write, assert_reach};
use crate::simd::Real;

/// An index of a contraction: its size and its stride in each operand, 0 where the operand lacks it.
///
/// An index with a stride of 0 in `c` is summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Values of the index.
    pub size: usize,
    /// Stride in the first operand.
    pub a: usize,
    /// Stride in the second operand.
    pub b: usize,
    /// Stride in the result.
    pub c: usize,
}

/// c\[Σ lᵢ·cᵢ\] = Σ a\[Σ lᵢ·aᵢ\] · b\[Σ lᵢ·bᵢ\] over all values of the labels (or += of it).
///
/// # Panics
/// A slice is shorter than the labels reach.
pub fn shared_contract<T: Real>(labels: &[Label], a: &[T], b: &[T], c: &mut [T], write: Write) {
    fn walk<T: Real>(labels: &[Label], at: (usize, usize, usize), f: &mut impl FnMut(usize, usize, usize)) {
        match labels.split_first() {
            None => f(at.0, at.1, at.2),
            Some((label, rest)) => {
                for i in 0..label.size {
                    walk::<T>(rest, (at.0 + i * label.a, at.1 + i * label.b, at.2 + i * label.c), f);
                }
            }
        }
    }
    if write == Write::Set {
        walk::<T>(labels, (0, 0, 0), &mut |_, _, k| c[k] = T::zero());
    }
    walk::<T>(labels, (0, 0, 0), &mut |i, j, k| c[k] += a[i] * b[j]);
}

/// c\[i · n + j\] += Σ_s a(s, i) · b(s, j) over `batch` samples s: C (`m × n`, row-major) += AᵀB.
///
/// # Panics
/// A slice is shorter than its strides reach.
pub fn batch_outer<T: Real>(
    c: &mut [T],
    m: usize,
    n: usize,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    batch: usize,
) {
    assert_reach("batch_outer: c", c.len(), &[(m, n), (n, 1)]);
    assert_reach("batch_outer: a", a.data.len(), &[(batch, a.row), (m, a.col)]);
    assert_reach("batch_outer: b", b.data.len(), &[(batch, b.row), (n, b.col)]);
    // SAFETY: the assertions above; C is dense.
    unsafe {
        T::gemm(
            m,
            batch,
            n,
            T::one(),
            a.data.as_ptr(),
            (a.col as isize, a.row as isize),
            b.data.as_ptr(),
            (b.row as isize, b.col as isize),
            T::one(),
            c.as_mut_ptr(),
            (n as isize, 1),
        );
    }
}
