//! How held-out rows are evaluated, and what counts as an improvement.

use ndarray::{Array2, Axis, concatenate};
use scorematch_kernels::simd::{InstructionSet, Real};

use super::{data, quiet, well};
use crate::directions::{Purpose, noise};
use crate::error::Error;
use crate::model::Model;
use crate::objective::Loss;
use crate::program::{ParamInfo, Programs, Spec};
use crate::testing::Well;
use crate::train::*;

/// The first evaluation of the well k = 0.7, b = (2, −1) on `held_out`, by a trainer with other settings.
fn first(trainer: Trainer<f64>, held_out: &Array2<f64>) -> (HeldOut, Report) {
    let mut trainer = trainer.steps(1).validation(held_out.clone(), 1);
    let report = trainer.fit(&mut well(0.7, [2.0, -1.0]), &data(64)).unwrap();
    (report.held_out[0], report)
}

/// ½k²‖x − b‖² − 2k.
fn j(x: ndarray::ArrayView1<f64>) -> f64 {
    0.5 * 0.49 * ((x[0] - 2.0).powi(2) + (x[1] + 1.0).powi(2)) - 2.0 * 0.7
}

#[test]
fn rows_are_judged_under_the_noise_of_training() {
    let held_out = data(7);
    let trainer = || quiet(Objective::ssm(1)).jitter(0.3).seed(5);
    let (found, report) = first(trainer().held_out_draws(3), &held_out);
    let seed = Purpose::HeldOut.seed(5, 0);
    let normal: Array2<f64> = noise(InstructionSet::detect().unwrap(), seed, 0, 0, 21, 2);
    let losses: Vec<f64> = (0..7)
        .map(|row| {
            let draws = (0..3)
                .map(|draw| j((&held_out.row(row) + &(&normal.row(7 * draw + row) * 0.3)).view()));
            draws.sum::<f64>() / 3.0
        })
        .collect();
    let mean = losses.iter().sum::<f64>() / 7.0;
    let variance = losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / 6.0;
    assert!((found.loss - mean).abs() < 1e-12, "{found:?} for {mean}");
    assert!((found.standard_error - (variance / 7.0).sqrt()).abs() < 1e-12);
    let evaluation = report.evaluation.unwrap();
    assert_eq!(evaluation.to_string(), "J under noise 0.3, 3 draws a row");
    assert_eq!((evaluation.rows, evaluation.min_improvement), (7, 1.0));
    // Another seed, other draws; as many as asked for, else enough and no more than 16.
    assert_ne!(
        first(trainer().held_out_draws(3).seed(6), &held_out).0,
        found
    );
    let draws = |rows| first(trainer(), &data(rows)).1.evaluation.unwrap().draws;
    assert_eq!([7, 100, 1023, 1024, 3000].map(draws), [16, 11, 2, 1, 1]);
    // More noisy rows than a block holds.
    let many = data(700);
    let (found, _) = first(trainer().held_out_draws(5), &many);
    let normal: Array2<f64> = noise(InstructionSet::detect().unwrap(), seed, 0, 0, 3500, 2);
    let noisy = (0..3500).map(|i| j((&many.row(i % 700) + &(&normal.row(i) * 0.3)).view()));
    assert!((found.loss - noisy.sum::<f64>() / 3500.0).abs() < 1e-12);
}

#[test]
fn without_noise_rows_are_judged_as_they_are() {
    let held_out = data(9);
    let expected = well(0.7, [2.0, -1.0])
        .loss(held_out.view(), &Loss::esm())
        .unwrap();
    for trainer in [
        quiet(Objective::esm()),
        quiet(Objective::esm()).jitter(0.4).held_out_noise(0.0),
        quiet(Objective::dsm(0.2)).held_out_noise(0.0),
    ] {
        let (found, report) = first(trainer, &held_out);
        assert_eq!(found.loss, expected);
        assert_eq!(report.evaluation.unwrap().to_string(), "J");
    }
}

/// Denoising fits the data blurred by σ, and jitter blurs it further.
#[test]
fn denoising_is_judged_by_the_density_that_it_fits() {
    let held_out = data(9);
    let denoising = quiet(Objective::dsm(0.3)).jitter(0.4);
    let (found, report) = first(denoising, &held_out);
    assert_eq!(report.evaluation.unwrap().noise, 0.5);
    assert_eq!(report.evaluation.unwrap().loss, HeldOutLoss::Exact);
    let (exact, _) = first(quiet(Objective::esm()).jitter(0.5), &held_out);
    assert_eq!(found, exact);
}

/// The well, declared to have kinks.
#[derive(Debug)]
enum Kinked {}

impl Spec for Kinked {
    const NAME: &'static str = "Kinked";
    const X_SHAPE: &'static [usize] = Well::X_SHAPE;
    const DIM: usize = Well::DIM;
    const PARAMS: &'static [ParamInfo] = Well::PARAMS;
    const PARAM_LEN: usize = Well::PARAM_LEN;
    const SMOOTH: bool = false;

    fn programs<T: Real>() -> &'static Programs<T> {
        Well::programs()
    }
}

