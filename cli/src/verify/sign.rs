//! The sign of the Laplacian. With p ∝ exp(−E), data of second moment m and E = ½kx²,
//! J(k) = mean ½(kx)² − k = ½k²m − k, least at k = 1/m. With "+ ΔE" it would be least at k = −1/m: an energy
//! that trains −E, under which the data are the least likely points.

use crate::zoo::Quadratic1Spec;
use anyhow::Result;
use scorematch::Loss;

use super::{Findings, fresh, generator, normal};
use scorematch_runs::table::Table;

const SIGMA: f64 = 0.7;

pub(super) fn check(seed: u64) -> Result<Findings> {
    let mut rng = generator(seed, 2);
    let data = normal(10_000, 1, &mut rng) * SIGMA;
    let moment = data.iter().map(|x| x * x).sum::<f64>() / data.len() as f64;
    let mut model = fresh::<Quadratic1Spec>(&mut rng);
    let (mut gradient, mut worst) = (vec![0.0], 0.0f64);
    let mut table = Table::new(["  k", "J computed", "½k²m − k", "½k²m + k, the wrong sign"]);
    let best = 1.0 / moment;
    let mut losses = Vec::new();
    for k in [-best, 0.0, 0.5 * best, best, 1.5 * best] {
        model.params_mut()[0] = k;
        let loss = model.loss_gradient(data.view(), &Loss::esm(), &mut gradient)?;
        let formula = 0.5 * k * k * moment - k;
        worst = worst
            .max((loss - formula).abs())
            .max((gradient[0] - (k * moment - 1.0)).abs());
        losses.push(loss);
        table.row([
            format!("  {k:+.4}"),
            format!("{loss:+.6}"),
            format!("{formula:+.6}"),
            format!("{:+.6}", formula + 2.0 * k),
        ]);
    }
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(Findings {
        topic: "The sign test: data N(0, 0.7²) of second moment m, E = ½kx²",
        measured: table.to_string(),
        claims: vec![
            (
                format!("loss and gradient follow the formula within {worst:.1e} (limit 1e-10)"),
                worst < 1e-10,
            ),
            (
                format!(
                    "the loss is least at k = 1/m = {best:.4} (1/σ² = {:.4}), not at −1/m",
                    1.0 / (SIGMA * SIGMA)
                ),
                losses[3] == least && losses[0] > 0.0,
            ),
        ],
    })
}
