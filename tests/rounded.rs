//! Held-out J on rounded data, whose values repeat, against rows that were never rounded.

use ndarray::Array2;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use scorematch::train::{Adam, Objective, Schedule, Trainer};
use scorematch::{Loss, energy};

energy! {
    /// A normal density bent by a network, on a line.
    Curve(x: [1]) {
        0.5 * norm_sq(x) + mlp(x, [24, 24], silu)
    }
}

/// The rounding step.
const STEP: f32 = 0.5;
/// About the deviation that rounding takes away, and more than its grid needs.
const JITTER: f64 = 0.25;

fn normal(rows: usize, seed: u64) -> Array2<f32> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    Array2::from_shape_simple_fn((rows, 1), || rng.sample(StandardNormal))
}

fn rounded(rows: usize, seed: u64) -> Array2<f32> {
    normal(rows, seed).mapv(|x| (x / STEP).round() * STEP)
}

/// The best held-out J under this noise of a run with this jitter, and J of its model on rows that were
/// never rounded.
fn judged(jitter: f64, noise: Option<f64>) -> (f64, f64) {
    let mut model = Curve::<f32>::init(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    let mut trainer = Trainer::new(Objective::Esm)
        .optimizer(Adam::new(5e-3))
        .schedule(Schedule::cosine())
        .steps(2000)
        .batch(100)
        .jitter(jitter)
        .validation(rounded(300, 3), 100)
        .progress(false)
        .ctrl_c(false);
    if let Some(noise) = noise {
        trainer = trainer.held_out_noise(noise);
    }
    let report = trainer.fit(&mut model, &rounded(600, 2)).unwrap();
    let truth = model.loss(normal(2000, 4).view(), &Loss::Esm).unwrap();
    (report.best.unwrap().loss, truth)
}

/// Without noise the run that digs wells at the values of the grid has by far the least held-out J, and the
/// worst density. Under the noise of training the order is that of the truth.
#[test]
fn held_out_rows_are_ranked_as_the_truth_ranks_them() {
    let ((sharp, true_sharp), (smooth, true_smooth)) =
        (judged(0.0, Some(0.0)), judged(JITTER, Some(0.0)));
    assert!(sharp < smooth - 1.0, "backwards: {sharp} and {smooth}");
    assert!(
        true_smooth < true_sharp - 1.0,
        "{true_smooth} and {true_sharp}"
    );

    let ((sharp, true_sharp), (smooth, true_smooth)) =
        (judged(0.0, Some(JITTER)), judged(JITTER, None));
    assert!(smooth < sharp - 0.05, "{smooth} and {sharp}");
    assert!(true_smooth < true_sharp, "{true_smooth} and {true_sharp}");
}
