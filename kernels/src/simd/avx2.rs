//! The AVX2 instruction set: 256-bit vectors with fused multiply-add.
//!
//! Must hold: nothing here is reachable but through [`Real::dispatch`](super::Real::dispatch), which has
//! checked the processor. The types are private to the crate for that reason.

use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::vector::{Bits, Vector};
use crate::panel::{self, Gemm, RankKUpdate};

macro_rules! operator {
    ($name:ident, $trait:ident, $method:ident, $instruction:ident) => {
        impl $trait for $name {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a value of this type exists only where AVX2 does.
                $name(unsafe { $instruction(self.0, other.0) })
            }
        }
    };
}

macro_rules! avx2 {
    ($name:ident: $t:ident x $lanes:literal ($bits:ident) in $register:ident;
     $set1:ident $loadu:ident $storeu:ident $setzero:ident $add:ident $sub:ident $mul:ident $div:ident
     $fmadd:ident $min:ident $max:ident $sqrt:ident $cmp:ident $blendv:ident $and:ident $andnot:ident $or:ident $xor:ident $movemask:ident;
     $to_int:ident $from_int:ident $add_int:ident $shl:ident $shr:ident;
     sum $sum:ident, sums $sums:ident, transpose $transpose:ident, sign_lookup $sign_lookup:expr) => {
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
                // SAFETY: as above.
                $name(unsafe { $xor(self.0, $set1(-0.0)) })
            }
        }

        impl crate::simd::sealed::Sealed for $name {}

        impl Vector for $name {
            type Scalar = $t;
            type Program = Self;
            const LANES: usize = $lanes;
            const SIGN_LOOKUP: Option<panel::SignLookup<$t>> = $sign_lookup;

            #[inline(always)]
            fn splat(x: $t) -> Self {
                // SAFETY: reached only through `dispatch`; so for every function below.
                $name(unsafe { $set1(x) })
            }

            #[inline(always)]
            unsafe fn read(lanes: *const $t) -> Self {
                // SAFETY: the caller's promise.
                $name(unsafe { $loadu(lanes) })
            }

            #[inline(always)]
            unsafe fn write(self, lanes: *mut $t) {
                // SAFETY: the caller's promise.
                unsafe { $storeu(lanes, self.0) }
            }

            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe { $fmadd(self.0, b.0, c.0) })
            }

            #[inline(always)]
            fn min(self, other: Self) -> Self {
                // The instruction gives its second operand where either is NaN.
                // SAFETY: as `splat`.
                $name(unsafe {
                    let nan = $cmp::<_CMP_UNORD_Q>(self.0, self.0);
                    $blendv($min(self.0, other.0), self.0, nan)
                })
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe {
                    let nan = $cmp::<_CMP_UNORD_Q>(self.0, self.0);
                    $blendv($max(self.0, other.0), self.0, nan)
                })
            }

            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe { $andnot($set1(-0.0), self.0) })
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe { $sqrt(self.0) })
            }

            #[inline(always)]
            fn sum(self) -> $t {
                $sum(self.0)
            }

            #[inline(always)]
            fn sums(vectors: &[Self]) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe { $sums(std::array::from_fn(|i| vectors[i].0)) })
            }

            #[inline(always)]
            fn step(self) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe { $and($cmp::<_CMP_GT_OQ>(self.0, $setzero()), $set1(1.0)) })
            }

            #[inline(always)]
            fn sign(self) -> Self {
                self.step() - (-self).step()
            }

            super::math::functions!($name, [target_feature(enable = "avx2,fma")]);

            #[inline(always)]
            unsafe fn transpose(from: *const $t, from_row: usize, to: *mut $t, to_row: usize) {
                // SAFETY: the caller's promise.
                unsafe { $transpose(from, from_row, to, to_row) }
            }

            #[inline(always)]
            fn outline<A>(f: impl Fn(A), argument: A) {
                #[target_feature(enable = "avx2,fma")]
                #[inline(never)]
                fn run<A>(f: impl Fn(A), argument: A) {
                    f(argument);
                }
                // SAFETY: as `splat`.
                unsafe { run(f, argument) }
            }

            fn gemm(task: Gemm<'_, $t>) {
                #[target_feature(enable = "avx2,fma")]
                fn kernel(task: Gemm<'_, $t>) {
                    panel::gemm_in::<$name, 6, 1, 2>(task);
                }
                // SAFETY: as `splat`.
                unsafe { kernel(task) }
            }

            fn rank_k_update(task: RankKUpdate<'_, $t>) {
                #[target_feature(enable = "avx2,fma")]
                fn kernel(task: RankKUpdate<'_, $t>) {
                    panel::rank_k_update_in::<$name, 6>(task);
                }
                // SAFETY: as `splat`.
                unsafe { kernel(task) }
            }
        }

        impl Bits for $name {
            #[inline(always)]
            fn from_bits(bits: u64) -> Self {
                Self::splat($t::from_bits(bits as $bits))
            }

            #[inline(always)]
            fn less(self, other: Self) -> Self {
                // SAFETY: as `splat`; so for every function below.
                $name(unsafe { $cmp::<_CMP_LT_OQ>(self.0, other.0) })
            }

            #[inline(always)]
            fn equal(self, other: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $cmp::<_CMP_EQ_OQ>(self.0, other.0) })
            }

            #[inline(always)]
            fn select(self, yes: Self, no: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $blendv(no.0, yes.0, self.0) })
            }

            #[inline(always)]
            fn one_where_positive(self) -> Self {
                // `select` asks for the sign bit alone.
                self.select(Self::constant(0.0), Self::constant(1.0))
            }

            #[inline(always)]
            fn any(self) -> bool {
                // SAFETY: as above.
                unsafe { $movemask(self.0) != 0 }
            }

            // Of these two the instruction gives its second operand where either is NaN.
            #[inline(always)]
            fn at_least(self, bound: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $max(bound.0, self.0) })
            }

            #[inline(always)]
            fn at_most(self, bound: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $min(bound.0, self.0) })
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $and(self.0, other.0) })
            }

            #[inline(always)]
            fn or(self, other: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $or(self.0, other.0) })
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $xor(self.0, other.0) })
            }

            #[inline(always)]
            fn shift_left(self, n: u32) -> Self {
                // SAFETY: as above.
                $name(unsafe { $from_int($shl($to_int(self.0), _mm_cvtsi32_si128(n as i32))) })
            }

            #[inline(always)]
            fn shift_right(self, n: u32) -> Self {
                // SAFETY: as above.
                $name(unsafe { $from_int($shr($to_int(self.0), _mm_cvtsi32_si128(n as i32))) })
            }

            #[inline(always)]
            fn add_bits(self, other: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $from_int($add_int($to_int(self.0), $to_int(other.0))) })
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

