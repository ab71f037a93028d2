//! A network and a batch size: what is timed, and the work that is counted for it.

use scorematch::train::Objective;
use scorematch::{ParamInfo, Spec};

use super::step::{Case, Timing, time};

/// The objectives, by the names of [`scorematch::Loss::name`]. σ and the distribution of the directions do not change
/// the work.
pub(crate) fn objectives() -> [(&'static str, Objective); 4] {
    [
        ("esm", Objective::esm()),
        ("ssm", Objective::ssm(1)),
        ("ssm_vr", Objective::ssm_vr(1)),
        ("dsm", Objective::dsm(0.1)),
    ]
}

/// Times one case of a network.
type Time = fn(&Case) -> scorematch::Result<Timing>;

/// A network and a batch size.
pub(crate) struct Shape {
    /// D,H,B for three hidden layers of one width, otherwise every width: D-H₁-…-Hₖ,B. Peers build the network from it.
    pub(crate) name: &'static str,
    pub(crate) batch: usize,
    pub(crate) single: Time,
    pub(crate) double: Time,
    dim: usize,
    params: &'static [ParamInfo],
}

impl Shape {
    pub(crate) const fn of<S: Spec>(name: &'static str, batch: usize) -> Self {
        Shape {
            name,
            batch,
            single: time::<S, f32>,
            double: time::<S, f64>,
            dim: S::DIM,
            params: S::PARAMS,
        }
    }

    /// Nominal floating-point operations of a step, two to a multiply-add.
    ///
    /// For layers of widths D, H₁, …, Hₖ, 1, a batch of B and r directions, the multiply-adds are
    ///
    /// ```text
    /// B · ( (3r + 6) · Σ Hₗ·Hₗ₊₁  +  4 · D·H₁ )
    /// ```
    ///
    /// A hidden product is done 3 times a direction (tangent forward, its reverse, its part of dW) and 6 times a sample:
    /// primal and adjoint forward, each of them reversed into its operand and into dW. r = min(D, H₁) for esm, where
    /// [entry compression](../../docs/decisions/0001-entry-compression.md) leaves no more; the number of directions for ssm and ssm_vr; 0 for
    /// dsm, whose loss has no second derivative.
    ///
    /// The first layer differs, and one number stands for all so that fractions compare: ssm does 4 products (Wx, Wv,
    /// and the two parts of dW); esm 5 (Wx, the score, its reverse, the two parts of dW), or 2 where the norm of the score
    /// goes through L; dsm 5; ssm_vr 7. What counts little is left out: the last layer, elementwise work, LQ, Adam.
    /// The triangle that entry compression leaves and products that need not be done are not subtracted.
    ///
    /// With one hidden layer no hidden product remains, and elementwise work that is not counted outweighs what is.
    pub(crate) fn work(&self, objective: Objective) -> f64 {
        let matrices: Vec<_> = self
            .params
            .iter()
            .filter(|info| info.shape.len() == 2)
            .collect();
        let [first, hidden @ .., _last] = &matrices[..] else {
            return 0.0;
        };
        let hidden: usize = hidden.iter().map(|info| info.len()).sum();
        let directions = match objective.directions() {
            Some((count, _)) => count,
            None if objective.sigma().is_none() => self.dim.min(first.shape[0]),
            None => 0,
        };
        (2 * self.batch * ((3 * directions + 6) * hidden + 4 * first.len())) as f64
    }
}
