//! The exponential and what is made of it alone.
//!
//! x = n ln 2 + r with |r| ≤ ½ ln 2, in two parts of ln 2 (Cody and Waite 1980); eˣ = 2ⁿ eʳ.

use super::{Bits, Tables, power_of_two, with_sign};

/// The nearest integer to x / ln 2, that integer in the low bits of a number, and the rest of x.
#[inline(always)]
pub(super) fn reduce<V: Bits>(x: V) -> (V, V, V) {
    let round = V::constant(V::Scalar::ROUND);
    let bits = x.mul_add(V::constant(std::f64::consts::LOG2_E), round);
    let n = bits - round;
    let [high, low] = V::Scalar::LN2;
    let r = n.mul_add(V::constant(-low), n.mul_add(V::constant(-high), x));
    (n, bits, r)
}

/// eʳ − 1 for |r| ≤ ½ ln 2.
#[inline(always)]
fn less_one<V: Bits>(r: V) -> V {
    (r * r).mul_add(V::Scalar::exp_series(r), r)
}

/// 2ⁿ eʳ with every exponent, also where 2ⁿ itself is no number of the type.
#[inline(always)]
pub(super) fn scaled<V: Bits>(n: V, r: V) -> V {
    let round = V::constant(V::Scalar::ROUND);
    let first = n.mul_add(V::constant(0.5), round);
    let second = (n - (first - round)) + round;
    // The last product rounds once, as a subnormal result must.
    (less_one(r) + V::constant(1.0)) * power_of_two(first) * power_of_two(second)
}

/// eˣ.
#[inline(always)]
pub(in super::super) fn exp<V: Bits>(x: V) -> V {
    let [low, high] = V::Scalar::EXP_RANGE;
    let (n, _, r) = reduce(x.at_least(V::constant(low)).at_most(V::constant(high)));
    scaled(n, r)
}

/// eˣ where that is a normal number, or NaN.
#[inline(always)]
pub(super) fn exp_normal<V: Bits>(x: V) -> V {
    let (_, bits, r) = reduce(x);
    exp_normal_of(bits, r)
}

/// 2ⁿ eʳ for the integer n in the low bits of a number, where that is a normal number.
#[inline(always)]
pub(super) fn exp_normal_of<V: Bits>(bits: V, r: V) -> V {
    (less_one(r) + V::constant(1.0)) * power_of_two(bits)
}

/// e^(−|x|), 0 where that is subnormal.
#[inline(always)]
pub(super) fn exp_of_negative<V: Bits>(x: V) -> V {
    let least = V::constant(V::Scalar::EXP_NORMAL);
    let x = x.or(V::constant(-0.0));
    // Not `least < x`, which would make 0 of NaN.
    x.less(least).select(V::constant(0.0), exp_normal(x))
}

/// eˣ − 1 for x ≥ 0 of a few tens.
#[inline(always)]
pub(super) fn exp_m1<V: Bits>(x: V) -> V {
    let (_, bits, r) = reduce(x);
    let power = power_of_two(bits);
    power.mul_add(less_one(r), power - V::constant(1.0))
}

/// e^(−2m) and that less 1, for m = |x| up to where the exponential is subnormal. Where both are used they are computed
/// once: the compiler sees the same operations.
#[inline(always)]
fn exp_of_minus_twice<V: Bits>(x: V) -> (V, V) {
    let least = V::constant(-0.5 * V::Scalar::EXP_NORMAL);
    let magnitude = x.abs().at_most(least);
    let (_, bits, r) = reduce(-(magnitude + magnitude));
    let power = power_of_two(bits);
    let rest = less_one(r);
    (
        power.mul_add(rest, power),
        power.mul_add(rest, power - V::constant(1.0)),
    )
}

/// tanh x = (1 − e^(−2x)) / (1 + e^(−2x)) for x ≥ 0, odd.
#[inline(always)]
pub(in super::super) fn tanh<V: Bits>(x: V) -> V {
    let (_, less_one) = exp_of_minus_twice(x);
    // Not −less_one, which at 0 is −0.
    let less = V::constant(0.0) - less_one;
    with_sign(less / (less_one + V::constant(2.0)), x)
}

/// 1 / cosh² x = 4 e^(−2|x|) / (1 + e^(−2|x|))².
#[inline(always)]
pub(in super::super) fn tanh_slope<V: Bits>(x: V) -> V {
    let (e, less_one) = exp_of_minus_twice(x);
    let d = less_one + V::constant(2.0);
    let subnormal = V::constant(-0.5 * V::Scalar::EXP_NORMAL).less(x.abs());
    let slope = V::constant(4.0) * e / (d * d);
    subnormal.select(V::constant(0.0), slope)
}

/// 1 / (1 + e⁻ˣ) = eˣ / (1 + eˣ): the exponential of −|x| serves both signs.
#[inline(always)]
pub(in super::super) fn sigmoid<V: Bits>(x: V) -> V {
    let one = V::constant(1.0);
    let e = exp_of_negative(x);
    x.less(V::constant(0.0)).select(e, one) / (one + e)
}

/// σ(−|x|) = e^(−|x|) / (1 + e^(−|x|)), with the sign of x.
#[inline(always)]
pub(in super::super) fn gate<V: Bits>(x: V) -> V {
    let e = exp_of_negative(x);
    with_sign(e / (V::constant(1.0) + e), x)
}

/// σ: what the gate lacks of 1, or the gate.
#[inline(always)]
pub(in super::super) fn gate_sigmoid<V: Bits>(gate: V) -> V {
    gate.one_where_positive() - gate
}
