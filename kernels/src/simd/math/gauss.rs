//! The normal distribution.
//!
//! What rounding takes from a square is added to the exponent, where it would be an error of x² ulp. Below the mean Φ is
//! e^(−x²/2)·t·P(t) with t = 1 / (1 + |x|/4), a function that is smooth up to the least normal result, so that no tail is
//! a difference from 1.

use super::exp::{exp_normal_of, reduce};
use super::{Bits, Tables};

/// e^(−c m²) for m = |x| up to where that is subnormal, 0 beyond; c is 1 or ½.
#[inline(always)]
fn scaled_gauss<V: Bits>(x: V, c: f64) -> V {
    let magnitude = x.abs();
    let bound = V::constant((-V::Scalar::EXP_NORMAL / c).sqrt() * (1.0 - 1e-6));
    let m = magnitude.at_most(bound);
    let square = m * m;
    let lost = m.product_error(m, square);
    let (_, bits, r) = reduce(V::constant(-c) * square);
    let gauss = exp_normal_of(bits, V::constant(-c).mul_add(lost, r));
    bound.less(magnitude).select(V::constant(0.0), gauss)
}

/// e^(−x²).
#[inline(always)]
pub(in super::super) fn gauss<V: Bits>(x: V) -> V {
    scaled_gauss(x, 1.0)
}

/// e^(−x²/2).
#[inline(always)]
pub(in super::super) fn half_gauss<V: Bits>(x: V) -> V {
    scaled_gauss(x, 0.5)
}

/// Φ(x).
#[inline(always)]
pub(in super::super) fn normal_cdf<V: Bits>(x: V) -> V {
    let one = V::constant(1.0);
    // Beyond 64 the exponential is 0 in both types.
    let m = x.abs().at_most(V::constant(64.0));
    let t = one / m.mul_add(V::constant(0.25), one);
    let near = V::constant(0.5).less(t);
    let series = near.select(V::Scalar::near_tail(t), V::Scalar::far_tail(t));
    let tail = scaled_gauss(x, 0.5) * (t * series);
    x.less(V::constant(0.0)).select(tail, one - tail)
}
