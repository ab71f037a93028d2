//! Instruction sets: one program text, compiled for each of them; the set is chosen at run time.
//!
//! Enters: an operation written once, generic over [`Vector`]. Leaves: its result, computed with the instructions of an
//! [`InstructionSet`]. Must hold: code for an instruction set runs only inside [`Real::dispatch`], which checks that
//! this machine has the set; everything between `dispatch` and a vector method is `#[inline(always)]`, so that it is
//! compiled with the set's instructions.

mod instruction_set;
mod math;
mod portable;
mod real;
mod row_vector;
mod scalar_vector;
mod vector;

#[cfg(isa = "avx2")]
mod avx2;
#[cfg(isa = "avx512")]
mod avx512;
#[cfg(any(isa = "avx2", isa = "avx512"))]
mod lookup;
#[cfg(isa = "neon")]
mod neon;

pub use instruction_set::{InstructionSet, InstructionSetError};
#[cfg(any(isa = "avx2", isa = "avx512"))]
pub(crate) use lookup::Lookup;
pub use real::{ForScalar, ForVector, Real};
pub use scalar_vector::ScalarVector;
pub use vector::Vector;

/// Keeps implementations of [`Vector`] to this module.
mod sealed {
    /// A vector whose constants kernels may trust.
    pub trait Sealed {}
}

#[cfg(test)]
mod tests;
