//! The portable baseline: arrays as wide as the narrowest vector register in use (16 bytes), whose loops
//! the compiler vectorises for the baseline of the target.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::real::Real;
use super::vector::{Bits, Vector};
use crate::panel::{self, Gemm, RankKUpdate};

/// A vector of the portable baseline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable<T: Lanes>(T::Array);

/// How many lanes a portable vector of this type has.
pub(super) trait Lanes: Real {
    /// The lanes.
    type Array: Copy + std::fmt::Debug;
}

macro_rules! portable {
    ($t:ident, $bits:ident, $lanes:literal, $half:literal) => {
        impl Lanes for $t {
            type Array = [$t; $lanes];
        }

        impl Portable<$t> {
            #[inline(always)]
            fn each(self, f: impl Fn($t) -> $t) -> Self {
                let mut out = self.0;
                for x in &mut out {
                    *x = f(*x);
                }
                Portable(out)
            }

            #[inline(always)]
            fn with(self, other: Self, f: impl Fn($t, $t) -> $t) -> Self {
                let mut out = self.0;
                for (x, y) in out.iter_mut().zip(other.0) {
                    *x = f(*x, y);
                }
                Portable(out)
            }
        }

        impl Add for Portable<$t> {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self.with(other, |x, y| x + y)
            }
        }

        impl Sub for Portable<$t> {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                self.with(other, |x, y| x - y)
            }
        }

        impl Mul for Portable<$t> {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                self.with(other, |x, y| x * y)
            }
        }

        impl Div for Portable<$t> {
            type Output = Self;
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                self.with(other, |x, y| x / y)
            }
        }

        impl Neg for Portable<$t> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                self.each(|x| -x)
            }
        }

        impl crate::simd::sealed::Sealed for Portable<$t> {}

        impl Vector for Portable<$t> {
            type Scalar = $t;
            type Program = super::row_vector::RowVector<$t>;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn splat(x: $t) -> Self {
                Portable([x; $lanes])
            }

            #[inline(always)]
            unsafe fn read(lanes: *const $t) -> Self {
                // SAFETY: the caller's promise; an array has the alignment of its element.
                Portable(unsafe { *lanes.cast::<[$t; $lanes]>() })
            }

            #[inline(always)]
            unsafe fn write(self, lanes: *mut $t) {
                // SAFETY: the caller's promise; an array has the alignment of its element.
                unsafe { *lanes.cast::<[$t; $lanes]>() = self.0 }
            }

            // The library's fused operation is a slow call where the target has no instruction for it.
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                self * b + c
            }

            #[inline(always)]
            fn min(self, other: Self) -> Self {
                self.with(other, |x, y| if x < y || x.is_nan() { x } else { y })
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                self.with(other, |x, y| if x > y || x.is_nan() { x } else { y })
            }

            #[inline(always)]
            fn abs(self) -> Self {
                self.each($t::abs)
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                self.each($t::sqrt)
            }

            #[inline(always)]
            fn sum(self) -> $t {
                self.0.iter().sum()
            }

            #[inline(always)]
            fn step(self) -> Self {
                self.each(|x| if x > 0.0 { 1.0 } else { 0.0 })
            }

            #[inline(always)]
            fn sign(self) -> Self {
                self.each(|x| f32::from(x > 0.0) as $t - f32::from(x < 0.0) as $t)
            }

            super::math::functions!(Portable<$t>, [inline(never)]);

            #[inline(never)]
            fn outline<A>(f: impl Fn(A), argument: A) {
                f(argument);
            }

            fn gemm(task: Gemm<'_, $t>) {
                panel::gemm_of_rows_in::<Self, 6, 2>(task);
            }

            fn rank_k_update(task: RankKUpdate<'_, $t>) {
                panel::rank_k_update_in::<Self, 6>(task);
            }
        }

        impl Bits for Portable<$t> {
            #[inline(always)]
            fn from_bits(bits: u64) -> Self {
                Self::splat($t::from_bits(bits as $bits))
            }

            #[inline(always)]
            fn less(self, other: Self) -> Self {
                self.with(other, |x, y| $t::from_bits(if x < y { !0 } else { 0 }))
            }

            #[inline(always)]
            fn equal(self, other: Self) -> Self {
                self.with(other, |x, y| $t::from_bits(if x == y { !0 } else { 0 }))
            }

            #[inline(always)]
            fn select(self, yes: Self, no: Self) -> Self {
                self.and(yes)
                    .or(self.with(no, |mask, no| $t::from_bits(!mask.to_bits() & no.to_bits())))
            }

            #[inline(always)]
            fn any(self) -> bool {
                self.0.iter().any(|mask| mask.to_bits() != 0)
            }

            #[inline(always)]
            fn at_least(self, bound: Self) -> Self {
                self.with(bound, |x, bound| if bound > x { bound } else { x })
            }

            #[inline(always)]
            fn at_most(self, bound: Self) -> Self {
                self.with(bound, |x, bound| if bound < x { bound } else { x })
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self.with(other, |x, y| $t::from_bits(x.to_bits() & y.to_bits()))
            }

            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self.with(other, |x, y| $t::from_bits(x.to_bits() | y.to_bits()))
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                self.with(other, |x, y| $t::from_bits(x.to_bits() ^ y.to_bits()))
            }

            #[inline(always)]
            fn shift_left(self, n: u32) -> Self {
                self.each(|x| $t::from_bits(x.to_bits() << n))
            }

            #[inline(always)]
            fn shift_right(self, n: u32) -> Self {
                self.each(|x| $t::from_bits(x.to_bits() >> n))
            }

            #[inline(always)]
            fn add_bits(self, other: Self) -> Self {
                self.with(other, |x, y| {
                    $t::from_bits(x.to_bits().wrapping_add(y.to_bits()))
                })
            }

            // Halves of the significand multiply exactly (Dekker 1971).
            #[inline(always)]
            fn product_error(self, other: Self, product: Self) -> Self {
                let halves = |x: Self| {
                    let high = x.and(Self::from_bits(!0 << $half));
                    (high, x - high)
                };
                let ((a, b), (c, d)) = (halves(self), halves(other));
                ((a * c - product) + a * d + b * c) + b * d
            }

            #[inline(always)]
            fn map(self, f: impl Fn($t) -> $t) -> Self {
                self.each(f)
            }
        }
    };
}

portable!(f32, u32, 4, 12);
portable!(f64, u64, 2, 27);
