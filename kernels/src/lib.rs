//! The kernels of scorematch. They know no model: what is computed from a declared energy is emitted by the compiler and
//! calls what is here.
//!
//! | module | what |
//! | --- | --- |
//! | [`simd`] | vectors of several instruction sets, elementary functions |
//! | [`pool`] | the thread pool |
//! | [`panel`] | products, reductions and factorisations over panels of 16 samples |
//! | `cuda` | CUDA sources, the same for a GPU (feature `cuda`) |
//!
//! The crate serves `scorematch` and the code that its compiler emits; its interface follows theirs and may change with every
//! version. No safe function reaches undefined behaviour, whatever its arguments (`tests/hostile`).

#[cfg(feature = "cuda")]
pub mod cuda;
pub mod panel;
pub mod pool;
pub mod simd;
mod unrolled;
