//! Evaluation of held-out rows during a run, by default under the noise of training.

use std::fmt;

use ndarray::{Array2, ArrayView2, Axis};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::store::Store;
use super::{Estimate, Estimator, Settings};
use crate::directions::{self, Purpose};
use crate::error::{Error, Result};
use crate::model::AnyModel;
use crate::objective::Loss;
use crate::setting::in_digits;

/// Number of noisy rows that are evaluated at a time.
const BLOCK: usize = 1024;
/// By default, the number of draws per row is the smallest that gives this many noisy rows, up to [`MOST_DRAWS`].
const NOISY_ROWS: usize = 1024;
/// The largest default number of draws per row.
const MOST_DRAWS: usize = 16;

/// One evaluation on held-out rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeldOut {
    /// Number of updates so far.
    pub step: u64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// The average of [`Evaluation::loss`] over the rows; NaN if the loss of any row is not finite.
    #[serde(with = "crate::number")]
    pub loss: f64,
    /// The standard error of `loss` over the rows; infinite with one row. The draws of noise of a row count as one
    /// observation. Two evaluations of one run use the same rows and noise, so the standard error of their difference
    /// is usually smaller.
    #[serde(with = "crate::number")]
    pub standard_error: f64,
}

impl HeldOut {
    /// The loss and its standard error.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        Estimate {
            value: self.loss,
            standard_error: self.standard_error,
        }
    }
}

/// How a run evaluates held-out rows, see [`Report::evaluation`](super::Report::evaluation). All evaluations of a run
/// use the same rows and the same draws of noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// The loss that is evaluated.
    pub loss: HeldOutLoss,
    /// Standard deviation of the normal noise on the rows, in the units of the model's input.
    pub noise: f64,
    /// Draws of noise per row; 1 without noise.
    pub draws: usize,
    /// Number of held-out rows.
    pub rows: usize,
    /// How the losses of the rows are combined.
    pub estimator: Estimator,
    /// The number of standard errors of the difference by which an evaluation must be better to be an improvement; see
    /// [`Trainer::min_improvement`](super::Trainer::min_improvement).
    pub min_improvement: f64,
}

/// A loss on held-out rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HeldOutLoss {
    /// J: ½‖∇E‖² − ΔE with the exact Laplacian, whatever the training objective.
    Exact,
    /// ½‖σ∇E(x + σε) − ε‖², for denoising score matching of energies with kinks. J does not measure such energies,
    /// because ΔE misses the curvature at the kinks.
    Denoising {
        /// The noise level σ of the objective.
        sigma: f64,
    },
}

impl fmt::Display for HeldOutLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeldOutLoss::Exact => f.write_str("J"),
            HeldOutLoss::Denoising { .. } => f.write_str("denoising loss"),
        }
    }
}

/// For example `J under noise 0.05, 8 draws a row`.
impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.loss.fmt(f)?;
        if self.noise > 0.0 {
            write!(f, " under noise {}", self.noise)?;
        }
        match self.draws {
            1 if self.noise > 0.0 => f.write_str(", 1 draw a row")?,
            1 => {}
            draws => write!(f, ", {draws} draws a row")?,
        }
        match self.estimator {
            Estimator::Mean => Ok(()),
            estimator => write!(f, ", {estimator}"),
        }
    }
}

/// The held-out rows and how they are evaluated.
#[derive(Clone, Debug)]
pub(super) struct Evaluator<T> {
    pub(super) evaluation: Evaluation,
    /// The rows, in the units of training.
    rows: Array2<T>,
    seed: u64,
    /// The seed of the choice of training rows.
    choice: u64,
}

