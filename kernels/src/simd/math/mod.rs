//! The elementary functions of the instruction sets: range reduction, a polynomial, exponent bits; no tables, no
//! branches but for arguments that are too rare to deserve vector code.
//!
//! Enters: any vector, specials included. Leaves: values within the errors that `tests` measures. Must hold:
//! a lane's result depends on that lane alone. Written once for both types; the polynomials, which differ in
//! degree, are in [`Tables`].

mod erf;
mod exp;
mod gauss;
mod log;
mod power;
pub(super) mod scalar;
mod tables;
mod trig;

pub(super) use erf::erf;
pub(super) use exp::{exp, gate, gate_sigmoid, sigmoid, tanh, tanh_slope};
pub(super) use gauss::{gauss, half_gauss, normal_cdf};
pub(super) use log::{ln, ln_1p, logcosh, softplus};
pub(super) use power::{powf, powi};
pub(super) use tables::Tables;
pub(super) use trig::{cos, sin};

use super::vector::Bits;

/// 2ⁿ for the integer n that was rounded into the low bits of `t`; n from the least normal exponent up.
#[inline(always)]
fn power_of_two<V: Bits>(t: V) -> V {
    t.shift_left(V::Scalar::MANTISSA)
        .add_bits(V::from_bits(V::Scalar::ONE))
}

/// (k, m): x = 2ᵏ m with √½ ≤ m < √2, for normal x > 0.
#[inline(always)]
fn decompose<V: Bits>(x: V) -> (V, V) {
    let mantissa = V::Scalar::MANTISSA;
    let root = V::from_bits(V::Scalar::SQRT_HALF);
    let shifted = x.add_bits(V::from_bits(V::Scalar::ONE - V::Scalar::SQRT_HALF));
    // The biased exponent, put into the low bits of 2^MANTISSA, is a number again.
    let bias = V::Scalar::ONE >> mantissa;
    let exponent = shifted
        .shift_right(mantissa)
        .or(V::from_bits((bias + u64::from(mantissa)) << mantissa));
    let k = exponent - V::constant((1u64 << mantissa) as f64 + bias as f64);
    let m = shifted
        .and(V::from_bits((1 << mantissa) - 1))
        .add_bits(root);
    (k, m)
}

/// `magnitude` with the sign of `sign`.
#[inline(always)]
fn with_sign<V: Bits>(magnitude: V, sign: V) -> V {
    magnitude.xor(sign.and(V::constant(-0.0)))
}

/// The methods of [`Vector`] by the functions of this module. The common functions are inlined into their callers,
/// which keeps their constants in registers (a third faster). The others are compiled once, here, with the attribute of
/// the instruction set, so that callers stay small.
macro_rules! functions {
    ($vector:ty, $attribute:tt) => {
        #[inline(always)]
        fn exp(self) -> Self {
            $crate::simd::math::exp(self)
        }

        #[inline(always)]
        fn tanh(self) -> Self {
            $crate::simd::math::tanh(self)
        }

        #[inline(always)]
        fn tanh_slope(self) -> Self {
            $crate::simd::math::tanh_slope(self)
        }

        #[inline(always)]
        fn gate(self) -> Self {
            $crate::simd::math::gate(self)
        }

        #[inline(always)]
        fn gate_sigmoid(self) -> Self {
            $crate::simd::math::gate_sigmoid(self)
        }

        #[inline(always)]
        fn sigmoid(self) -> Self {
            $crate::simd::math::sigmoid(self)
        }

        #[inline(always)]
        fn softplus(self) -> Self {
            $crate::simd::math::softplus(self)
        }

        #[inline(always)]
        fn powi(self, n: i32) -> Self {
            $crate::simd::math::powi(self, n)
        }

        $crate::simd::math::called! {
            $vector, $attribute,
            ln() ln_1p() logcosh() sin() cos() erf() normal_cdf() gauss() half_gauss() powf(p: f64)
        }
    };
}
pub(super) use functions;

/// Methods that call functions of this module through ones that are compiled with the attribute, once.
macro_rules! called {
    ($vector:ty, $attribute:tt, $($function:ident($($p:ident: $t:ty)?))*) => {
        $(
            #[inline(always)]
            fn $function(self $(, $p: $t)?) -> Self {
                # $attribute
                fn kernel(x: $vector $(, $p: $t)?) -> $vector {
                    $crate::simd::math::$function(x $(, $p)?)
                }
                #[allow(unused_unsafe, reason = "the portable instruction set needs none")]
                // SAFETY: a vector of the instruction set exists only where its instructions do.
                unsafe {
                    kernel(self $(, $p)?)
                }
            }
        )*
    };
}
pub(super) use called;
