//! The loss of each sample, from the energy's derivatives there.

use ndarray::{Array2, ArrayView1};
use scorematch_kernels::simd::Real;
use scorematch_objectives::{Along, Coefficient, Descriptor, Formula, Vector};

/// What the formula of an objective reads of B samples; what it does not read is empty.
#[derive(Debug)]
pub(crate) struct Terms<T> {
    pub(crate) entry: &'static Descriptor,
    /// `[B, 1]`.
    pub(crate) energy: Array2<T>,
    /// `[B, D]`.
    pub(crate) score: Array2<T>,
    /// `[B, 1]`.
    pub(crate) laplacian: Array2<T>,
    /// v·∇E, `[M, B]`.
    pub(crate) slope: Array2<T>,
    /// vᵀ∇²E v, `[M, B]`.
    pub(crate) curvature: Array2<T>,
    /// `[B, D]`.
    pub(crate) noise: Array2<T>,
    pub(crate) sigma: T,
}

impl<T: Real> Terms<T> {
    /// Nothing yet.
    pub(crate) fn new(entry: &'static Descriptor, sigma: T) -> Self {
        let empty = || Array2::from_elem((0, 0), T::zero());
        Terms {
            entry,
            energy: empty(),
            score: empty(),
            laplacian: empty(),
            slope: empty(),
            curvature: empty(),
            noise: empty(),
            sigma,
        }
    }

    /// The loss of sample `b`. Vectors have the precision of the model; their squares and all sums have double precision.
    pub(crate) fn loss(&self, b: usize) -> f64 {
        self.value(&self.entry.formula, b)
    }

    fn value(&self, formula: &Formula, b: usize) -> f64 {
        match formula {
            Formula::Energy => Real::to_f64(self.energy[[b, 0]]),
            Formula::Laplacian => Real::to_f64(self.laplacian[[b, 0]]),
            Formula::SquaredNorm(parts) => self.squared_norm(parts, b),
            Formula::MeanOverDirections(parts) => {
                let sums = parts
                    .iter()
                    .map(|(number, quantity)| number * self.over_directions(*quantity, b));
                sums.sum::<f64>() / self.curvature.nrows() as f64
            }
            Formula::Scaled(coefficient, formula) => {
                Real::to_f64(self.coefficient(*coefficient)) * self.value(formula, b)
            }
            Formula::Squared(formula) => self.value(formula, b).powi(2),
            Formula::Sum(formulas) => formulas.iter().map(|f| self.value(f, b)).sum(),
        }
    }

    fn coefficient(&self, coefficient: Coefficient) -> T {
        match coefficient {
            Coefficient::Number(number) => T::of(number),
            Coefficient::Sigma => self.sigma,
        }
    }

    fn squared_norm(&self, parts: &[(Coefficient, Vector)], b: usize) -> f64 {
        let dim = self.score.ncols().max(self.noise.ncols());
        let entry = |u: usize| {
            let parts = parts.iter().map(|(coefficient, vector)| {
                let value = match vector {
                    Vector::Gradient => -self.score[[b, u]],
                    Vector::Noise => self.noise[[b, u]],
                };
                self.coefficient(*coefficient) * value
            });
            parts.fold(T::zero(), |sum, part| sum + part)
        };
        (0..dim).map(|u| Real::to_f64(entry(u)).powi(2)).sum()
    }

    fn over_directions(&self, quantity: Along, b: usize) -> f64 {
        let sum = |values: ArrayView1<'_, T>, of: fn(f64) -> f64| -> f64 {
            values.iter().map(|&x| of(Real::to_f64(x))).sum()
        };
        match quantity {
            Along::SlopeSquared => sum(self.slope.column(b), |s| s * s),
            Along::Curvature => sum(self.curvature.column(b), |c| c),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use scorematch_objectives::Point;

    use super::*;

    const EVERYTHING: Descriptor = Descriptor {
        name: "everything",
        program: "Everything",
        formula: Formula::Sum(&[
            Formula::Scaled(
                Coefficient::Number(0.25),
                &Formula::Squared(&Formula::Energy),
            ),
            Formula::Scaled(
                Coefficient::Sigma,
                &Formula::SquaredNorm(&[
                    (Coefficient::Number(0.5), Vector::Gradient),
                    (Coefficient::Sigma, Vector::Noise),
                ]),
            ),
            Formula::Scaled(Coefficient::Number(-1.0), &Formula::Laplacian),
            Formula::MeanOverDirections(&[(-2.0, Along::Curvature), (0.5, Along::SlopeSquared)]),
        ]),
        point: Point::Sample,
    };

    #[test]
    fn a_formula_is_evaluated_sample_by_sample() {
        let terms = Terms {
            entry: &EVERYTHING,
            energy: array![[9.0], [4.0]],
            score: array![[9.0, 9.0], [-2.0, 4.0]],
            laplacian: array![[9.0], [3.0]],
            slope: array![[9.0, 2.0], [9.0, -4.0]],
            curvature: array![[9.0, 1.0], [9.0, 6.0]],
            noise: array![[9.0, 9.0], [1.0, -1.0]],
            sigma: 2.0,
        };
        // ¼·4² + 2·‖(1, −2) + 2·(1, −1)‖² − 3 − 2·(1 + 6)/2 + ½·(2² + 4²)/2
        assert_eq!(terms.loss(1), 4.0 + 50.0 - 3.0 - 7.0 + 5.0);
    }
}