impl<T: Real> Evaluator<T> {
    /// An evaluator of these rows, which are in the units of training.
    pub(super) fn new(settings: &Settings, smooth: bool, rows: Array2<T>) -> Result<Self> {
        let jitter = settings.jitter;
        let estimator = settings.held_out_estimator.unwrap_or_default();
        estimator.check(rows.nrows())?;
        let objective = settings.objective;
        let (loss, trained_with) = match objective.sigma() {
            // J does not measure an energy with kinks, and an objective without second derivatives can train such an
            // energy.
            Some(sigma) if !smooth && !objective.uses_curvature() => {
                (HeldOutLoss::Denoising { sigma }, jitter)
            }
            sigma => (HeldOutLoss::Exact, jitter.hypot(sigma.unwrap_or(0.0))),
        };
        let noise = settings.held_out_noise.unwrap_or(trained_with);
        let random = noise > 0.0 || matches!(loss, HeldOutLoss::Denoising { .. });
        let enough = NOISY_ROWS.div_ceil(rows.nrows()).min(MOST_DRAWS);
        let evaluation = Evaluation {
            loss,
            noise,
            draws: if random {
                settings.held_out_draws.unwrap_or(enough)
            } else {
                1
            },
            rows: rows.nrows(),
            estimator,
            min_improvement: settings.min_improvement.unwrap_or(1.0),
        };
        Ok(Self {
            evaluation,
            rows,
            seed: Purpose::HeldOut.seed(settings.seed, 0),
            choice: Purpose::TrainingRows.seed(settings.seed, 0),
        })
    }

    /// The loss of every held-out row.
    pub(super) fn losses(&self, model: &AnyModel<T>) -> Result<Vec<f64>> {
        self.losses_of(model, self.rows.view())
    }

    /// The average over as many rows of the data as are held out, or over all rows if there are fewer.
    pub(super) fn of_training_rows(
        &self,
        model: &AnyModel<T>,
        data: &Store<T>,
    ) -> Result<Estimate> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.choice);
        let count = self.rows.nrows().min(data.rows());
        // There may be fewer of them than held-out rows, for which the estimator was checked.
        self.evaluation.estimator.check(count)?;
        let mut chosen = rand::seq::index::sample(&mut rng, data.rows(), count).into_vec();
        chosen.sort_unstable();
        let losses = self.losses_of(model, data.select(&chosen)?.view())?;
        Ok(self.evaluation.estimator.summary(&losses).estimate)
    }

    /// The loss of every row: its mean over the draws of noise. The seed and the number k·rows + i determine draw k of
    /// row i.
    fn losses_of(&self, model: &AnyModel<T>, rows: ArrayView2<'_, T>) -> Result<Vec<f64>> {
        let Evaluation {
            loss, noise, draws, ..
        } = self.evaluation;
        if noise == 0.0 && loss == HeldOutLoss::Exact {
            return Ok(model.losses(rows, &Loss::esm())?.to_vec());
        }
        let isa = model.pool()?.isa;
        let count = rows.nrows();
        let mut sums = vec![0.0; count];
        for first in (0..draws * count).step_by(BLOCK) {
            let chosen: Vec<usize> = (first..(first + BLOCK).min(draws * count))
                .map(|noisy| noisy % count)
                .collect();
            let normal = |stream| {
                directions::noise::<T>(
                    isa,
                    self.seed,
                    stream,
                    first,
                    chosen.len(),
                    model.spec().dim,
                )
            };
            let mut x = rows.select(Axis(0), &chosen);
            if noise > 0.0 {
                x.scaled_add(T::of(noise), &normal(0));
            }
            if x.iter().any(|x| !x.is_finite()) {
                return Err(Error::InvalidSetting {
                    setting: "the noise on held-out rows",
                    found: in_digits(noise),
                    expected: format!(
                        "it must leave the rows within the range of {}: a smaller jitter does",
                        T::NAME
                    ),
                });
            }
            let losses = match loss {
                HeldOutLoss::Exact => model.losses(x.view(), &Loss::esm())?,
                HeldOutLoss::Denoising { sigma } => {
                    let noise = normal(1);
                    let loss = Loss::dsm(T::of(sigma), &noise);
                    model.losses(x.view(), &loss)?
                }
            };
            for (row, loss) in chosen.into_iter().zip(losses) {
                sums[row] += loss;
            }
        }
        for sum in &mut sums {
            *sum /= draws as f64;
        }
        Ok(sums)
    }
}
