//! Sliced estimates of J beside the exact one, at fixed parameters on a fixed batch: only the
//! directions vary.

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::Model;
use crate::objective::Loss;
use crate::program::Spec;
use crate::setting::at_least;
use crate::train::Objective;

/// What slicing makes of one batch's loss and gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlicedAgainstExact {
    /// The exact loss.
    pub exact: f64,
    /// ‖∇ of the exact loss‖.
    pub exact_gradient_norm: f64,
    /// Each sliced objective over many draws of its directions.
    pub estimates: Vec<SlicedEstimate>,
}

/// One sliced objective over many draws.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlicedEstimate {
    /// The objective.
    pub objective: Objective,
    /// Draws that were made.
    pub draws: usize,
    /// Mean of the sliced loss less the exact loss.
    pub bias: f64,
    /// Standard error of [`SlicedEstimate::bias`]; the estimates have no bias, so about two in three
    /// biases are smaller than this.
    pub bias_error: f64,
    /// Variance of one draw's loss.
    pub variance: f64,
    /// Mean cosine between one draw's gradient and the exact one.
    pub cosine: f64,
    /// Standard error of [`SlicedEstimate::cosine`].
    pub cosine_error: f64,
}

impl SlicedEstimate {
    /// Standard error of one draw's loss, √variance.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.variance.sqrt()
    }
}

/// Evaluates each sliced objective on the samples `[B, D]` with `draws` independent draws of
/// directions.
///
/// # Errors
/// [`Error::InvalidSetting`] for fewer than two draws or an objective that is not sliced; otherwise
/// as [`Model::loss_gradient`].
pub fn sliced_against_exact<'x, S: Spec, T: Real>(
    model: &Model<S, T>,
    x: impl Into<ArrayView2<'x, T>>,
    objectives: &[Objective],
    draws: usize,
    seed: u64,
) -> Result<SlicedAgainstExact> {
    let x = x.into();
    at_least(2, "the number of draws", draws as u64)?;
    let mut exact_gradient = vec![T::zero(); S::PARAM_LEN];
    let exact = model.loss_gradient(x, &Loss::esm(), &mut exact_gradient)?;
    let mut gradient = exact_gradient.clone();
    let mut estimates = Vec::new();
    for &objective in objectives {
        if objective.directions().is_none() {
            return Err(Error::InvalidSetting {
                setting: "the objective to compare with the exact one",
                found: objective.to_string(),
                expected: "it must be a sliced one, ssm or ssm_vr".to_owned(),
            });
        }
        let (mut errors, mut cosines) = (Vec::new(), Vec::new());
        for draw in 0..draws as u64 {
            let loss = objective.loss(seed, draw);
            errors.push(model.loss_gradient(x, &loss, &mut gradient)? - exact);
            cosines.push(cosine(&gradient, &exact_gradient));
        }
        let (bias, variance) = mean_and_variance(&errors);
        let (cosine, cosine_variance) = mean_and_variance(&cosines);
        let error = |variance: f64| (variance / draws as f64).sqrt();
        let (bias_error, cosine_error) = (error(variance), error(cosine_variance));
        estimates.push(SlicedEstimate {
            objective,
            draws,
            bias,
            bias_error,
            variance,
            cosine,
            cosine_error,
        });
    }
    let exact_gradient_norm = dot(&exact_gradient, &exact_gradient).sqrt();
    Ok(SlicedAgainstExact {
        exact,
        exact_gradient_norm,
        estimates,
    })
}

/// Mean and unbiased variance.
fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>();
    (mean, squares / (count - 1.0))
}

fn cosine<T: Real>(a: &[T], b: &[T]) -> f64 {
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(&a, &b)| a.to_f64() * b.to_f64())
        .sum()
}
