//! Rank-k updates with a factor of signs, C += Σ a sᵀ with s = ±1: the gradient of a weight matrix from Rademacher
//! directions.
//!
//! Enters: values in panels, and the signs of the factor as words, which [`SignLookup::pack`] makes of its rows.
//! Leaves: C. Must hold: the bits depend on the sizes, the number of panels and the instruction set, and on nothing
//! else.
//!
//! Four numbers with signs have sixteen sums. The sums of four samples of a row of `a` are a table in one register, and
//! the signs of these samples look them up for a vector of features: a lookup and an addition do what four multiply-adds
//! do. (The idea of Arlazarov, Dinic, Kronrod and Faradžev for products of bit matrices, 1970.) Where a register has
//! eight lanes the table holds the sums in which the fourth sign is +, and that sign is applied afterwards.

#[cfg(any(isa = "avx2", isa = "avx512"))]
mod kernel;

#[cfg(any(isa = "avx2", isa = "avx512"))]
pub(crate) use kernel::{pack_in, signed_rank_k_update_in};

use super::{LANES, Panels, Rows, Write};
use crate::simd::{ForVector, InstructionSet, Real, Vector};

/// The kernels of sign lookup, for an instruction set that has lookups.
#[derive(Clone, Copy, Debug)]
pub struct SignLookup<T> {
    /// The words of a panel: of n rows of ±1 to `n.div_ceil(16)` rows, a word a feature, whose bits are the signs of its
    /// 16 samples.
    pub pack: fn(&[[T; LANES]], &mut [[T; LANES]]),
    /// The product. It panics where a slice is shorter than the sizes and strides reach, or n is 0.
    pub rank_k_update: fn(SignedRankKUpdate<'_, T>),
}

impl<T: Real> SignLookup<T> {
    /// The kernels of an instruction set, if it has them.
    pub fn of(isa: InstructionSet) -> Option<Self> {
        T::dispatch(isa, OfVector)
    }
}

struct OfVector;

impl<T: Real> ForVector<T> for OfVector {
    type Out = Option<SignLookup<T>>;

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> Self::Out {
        V::SIGN_LOOKUP
    }
}

/// c\[i · n + j\] = (or +=) Σ_q Σ_lane values\[q\]\[i\]\[lane\] · s\[q\]\[j\]\[lane\].
#[derive(Debug)]
pub struct SignedRankKUpdate<'a, T> {
    /// C, whole rows of `n`.
    pub c: &'a mut [T],
    /// Features of the signs, n ≥ 1.
    pub n: usize,
    /// The other factor.
    pub values: Rows<'a, T>,
    /// The signs, `n.div_ceil(16)` rows of words a panel.
    pub words: &'a [[T; LANES]],
    /// The panels of both.
    pub panels: Panels,
    /// What becomes of C.
    pub write: Write,
}
