//! Derivatives that the compiler derived against central differences of what they are derivatives of.

use crate::zoo::Mlp10Spec;
use anyhow::Result;
use ndarray::{Array2, Array3, ArrayView2};
use scorematch::{Loss, Model, Noise, Projections, Spec};

use super::{Findings, fresh, generator, normal};
use scorematch_runs::table::Table;

/// Step of a central difference, where its two errors balance for functions as smooth as these.
const STEP: f64 = 5e-5;
const LIMIT: f64 = 1e-6;

pub(super) fn check(seed: u64) -> Result<Findings> {
    let found = errors::<Mlp10Spec>(seed)?;
    let mut table = Table::new(["  derivative", "error"]);
    for (name, error) in &found {
        table.row([format!("  {name}"), format!("{error:.1e}")]);
    }
    let worst = found.iter().map(|f| f.1).fold(0.0, f64::max);
    Ok(Findings {
        topic: "Derived against finite differences, a SiLU network over ten dimensions",
        measured: table.to_string(),
        claims: vec![(
            format!("every error is at most {worst:.1e} of the largest entry (limit {LIMIT:.0e})"),
            worst < LIMIT,
        )],
    })
}

/// The error of each derivative, relative to its largest entry.
fn errors<S: Spec>(seed: u64) -> Result<Vec<(&'static str, f64)>> {
    let rng = &mut generator(seed, 3);
    let mut model = fresh::<S>(rng);
    let (x, v, noise) = (
        normal(16, S::DIM, rng),
        normal(16, S::DIM, rng),
        normal(16, S::DIM, rng),
    );
    let directions = normal(3 * 16, S::DIM, rng);
    let directions =
        Array3::from_shape_fn((3, 16, S::DIM), |(m, b, i)| directions[[m * 16 + b, i]]);

    let mut slope = Array2::zeros(x.dim());
    let mut trace = Array2::zeros((16, 1));
    for i in 0..S::DIM {
        let mut unit = Array2::zeros(x.dim());
        unit.column_mut(i).fill(1.0);
        let (ahead, behind) = (&x + &(&unit * STEP), &x - &(&unit * STEP));
        let rise = model.energy(ahead.view())? - model.energy(behind.view())?;
        slope.column_mut(i).assign(&(rise / (2.0 * STEP)));
        let turn =
            model.score(behind.view())?.column(i).to_owned() - model.score(ahead.view())?.column(i);
        let mut column = trace.column_mut(0);
        column += &(turn / (2.0 * STEP));
    }
    let (ahead, behind) = (&x + &(&v * STEP), &x - &(&v * STEP));
    let along = (model.score(behind.view())? - model.score(ahead.view())?) / (2.0 * STEP);
    let laplacian = model.laplacian(x.view())?.insert_axis(ndarray::Axis(1));
    let mut found = vec![
        ("score", error(-model.score(x.view())?, slope)),
        ("Laplacian", error(laplacian, trace)),
        (
            "Hessian-vector product",
            error(model.hvp(x.view(), v.view())?, along),
        ),
    ];
    let projections = || Projections::Given(directions.view());
    let losses = [
        ("gradient of ESM", Loss::esm()),
        ("gradient of SSM", Loss::ssm(projections())),
        ("gradient of SSM-VR", Loss::ssm_vr(projections())),
        (
            "gradient of DSM",
            Loss::dsm(1.0, Noise::Given(noise.view())),
        ),
    ];
    for (name, loss) in losses {
        found.push((
            name,
            gradient_error(&mut model, x.view(), &loss, &normal(8, S::PARAM_LEN, rng))?,
        ));
    }
    Ok(found)
}

/// The gradient against the loss's differences along the rows of `ways` in parameter space.
fn gradient_error<S: Spec>(
    model: &mut Model<S, f64>,
    x: ArrayView2<'_, f64>,
    loss: &Loss<'_, f64>,
    ways: &Array2<f64>,
) -> Result<f64> {
    let mut gradient = vec![0.0; S::PARAM_LEN];
    model.loss_gradient(x, loss, &mut gradient)?;
    let start = model.params().to_vec();
    let place = |model: &mut Model<S, f64>, way: &[f64], t: f64| -> Result<f64> {
        let moved = start.iter().zip(way).map(|(p, w)| p + t * w);
        model
            .params_mut()
            .iter_mut()
            .zip(moved)
            .for_each(|(p, q)| *p = q);
        Ok(model.loss(x, loss)?)
    };
    let (mut derived, mut measured) = (Vec::new(), Vec::new());
    for way in ways.rows() {
        let norm = way.dot(&way).sqrt();
        let way: Vec<f64> = way.iter().map(|w| w / norm).collect();
        derived.push(gradient.iter().zip(&way).map(|(g, w)| g * w).sum());
        measured.push((place(model, &way, STEP)? - place(model, &way, -STEP)?) / (2.0 * STEP));
    }
    place(model, &vec![0.0; S::PARAM_LEN], 0.0)?;
    let column = |values: Vec<f64>| Array2::from_shape_vec((values.len(), 1), values);
    Ok(error(column(derived)?, column(measured)?))
}

/// The greatest difference relative to the largest entry.
fn error(derived: Array2<f64>, measured: Array2<f64>) -> f64 {
    let largest = measured
        .iter()
        .fold(f64::MIN_POSITIVE, |m, e| m.max(e.abs()));
    (derived - measured)
        .iter()
        .fold(0.0f64, |m, e| m.max(e.abs()))
        / largest
}