/// Halves, quarters, then the last pair.
#[inline(always)]
fn sum_f32(v: __m256) -> f32 {
    // SAFETY: called by the vector's `sum` alone.
    unsafe {
        let quad = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
        let pair = _mm_add_ps(quad, _mm_movehl_ps(quad, quad));
        _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)))
    }
}

/// Halves, then the last pair.
#[inline(always)]
fn sum_f64(v: __m256d) -> f64 {
    // SAFETY: called by the vector's `sum` alone.
    unsafe {
        let pair = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd::<1>(v));
        _mm_cvtsd_f64(_mm_add_sd(pair, _mm_unpackhi_pd(pair, pair)))
    }
}

/// Pairs of vectors become one whose halves still have to be added: within halves, then across them.
#[inline(always)]
unsafe fn sums_f32(v: [__m256; 8]) -> __m256 {
    // SAFETY: the caller's promise that AVX2 is there.
    unsafe {
        let twos: [__m256; 4] = std::array::from_fn(|i| {
            let (a, b) = (v[2 * i], v[2 * i + 1]);
            _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b))
        });
        let fours: [__m256; 2] = std::array::from_fn(|i| {
            let (a, b) = (twos[2 * i], twos[2 * i + 1]);
            _mm256_add_ps(
                _mm256_shuffle_ps::<0x44>(a, b),
                _mm256_shuffle_ps::<0xee>(a, b),
            )
        });
        _mm256_add_ps(
            _mm256_permute2f128_ps::<0x20>(fours[0], fours[1]),
            _mm256_permute2f128_ps::<0x31>(fours[0], fours[1]),
        )
    }
}

