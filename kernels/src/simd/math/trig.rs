//! Sine and cosine.
//!
//! |x| = n π/2 + r with |r| ≤ π/4, in parts of π/2 that an n of this range multiplies exactly (Cody and Waite
//! 1980). Beyond the range the standard library's functions, lane by lane.

use super::{Bits, Tables};
use crate::simd::{ScalarVector, Vector};

/// sin(r + n π/2) for the integer in the low bits of `bits`, and whether x was within range.
#[inline(always)]
fn of_quadrant<V: Bits>(r: V, bits: V) -> V {
    let one = V::constant(1.0);
    let z = r * r;
    let sin = (r * z).mul_add(V::Scalar::sin_series(z), r);
    let half = V::constant(0.5) * z;
    let near = one - half;
    let cos = near + (z * z).mul_add(V::Scalar::cos_series(z), (one - near) - half);
    let sign = V::constant(-0.0);
    // The lowest bit of n, as a sign, makes 1 negative where the quadrant is odd.
    let odd = bits
        .shift_left(V::Scalar::WIDTH - 1)
        .or(one)
        .less(V::constant(0.0));
    odd.select(cos, sin)
        .xor(bits.shift_left(V::Scalar::WIDTH - 2).and(sign))
}

/// The nearest integer to |x| / (π/2), in the low bits of a number, and the rest of |x|.
#[inline(always)]
fn reduce<V: Bits>(magnitude: V) -> (V, V) {
    let round = V::constant(V::Scalar::ROUND);
    let bits = magnitude.mul_add(V::constant(std::f64::consts::FRAC_2_PI), round);
    let n = bits - round;
    let mut r = magnitude;
    for &part in V::Scalar::HALF_PI {
        r = n.mul_add(V::constant(-part), r);
    }
    (bits, r)
}

/// `near`, but where |x| is too large for it the function itself.
#[inline(always)]
fn with_far<V: Bits>(x: V, near: V, function: impl Fn(V::Scalar) -> V::Scalar) -> V {
    let far = V::constant(V::Scalar::TRIG_RANGE).less(x.abs());
    if far.any() {
        far.select(x.map(function), near)
    } else {
        near
    }
}

/// sin x.
#[inline(always)]
pub(in super::super) fn sin<V: Bits>(x: V) -> V {
    let (bits, r) = reduce(x.abs());
    let near = of_quadrant(r, bits).xor(x.and(V::constant(-0.0)));
    with_far(x, near, |x| ScalarVector(x).sin().0)
}

/// cos x = sin(|x| + π/2).
#[inline(always)]
pub(in super::super) fn cos<V: Bits>(x: V) -> V {
    let (bits, r) = reduce(x.abs());
    with_far(x, of_quadrant(r, bits + V::constant(1.0)), |x| {
        ScalarVector(x).cos().0
    })
}
