//! The fingerprint of rows: a hash that tells whether two arrays hold the same numbers.

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;
use twox_hash::XxHash3_128;

/// The XXH3 hash, 128 bits in hexadecimal, of the shape and the values of `[rows, columns]` in row-major order.
pub(in crate::train) fn fingerprint<T: Real>(x: ArrayView2<'_, T>) -> String {
    const VALUES: usize = 1024;
    let mut hasher = XxHash3_128::new();
    for size in [x.nrows(), x.ncols(), size_of::<T>()] {
        hasher.write(&(size as u64).to_le_bytes());
    }
    let mut bytes = Vec::with_capacity(VALUES * size_of::<f64>());
    for &value in x {
        bytes.extend_from_slice(&value.to_f64().to_le_bytes());
        if bytes.len() >= VALUES * size_of::<f64>() {
            hasher.write(&bytes);
            bytes.clear();
        }
    }
    hasher.write(&bytes);
    format!("{:032x}", hasher.finish_128())
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn it_depends_on_shape_and_every_value_and_not_on_layout() {
        let x = Array2::from_shape_fn((700, 3), |(row, column)| (row * 7 + column) as f64);
        let own = fingerprint(x.view());
        let mut turned = Array2::zeros((3, 700));
        turned.assign(&x.t());
        assert_eq!(fingerprint(turned.t()), own);
        let flat = x.to_shape((2100, 1)).unwrap();
        assert_ne!(fingerprint(flat.view()), own);
        for place in [[0, 0], [341, 1], [699, 2]] {
            let mut other = x.clone();
            other[place] += 1e-9;
            assert_ne!(fingerprint(other.view()), own);
        }
        assert_ne!(
            fingerprint(array![[1.0f32]].view()),
            fingerprint(array![[1.0f64]].view())
        );
    }
}