#[test]
fn denoising_with_kinks_is_judged_by_its_own_loss() {
    let held_out = data(6);
    let mut model = Model::<Kinked, f64>::zeros();
    model.params_mut().copy_from_slice(&[0.7, 2.0, -1.0]);
    let report = quiet(Objective::dsm(0.3))
        .jitter(0.4)
        .steps(1)
        .validation(held_out.clone(), 1)
        .held_out_draws(2)
        .fit(&mut model, &data(64))
        .unwrap();
    let normal = |stream| -> Array2<f64> {
        let seed = Purpose::HeldOut.seed(0, 0);
        noise(InstructionSet::detect().unwrap(), seed, stream, 0, 12, 2)
    };
    let (jitter, epsilon) = (normal(0), normal(1));
    let mut expected = 0.0;
    for (i, u) in ndarray::indices((12, 2)).into_iter() {
        let x = held_out[[i % 6, u]] + 0.4 * jitter[[i, u]] + 0.3 * epsilon[[i, u]];
        let score = -0.7 * (x - [2.0, -1.0][u]);
        expected += 0.5 * (0.3 * score + epsilon[[i, u]]).powi(2) / 12.0;
    }
    assert!((report.held_out[0].loss - expected).abs() < 1e-12);
    assert_eq!(
        report.evaluation.unwrap().to_string(),
        "denoising loss under noise 0.4, 2 draws a row"
    );
}

/// Evaluations of a run have one noise: parameters that stay have one loss, and no standard error between.
#[test]
fn all_evaluations_have_the_same_draws() {
    let x = data(20);
    let report = quiet(Objective::esm())
        .optimizer(Sgd::new(1e-300, 0.0))
        .steps(4)
        .jitter(0.5)
        .validation(data(10), 1)
        .patience(3)
        .fit(&mut well(0.7, [2.0, -1.0]), &x)
        .unwrap();
    assert!(
        report
            .held_out
            .iter()
            .all(|at| at.loss == report.held_out[0].loss)
    );
    assert_eq!((&report.stop, report.kept), (&Stop::Patience, 0));
}

#[test]
fn noise_that_leaves_the_numbers_is_a_setting_and_no_fault_of_the_rows() {
    let mut trainer = quiet(Objective::esm()).validation(data(10), 1);
    trainer = trainer.held_out_noise(1.7e308);
    let error = trainer
        .fit(&mut well(1.0, [0.0, 0.0]), &data(20))
        .unwrap_err();
    assert!(matches!(error, Error::InvalidSetting { .. }), "{error}");
}

/// Two of 102 rows lie 50 away: they alone make the mean prefer a well of k near 0.04 where the other rows,
/// held out and trained on, have k near 4.
#[test]
fn heavy_tails_move_the_mean_and_not_the_trimmed_one() {
    let outliers = ndarray::arr2(&[[53.0, -2.0], [3.0, 48.0]]);
    let held_out = concatenate![Axis(0), data(100), outliers];
    let run = |estimator| {
        let mut model = well(0.04, [3.0, -2.0]);
        let report = quiet(Objective::esm())
            .optimizer(Adam::new(0.05))
            .steps(300)
            .batch(50)
            .validation(held_out.clone(), 10)
            .held_out_estimator(estimator)
            .fit(&mut model, &data(200))
            .unwrap();
        (model.params()[0], report)
    };
    let (k, report) = run(Estimator::Mean);
    assert!(k < 0.2, "{k}, {report}");
    for estimator in [Estimator::Trimmed(0.05), Estimator::MedianOfMeans(11)] {
        let (k, report) = run(estimator);
        assert!(k > 2.0 && report.kept > 50, "{k}, {report}");
    }
}

/// A group without rows has no mean: the estimate is left out, and is never NaN.
#[test]
fn fewer_training_rows_than_groups_are_not_evaluated() {
    let fit = |rows| {
        let mut model = Model::<Well, f64>::zeros();
        model.params_mut().copy_from_slice(&[0.7, 2.0, -1.0]);
        quiet(Objective::esm())
            .steps(2)
            .batch(2)
            .validation(data(20), 1)
            .held_out_estimator(Estimator::MedianOfMeans(5))
            .fit(&mut model, &data(rows))
            .unwrap()
    };
    assert_eq!(fit(4).training_rows, None);
    assert!(fit(5).training_rows.unwrap().value.is_finite());
}

#[test]
fn the_report_tells_the_gap_to_training_rows() {
    let (x, held_out) = (data(12), data(60).slice(ndarray::s![40.., ..]).to_owned());
    let mut model = well(1.0, [0.0, 0.0]);
    let mut trainer = quiet(Objective::esm())
        .optimizer(Adam::new(0.05))
        .steps(400)
        .batch(12)
        .validation(held_out, 20);
    let report = trainer.fit(&mut model, &x).unwrap();
    let training = report.training_rows.unwrap();
    // There are fewer rows to train on than are held out, so all of them are evaluated.
    let expected = model.loss(x.view(), &Loss::esm()).unwrap();
    assert!((training.value - expected).abs() < 1e-12);
    let best = report.best.unwrap();
    let shown = format!(
        "best held-out J {:.4} ± {:.4} (se over 20 rows) at step {}, training rows {:.4} ± {:.4} (J); finished",
        best.loss, best.standard_error, best.step, training.value, training.standard_error
    );
    assert!(report.to_string().contains(&shown), "{report} for {shown}");
    let report = quiet(Objective::esm())
        .steps(1)
        .fit(&mut model, &x)
        .unwrap();
    assert_eq!((report.training_rows, report.evaluation), (None, None));
}
