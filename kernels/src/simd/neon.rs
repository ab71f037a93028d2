//! The NEON instruction set: 128-bit vectors with fused multiply-add, on every aarch64 target.
//!
//! Must hold: NEON is in the baseline of these targets, so no function here needs an attribute to be compiled with it,
//! and nothing has to be checked before it runs.

use std::arch::aarch64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::vector::{Bits, Vector};
use crate::panel::{self, Gemm, RankKUpdate};

/// The result of instructions that access no memory.
macro_rules! value {
    ($instructions:expr) => {{
        // SAFETY: they ask for NEON alone, which is in the baseline of every target that this file is compiled for.
        unsafe { $instructions }
    }};
}

macro_rules! operator {
    ($name:ident, $trait:ident, $method:ident, $instruction:ident) => {
        impl $trait for $name {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                $name(value!($instruction(self.0, other.0)))
            }
        }
    };
}

macro_rules! neon {
    ($name:ident: $t:ident x $lanes:literal ($bits:ident, $count:ident) in $register:ident;
     $set1:ident $load:ident $store:ident $add:ident $sub:ident $mul:ident $div:ident $neg:ident
     $fma:ident $min:ident $max:ident $abs:ident $sqrt:ident $sum:ident $less:ident $equal:ident $select:ident;
     $to_int:ident $from_int:ident $to_u32:ident $set1_int:ident $and:ident $or:ident $xor:ident $add_int:ident $shift:ident;
     transpose $transpose:ident) => {
        #[doc = concat!("`", stringify!($t), "` × ", stringify!($lanes), " in one register.")]
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name($register);

        operator!($name, Add, add, $add);
        operator!($name, Sub, sub, $sub);
        operator!($name, Mul, mul, $mul);
        operator!($name, Div, div, $div);

        impl Neg for $name {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                $name(value!($neg(self.0)))
            }
        }

        impl crate::simd::sealed::Sealed for $name {}

        impl Vector for $name {
            type Scalar = $t;
            type Program = Self;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn splat(x: $t) -> Self {
                $name(value!($set1(x)))
            }

            #[inline(always)]
            unsafe fn read(lanes: *const $t) -> Self {
                // SAFETY: the caller's promise.
                $name(unsafe { $load(lanes) })
            }

            #[inline(always)]
            unsafe fn write(self, lanes: *mut $t) {
                // SAFETY: the caller's promise.
                unsafe { $store(lanes, self.0) }
            }

            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                $name(value!($fma(c.0, self.0, b.0)))
            }

            // Of these two the instruction gives NaN where either is.
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                $name(value!($min(self.0, other.0)))
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                $name(value!($max(self.0, other.0)))
            }

            #[inline(always)]
            fn abs(self) -> Self {
                $name(value!($abs(self.0)))
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                $name(value!($sqrt(self.0)))
            }

            #[inline(always)]
            fn sum(self) -> $t {
                value!($sum(self.0))
            }

            #[inline(always)]
            fn step(self) -> Self {
                Self::splat(0.0).less(self).and(Self::splat(1.0))
            }

            #[inline(always)]
            fn sign(self) -> Self {
                self.step() - (-self).step()
            }

            super::math::functions!($name, [inline(never)]);

            #[inline(always)]
            unsafe fn transpose(from: *const $t, from_row: usize, to: *mut $t, to_row: usize) {
                // SAFETY: the caller's promise.
                unsafe { $transpose(from, from_row, to, to_row) }
            }

            #[inline(never)]
            fn outline<A>(f: impl Fn(A), argument: A) {
                f(argument);
            }

            // 24 of the 32 registers hold sums, 4 a row of x.
            fn gemm(task: Gemm<'_, $t>) {
                panel::gemm_in::<$name, 6, 1, 4>(task);
            }

            fn rank_k_update(task: RankKUpdate<'_, $t>) {
                panel::rank_k_update_in::<$name, 8>(task);
            }
        }

        impl Bits for $name {
            #[inline(always)]
            fn from_bits(bits: u64) -> Self {
                $name(value!($from_int($set1_int(bits as $bits))))
            }

            #[inline(always)]
            fn less(self, other: Self) -> Self {
                $name(value!($from_int($less(self.0, other.0))))
            }

            #[inline(always)]
            fn equal(self, other: Self) -> Self {
                $name(value!($from_int($equal(self.0, other.0))))
            }

            #[inline(always)]
            fn select(self, yes: Self, no: Self) -> Self {
                $name(value!($select($to_int(self.0), yes.0, no.0)))
            }

            #[inline(always)]
            fn any(self) -> bool {
                value!(vmaxvq_u32($to_u32(self.0)) != 0)
            }

            #[inline(always)]
            fn at_least(self, bound: Self) -> Self {
                self.max(bound)
            }

            #[inline(always)]
            fn at_most(self, bound: Self) -> Self {
                self.min(bound)
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                $name(value!($from_int($and($to_int(self.0), $to_int(other.0)))))
            }

            #[inline(always)]
            fn or(self, other: Self) -> Self {
                $name(value!($from_int($or($to_int(self.0), $to_int(other.0)))))
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                $name(value!($from_int($xor($to_int(self.0), $to_int(other.0)))))
            }

            #[inline(always)]
            fn shift_left(self, n: u32) -> Self {
                $name(value!($from_int($shift($to_int(self.0), $count(n as _)))))
            }

            // The instruction shifts right where its count is negative.
            #[inline(always)]
            fn shift_right(self, n: u32) -> Self {
                $name(value!($from_int($shift(
                    $to_int(self.0),
                    $count(-(n as i32) as _)
                ))))
            }

            #[inline(always)]
            fn add_bits(self, other: Self) -> Self {
                $name(value!($from_int($add_int(
                    $to_int(self.0),
                    $to_int(other.0)
                ))))
            }

            #[inline(always)]
            fn product_error(self, other: Self, product: Self) -> Self {
                self.mul_add(other, -product)
            }

            #[inline(always)]
            fn map(self, f: impl Fn($t) -> $t) -> Self {
                let mut lanes = [0.0; $lanes];
                // SAFETY: the array holds LANES scalars.
                unsafe { self.write(lanes.as_mut_ptr()) };
                for x in &mut lanes {
                    *x = f(*x);
                }
                // SAFETY: the array holds LANES scalars.
                unsafe { Self::read(lanes.as_ptr()) }
            }
        }
    };
}

