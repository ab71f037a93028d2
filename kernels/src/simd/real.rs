//! The two scalar types, and the entry into vector code.

use std::iter::Sum;

use ndarray::NdFloat;

use super::InstructionSet;
use super::math::Tables;
use super::portable::Portable;
use super::vector::Vector;
use crate::panel::{Gemm, RankKUpdate};

/// `f32` or `f64`; sealed.
///
/// Arithmetic and elementary functions come from the `num_traits::Float` behind [`NdFloat`].
pub trait Real: NdFloat + Default + Sum + Tables {
    /// `"f32"` or `"f64"`.
    const NAME: &'static str;

    /// The nearest value of this type.
    fn of(x: f64) -> Self;

    /// The same value in double precision.
    fn to_f64(self) -> f64;

    /// 1, or −1 if the highest of the bits is set.
    #[doc(hidden)]
    fn signed_one(bits: u32) -> Self;

    /// That of the two values which is for this type.
    #[doc(hidden)]
    fn choose<C: ForScalar>(choice: C) -> C::Out<Self>;

    /// Runs `op` with the vectors of `isa`.
    ///
    /// # Panics
    /// This machine or this build lacks `isa`; [`InstructionSet::is_supported`] tells, and [`InstructionSet::detect`]
    /// never gives such a one.
    #[doc(hidden)]
    fn dispatch<O: ForVector<Self>>(isa: InstructionSet, op: O) -> O::Out;

    /// [`crate::panel::gemm`] in the portable baseline.
    #[doc(hidden)]
    fn portable_gemm(task: Gemm<'_, Self>);

    /// [`crate::panel::rank_k_update`] in the portable baseline.
    #[doc(hidden)]
    fn portable_rank_k_update(task: RankKUpdate<'_, Self>);
}

/// A value for each of the two scalar types, of which [`Real::choose`] gives one. The other is not computed, and its code
/// is not compiled.
pub trait ForScalar {
    /// The type of the value.
    type Out<T: Real>;

    /// The value for `f32`.
    fn single(self) -> Self::Out<f32>;

    /// The value for `f64`.
    fn double(self) -> Self::Out<f64>;
}

/// An operation over vectors of `T`, written once for every instruction set.
///
/// `run` and what it calls, down to the vector methods, must be `#[inline(always)]`: a function that is
/// not inlined is compiled without the instruction set's instructions, correct but many times slower.
pub trait ForVector<T: Real> {
    /// What the operation gives.
    type Out;

    /// The operation, with vectors `V`.
    fn run<V: Vector<Scalar = T>>(self) -> Self::Out;
}

macro_rules! real {
    ($t:ident of $bits:ident, $avx2:ident in $enter_avx2:ident, $avx512:ident in $enter_avx512:ident,
     $neon:ident, $choice:ident) => {
        impl Real for $t {
            const NAME: &'static str = stringify!($t);

            #[inline(always)]
            fn of(x: f64) -> Self {
                x as $t
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn signed_one(bits: u32) -> Self {
                const SIGN: u32 = $t::WIDTH - 32;
                let sign = <$bits>::from(bits & 1 << 31) << SIGN;
                <$t>::from_bits(sign | $t::ONE as $bits)
            }

            #[inline]
            fn choose<C: ForScalar>(choice: C) -> C::Out<Self> {
                choice.$choice()
            }

            fn portable_gemm(task: Gemm<'_, Self>) {
                Portable::<$t>::gemm(task);
            }

            fn portable_rank_k_update(task: RankKUpdate<'_, Self>) {
                Portable::<$t>::rank_k_update(task);
            }

            #[inline]
            fn dispatch<O: ForVector<Self>>(isa: InstructionSet, op: O) -> O::Out {
                assert!(
                    isa.is_supported(),
                    "this processor or this build lacks the instruction set {isa}"
                );
                match isa {
                    #[cfg(isa = "portable")]
                    InstructionSet::Portable => op.run::<Portable<$t>>(),
                    #[cfg(isa = "avx2")]
                    // SAFETY: the assertion above: this processor has AVX2 and FMA.
                    InstructionSet::Avx2 => unsafe { $enter_avx2(op) },
                    #[cfg(isa = "avx512")]
                    // SAFETY: the assertion above: this processor has AVX-512 F and DQ.
                    InstructionSet::Avx512 => unsafe { $enter_avx512(op) },
                    #[cfg(isa = "neon")]
                    InstructionSet::Neon => op.run::<super::neon::$neon>(),
                    #[allow(unreachable_patterns, reason = "a build may have all instruction sets")]
                    _ => unreachable!("asserted above"),
                }
            }
        }

        /// Compiles `op` with AVX2 and FMA.
        #[cfg(isa = "avx2")]
        #[target_feature(enable = "avx2,fma")]
        fn $enter_avx2<O: ForVector<$t>>(op: O) -> O::Out {
            op.run::<super::avx2::$avx2>()
        }

        /// Compiles `op` with AVX-512.
        #[cfg(isa = "avx512")]
        #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
        fn $enter_avx512<O: ForVector<$t>>(op: O) -> O::Out {
            op.run::<super::avx512::$avx512>()
        }
    };
}

real!(f32 of u32, F32x8 in enter_avx2_f32, F32x16 in enter_avx512_f32, F32x4, single);
real!(f64 of u64, F64x4 in enter_avx2_f64, F64x8 in enter_avx512_f64, F64x2, double);
