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

/// A run as it is after its last step, and what it keeps.
struct Judged {
    /// Held-out J after the last step.
    held_out: f64,
    /// J on rows that were never rounded, after the last step.
    truth: f64,
    /// The same of the parameters that did best on held-out rows.
    truth_of_best: f64,
}

/// A run with this jitter whose held-out rows have this noise, by default that of training.
fn judged(jitter: f64, noise: Option<f64>) -> Judged {
    let test = normal(2000, 4);
    let mut model = Curve::<f32>::init(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    let mut trainer = Trainer::new(Objective::esm())
        .optimizer(Adam::new(5e-3))
        .schedule(Schedule::cosine())
        .steps(2000)
        .batch(100)
        .jitter(jitter)
        .validation(rounded(300, 3), 100)
        .progress(false);
    if let Some(noise) = noise {
        trainer = trainer.held_out_noise(noise);
    }
    let (mut held_out, mut truth) = (f64::NAN, f64::NAN);
    trainer
        .fit_with(&mut model, &rounded(600, 2), |event| {
            held_out = event.held_out().map_or(f64::NAN, |at| at.loss);
            truth = event.model().loss(test.view(), &Loss::esm())?;
            Ok(())
        })
        .unwrap();
    let truth_of_best = model.loss(test.view(), &Loss::esm()).unwrap();
    Judged {
        held_out,
        truth,
        truth_of_best,
    }
}

/// Without noise the run that digs wells at the values of the grid has by far the least held-out J, and the
/// worst density. Under the noise of training the order is that of the truth.
#[test]
fn held_out_rows_are_ranked_as_the_truth_ranks_them() {
    let (sharp, smooth) = (judged(0.0, Some(0.0)), judged(JITTER, Some(0.0)));
    assert!(smooth.truth < sharp.truth - 1.0);
    assert!(
        sharp.held_out < smooth.held_out - 1.0,
        "without noise the order is no longer backwards, so this test shows nothing"
    );
    // Early stopping follows it into the wells.
    assert!(sharp.truth_of_best > smooth.truth_of_best + 1.0);

    let (sharp, smooth) = (judged(0.0, Some(JITTER)), judged(JITTER, None));
    assert!(smooth.truth < sharp.truth - 1.0);
    assert!(smooth.held_out < sharp.held_out - 1.0);
    // Wells are seen as such, and the parameters from before them are kept.
    assert!(sharp.truth_of_best < smooth.truth_of_best + 0.1);
}
