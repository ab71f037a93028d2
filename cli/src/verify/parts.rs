//! Integration by parts, the step from the Fisher divergence to a loss without the data's score.
//!
//! Data N(0, σ²I) in the plane, density p, and a network's energy E. Over a box |x|, |y| ≤ R,
//! ∫ p ΔE + ∫ ∇p·∇E = ∮ p ∇E·n. Score matching drops the right-hand side: it must vanish as R grows.

use crate::zoo::Mlp2Spec;
use anyhow::Result;
use ndarray::Array2;

use super::{Findings, fresh, generator};
use scorematch_runs::table::Table;

const SIGMA: f64 = 0.8;
/// Points a side of the box; odd, for Simpson's rule.
const POINTS: usize = 241;

pub(super) fn check(seed: u64) -> Result<Findings> {
    let model = fresh::<Mlp2Spec>(&mut generator(seed, 1));
    let density = |x: f64, y: f64| {
        let variance = SIGMA * SIGMA;
        (-0.5 * (x * x + y * y) / variance).exp() / (2.0 * std::f64::consts::PI * variance)
    };
    let mut table = Table::new(["  R/σ", "∫ p ΔE + ∫ ∇p·∇E", "boundary term", "difference"]);
    let (mut boundaries, mut worst) = (Vec::new(), 0.0f64);
    for radius in 1..=7 {
        let half = SIGMA * f64::from(radius);
        let (places, weights) = simpson(half);
        let at = |k: usize| (places[k % POINTS], places[k / POINTS]);
        let points =
            Array2::from_shape_fn((POINTS * POINTS, 2), |(k, side)| [at(k).0, at(k).1][side]);
        let laplacian = model.laplacian(points.view())?;
        let score = model.score(points.view())?;
        let (mut inside, mut boundary) = (0.0, 0.0);
        for k in 0..POINTS * POINTS {
            let ((x, y), (i, j)) = (at(k), (k % POINTS, k / POINTS));
            let p = density(x, y);
            // ∇p = −p x/σ² and ∇E = −score.
            let slope = p * (x * score[[k, 0]] + y * score[[k, 1]]) / (SIGMA * SIGMA);
            inside += weights[i] * weights[j] * (p * laplacian[k] + slope);
            let last = POINTS - 1;
            for (edge, outward, weight) in [
                (i == 0, score[[k, 0]], weights[j]),
                (i == last, -score[[k, 0]], weights[j]),
                (j == 0, score[[k, 1]], weights[i]),
                (j == last, -score[[k, 1]], weights[i]),
            ] {
                boundary += if edge { weight * p * outward } else { 0.0 };
            }
        }
        worst = worst.max((inside - boundary).abs());
        boundaries.push(boundary.abs());
        table.row([
            format!("  {radius}"),
            format!("{inside:+.3e}"),
            format!("{boundary:+.3e}"),
            format!("{:.1e}", (inside - boundary).abs()),
        ]);
    }
    let (first, last) = (boundaries[0], boundaries[boundaries.len() - 1]);
    Ok(Findings {
        topic: "Integration by parts on Gaussian data, over a box of half-width R",
        measured: table.to_string(),
        claims: vec![
            (
                format!("both sides agree within {worst:.1e} (quadrature; limit 1e-7)"),
                worst < 1e-7,
            ),
            (
                format!(
                    "the boundary term falls from {first:.1e} at R = σ to {last:.1e} at R = 7σ (limit 1e-8)"
                ),
                last < 1e-8 && last < 1e-4 * first,
            ),
        ],
    })
}

/// Simpson's rule on [−half, half]: places and weights.
fn simpson(half: f64) -> (Vec<f64>, Vec<f64>) {
    let step = 2.0 * half / (POINTS - 1) as f64;
    let place = |k: usize| -half + step * k as f64;
    let weight = |k: usize| match k {
        0 => step / 3.0,
        k if k == POINTS - 1 => step / 3.0,
        k if k % 2 == 1 => 4.0 * step / 3.0,
        _ => 2.0 * step / 3.0,
    };
    (
        (0..POINTS).map(place).collect(),
        (0..POINTS).map(weight).collect(),
    )
}