/// 4 × 4: pairs within two rows, then pairs of pairs.
#[inline(always)]
unsafe fn transpose_f32(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
    // SAFETY: the caller's promise: 4 rows of 4.
    unsafe {
        let row = |i: usize| vld1q_f32(from.add(i * from_row));
        let (a, b, c, d) = (row(0), row(1), row(2), row(3));
        let pairs = vreinterpretq_f64_f32;
        let (ab_even, ab_odd) = (pairs(vtrn1q_f32(a, b)), pairs(vtrn2q_f32(a, b)));
        let (cd_even, cd_odd) = (pairs(vtrn1q_f32(c, d)), pairs(vtrn2q_f32(c, d)));
        let store = |j: usize, column| vst1q_f32(to.add(j * to_row), vreinterpretq_f32_f64(column));
        store(0, vtrn1q_f64(ab_even, cd_even));
        store(1, vtrn1q_f64(ab_odd, cd_odd));
        store(2, vtrn2q_f64(ab_even, cd_even));
        store(3, vtrn2q_f64(ab_odd, cd_odd));
    }
}

/// 2 × 2.
#[inline(always)]
unsafe fn transpose_f64(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
    // SAFETY: the caller's promise: 2 rows of 2.
    unsafe {
        let (a, b) = (vld1q_f64(from), vld1q_f64(from.add(from_row)));
        vst1q_f64(to, vtrn1q_f64(a, b));
        vst1q_f64(to.add(to_row), vtrn2q_f64(a, b));
    }
}

neon! { F32x4: f32 x 4 (u32, vdupq_n_s32) in float32x4_t;
    vdupq_n_f32 vld1q_f32 vst1q_f32 vaddq_f32 vsubq_f32 vmulq_f32 vdivq_f32 vnegq_f32
    vfmaq_f32 vminq_f32 vmaxq_f32 vabsq_f32 vsqrtq_f32 vaddvq_f32 vcltq_f32 vceqq_f32 vbslq_f32;
    vreinterpretq_u32_f32 vreinterpretq_f32_u32 vreinterpretq_u32_f32 vdupq_n_u32
    vandq_u32 vorrq_u32 veorq_u32 vaddq_u32 vshlq_u32;
    transpose transpose_f32
}

neon! { F64x2: f64 x 2 (u64, vdupq_n_s64) in float64x2_t;
    vdupq_n_f64 vld1q_f64 vst1q_f64 vaddq_f64 vsubq_f64 vmulq_f64 vdivq_f64 vnegq_f64
    vfmaq_f64 vminq_f64 vmaxq_f64 vabsq_f64 vsqrtq_f64 vaddvq_f64 vcltq_f64 vceqq_f64 vbslq_f64;
    vreinterpretq_u64_f64 vreinterpretq_f64_u64 vreinterpretq_u32_f64 vdupq_n_u64
    vandq_u64 vorrq_u64 veorq_u64 vaddq_u64 vshlq_u64;
    transpose transpose_f64
}
