//! A whole row as a vector: emitted programs are compiled with it for the portable baseline.
//!
//! Every operation is a call of a function that is compiled here, once. A program of the portable baseline is therefore
//! little more than a list of calls: cheap to compile, which every user does, and rarely run, since machines have
//! better instruction sets. Its products run in the portable kernels, like those of any other instruction set.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::portable::Portable;
use super::vector::Vector;
use crate::panel::{Gemm, LANES, RankKUpdate};

/// A vector of 16 lanes, in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowVector<T>([T; LANES]);

/// Operators, lane by lane.
macro_rules! operators {
    ($t:ident: $($trait:ident $method:ident)*) => {
        $(impl $trait for RowVector<$t> {
            type Output = Self;
            #[inline(never)]
            fn $method(self, other: Self) -> Self {
                RowVector(std::array::from_fn(|l| self.0[l].$method(other.0[l])))
            }
        })*
    };
}

/// Methods, quad by quad, as the portable vector has them.
macro_rules! methods {
    ($t:ident: $($method:ident($($other:ident: Self)* $(; $p:ident: $s:ty)?))*) => {
        $(#[inline(never)]
        fn $method(self $(, $other: Self)* $(, $p: $s)?) -> Self {
            let mut out = self;
            for i in 0..Portable::<$t>::PER_ROW {
                Portable::<$t>::load(&self.0, i)
                    .$method($(Portable::<$t>::load(&$other.0, i))* $($p)?)
                    .store(&mut out.0, i);
            }
            out
        })*
    };
}

macro_rules! row {
    ($t:ident) => {
        operators!($t: Add add Sub sub Mul mul Div div);

        impl Neg for RowVector<$t> {
            type Output = Self;
            #[inline(never)]
            fn neg(self) -> Self {
                RowVector(self.0.map(|x| -x))
            }
        }

        impl crate::simd::sealed::Sealed for RowVector<$t> {}

        impl Vector for RowVector<$t> {
            type Scalar = $t;
            type Program = Self;
            const LANES: usize = LANES;

            #[inline(never)]
            fn splat(x: $t) -> Self {
                RowVector([x; LANES])
            }

            #[inline(always)]
            unsafe fn read(lanes: *const $t) -> Self {
                // SAFETY: the caller's promise; an array has the alignment of its element.
                RowVector(unsafe { *lanes.cast() })
            }

            #[inline(always)]
            unsafe fn write(self, lanes: *mut $t) {
                // SAFETY: the caller's promise; an array has the alignment of its element.
                unsafe { *lanes.cast() = self.0 }
            }

            #[inline(never)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                RowVector(std::array::from_fn(|l| self.0[l] * b.0[l] + c.0[l]))
            }

            methods!($t: min(other: Self) max(other: Self) abs() sqrt() step() sign()
                exp() ln() ln_1p() tanh() tanh_slope() sigmoid() gate() gate_sigmoid() softplus() logcosh()
                sin() cos() erf() normal_cdf() gauss() half_gauss()
                powi(; n: i32) powf(; p: f64));

            #[inline(never)]
            fn sum(self) -> $t {
                self.0.iter().sum()
            }

            #[inline(never)]
            fn outline<A>(f: impl Fn(A), argument: A) {
                f(argument);
            }

            fn gemm(task: Gemm<'_, $t>) {
                Portable::<$t>::gemm(task);
            }

            fn rank_k_update(task: RankKUpdate<'_, $t>) {
                Portable::<$t>::rank_k_update(task);
            }
        }
    };
}

row!(f32);
row!(f64);