/// As [`sums_f32`].
#[inline(always)]
unsafe fn sums_f64(v: [__m256d; 4]) -> __m256d {
    // SAFETY: the caller's promise that AVX2 is there.
    unsafe {
        let twos: [__m256d; 2] = std::array::from_fn(|i| {
            let (a, b) = (v[2 * i], v[2 * i + 1]);
            _mm256_add_pd(_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b))
        });
        _mm256_add_pd(
            _mm256_permute2f128_pd::<0x20>(twos[0], twos[1]),
            _mm256_permute2f128_pd::<0x31>(twos[0], twos[1]),
        )
    }
}

/// Two halves of 4 × 8, so that the exchange between register halves is done by the loads.
#[inline(always)]
unsafe fn transpose_f32(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
    for half in 0..2 {
        // SAFETY: the caller's promise: 8 rows of 8.
        unsafe {
            let row = |i: usize| {
                let low = _mm_loadu_ps(from.add(i * from_row + 4 * half));
                let high = _mm_loadu_ps(from.add((i + 4) * from_row + 4 * half));
                _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
            };
            let (a, b, c, d) = (row(0), row(1), row(2), row(3));
            let (ab_low, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            let (cd_low, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
            let to = to.add(4 * half * to_row);
            _mm256_storeu_ps(to, _mm256_shuffle_ps::<0x44>(ab_low, cd_low));
            _mm256_storeu_ps(to.add(to_row), _mm256_shuffle_ps::<0xee>(ab_low, cd_low));
            _mm256_storeu_ps(
                to.add(2 * to_row),
                _mm256_shuffle_ps::<0x44>(ab_high, cd_high),
            );
            _mm256_storeu_ps(
                to.add(3 * to_row),
                _mm256_shuffle_ps::<0xee>(ab_high, cd_high),
            );
        }
    }
}

/// Two halves of 2 × 4, as [`transpose_f32`].
#[inline(always)]
unsafe fn transpose_f64(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
    for half in 0..2 {
        // SAFETY: the caller's promise: 4 rows of 4.
        unsafe {
            let row = |i: usize| {
                let low = _mm_loadu_pd(from.add(i * from_row + 2 * half));
                let high = _mm_loadu_pd(from.add((i + 2) * from_row + 2 * half));
                _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(low), high)
            };
            let (a, b) = (row(0), row(1));
            let to = to.add(2 * half * to_row);
            _mm256_storeu_pd(to, _mm256_unpacklo_pd(a, b));
            _mm256_storeu_pd(to.add(to_row), _mm256_unpackhi_pd(a, b));
        }
    }
}

avx2! { F32x8: f32 x 8 (u32) in __m256;
    _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_setzero_ps
    _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps
    _mm256_fmadd_ps _mm256_min_ps _mm256_max_ps _mm256_sqrt_ps _mm256_cmp_ps _mm256_blendv_ps
    _mm256_and_ps _mm256_andnot_ps _mm256_or_ps _mm256_xor_ps _mm256_movemask_ps;
    _mm256_castps_si256 _mm256_castsi256_ps _mm256_add_epi32 _mm256_sll_epi32 _mm256_srl_epi32;
    sum sum_f32, sums sums_f32, transpose transpose_f32, sign_lookup Some(SIGN_LOOKUP_F32)
}

avx2! { F64x4: f64 x 4 (u64) in __m256d;
    _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_setzero_pd
    _mm256_add_pd _mm256_sub_pd _mm256_mul_pd _mm256_div_pd
    _mm256_fmadd_pd _mm256_min_pd _mm256_max_pd _mm256_sqrt_pd _mm256_cmp_pd _mm256_blendv_pd
    _mm256_and_pd _mm256_andnot_pd _mm256_or_pd _mm256_xor_pd _mm256_movemask_pd;
    _mm256_castpd_si256 _mm256_castsi256_pd _mm256_add_epi64 _mm256_sll_epi64 _mm256_srl_epi64;
    sum sum_f64, sums sums_f64, transpose transpose_f64, sign_lookup None
}

// Four doubles are too few for a table.
super::lookup::sign_lookup_kernels! { F32x8: f32 (u32), "avx2,fma",
    |table, at| _mm256_permutevar8x32_ps(table, _mm256_castps_si256(at)),
    |x| _mm256_movemask_ps(x), SIGN_LOOKUP_F32 in 4 x 2
}
