//! The outer product over lanes with a factor of signs, C += Σ a sᵀ with s = ±1: the gradient of a weight matrix from
//! Rademacher directions.
//!
//! Enters: values in panels, and the signs of the factor as words, which [`Signed::pack`] makes of its rows. Leaves: C.
//! Must hold: the bits depend on the sizes, the number of panels and the form, and on nothing else.
//!
//! Four numbers with signs have sixteen sums. The sums of four samples of a row of `a` are a table in one register, and
//! the signs of these samples look them up for a vector of features: a lookup and an addition do what four multiply-adds
//! do. (The idea of Arlazarov, Dinic, Kronrod and Faradžev for products of bit matrices, 1970.) Where a register has
//! eight lanes the table holds the sums in which the fourth sign is +, and that sign is applied afterwards.

#[cfg(any(form = "avx2", form = "avx512"))]
mod kernel;

#[cfg(any(form = "avx2", form = "avx512"))]
pub(crate) use kernel::{pack_in, signed_outer_in};

use super::{LANES, Panels, Rows, Write};
use crate::simd::{ForVector, Form, Real, Vector};

/// The kernels of a form that has lookups.
#[derive(Clone, Copy, Debug)]
pub struct Signed<T> {
    /// The words of a panel: of n rows of ±1 to `n.div_ceil(16)` rows, a word a feature, whose bits are the signs of its
    /// 16 samples.
    pub pack: fn(&[[T; LANES]], &mut [[T; LANES]]),
    /// The product. It panics where a slice is shorter than the sizes and strides reach, or n is 0.
    pub outer: fn(SignedOuter<'_, T>),
}

impl<T: Real> Signed<T> {
    /// Those of a form, if it has them.
    pub fn of(form: Form) -> Option<Self> {
        T::dispatch(form, OfVector)
    }
}

struct OfVector;

impl<T: Real> ForVector<T> for OfVector {
    type Out = Option<Signed<T>>;

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> Self::Out {
        V::SIGNED
    }
}

/// c\[i · n + j\] = (or +=) Σ_q Σ_lane values\[q\]\[i\]\[lane\] · s\[q\]\[j\]\[lane\].
#[derive(Debug)]
pub struct SignedOuter<'a, T> {
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
