//! Sampling, on the model itself.

use ndarray::{Array2, ArrayView2};

use super::Chains;
use crate::error::Result;
use crate::model::Model;
use crate::program::Spec;
use scorematch_kernels::simd::Real;

/// Where chains of [`Model::sample`] ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Samples<T> {
    /// A sample for each chain, `[chains, D]`.
    pub positions: Array2<T>,
    /// The fraction of proposals that were accepted; about 0.57 is best in many dimensions. Near 0 the chains have hardly
    /// moved, and a smaller step size is needed.
    pub accepted: f64,
}

impl<S: Spec, T: Real> Model<S, T> {
    /// Samples of p(x) ∝ exp(−E(x)): chains that start at the rows of `[chains, D]`, after `steps` steps of the
    /// Metropolis-adjusted Langevin algorithm of this step size, a function of the seed. They are as good as the chains are
    /// long; [`Chains`] goes on from where they stand, and has the unadjusted algorithm too.
    ///
    /// Starts and samples are in the units of the model's input; in data units:
    /// [`Trained::sample`](crate::checkpoint::Trained::sample).
    ///
    /// # Errors
    /// As [`Chains::start`] and [`Chains::mala`]: starts of another width than D, without rows or with a value or an energy
    /// that is not finite; a step size that is not positive and finite.
    pub fn sample<'x>(
        &self,
        start: impl Into<ArrayView2<'x, T>>,
        step_size: f64,
        steps: u64,
        seed: u64,
    ) -> Result<Samples<T>> {
        let mut chains = Chains::start(self, start, seed)?;
        let accepted = chains.mala(step_size, steps)?;
        Ok(Samples {
            positions: chains.into_positions(),
            accepted,
        })
    }
}
