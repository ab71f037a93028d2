//! The logarithm and what is made of it.
//!
//! x = 2ᵏ m with √½ ≤ m < √2; with f = m − 1 and s = f / (2 + f), ln m = ln((1 + s)/(1 − s)) = 2s + s³ P(s²),
//! summed as f − (½f² − s(½f² + s² P)) so that f enters unrounded (fdlibm, `e_log.c`).

use super::exp::{exp_m1, exp_of_negative};
use super::{Bits, Tables, decompose};

/// k ln 2 + ln(1 + f) + c, with a small correction c.
#[inline(always)]
fn sum<V: Bits>(k: V, f: V, c: V) -> V {
    let [high, low] = V::Scalar::LN2;
    let s = f / (f + V::constant(2.0));
    let z = s * s;
    let tail = z * V::Scalar::log_series(z);
    let half_square = V::constant(0.5) * f * f;
    let small = s.mul_add(half_square + tail, k.mul_add(V::constant(low), c));
    k.mul_add(V::constant(high), f - (half_square - small))
}

/// ln x.
#[inline(always)]
pub(in super::super) fn ln<V: Bits>(x: V) -> V {
    let zero = V::constant(0.0);
    let subnormal = x.less(V::constant(V::Scalar::TINY));
    let lift = V::Scalar::MANTISSA + 2;
    let lifted = subnormal.select(x * V::constant((1u64 << lift) as f64), x);
    let (k, m) = decompose(lifted);
    let k = k - subnormal.and(V::constant(f64::from(lift)));
    let result = sum(k, m - V::constant(1.0), zero);
    let low = x
        .equal(zero)
        .select(V::constant(f64::NEG_INFINITY), V::constant(f64::NAN));
    let result = zero.less(x).select(result, low);
    // Infinity and NaN are their own logarithms.
    x.less(V::constant(f64::INFINITY)).select(result, x)
}

/// ln(1 + x) for finite x > −1: what rounding takes from u = 1 + x comes back as (1 + x − u) / u.
#[inline(always)]
fn ln_1p_finite<V: Bits>(x: V) -> V {
    let one = V::constant(1.0);
    let u = one + x;
    let back = u - one;
    let lost = (one - (u - back)) + (x - back);
    let (k, m) = decompose(u);
    let near = k.equal(V::constant(0.0));
    let f = near.select(x, m - one);
    let c = near.select(V::constant(0.0), lost / u);
    // Below half an ulp of 1 the series would lose the sign of zero, and has nothing to add.
    let tiny = x.abs().less(V::constant(
        1.0 / (1u64 << (V::Scalar::MANTISSA + 2)) as f64,
    ));
    tiny.select(x, sum(k, f, c))
}

/// ln(1 + x).
#[inline(always)]
pub(in super::super) fn ln_1p<V: Bits>(x: V) -> V {
    let low = x
        .equal(V::constant(-1.0))
        .select(V::constant(f64::NEG_INFINITY), V::constant(f64::NAN));
    let result = V::constant(-1.0).less(x).select(ln_1p_finite(x), low);
    x.less(V::constant(f64::INFINITY)).select(result, x)
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e), e = e^(−|x|); here s = e / (2 + e) ≤ ⅓ and no power of two is taken out.
#[inline(always)]
pub(in super::super) fn softplus<V: Bits>(x: V) -> V {
    let e = exp_of_negative(x);
    let s = e / (e + V::constant(2.0));
    let z = s * s;
    let tail = (s * z).mul_add(V::Scalar::wide_log_series(z), s + s);
    x.at_least(V::constant(0.0)) + tail
}

/// ln cosh x = ln(1 + u² / (2(1 + u))) with u = e^|x| − 1: no cancellation near 0; |x| − ln 2 far out.
#[inline(always)]
pub(in super::super) fn logcosh<V: Bits>(x: V) -> V {
    let bound = V::constant(V::Scalar::LOGCOSH_LINEAR);
    let magnitude = x.abs();
    let u = exp_m1(magnitude.at_most(bound));
    let one = V::constant(1.0);
    let inner = ln_1p_finite(u * u / (V::constant(2.0) * (one + u)));
    bound
        .less(magnitude)
        .select(magnitude - V::constant(std::f64::consts::LN_2), inner)
}
