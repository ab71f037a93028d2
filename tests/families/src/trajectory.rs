//! A whole training run against an independent implementation's, step by step.

use crate::case::Case;
use crate::models::TrajectorySpec;
use ndarray::Axis;
use scorematch::train::{Adam, Stepper};
use scorematch::{Loss, Model, Slices, Spec};
use std::path::Path;

/// How far a run is from its reference.
#[derive(Debug)]
pub struct Divergence {
    /// Steps compared.
    pub steps: usize,
    /// Largest relative deviation of a step's loss.
    pub loss: f64,
    /// Largest deviation of a final parameter.
    pub parameters: f64,
}

/// Runs the training of one file; `kind` is esm, ssm or ssm_vr.
pub fn run(path: &Path, kind: &str) -> Result<Divergence, String> {
    let mut case = Case::open(path)?;
    let text = |e: scorematch::Error| format!("{}: {e}", path.display());
    let mut model = Model::<TrajectorySpec, f64>::zeros();
    for p in TrajectorySpec::PARAMS {
        model
            .set(p.name, case.get(&format!("p0.{}", p.name))?.view())
            .map_err(text)?;
    }
    let data = case.rows("data")?;
    let batches = case.indices("batches")?;
    let directions = case
        .get("v")?
        .into_dimensionality::<ndarray::Ix3>()
        .map_err(|e| e.to_string())?;
    let losses = case.vector("losses")?;
    let mut stepper = Stepper::new(&model, Adam::new(3e-3)).map_err(text)?;
    let mut worst = 0.0f64;
    for (s, rows) in batches.outer_iter().enumerate() {
        let rows: Vec<usize> = rows.iter().map(|&i| i as usize).collect();
        let batch = data.select(Axis(0), &rows);
        let v = directions.index_axis(Axis(0), s).insert_axis(Axis(0));
        let loss = match kind {
            "esm" => Loss::Esm,
            "ssm" => Loss::Ssm(Slices::Given(v)),
            "ssm_vr" => Loss::SsmVr(Slices::Given(v)),
            other => return Err(format!("there is no trajectory of {other}")),
        };
        let step = stepper
            .step(&mut model, batch.view(), &loss, 1.0)
            .map_err(text)?;
        worst = worst.max((step.loss - losses[s]).abs() / losses[s].abs().max(1e-6));
    }
    let mut parameters = 0.0f64;
    for p in TrajectorySpec::PARAMS {
        let want = case.get(&format!("p1.{}", p.name))?;
        let got = model.get(p.name).map_err(text)?;
        parameters = got
            .iter()
            .zip(&want)
            .fold(parameters, |m, (g, w)| m.max((g - w).abs()));
    }
    Ok(Divergence {
        steps: batches.nrows(),
        loss: worst,
        parameters,
    })
}
