//! Powers.
//!
//! xᵖ = e^(p ln x), where ln x is carried in two parts: its error is multiplied by p ln x, up to 745.

use super::exp::{reduce, scaled};
use super::{Bits, Tables, decompose};

/// xⁿ by repeated squaring; 1/x^|n| for n < 0.
#[inline(always)]
pub(in super::super) fn powi<V: Bits>(x: V, n: i32) -> V {
    let mut result = V::constant(1.0);
    let mut square = x;
    let mut left = n.unsigned_abs();
    while left > 0 {
        if left % 2 == 1 {
            result = result * square;
        }
        left /= 2;
        if left > 0 {
            square = square * square;
        }
    }
    if n < 0 {
        V::constant(1.0) / result
    } else {
        result
    }
}

/// ln x in two parts, for finite x > 0.
#[inline(always)]
fn ln_parts<V: Bits>(x: V) -> (V, V) {
    let two = V::constant(2.0);
    let subnormal = x.less(V::constant(V::Scalar::TINY));
    let lift = V::Scalar::MANTISSA + 2;
    let (k, m) = decompose(subnormal.select(x * V::constant((1u64 << lift) as f64), x));
    let k = k - subnormal.and(V::constant(f64::from(lift)));
    // s = f / (2 + f) and what its rounding and that of 2 + f left.
    let f = m - V::constant(1.0);
    let d = two + f;
    let s = f / d;
    let product = s * d;
    let rest = (f - product) - s.product_error(d, product) - s * (f - (d - two));
    let z = s * s;
    let tail = two.mul_add(rest / d, s * z * V::Scalar::log_series(z));
    let [high, low] = V::Scalar::LN2;
    // The first part of k ln 2 is exact, and either 0 or greater than 2s.
    let (scale, twice) = (k * V::constant(high), s + s);
    let sum = scale + twice;
    let lost = (twice - (sum - scale)) + k.mul_add(V::constant(low), tail);
    let first = sum + lost;
    (first, lost - (first - sum))
}

/// xᵖ.
#[inline(always)]
pub(in super::super) fn powf<V: Bits>(x: V, p: f64) -> V {
    let (zero, infinity) = (V::constant(0.0), V::constant(f64::INFINITY));
    let integer = p == p.trunc();
    if integer && p.abs() <= 3.0 {
        return powi(x, p as i32);
    }
    if p == 0.5 {
        return x.sqrt();
    }
    let magnitude = x.abs();
    let (first, second) = ln_parts(magnitude);
    let power = V::constant(p);
    let product = power * first;
    let [low, high] = V::Scalar::EXP_RANGE;
    let bounded = product
        .at_least(V::constant(low))
        .at_most(V::constant(high));
    let rest = power.mul_add(second, power.product_error(first, product));
    let (n, _, r) = reduce(bounded);
    let result = scaled(n, r + product.equal(bounded).and(rest));
    let (at_zero, at_infinity) = if p > 0.0 {
        (zero, infinity)
    } else {
        (infinity, zero)
    };
    let result = zero.less(magnitude).select(result, at_zero);
    let result = magnitude.less(infinity).select(result, at_infinity);
    let result = magnitude.equal(magnitude).select(result, x);
    if !integer {
        x.less(zero).select(V::constant(f64::NAN), result)
    } else if p % 2.0 != 0.0 {
        result.xor(x.and(V::constant(-0.0)))
    } else {
        result
    }
}
