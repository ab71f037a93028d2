//! Safe calls with sizes, strides and slices that make no sense: a right result or a panic with a message, never undefined
//! behaviour. The last is what this file forbids itself to cause in any other way.
//!
//! Every value is a small integer, so that sums are exact and results are compared bit by bit, whatever their order. Slices
//! begin at any scalar of a larger array, whose other elements must stay as they are. Strides and sizes are drawn from what
//! is usual, what is odd and what overflows; calls that are valid and would take for ever are left out.

#![forbid(unsafe_code)]

mod calls;
mod contract;
mod gemm;
mod matrices;
mod outcome;
mod rank_k;
mod samples;
mod sign_lookup;
mod sums;
mod threads;

use outcome::outcome;
use scorematch_kernels::simd::InstructionSet;

/// The instruction sets of this machine.
fn instruction_sets() -> impl Iterator<Item = InstructionSet> {
    InstructionSet::ALL
        .into_iter()
        .filter(|isa| isa.is_supported())
}

/// Calls of a kernel in each instruction set and type.
fn rounds() -> u64 {
    if cfg!(debug_assertions) { 1_000 } else { 8_000 }
}
