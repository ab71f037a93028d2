//! Numbers of half precision, which checkpoints and tables hold.

/// IEEE 754 binary16: a sign, 5 bits of exponent, 10 of the fraction. Float32 holds every one.
pub(crate) fn from_f16(bits: u16) -> f32 {
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
}
