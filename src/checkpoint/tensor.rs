//! Tensors of a file as numbers, and numbers as bytes of a file. All are little-endian.

use safetensors::tensor::{Dtype, TensorView};

use scorematch_kernels::simd::Real;

use crate::half::from_f16;

/// The type that `T` is stored as.
pub(crate) fn dtype<T: Real>() -> Dtype {
    if size_of::<T>() == 4 {
        Dtype::F32
    } else {
        Dtype::F64
    }
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

/// bfloat16: the upper half of a float32.
fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brain_floats() {
        for (bits, value) in [(0x3f80, 1.0), (0xc0a0, -5.0), (0x3eab, 0.333984375)] {
            assert_eq!(f64::from(from_bf16(bits)), value, "{bits:04x}");
        }
    }
}
