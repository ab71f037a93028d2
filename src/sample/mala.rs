//! The Metropolis-adjusted Langevin algorithm.

use ndarray::{Array2, ArrayView1, Axis, Zip};
use scorematch_kernels::simd::Real;

use super::Chains;
use crate::directions::Purpose;
use crate::error::Result;
use crate::program::Spec;
use crate::setting::positive;

impl<S: Spec, T: Real> Chains<'_, S, T> {
    /// Langevin steps of size ε, each accepted with probability min(1, r) (Roberts and Tweedie
    /// 1996), where
    ///
    /// ln r = E(x) − E(x′) − (‖x − x′ − ε·s(x′)‖² − ‖x′ − x − ε·s(x)‖²) / 4ε,
    ///
    /// so that the model's distribution is kept exactly. Gives the fraction of proposals that were
    /// accepted, 1 if there were none; about 0.57 is best in many dimensions (Roberts and Rosenthal
    /// 1998). A proposal whose energy or score is not finite is refused.
    ///
    /// # Errors
    /// A step size that is not positive and finite.
    pub fn mala(&mut self, step_size: f64, steps: u64) -> Result<f64> {
        positive("the step size of the chains", step_size)?;
        if steps == 0 {
            return Ok(1.0);
        }
        let (drift, diffusion) = (T::of(step_size), T::of((2.0 * step_size).sqrt()));
        let mut energy = self.model.energy(self.x.view())?;
        let mut score = self.model.score(self.x.view())?;
        let mut accepted = 0u64;
        for _ in 0..steps {
            let noise = self.normals(Purpose::Proposal, self.x.ncols());
            let mut proposal = self.x.clone();
            Zip::from(&mut proposal)
                .and(&score)
                .and(&noise)
                .for_each(|x, &score, &noise| *x += drift * score + diffusion * noise);
            let lost = call_back(&mut proposal, &self.x);
            let new_energy = self.model.energy(proposal.view())?;
            let new_score = self.model.score(proposal.view())?;
            // ½(z₁² + z₂²) of two standard normals is exponential, as −ln of a uniform is.
            let threshold = self.normals(Purpose::Acceptance, 2);
            for chain in 0..self.x.nrows() {
                let (x, new) = (self.x.row(chain), proposal.row(chain));
                let forward = surprise(new, x, score.row(chain), step_size);
                let back = surprise(x, new, new_score.row(chain), step_size);
                let ln_ratio = energy[chain].to_f64() - new_energy[chain].to_f64() - back + forward;
                let exponential = 0.5
                    * threshold
                        .row(chain)
                        .iter()
                        .map(|&z| z.to_f64().powi(2))
                        .sum::<f64>();
                // Written so that a NaN is refused.
                let accept = ln_ratio >= -exponential;
                if accept && !lost[chain] {
                    self.x.row_mut(chain).assign(&new);
                    score.row_mut(chain).assign(&new_score.row(chain));
                    energy[chain] = new_energy[chain];
                    accepted += 1;
                }
            }
            self.advance();
        }
        Ok(accepted as f64 / (steps * self.x.nrows() as u64) as f64)
    }
}

/// −ln of the density of proposing `to` from `from`, up to a constant: ‖to − from − ε·s(from)‖² /
/// 4ε.
fn surprise<T: Real>(
    to: ArrayView1<T>,
    from: ArrayView1<T>,
    score: ArrayView1<T>,
    step_size: f64,
) -> f64 {
    let pairs = to.iter().zip(from).zip(score);
    let square = |((&to, &from), &score): ((&T, &T), &T)| {
        (to.to_f64() - from.to_f64() - step_size * score.to_f64()).powi(2)
    };
    pairs.map(square).sum::<f64>() / (4.0 * step_size)
}

/// Puts proposals that left the finite numbers back where they came from, and tells which.
fn call_back<T: Real>(proposal: &mut Array2<T>, from: &Array2<T>) -> Vec<bool> {
    let rows = proposal.axis_iter_mut(Axis(0)).zip(from.axis_iter(Axis(0)));
    rows.map(|(mut proposal, from)| {
        let lost = proposal.iter().any(|x| !x.is_finite());
        if lost {
            proposal.assign(&from);
        }
        lost
    })
    .collect()
}
