//! A = L Q by Householder's reflections, for any rank (Golub and Van Loan 2013, section 5.2).
//!
//! Enters: any A. Leaves: the factors of [`lq`](super::lq). Must hold: A = LQ and QQᵀ = 1 to rounding, no NaN from finite A.

use crate::simd::Real;

/// A = LQ in double precision, with L's diagonal positive or zero. Allocates.
pub(super) fn by_reflections<T: Real>(
    [rows, cols]: [usize; 2],
    a: &[T],
    lower: Option<&mut [T]>,
    orthonormal: Option<&mut [T]>,
) {
    let r = rows.min(cols);
    let mut a: Vec<f64> = a.iter().map(|&x| Real::to_f64(x)).collect();
    let scale = take_scale(&mut a);
    // Reflection k maps row k of what the reflections before it have left, from column k on, to a multiple of the first
    // unit vector. Its axis takes the place of that part of the row.
    let mut diagonal = vec![0.0; r];
    for (k, entry) in diagonal.iter_mut().enumerate() {
        let (above, below) = a.split_at_mut((k + 1) * cols);
        let axis = &mut above[k * cols + k..];
        *entry = reflection(axis);
        for row in below.chunks_exact_mut(cols) {
            reflect(axis, &mut row[k..]);
        }
    }
    if let Some(lower) = lower {
        for (i, row) in lower.chunks_exact_mut(r).enumerate() {
            for (j, to) in row.iter_mut().enumerate() {
                let sign = 1_f64.copysign(diagonal[j]);
                *to = T::of(match i.cmp(&j) {
                    std::cmp::Ordering::Less => 0.0,
                    std::cmp::Ordering::Equal => diagonal[j].abs() * scale,
                    std::cmp::Ordering::Greater => a[i * cols + j] * sign * scale,
                });
            }
        }
    }
    if let Some(orthonormal) = orthonormal {
        // Unit vectors, reflected by the last reflection first; row i is left as it is by those after the i-th.
        let mut q = vec![0.0; r * cols];
        for (i, row) in q.chunks_exact_mut(cols).enumerate() {
            row[i] = 1_f64.copysign(diagonal[i]);
            for k in (0..=i).rev() {
                reflect(&a[k * cols + k..(k + 1) * cols], &mut row[k..]);
            }
        }
        for (to, x) in orthonormal.iter_mut().zip(q) {
            *to = T::of(x);
        }
    }
}

/// Replaces `x` by the unit axis of the reflection that maps it to a multiple of the first unit vector, and gives the
/// multiple. The axis of x = 0 is 0: nothing is reflected.
fn reflection(x: &mut [f64]) -> f64 {
    // A row may be far smaller than the largest element of the matrix.
    let scale = take_scale(x);
    let norm = dot(x, x).sqrt();
    if norm == 0.0 {
        return 0.0;
    }
    // Of the two multiples the one that does not cancel.
    let multiple = -norm.copysign(x[0]);
    x[0] -= multiple;
    // Never 0: |x₀| is at least the norm now.
    let length = dot(x, x).sqrt();
    x.iter_mut().for_each(|x| *x /= length);
    multiple * scale
}

/// Divides by a power of two, after which squares neither overflow nor vanish, and gives it.
fn take_scale(x: &mut [f64]) -> f64 {
    let largest = x.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return 1.0;
    }
    let scale = power_of_two(largest);
    x.iter_mut().for_each(|x| *x /= scale);
    scale
}

/// Reflects `x` in the hyperplane that is orthogonal to `axis`.
fn reflect(axis: &[f64], x: &mut [f64]) {
    let twice = 2.0 * dot(axis, x);
    for (x, axis) in x.iter_mut().zip(axis) {
        *x -= twice * axis;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The greatest power of two that is no greater than `x`, a positive number; of subnormal ones the least normal number.
fn power_of_two(x: f64) -> f64 {
    /// Sign and exponent of a number.
    const EXPONENT: u64 = 0xfff << 52;
    f64::from_bits(x.max(f64::MIN_POSITIVE).to_bits() & EXPONENT)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// A = LQ, QQᵀ = 1, and no negative number on the diagonal of L.
    fn check(a: &Array2<f64>) {
        let (rows, cols) = a.dim();
        let r = rows.min(cols);
        let (mut l, mut q) = (Array2::zeros((rows, r)), Array2::zeros((r, cols)));
        let flat = a.as_slice().expect("a dense matrix");
        by_reflections([rows, cols], flat, l.as_slice_mut(), q.as_slice_mut());
        let largest = |m: &Array2<f64>| m.fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let tolerance = f64::EPSILON * (10 * cols) as f64;
        assert!(largest(&(l.dot(&q) - a)) <= tolerance * largest(a));
        assert!(largest(&(q.dot(&q.t()) - Array2::<f64>::eye(r))) <= tolerance);
        assert!(l.diag().iter().all(|&x| x >= 0.0));
    }

    #[test]
    fn any_shape_and_rank() {
        for (rows, cols) in [(1, 1), (1, 7), (7, 1), (5, 5), (33, 100), (100, 33)] {
            let number = |(i, j)| f64::from((i * 37 + j * 11 + i * j * 7) as u32 % 41) / 20.0 - 1.0;
            let mut a = Array2::from_shape_fn((rows, cols), number);
            check(&a);
            check(&-a.clone());
            // The squares of this row are subnormal numbers.
            let mut steep = a.clone();
            steep.row_mut(0).mapv_inplace(|x| x * 1e-161);
            check(&steep);
            a.row_mut(0).fill(0.0);
            check(&a);
            let first = a.column(cols - 1).to_owned();
            a.columns_mut()
                .into_iter()
                .for_each(|mut c| c.assign(&first));
            check(&a);
        }
    }
}
