//! The sign of the Laplacian in J, on the one energy where everything is known: E = ½k·x² on data
//! of variance σ².
//!
//! J(k) = ½k²σ² − k, least at k = 1/σ². The opposite sign, which much teaching material prints
//! beside p ∝ exp(−E), gives ½k²σ² + k: it trains −E.

use ndarray::Array2;
use scorematch_kernels::simd::InstructionSet;
use serde::{Deserialize, Serialize};

use super::Agreement;
use crate::directions::noise;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::objective::Loss;
use crate::program::Spec;
use crate::setting::positive;

const TOLERANCE: f64 = 1e-12;
/// Values of k, in units of 1/σ².
const PRECISIONS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
/// Normal samples, scaled to the exact second moment σ².
const SAMPLES: usize = 1000;

/// J(k) as the model computes it, and as it must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SignTest {
    /// σ.
    pub sigma: f64,
    /// (k, J by the model, ½k²σ² − k).
    pub points: Vec<(f64, f64, f64)>,
    /// Where dJ/dk of the model is zero.
    pub minimiser: f64,
    /// The largest error of J, and of the minimiser against 1/σ².
    pub agreements: [Agreement; 2],
}

impl SignTest {
    /// Whether J and its minimiser are what they must be.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.agreements.iter().all(Agreement::holds)
    }
}

/// The test on a model E = ½k·x² of one dimension whose one parameter is k.
///
/// # Errors
/// [`Error::InvalidSetting`] for a model of another form or a deviation that is not positive and
/// finite.
pub fn sign_test<S: Spec>(model: &Model<S, f64>, sigma: f64, seed: u64) -> Result<SignTest> {
    positive("the deviation", sigma)?;
    if S::DIM != 1 || S::PARAM_LEN != 1 {
        return Err(Error::InvalidSetting {
            setting: "the model of the sign test",
            found: format!(
                "{} with {} dimensions and {} parameters",
                S::NAME,
                S::DIM,
                S::PARAM_LEN
            ),
            expected: "it must be ½k·x², with one of each".to_owned(),
        });
    }
    let x: Array2<f64> = noise(InstructionSet::detect()?, seed, 0, 0, SAMPLES, 1);
    let second_moment = x.iter().map(|x| x * x).sum::<f64>() / SAMPLES as f64;
    let x = x * (sigma / second_moment.sqrt());
    let mut model = model.clone();
    let mut points = Vec::new();
    let mut slopes = Vec::new();
    for precision in PRECISIONS {
        let k = precision / (sigma * sigma);
        model.params_mut()[0] = k;
        let mut slope = [0.0];
        let found = model.loss_gradient(x.view(), &Loss::esm(), &mut slope)?;
        points.push((k, found, 0.5 * (k * sigma).powi(2) - k));
        slopes.push((k, slope[0]));
    }
    // dJ/dk is linear in k: its zero lies on the line through the first and the last.
    let ((k0, slope0), (k1, slope1)) = (slopes[0], slopes[PRECISIONS.len() - 1]);
    let minimiser = k0 - slope0 * (k1 - k0) / (slope1 - slope0);
    let values = points.iter().map(|&(_, found, expected)| (found, expected));
    let agreements = [
        Agreement::of("J(k) of ½k·x² against ½k²σ² − k", TOLERANCE, values),
        Agreement::of(
            "its minimiser against 1/σ²",
            TOLERANCE,
            [(minimiser * sigma * sigma, 1.0)],
        ),
    ];
    Ok(SignTest {
        sigma,
        points,
        minimiser,
        agreements,
    })
}
