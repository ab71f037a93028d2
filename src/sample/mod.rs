//! Samples of a model, p(x) ∝ exp(−E(x)), by Langevin dynamics. Enters: a model and a starting
//! point for each chain. Leaves: where the chains stand after some steps, in the units of the
//! model's input.

mod chains;
mod langevin;
mod mala;
mod model;

#[cfg(test)]
mod tests;

pub use chains::Chains;
pub use model::Samples;
