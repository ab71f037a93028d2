//! The AVX-512 instruction set: 512-bit vectors, a row of 16 single-precision samples in one register.
//!
//! Must hold: nothing here is reachable but through [`Real::dispatch`](super::Real::dispatch), which has
//! checked the processor for AVX-512 F and DQ. The types are private to the crate for that reason.
//!
//! Masks are registers of their own in this instruction set; as vectors ([`Bits`]) they exist in the source only, the
//! compiler drops the conversions.
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
                // SAFETY: a value of this type exists only where AVX-512 does.
                $name(unsafe { $instruction(self.0, other.0) })
            }
        }
    };
}

macro_rules! avx512 {
    ($name:ident: $t:ident x $lanes:literal ($bits:ident) in $register:ident;
     $set1:ident $loadu:ident $storeu:ident $setzero:ident $add:ident $sub:ident $mul:ident $div:ident
     $fmadd:ident $min:ident $max:ident $sqrt:ident $cmp:ident $blend:ident $maskz_mov:ident
     $and:ident $andnot:ident $or:ident $xor:ident $reduce:ident;
     $to_int:ident $from_int:ident $add_int:ident $shl:ident $shr:ident $mask_of:ident $mask_to:ident;
     transpose $transpose:ident, sums $sums:ident, gemm $rows:literal x $panels:literal x $vectors:literal, sign_lookup $sign_lookup:expr) => {
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
            const READS_TRANSPOSES: bool = false;
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
                    $blend(nan, $min(self.0, other.0), self.0)
                })
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe {
                    let nan = $cmp::<_CMP_UNORD_Q>(self.0, self.0);
                    $blend(nan, $max(self.0, other.0), self.0)
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
                // SAFETY: as `splat`.
                unsafe { $reduce(self.0) }
            }

            #[inline(always)]
            fn sums(vectors: &[Self]) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe { $sums(std::array::from_fn(|i| vectors[i].0)) })
            }

            #[inline(always)]
            fn step(self) -> Self {
                // SAFETY: as `splat`.
                $name(unsafe { $maskz_mov($cmp::<_CMP_GT_OQ>(self.0, $setzero()), $set1(1.0)) })
            }

            #[inline(always)]
            fn sign(self) -> Self {
                self.step() - (-self).step()
            }

            super::math::functions!(
                $name,
                [target_feature(enable = "avx512f,avx512dq,avx2,fma")]
            );

            #[inline(always)]
            unsafe fn transpose(from: *const $t, from_row: usize, to: *mut $t, to_row: usize) {
                // SAFETY: the caller's promise.
                unsafe { $transpose(from, from_row, to, to_row) }
            }

            #[inline(always)]
            fn outline<A>(f: impl Fn(A), argument: A) {
                #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
                #[inline(never)]
                fn run<A>(f: impl Fn(A), argument: A) {
                    f(argument);
                }
                // SAFETY: as `splat`.
                unsafe { run(f, argument) }
            }

            fn gemm(task: Gemm<'_, $t>) {
                #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
                fn kernel(task: Gemm<'_, $t>) {
                    panel::gemm_in::<$name, $rows, $panels, $vectors>(task);
                }
                // SAFETY: as `splat`.
                unsafe { kernel(task) }
            }

            fn rank_k_update(task: RankKUpdate<'_, $t>) {
                #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
                fn kernel(task: RankKUpdate<'_, $t>) {
                    panel::rank_k_update_in::<$name, 8>(task);
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
                $name(unsafe { $from_int($mask_to($cmp::<_CMP_LT_OQ>(self.0, other.0))) })
            }

            #[inline(always)]
            fn equal(self, other: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $from_int($mask_to($cmp::<_CMP_EQ_OQ>(self.0, other.0))) })
            }

            #[inline(always)]
            fn select(self, yes: Self, no: Self) -> Self {
                // SAFETY: as above.
                $name(unsafe { $blend($mask_of($to_int(self.0)), no.0, yes.0) })
            }

            #[inline(always)]
            fn one_where_positive(self) -> Self {
                // `select` asks for the sign bit alone.
                self.select(Self::constant(0.0), Self::constant(1.0))
            }

            #[inline(always)]
            fn any(self) -> bool {
                // SAFETY: as above.
                unsafe { $mask_of($to_int(self.0)) != 0 }
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

/// Four quarters of 4 × 16, so that the exchange between register quarters is done by the loads.
#[inline(always)]
unsafe fn transpose_f32(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
    for quarter in 0..4 {
        // SAFETY: the caller's promise: 16 rows of 16.
        unsafe {
            // Rows i, i + 4, i + 8 and i + 12.
            let rows = |i: usize| {
                let part = |k: usize| _mm_loadu_ps(from.add((i + k) * from_row + 4 * quarter));
                let rows = _mm512_castps128_ps512(part(0));
                let rows = _mm512_insertf32x4::<1>(rows, part(4));
                let rows = _mm512_insertf32x4::<2>(rows, part(8));
                _mm512_insertf32x4::<3>(rows, part(12))
            };
            let (a, b, c, d) = (rows(0), rows(1), rows(2), rows(3));
            let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
            let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
            let to = to.add(4 * quarter * to_row);
            _mm512_storeu_ps(to, _mm512_shuffle_ps::<0x44>(ab_low, cd_low));
            _mm512_storeu_ps(to.add(to_row), _mm512_shuffle_ps::<0xee>(ab_low, cd_low));
            _mm512_storeu_ps(
                to.add(2 * to_row),
                _mm512_shuffle_ps::<0x44>(ab_high, cd_high),
            );
            _mm512_storeu_ps(
                to.add(3 * to_row),
                _mm512_shuffle_ps::<0xee>(ab_high, cd_high),
            );
        }
    }
}

/// Four quarters of 2 × 8, as [`transpose_f32`].
#[inline(always)]
unsafe fn transpose_f64(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
    for quarter in 0..4 {
        // SAFETY: the caller's promise: 8 rows of 8.
        unsafe {
            // Rows i, i + 2, i + 4 and i + 6.
            let rows = |i: usize| {
                let part = |k: usize| _mm_loadu_pd(from.add((i + k) * from_row + 2 * quarter));
                let rows = _mm512_castpd128_pd512(part(0));
                let rows = _mm512_insertf64x2::<1>(rows, part(2));
                let rows = _mm512_insertf64x2::<2>(rows, part(4));
                _mm512_insertf64x2::<3>(rows, part(6))
            };
            let (a, b) = (rows(0), rows(1));
            let to = to.add(2 * quarter * to_row);
            _mm512_storeu_pd(to, _mm512_unpacklo_pd(a, b));
            _mm512_storeu_pd(to.add(to_row), _mm512_unpackhi_pd(a, b));
        }
    }
}

/// Pairs of vectors become one whose halves still have to be added: four times over, within quarters and across them.
#[inline(always)]
unsafe fn sums_f32(v: [__m512; 16]) -> __m512 {
    // SAFETY: the caller's promise that AVX-512 is there.
    unsafe {
        let twos: [__m512; 8] = std::array::from_fn(|i| {
            let (a, b) = (v[2 * i], v[2 * i + 1]);
            _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b))
        });
        let fours: [__m512; 4] = std::array::from_fn(|i| {
            let (a, b) = (twos[2 * i], twos[2 * i + 1]);
            _mm512_add_ps(
                _mm512_shuffle_ps::<0x44>(a, b),
                _mm512_shuffle_ps::<0xee>(a, b),
            )
        });
        let across = |a, b| {
            _mm512_add_ps(
                _mm512_shuffle_f32x4::<0x88>(a, b),
                _mm512_shuffle_f32x4::<0xdd>(a, b),
            )
        };
        across(across(fours[0], fours[1]), across(fours[2], fours[3]))
    }
}

