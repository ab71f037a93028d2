//! The integration by parts behind score matching, on a box.
//!
//! With p the density of the data and any smooth E, on the box |xᵢ| ≤ R with outward normal n,
//!
//! ∫ ∇p·∇E dx = −∫ p·ΔE dx + ∮ p ∇E·n dS.
//!
//! The left side is the cross term of the Fisher divergence ½E‖∇E + ∇ln p‖², which needs the
//! unknown p; the first term on the right is the −E\[ΔE\] of J. They are equal where the boundary
//! term vanishes, which it does as R grows if p falls faster than ∇E rises.

use std::f64::consts::TAU;

use ndarray::{Array2, ArrayView1};
use serde::{Deserialize, Serialize};

use super::quadrature::gauss_legendre;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;
use crate::setting::positive;

/// Most points of a quadrature; bounds the dimension.
const POINTS: usize = 1 << 18;

/// The three terms on one box.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Parts {
    /// R, half the side of the box.
    pub half_width: f64,
    /// ∫ ∇p·∇E dx.
    pub cross: f64,
    /// −∫ p·ΔE dx.
    pub laplacian: f64,
    /// ∮ p ∇E·n dS.
    pub boundary: f64,
}

impl Parts {
    /// What is left of the identity: cross − laplacian − boundary, the error of quadrature and of
    /// the derivatives.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.cross - self.laplacian - self.boundary
    }
}

/// The terms for a model's E and the normal density of deviation `sigma` in each of the boxes, by
/// Gauss–Legendre quadrature with `nodes` points an axis (64 serve an E that varies over lengths of
/// about R/8 or more).
///
/// # Errors
/// [`Error::InvalidSetting`] for a deviation or half-width that is not positive and finite, and
/// where nodesᴰ exceeds 2¹⁸: this is a check for one, two or three dimensions. Otherwise as
/// [`Model::energy`].
pub fn integration_by_parts<S: Spec>(
    model: &Model<S, f64>,
    sigma: f64,
    half_widths: &[f64],
    nodes: usize,
) -> Result<Vec<Parts>> {
    positive("the deviation", sigma)?;
    let points = (0..S::DIM).try_fold(1usize, |points, _| points.checked_mul(nodes));
    if points.is_none_or(|points| points == 0 || points > POINTS) {
        return Err(Error::InvalidSetting {
            setting: "the nodes of an axis",
            found: format!("{nodes} in {} dimensions", S::DIM),
            expected: format!("their grid must have 1 to {POINTS} points"),
        });
    }
    let rule = gauss_legendre(nodes);
    half_widths
        .iter()
        .map(|&half_width| {
            positive("the half-width of a box", half_width)?;
            on_box(model, sigma, half_width, &rule)
        })
        .collect()
}

fn on_box<S: Spec>(
    model: &Model<S, f64>,
    sigma: f64,
    half_width: f64,
    rule: &(Vec<f64>, Vec<f64>),
) -> Result<Parts> {
    let density = |x: ArrayView1<f64>| {
        let square = x.iter().map(|x| (x / sigma).powi(2)).sum::<f64>();
        (-0.5 * square).exp() / (TAU.sqrt() * sigma).powi(S::DIM as i32)
    };
    let (x, weights) = grid(rule, half_width, S::DIM);
    let (score, laplacian) = (model.score(x.view())?, model.laplacian(x.view())?);
    let mut parts = Parts {
        half_width,
        cross: 0.0,
        laplacian: 0.0,
        boundary: 0.0,
    };
    for (row, weight) in weights.iter().enumerate() {
        let mass = weight * density(x.row(row));
        // ∇p = −p·x/σ², ∇E = −s.
        parts.cross += mass * x.row(row).dot(&score.row(row)) / (sigma * sigma);
        parts.laplacian -= mass * laplacian[row];
    }
    let (face, weights) = grid(rule, half_width, S::DIM - 1);
    for axis in 0..S::DIM {
        for side in [-1.0, 1.0] {
            let x = Array2::from_shape_fn((weights.len(), S::DIM), |(row, i)| match i.cmp(&axis) {
                std::cmp::Ordering::Less => face[[row, i]],
                std::cmp::Ordering::Equal => side * half_width,
                std::cmp::Ordering::Greater => face[[row, i - 1]],
            });
            let score = model.score(x.view())?;
            for (row, weight) in weights.iter().enumerate() {
                parts.boundary -= weight * density(x.row(row)) * side * score[[row, axis]];
            }
        }
    }
    Ok(parts)
}

/// The product rule on the box, `[nodesᴰ, D]`, and its weights.
fn grid(
    (nodes, weights): &(Vec<f64>, Vec<f64>),
    half_width: f64,
    dim: usize,
) -> (Array2<f64>, Vec<f64>) {
    let (n, points) = (nodes.len(), nodes.len().pow(dim as u32));
    let digit = |point: usize, axis: usize| point / n.pow(axis as u32) % n;
    let x = Array2::from_shape_fn((points, dim), |(point, axis)| {
        half_width * nodes[digit(point, axis)]
    });
    let weight = |point| {
        (0..dim)
            .map(|axis| half_width * weights[digit(point, axis)])
            .product()
    };
    (x, (0..points).map(weight).collect())
}
