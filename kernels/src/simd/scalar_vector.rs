//! One scalar as a vector, so that loops over batch-independent values have the same text as loops over samples.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::math::{Tables, scalar};
use super::real::Real;
use super::vector::Vector;
use crate::panel::{Gemm, RankKUpdate};

/// A vector of a single lane, with the scalar functions of the standard library.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScalarVector<T>(pub T);

impl<T: Real> Add for ScalarVector<T> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        ScalarVector(self.0 + other.0)
    }
}

impl<T: Real> Sub for ScalarVector<T> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        ScalarVector(self.0 - other.0)
    }
}

impl<T: Real> Mul for ScalarVector<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        ScalarVector(self.0 * other.0)
    }
}

impl<T: Real> Div for ScalarVector<T> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        ScalarVector(self.0 / other.0)
    }
}

impl<T: Real> Neg for ScalarVector<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        ScalarVector(-self.0)
    }
}

impl<T: Real> super::sealed::Sealed for ScalarVector<T> {}

impl<T: Real> Vector for ScalarVector<T> {
    type Scalar = T;
    type Program = Self;
    const LANES: usize = 1;

    #[inline(always)]
    fn splat(x: T) -> Self {
        ScalarVector(x)
    }

    #[inline(always)]
    unsafe fn read(lanes: *const T) -> Self {
        // SAFETY: the caller's promise.
        ScalarVector(unsafe { *lanes })
    }

    #[inline(always)]
    unsafe fn write(self, lanes: *mut T) {
        // SAFETY: the caller's promise.
        unsafe { *lanes = self.0 }
    }

    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        ScalarVector(self.0 * b.0 + c.0)
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if self.0 < other.0 || self.0.is_nan() {
            self
        } else {
            other
        }
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self.0 > other.0 || self.0.is_nan() {
            self
        } else {
            other
        }
    }

    #[inline(always)]
    fn abs(self) -> Self {
        ScalarVector(self.0.abs())
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        ScalarVector(self.0.sqrt())
    }

    #[inline(always)]
    fn sum(self) -> T {
        self.0
    }

    #[inline(always)]
    fn step(self) -> Self {
        ScalarVector(if self.0 > T::zero() {
            T::one()
        } else {
            T::zero()
        })
    }

    #[inline(always)]
    fn sign(self) -> Self {
        ScalarVector(if self.0 > T::zero() {
            T::one()
        } else if self.0 < T::zero() {
            -T::one()
        } else {
            T::zero()
        })
    }

    #[inline(always)]
    fn exp(self) -> Self {
        ScalarVector(self.0.exp())
    }

    #[inline(always)]
    fn ln(self) -> Self {
        ScalarVector(self.0.ln())
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        ScalarVector(self.0.ln_1p())
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        ScalarVector(self.0.tanh())
    }

    #[inline(always)]
    fn tanh_slope(self) -> Self {
        let e = (T::of(-2.0) * self.0.abs()).exp();
        let d = T::one() + e;
        ScalarVector(T::of(4.0) * e / (d * d))
    }

    #[inline(always)]
    fn sigmoid(self) -> Self {
        self.gate().gate_sigmoid()
    }

    #[inline(always)]
    fn gate(self) -> Self {
        let e = (-self.0.abs()).exp();
        ScalarVector((e / (T::one() + e)).copysign(self.0))
    }

    #[inline(always)]
    fn gate_sigmoid(self) -> Self {
        ScalarVector(if self.0.is_sign_negative() {
            -self.0
        } else {
            T::one() - self.0
        })
    }

    #[inline(always)]
    fn softplus(self) -> Self {
        let x = self.0;
        if x > T::zero() {
            ScalarVector(x + (-x).exp().ln_1p())
        } else {
            ScalarVector(x.exp().ln_1p())
        }
    }

    #[inline(always)]
    fn logcosh(self) -> Self {
        let x = self.0.abs();
        if x < T::one() {
            // ln cosh x = ½ ln(1 + sinh² x): exact to rounding where the other form cancels.
            let s = x.sinh();
            ScalarVector(T::of(0.5) * (s * s).ln_1p())
        } else {
            ScalarVector(x + (T::of(-2.0) * x).exp().ln_1p() - T::of(std::f64::consts::LN_2))
        }
    }

    #[inline(always)]
    fn sin(self) -> Self {
        ScalarVector(self.0.sin())
    }

    #[inline(always)]
    fn cos(self) -> Self {
        ScalarVector(self.0.cos())
    }

    #[inline(always)]
    fn erf(self) -> Self {
        ScalarVector(Tables::erf(self.0))
    }

    #[inline(always)]
    fn normal_cdf(self) -> Self {
        ScalarVector(T::of(scalar::normal_cdf(self.0.to_f64())))
    }

    #[inline(always)]
    fn gauss(self) -> Self {
        ScalarVector(T::of(scalar::gauss(self.0.to_f64(), 1.0)))
    }

    #[inline(always)]
    fn half_gauss(self) -> Self {
        ScalarVector(T::of(scalar::gauss(self.0.to_f64(), 0.5)))
    }

    #[inline(always)]
    fn powi(self, n: i32) -> Self {
        ScalarVector(self.0.powi(n))
    }

    #[inline(always)]
    fn powf(self, p: f64) -> Self {
        ScalarVector(self.0.powf(T::of(p)))
    }

    #[inline(never)]
    fn outline<A>(f: impl Fn(A), argument: A) {
        f(argument);
    }

    fn gemm(task: Gemm<'_, T>) {
        T::portable_gemm(task);
    }

    fn rank_k_update(task: RankKUpdate<'_, T>) {
        T::portable_rank_k_update(task);
    }
}
