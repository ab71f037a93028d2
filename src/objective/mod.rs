//! Objectives: entries of the table `scorematch_objectives`, with their settings, and the losses of batches that they give.
//!
//! Enters: an entry. Leaves: what a training step draws ([`Objective`]), what a batch is evaluated with ([`Loss`]), and the
//! loss of each sample from the energy's derivatives ([`Terms`]). Must hold: nothing here names an objective but its
//! constructors, so that an entry more is an objective more.

mod loss;
mod setting;
mod terms;

use scorematch_kernels::simd::Real;
use scorematch_objectives::Descriptor;

use crate::error::{Error, Result};
use crate::program::{Compiled, CompiledSpec};

pub use loss::{Loss, Noise, Projections};
pub use setting::Objective;
pub(crate) use terms::Terms;

/// The program of an objective.
fn program<T: Real>(spec: &CompiledSpec<T>, entry: &Descriptor) -> Result<Compiled<T>> {
    let mut losses = spec.programs.losses.iter();
    losses
        .find(|(name, _)| *name == entry.name)
        .map(|&(_, program)| program)
        .ok_or(Error::ObjectiveNotCompiled {
            model: spec.name,
            objective: entry.name,
        })
}
