//! Tables in a register, and the kernels of instruction sets that have them.
//!
//! Enters: a vector type of 8 or 16 lanes. Leaves: its [`SignLookup`](crate::panel::SignLookup) kernels, compiled for
//! its instruction set.

use super::vector::{Bits, Vector};

/// A vector that is a table.
pub(crate) trait Lookup: Bits {
    /// In every lane the lane of `self` that the low bits of `at` there name.
    fn lookup(self, at: Self) -> Self;

    /// The signs of the lanes, the first lane's lowest, 1 for negative.
    fn signs(self) -> u32;

    /// A scalar with these bits.
    fn word(bits: u32) -> <Self as Vector>::Scalar;
}

/// [`Lookup`] for a vector type by its instructions, and the kernels in blocks of `rows` rows and `vectors` vectors.
macro_rules! sign_lookup_kernels {
    ($name:ident: $t:ident ($bits:ident), $features:literal, $permute:expr, $signs:expr,
     $kernels:ident in $rows:literal x $vectors:literal) => {
        impl $crate::simd::lookup::Lookup for $name {
            #[inline(always)]
            fn lookup(self, at: Self) -> Self {
                // SAFETY: a value of this type exists only where its instructions do.
                $name(unsafe { $permute(self.0, at.0) })
            }

            #[inline(always)]
            fn signs(self) -> u32 {
                // SAFETY: as above.
                unsafe { $signs(self.0) as u32 }
            }

            #[inline(always)]
            fn word(bits: u32) -> $t {
                $t::from_bits($bits::from(bits))
            }
        }

        const $kernels: $crate::panel::SignLookup<$t> = {
            use $crate::panel::{
                LANES, SignLookup, SignedRankKUpdate, pack_in, signed_rank_k_update_in,
            };

            fn pack(rows: &[[$t; LANES]], words: &mut [[$t; LANES]]) {
                #[target_feature(enable = $features)]
                fn kernel(rows: &[[$t; LANES]], words: &mut [[$t; LANES]]) {
                    pack_in::<$name>(rows, words);
                }
                // SAFETY: named by the vector type alone, which is reached through `dispatch` only.
                unsafe { kernel(rows, words) }
            }

            fn rank_k_update(task: SignedRankKUpdate<'_, $t>) {
                #[target_feature(enable = $features)]
                fn kernel(task: SignedRankKUpdate<'_, $t>) {
                    signed_rank_k_update_in::<$name, $rows, $vectors>(task);
                }
                // SAFETY: as `pack`.
                unsafe { kernel(task) }
            }

            SignLookup {
                pack,
                rank_k_update,
            }
        };
    };
}

pub(super) use sign_lookup_kernels;