/// As [`sums_f32`].
#[inline(always)]
unsafe fn sums_f64(v: [__m512d; 8]) -> __m512d {
    // SAFETY: the caller's promise that AVX-512 is there.
    unsafe {
        let twos: [__m512d; 4] = std::array::from_fn(|i| {
            let (a, b) = (v[2 * i], v[2 * i + 1]);
            _mm512_add_pd(_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b))
        });
        let across = |a, b| {
            _mm512_add_pd(
                _mm512_shuffle_f64x2::<0x88>(a, b),
                _mm512_shuffle_f64x2::<0xdd>(a, b),
            )
        };
        across(across(twos[0], twos[1]), across(twos[2], twos[3]))
    }
}

avx512! { F32x16: f32 x 16 (u32) in __m512;
    _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_setzero_ps
    _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps
    _mm512_fmadd_ps _mm512_min_ps _mm512_max_ps _mm512_sqrt_ps _mm512_cmp_ps_mask
    _mm512_mask_blend_ps _mm512_maskz_mov_ps
    _mm512_and_ps _mm512_andnot_ps _mm512_or_ps _mm512_xor_ps _mm512_reduce_add_ps;
    _mm512_castps_si512 _mm512_castsi512_ps _mm512_add_epi32 _mm512_sll_epi32 _mm512_srl_epi32
    _mm512_movepi32_mask _mm512_movm_epi32;
    transpose transpose_f32, sums sums_f32, gemm 6 x 4 x 1, sign_lookup Some(SIGN_LOOKUP_F32)
}

avx512! { F64x8: f64 x 8 (u64) in __m512d;
    _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_setzero_pd
    _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd
    _mm512_fmadd_pd _mm512_min_pd _mm512_max_pd _mm512_sqrt_pd _mm512_cmp_pd_mask
    _mm512_mask_blend_pd _mm512_maskz_mov_pd
    _mm512_and_pd _mm512_andnot_pd _mm512_or_pd _mm512_xor_pd _mm512_reduce_add_pd;
    _mm512_castpd_si512 _mm512_castsi512_pd _mm512_add_epi64 _mm512_sll_epi64 _mm512_srl_epi64
    _mm512_movepi64_mask _mm512_movm_epi64;
    transpose transpose_f64, sums sums_f64, gemm 6 x 2 x 2, sign_lookup Some(SIGN_LOOKUP_F64)
}

super::lookup::sign_lookup_kernels! { F32x16: f32 (u32), "avx512f,avx512dq,avx2,fma",
    |table, at| _mm512_permutexvar_ps(_mm512_castps_si512(at), table),
    |x| _mm512_movepi32_mask(_mm512_castps_si512(x)), SIGN_LOOKUP_F32 in 8 x 3
}

super::lookup::sign_lookup_kernels! { F64x8: f64 (u64), "avx512f,avx512dq,avx2,fma",
    |table, at| _mm512_permutexvar_pd(_mm512_castpd_si512(at), table),
    |x| _mm512_movepi64_mask(_mm512_castpd_si512(x)), SIGN_LOOKUP_F64 in 6 x 3
}
