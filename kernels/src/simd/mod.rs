//! Vector forms: one program text, compiled for several instruction sets, chosen at run time.
//!
//! Enters: an operation written once, generic over [`Vector`]. Leaves: its result, computed with the
//! instructions of a [`Form`]. Must hold: code of a form runs only inside [`Real::dispatch`], which
//! checks that this machine has the form; everything between `dispatch` and a vector method is
//! `#[inline(always)]`, so that it is compiled with the form's instructions.

mod form;
mod math;
mod one;
mod portable;
mod real;
mod row;
mod vector;

#[cfg(form = "avx2")]
mod avx2;
#[cfg(form = "avx512")]
mod avx512;
#[cfg(any(form = "avx2", form = "avx512"))]
mod lookup;
#[cfg(form = "neon")]
mod neon;

pub use form::{Form, FormError};
#[cfg(any(form = "avx2", form = "avx512"))]
pub(crate) use lookup::Lookup;
pub use one::One;
pub use real::{ForVector, Real};
pub use vector::Vector;

/// What keeps [`Vector`] to the forms of this room.
mod sealed {
    /// A vector whose constants kernels may trust.
    pub trait Sealed {}
}

#[cfg(test)]
mod tests;
