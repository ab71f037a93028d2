//! The engine and the model on a spec written by hand, without the compiler.

mod boundary;
mod listed;
mod losses;
mod quantities;
mod reference;
mod threads;
mod wave;

use ndarray::{Array2, Array3, ArrayView2, Axis};
use rand::{SeedableRng, rngs::SmallRng};
use reference::Reference;
use scorematch::train::{AdamW, Stepper};
use scorematch::{DirectionDistribution, Loss, Model, Noise, RandomDraw, Real, Spec};
use wave::Wave;

type Small<T> = Model<Wave<3, 5>, T>;
/// Its deferred product has several parts.
type Wide<T> = Model<Wave<90, 37>, T>;

const BATCHES: [usize; 8] = [1, 2, 7, 16, 17, 33, 128, 1000];

fn model<S: Spec, T: Real>() -> Model<S, T> {
    Model::init(&mut SmallRng::seed_from_u64(7))
}

fn reference<S: Spec>(model: &Model<S, f64>) -> Reference {
    Reference {
        params: model.params().to_vec(),
        dim: model.dim(),
        units: model.get("a").unwrap().len(),
    }
}

fn samples(batch: usize, dim: usize) -> Array2<f64> {
    draw(DirectionDistribution::Normal, 1, 99, batch, dim).remove_axis(Axis(0))
}

fn draw(
    kind: DirectionDistribution,
    count: usize,
    seed: u64,
    batch: usize,
    dim: usize,
) -> Array3<f64> {
    RandomDraw {
        kind,
        count,
        seed,
        step: 3,
    }
    .array(batch, dim)
    .unwrap()
}

#[track_caller]
fn assert_close<'a>(
    what: &str,
    found: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = f64>,
    tolerance: f64,
) {
    let (found, expected): (Vec<f64>, Vec<f64>) = (
        found.into_iter().copied().collect(),
        expected.into_iter().collect(),
    );
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected
        .iter()
        .fold(1e-300, |scale: f64, x| scale.max(x.abs()));
    for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let error = (found - expected).abs() / scale;
        assert!(
            error <= tolerance,
            "{what}[{i}]: {found} instead of {expected}, {error:e} of the largest"
        );
    }
}

/// Every result of a model, as bits.
fn everything<S: Spec, T: Real>(model: &Model<S, T>, x: ArrayView2<'_, T>) -> Vec<u64> {
    let draw = |kind| RandomDraw {
        kind,
        count: 3,
        seed: 1,
        step: 2,
    };
    let mut values: Vec<T> = Vec::new();
    values.extend(model.energy(x).unwrap());
    values.extend(model.score(x).unwrap());
    values.extend(model.laplacian(x).unwrap());
    values.extend(model.hvp(x, x).unwrap());
    values.extend(
        model
            .curvature(x, draw(DirectionDistribution::Sphere))
            .unwrap()
            .curvature,
    );
    let mut gradient = vec![T::zero(); model.params().len()];
    let losses = [
        Loss::esm(),
        Loss::ssm(draw(DirectionDistribution::Orthonormal)),
        Loss::ssm_vr(draw(DirectionDistribution::Normal)),
        Loss::dsm(T::of(0.1), Noise::Drawn { seed: 1, step: 2 }),
    ];
    for loss in losses {
        values.push(T::of(model.loss_gradient(x, &loss, &mut gradient).unwrap()));
        values.extend(&gradient);
    }
    values
        .iter()
        .map(|&value| value.to_f64().to_bits())
        .collect()
}
