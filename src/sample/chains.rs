//! Chains that run side by side, one in each row.

use ndarray::{Array2, ArrayView2};
use scorematch_kernels::simd::{InstructionSet, Real};

use crate::directions::{Purpose, noise};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;

/// Markov chains on one model, in parallel rows.
///
/// The noise of a chain is a function of the seed, the step and the chain's row, so a chain's path
/// does not depend on the chains beside it nor on the number of threads.
///
/// ```no_run
/// # use ndarray::Array2;
/// # use scorematch::sample::Chains;
/// # use scorematch::{Model, Result, Spec};
/// # fn example<S: Spec>(model: &Model<S, f32>, start: Array2<f32>, seed: u64) -> Result<()> {
/// let mut chains = Chains::start(model, &start, seed)?;
/// chains.langevin(0.01, 500)?; // burn in
/// let accepted = chains.mala(0.05, 500)?;
/// let samples = chains.into_positions();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Chains<'m, S: Spec, T: Real> {
    pub(super) model: &'m Model<S, T>,
    pub(super) x: Array2<T>,
    seed: u64,
    steps: u64,
    isa: InstructionSet,
}

impl<'m, S: Spec, T: Real> Chains<'m, S, T> {
    /// Chains that start at the rows of `[chains, D]`.
    ///
    /// # Errors
    /// As [`Model::energy`]: another width than D, no rows, a value that is not finite.
    /// [`Error::ChainLost`] where the energy of a start is not finite.
    pub fn start<'x>(
        model: &'m Model<S, T>,
        x: impl Into<ArrayView2<'x, T>>,
        seed: u64,
    ) -> Result<Self> {
        let x = x.into();
        let energy = model.energy(x)?;
        if let Some(chain) = energy.iter().position(|energy| !energy.is_finite()) {
            return Err(Error::ChainLost { chain, step: 0 });
        }
        Ok(Self {
            model,
            x: x.to_owned(),
            seed,
            steps: 0,
            isa: InstructionSet::detect()?,
        })
    }

    /// Where the chains stand, `[chains, D]`.
    #[must_use]
    pub fn positions(&self) -> ArrayView2<'_, T> {
        self.x.view()
    }

    /// Where the chains stand, `[chains, D]`.
    #[must_use]
    pub fn into_positions(self) -> Array2<T> {
        self.x
    }

    /// Steps made, of any kind.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Standard normals of this step, `[chains, columns]`.
    pub(super) fn normals(&self, purpose: Purpose, columns: usize) -> Array2<T> {
        let seed = purpose.seed(self.seed, 0);
        noise(self.isa, seed, self.steps, 0, self.x.nrows(), columns)
    }

    pub(super) fn advance(&mut self) {
        self.steps += 1;
    }

    /// That every chain is among the finite numbers.
    pub(super) fn check(&self) -> Result<()> {
        match self
            .x
            .outer_iter()
            .position(|x| x.iter().any(|x| !x.is_finite()))
        {
            None => Ok(()),
            Some(chain) => Err(Error::ChainLost {
                chain,
                step: self.steps,
            }),
        }
    }
}
