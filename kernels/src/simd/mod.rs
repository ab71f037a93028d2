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

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod lookup;
#[cfg(target_arch = "aarch64")]
mod neon;

pub use form::{Form, FormError};
#[cfg(target_arch = "x86_64")]
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
