//! Tensors of a file as numbers, and numbers as bytes of a file. All are little-endian.

use safetensors::tensor::{Dtype, TensorView};

use scorematch_kernels::simd::Real;

/// The type that `T` is stored as.
pub(crate) fn dtype<T: Real>() -> Dtype {
    if size_of::<T>() == 4 {
        Dtype::F32
    } else {
        Dtype::F64
    }
}

/// Values as bytes of a tensor of [`dtype`].
pub(crate) fn to_bytes<T: Real>(values: &[T]) -> Vec<u8> {
    if size_of::<T>() == 4 {
        // The cast back is exact: the value was an f32.
        let bytes = |&value: &T| (value.to_f64() as f32).to_le_bytes();
        return values.iter().flat_map(bytes).collect();
    }
    let bytes = |&value: &T| value.to_f64().to_le_bytes();
    values.iter().flat_map(bytes).collect()
}

/// The values of a tensor, rounded to `T`. The error says why its type is not read.
pub(crate) fn values<T: Real>(tensor: &TensorView<'_>) -> Result<Vec<T>, String> {
    let data = tensor.data();
    Ok(match tensor.dtype() {
        Dtype::F16 => each(data, |bytes| f64::from(from_f16(u16::from_le_bytes(bytes)))),
        Dtype::BF16 => each(data, |bytes| {
            f64::from(from_bf16(u16::from_le_bytes(bytes)))
        }),
        Dtype::F32 => each(data, |bytes| f64::from(f32::from_le_bytes(bytes))),
        Dtype::F64 => each(data, f64::from_le_bytes),
        other => {
            return Err(format!(
                "is stored as {other}; convert it to F16, BF16, F32 or F64"
            ));
        }
    })
}

fn each<T: Real, const N: usize>(data: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<T> {
    let (numbers, _) = data.as_chunks();
    numbers.iter().map(|&bytes| T::of(number(bytes))).collect()
}

/// IEEE 754 binary16: a sign, 5 bits of exponent, 10 of the fraction. Float32 holds every one.
fn from_f16(bits: u16) -> f32 {
    /// 2ⁿ for −126 ≤ n ≤ 127.
    fn power_of_two(n: i32) -> f32 {
        f32::from_bits(((n + 127) as u32) << 23)
    }
    let (exponent, fraction) = (i32::from((bits >> 10) & 31), f32::from(bits & 1023));
    let size = match exponent {
        0 => fraction * power_of_two(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * power_of_two(exponent - 25),
    };
    if bits >> 15 == 0 { size } else { -size }
}

/// bfloat16: the upper half of a float32.
fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of IEEE 754-2008, table 3.5: the ends of every range.
    #[test]
    fn half_precision() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x0001, 2f64.powi(-24)),
            (0x03ff, 1023.0 * 2f64.powi(-24)),
            (0x0400, 2f64.powi(-14)),
            (0x3555, 0.333251953125),
            (0x3bff, 0.99951171875),
            (0x3c00, 1.0),
            (0x3c01, 1.0009765625),
            (0x7bff, 65504.0),
            (0x7c00, f64::INFINITY),
        ] {
            let of = |bits| f64::from(from_f16(bits));
            assert_eq!(of(bits), value, "{bits:04x}");
            assert_eq!(of(bits | 0x8000), -value, "{bits:04x}");
        }
        assert!(from_f16(0x8000).is_sign_negative() && from_f16(0x7c01).is_nan());
        // Finite values lie in the order of their bits, each above the one before.
        assert!((1..0x7c01).all(|bits| from_f16(bits) > from_f16(bits - 1)));
    }

    #[test]
    fn brain_floats() {
        for (bits, value) in [(0x3f80, 1.0), (0xc0a0, -5.0), (0x3eab, 0.333984375)] {
            assert_eq!(f64::from(from_bf16(bits)), value, "{bits:04x}");
        }
    }
}
