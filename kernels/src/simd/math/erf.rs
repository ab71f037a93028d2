//! The error function.
//!
//! Near 0 an odd polynomial; elsewhere 1 − e^(−x²) Q(1 / (1 + |x|)), where Q is smooth and the subtraction
//! forgives most of its error.

use super::exp::exp_normal;
use super::{Bits, Tables, with_sign};

/// erf x.
#[inline(always)]
pub(in super::super) fn erf<V: Bits>(x: V) -> V {
    let one = V::constant(1.0);
    let magnitude = x.abs().at_most(V::constant(V::Scalar::ERF_ONE));
    let square = magnitude * magnitude;
    let small = magnitude.mul_add(V::Scalar::erf_series(square), magnitude);
    let tail = exp_normal(-square) * V::Scalar::erfc_series(one / (one + magnitude));
    let near = magnitude.less(V::constant(V::Scalar::ERF_SMALL));
    with_sign(near.select(small, one - tail), x)
}
