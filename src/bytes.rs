//! Numbers as little-endian bytes of their own type, as files hold them.

use scorematch_kernels::simd::Real;

/// The bytes of values.
pub(crate) fn to_bytes<T: Real>(values: &[T]) -> Vec<u8> {
    if size_of::<T>() == 4 {
        // The cast back is exact: the value was an f32.
        let bytes = |&value: &T| (value.to_f64() as f32).to_le_bytes();
        return values.iter().flat_map(bytes).collect();
    }
    let bytes = |&value: &T| value.to_f64().to_le_bytes();
    values.iter().flat_map(bytes).collect()
}

/// The values of bytes that [`to_bytes`] made, as many as there are of either.
pub(crate) fn from_bytes<T: Real>(bytes: &[u8], values: &mut [T]) {
    if size_of::<T>() == 4 {
        fill(bytes, values, |bytes| f64::from(f32::from_le_bytes(bytes)));
    } else {
        fill(bytes, values, f64::from_le_bytes);
    }
}

fn fill<T: Real, const N: usize>(bytes: &[u8], values: &mut [T], number: impl Fn([u8; N]) -> f64) {
    let (numbers, _) = bytes.as_chunks();
    for (value, &bytes) in values.iter_mut().zip(numbers) {
        *value = T::of(number(bytes));
    }
}
