//! Sliced losses against the exact one as directions grow: unbiased, with an error that falls as M^−½; and no
//! error at all for SSM-VR with a whole orthonormal block, which is another exact trace.

use crate::zoo::Mlp10Spec;
use anyhow::Result;
use ndarray::ArrayView2;
use scorematch::train::Objective;
use scorematch::{DirectionDistribution, Loss, Model, RandomDraw, Spec};

use super::{Findings, fresh, generator, normal};
use crate::power_law::exponent;
use scorematch_runs::table::Table;

const COUNTS: [usize; 5] = [1, 4, 16, 64, 256];
const DRAWS: u64 = 100;

pub(super) fn check(seed: u64) -> Result<Findings> {
    let rng = &mut generator(seed, 4);
    let model = fresh::<Mlp10Spec>(rng);
    let x = normal(32, Mlp10Spec::DIM, rng);
    let exact = model.loss(x.view(), &Loss::esm())?;

    let mut table = Table::new([
        "  M",
        "SSM mean − J",
        "SSM rms error",
        "SSM-VR mean − J",
        "SSM-VR rms error",
    ]);
    let mut found = Vec::new();
    for count in COUNTS {
        let ssm = spread(&model, x.view(), exact, seed, Objective::ssm(count))?;
        let ssm_vr = spread(&model, x.view(), exact, seed, Objective::ssm_vr(count))?;
        table.row([
            format!("  {count}"),
            format!("{:+.1e}", ssm.bias),
            format!("{:.1e}", ssm.rms),
            format!("{:+.1e}", ssm_vr.bias),
            format!("{:.1e}", ssm_vr.rms),
        ]);
        found.push([ssm, ssm_vr]);
    }
    let mut claims = Vec::new();
    for (which, name) in ["SSM", "SSM-VR"].into_iter().enumerate() {
        let worst = found
            .iter()
            .map(|f| f[which].bias.abs() / f[which].bias_error)
            .fold(0.0, f64::max);
        claims.push((
            format!("{name} is unbiased: its mean is at most {worst:.1} standard errors from J (limit 4)"),
            worst < 4.0,
        ));
        let points = COUNTS
            .iter()
            .zip(&found)
            .map(|(&count, f)| (count as f64, f[which].rms));
        let slope = exponent(points);
        claims.push((
            format!("its error falls as M^{slope:.2} (−0.5 within 0.1)"),
            (slope + 0.5).abs() < 0.1,
        ));
    }
    let block = RandomDraw {
        kind: DirectionDistribution::Orthonormal,
        count: Mlp10Spec::DIM,
        seed,
        step: 0,
    };
    let error = (model.loss(x.view(), &Loss::ssm_vr(block))? - exact).abs();
    claims.push((
        format!(
            "SSM-VR with {} orthonormal directions is exact within {error:.1e} (limit 1e-10)",
            Mlp10Spec::DIM
        ),
        error < 1e-10,
    ));
    Ok(Findings {
        topic: "Sliced against exact, M directions a sample, D = 10",
        measured: format!("  exact J = {exact:.6}\n{table}"),
        claims,
    })
}

struct Spread {
    bias: f64,
    bias_error: f64,
    rms: f64,
}

/// Errors of a sliced loss over independent draws.
fn spread<S: Spec>(
    model: &Model<S, f64>,
    x: ArrayView2<'_, f64>,
    exact: f64,
    seed: u64,
    objective: Objective,
) -> Result<Spread> {
    let mut errors = Vec::new();
    for step in 0..DRAWS {
        errors.push(model.loss(x, &objective.loss(seed, step))? - exact);
    }
    let n = errors.len() as f64;
    let bias = errors.iter().sum::<f64>() / n;
    let mean_square = errors.iter().map(|e| e * e).sum::<f64>() / n;
    let variance = (mean_square - bias * bias) * n / (n - 1.0);
    Ok(Spread {
        bias,
        bias_error: (variance / n).sqrt(),
        rms: mean_square.sqrt(),
    })
}
