//! The unadjusted Langevin algorithm.

use ndarray::Zip;
use scorematch_kernels::simd::Real;

use super::Chains;
use crate::directions::Purpose;
use crate::error::Result;
use crate::program::Spec;
use crate::setting::positive;

impl<S: Spec, T: Real> Chains<'_, S, T> {
    /// Steps of x ← x + ε·s(x) + √(2ε)·ξ with s = −∇E, ξ standard normal and step size ε (Roberts
    /// and Tweedie 1996).
    ///
    /// Nothing is rejected, so what the chains reach differs from the model by a bias of order ε:
    /// for a normal of deviation σ, a variance of σ²/(1 − ε/2σ²). [`Chains::mala`] has no bias.
    ///
    /// # Errors
    /// A step size that is not positive and finite; [`Error::ChainLost`](crate::Error::ChainLost)
    /// where a step leads out of the finite numbers, as too great a step size does.
    pub fn langevin(&mut self, step_size: f64, steps: u64) -> Result<()> {
        positive("the step size of the chains", step_size)?;
        let (drift, diffusion) = (T::of(step_size), T::of((2.0 * step_size).sqrt()));
        for _ in 0..steps {
            let score = self.model.score(self.x.view())?;
            let noise = self.normals(Purpose::Proposal, self.x.ncols());
            Zip::from(&mut self.x)
                .and(&score)
                .and(&noise)
                .for_each(|x, &score, &noise| *x += drift * score + diffusion * noise);
            self.advance();
            self.check()?;
        }
        Ok(())
    }
}
