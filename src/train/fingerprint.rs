//! The fingerprint of rows: a hash that tells whether two arrays hold the same numbers.

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;
use twox_hash::XxHash3_128;

/// The XXH3 hash, 128 bits in hexadecimal, of the values of rows in row-major order and of their shape.
pub(super) struct Fingerprint {
    hasher: XxHash3_128,
    bytes: Vec<u8>,
}

/// Bytes that are hashed at a time.
const CHUNK: usize = 8192;

impl Fingerprint {
    pub(super) fn new() -> Self {
        Fingerprint {
            hasher: XxHash3_128::new(),
            bytes: Vec::with_capacity(CHUNK),
        }
    }

    /// Adds further rows.
    pub(super) fn add<T: Real>(&mut self, x: ArrayView2<'_, T>) {
        for &value in x {
            self.bytes.extend_from_slice(&value.to_f64().to_le_bytes());
            if self.bytes.len() >= CHUNK {
                self.hasher.write(&self.bytes);
                self.bytes.clear();
            }
        }
    }

    /// The hash of `[rows, columns]` of values of so many bytes.
    pub(super) fn finish(mut self, rows: usize, columns: usize, width: usize) -> String {
        self.hasher.write(&self.bytes);
        for size in [rows, columns, width] {
            self.hasher.write(&(size as u64).to_le_bytes());
        }
        format!("{:032x}", self.hasher.finish_128())
    }
}

/// The [`Fingerprint`] of `[rows, columns]`.
pub(super) fn fingerprint<T: Real>(x: ArrayView2<'_, T>) -> String {
    let mut fingerprint = Fingerprint::new();
    fingerprint.add(x);
    fingerprint.finish(x.nrows(), x.ncols(), size_of::<T>())
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
