//! Objectives: entries of the table `scorematch_objectives`, with their settings, and the losses of batches that they give.
//!
//! Enters: an entry. Leaves: what a training step draws ([`Objective`]), what a batch is evaluated with ([`Loss`]), and the
//! loss of each sample from the energy's derivatives ([`Terms`]). Must hold: nothing here names an objective but its
//! constructors, so that an entry more is an objective more.

mod loss;
mod setting;
mod terms;

pub use loss::{Loss, Noise, Slices};
pub use setting::Objective;
pub(crate) use terms::Terms;
