//! Every derivative program of a model against finite differences of the program below it.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use scorematch_kernels::simd::InstructionSet;

use super::Agreement;
use crate::directions::{DirectionDistribution, RandomDraw, noise};
use crate::error::Result;
use crate::model::Model;
use crate::objective::{Loss, Noise, Projections};
use crate::program::Spec;

/// The step of the differences. With the five-point rule the error of truncation is h⁴/30 of a
/// fifth derivative, that of rounding 10⁻¹⁶/h.
const H: f64 = 1e-3;
const TOLERANCE: f64 = 1e-8;
/// Directions of parameters along which gradients are compared.
const DIRECTIONS: u64 = 3;
/// The noise level of the denoising loss that is checked.
const SIGMA: f64 = 0.5;

/// Compares, at the samples `[B, D]`: the score with differences of the energy, the Laplacian and
/// the Hessian-vector product with differences of the score, slopes and curvatures with score and
/// Hessian-vector product, and for each loss its value beside its gradient with the value alone,
/// and the gradient with differences of the value along random directions of the parameters.
///
/// Takes 8·D evaluations of the batch. Agreement is not to be expected within 2·10⁻³ of a kink.
///
/// # Errors
/// As [`Model::energy`].
pub fn check_derivatives<'x, S: Spec>(
    model: &Model<S, f64>,
    x: impl Into<ArrayView2<'x, f64>>,
    seed: u64,
) -> Result<Vec<Agreement>> {
    let x = x.into();
    let mut found = in_x(model, x, seed)?;
    let draw = |step| {
        Projections::Drawn(RandomDraw {
            kind: DirectionDistribution::Normal,
            count: 2,
            seed,
            step,
        })
    };
    let losses = [
        Loss::esm(),
        Loss::ssm(draw(0)),
        Loss::ssm_vr(draw(1)),
        Loss::dsm(SIGMA, Noise::Drawn { seed, step: 2 }),
    ];
    for loss in losses {
        found.extend(in_parameters(model, x, &loss, seed)?);
    }
    Ok(found)
}

fn in_x<S: Spec>(model: &Model<S, f64>, x: ArrayView2<f64>, seed: u64) -> Result<Vec<Agreement>> {
    let (batch, dim) = x.dim();
    let score = model.score(x)?;
    let mut slopes = Array2::zeros((batch, dim));
    let mut trace = Array1::zeros(batch);
    for i in 0..dim {
        let mut unit = Array2::zeros((batch, dim));
        unit.column_mut(i).fill(1.0);
        slopes
            .column_mut(i)
            .assign(&difference(|t| model.energy((&x + &(&unit * t)).view()))?);
        // The i-th column of ∇²E is that of −∇s.
        trace -= &difference(|t| {
            Ok(model
                .score((&x + &(&unit * t)).view())?
                .column(i)
                .to_owned())
        })?;
    }
    let v = noise::<f64>(InstructionSet::detect()?, seed, 0, 0, batch, dim);
    let hvp = model.hvp(x, v.view())?;
    let along = difference(|t| model.score((&x + &(&v * t)).view()))?;
    let curvature = model.curvature(x, v.view().insert_axis(Axis(0)))?;
    let slope = -(&score * &v).sum_axis(Axis(1));
    let bend = (&hvp * &v).sum_axis(Axis(1));
    Ok(vec![
        agreement(
            "the score against differences of the energy",
            &score,
            &-slopes,
        ),
        agreement(
            "the Laplacian against differences of the score",
            &model.laplacian(x)?,
            &trace,
        ),
        agreement(
            "the Hessian-vector product against differences of the score",
            &hvp,
            &-along,
        ),
        agreement(
            "slopes along v against the score",
            curvature.slope.iter(),
            &slope,
        ),
        agreement(
            "curvatures along v against the Hessian-vector product",
            curvature.curvature.iter(),
            &bend,
        ),
    ])
}

fn in_parameters<S: Spec>(
    model: &Model<S, f64>,
    x: ArrayView2<f64>,
    loss: &Loss<f64>,
    seed: u64,
) -> Result<[Agreement; 2]> {
    let mut gradient = vec![0.0; S::PARAM_LEN];
    let value = model.loss_gradient(x, loss, &mut gradient)?;
    let alone = model.loss(x, loss)?;
    let mut moved = model.clone();
    let mut pairs = Vec::new();
    for step in 0..DIRECTIONS {
        let u = noise::<f64>(InstructionSet::detect()?, seed, step, 0, 1, S::PARAM_LEN);
        // Of unit norm, so that h is a distance in parameter space.
        let u = &u / u.iter().map(|u| u * u).sum::<f64>().sqrt();
        let slope = difference(|t| {
            for ((moved, &parameter), &u) in
                moved.params_mut().iter_mut().zip(model.params()).zip(&u)
            {
                *moved = parameter + t * u;
            }
            Ok(Array1::from_elem(1, moved.loss(x, loss)?))
        })?;
        pairs.push((gradient.iter().zip(&u).map(|(g, u)| g * u).sum(), slope[0]));
    }
    let name = loss.name();
    Ok([
        Agreement::of(
            format!("{name}: the value beside the gradient against the value alone"),
            TOLERANCE,
            [(value, alone)],
        ),
        Agreement::of(
            format!("{name}: the gradient against differences of the value"),
            TOLERANCE,
            pairs,
        ),
    ])
}

/// f′(0) = (8(f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h + O(h⁴).
fn difference<D: ndarray::Dimension>(
    mut f: impl FnMut(f64) -> Result<ndarray::Array<f64, D>>,
) -> Result<ndarray::Array<f64, D>> {
    let near = f(H)? - f(-H)?;
    let far = f(2.0 * H)? - f(-2.0 * H)?;
    Ok((near * 8.0 - far) / (12.0 * H))
}

fn agreement<'a>(
    what: &str,
    found: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
) -> Agreement {
    let pairs = found
        .into_iter()
        .copied()
        .zip(expected.into_iter().copied());
    Agreement::of(what, TOLERANCE, pairs)
}
