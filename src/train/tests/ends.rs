//! How runs end: with the best parameters, early, interrupted, diverged, or not begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array2;

use super::{best, data, quiet, well};
use crate::checkpoint::Trained;
use crate::data::{ConstantColumns, DataError, Guard, Standardization, Standardizer, split};
use crate::error::{Error, Result};
use crate::objective::Loss;
use crate::testing::Well;
use crate::train::*;

#[test]
fn the_best_held_out_parameters_are_kept() {
    let parts = split(data(60).view(), 0.3, 1).unwrap();
    let mut model = well(1.0, [0.0, 0.0]);
    // A learning rate so great that the last parameters are seldom the best.
    let report = quiet(Objective::ssm(1))
        .optimizer(Adam::new(0.5))
        .steps(101)
        .batch(10)
        .validation(parts.held_out.clone(), 10)
        .min_improvement(0.0)
        .fit(&mut model, &parts.train)
        .unwrap();
    let steps: Vec<u64> = report
        .held_out
        .iter()
        .map(|held_out| held_out.step)
        .collect();
    assert_eq!(steps, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 101]);
    let best = report.best.unwrap();
    assert!(
        report
            .held_out
            .iter()
            .all(|held_out| held_out.loss >= best.loss)
    );
    assert_eq!(report.kept, best.step);
    assert_eq!(
        model.loss(parts.held_out.view(), &Loss::esm()).unwrap(),
        best.loss
    );
}

#[test]
fn patience_ends_a_run_that_no_longer_improves() {
    let x = data(40);
    let mut model = well(best(x.view())[0], [best(x.view())[1], best(x.view())[2]]);
    let start = model.params().to_vec();
    let trainer = quiet(Objective::ssm(1))
        .optimizer(Adam::new(0.3))
        .steps(1000)
        .batch(4);
    let report = trainer
        .validation(x.clone(), 5)
        .patience(3)
        .fit(&mut model, &x)
        .unwrap();
    assert_eq!(
        (&report.stop, report.steps(), report.kept),
        (&Stop::Patience, 15, 0)
    );
    assert_eq!(model.params(), start);
}

#[test]
fn a_run_that_diverges_keeps_the_last_good_parameters() {
    let x = data(20);
    let mut model = well(1.0, [0.0, 0.0]);
    let report = quiet(Objective::esm())
        .optimizer(Sgd::new(1e3, 0.0))
        .epochs(50)
        .batch(8)
        .fit(&mut model, &x)
        .unwrap();
    let Stop::Diverged(divergence) = &report.stop else {
        panic!("{}", report.stop)
    };
    assert_eq!(divergence.step, report.steps());
    assert_eq!(
        (divergence.epoch, divergence.batch),
        (
            divergence.step * 8 / 20,
            [0, 1, 2, 0, 1][divergence.step as usize % 5]
        )
    );
    assert_eq!(divergence.rows.len(), 8);
    assert!(!divergence.at_start);
    assert!(report.losses.iter().all(|loss| loss.is_finite()));
    assert!(model.params().iter().all(|parameter| parameter.is_finite()));
    assert!(model.loss(x.view(), &Loss::esm()).unwrap().is_finite());
    assert!(matches!(report.converged(), Err(Error::Diverged { .. })));
}

/// Finite, but without bound below: J of one repeated value falls as −kD.
#[test]
fn atoms_need_jitter() {
    let atom = Array2::from_elem((50, 2), 1.0);
    let fit = |jitter| {
        let mut model = well(1.0, [1.0, 1.0]);
        let trainer = quiet(Objective::esm())
            .optimizer(Sgd::new(0.5, 0.0))
            .steps(400)
            .batch(50);
        let report = trainer.jitter(jitter).fit(&mut model, &atom).unwrap();
        (report, model)
    };
    let (bare, _) = fit(0.0);
    assert!(
        bare.losses.windows(2).all(|pair| pair[1] < pair[0] - 0.5),
        "the loss falls without end"
    );
    let (blurred, model) = fit(0.8);
    assert_eq!(blurred.stop, Stop::Finished);
    let k = model.params()[0];
    assert!((k - 1.0 / 0.64).abs() < 0.5, "{k}");
}

#[test]
fn a_flag_ends_the_run_and_what_was_learnt_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("well.safetensors");
    let flag = Arc::new(AtomicBool::new(false));
    let mut model = well(1.0, [0.0, 0.0]);
    let raise = flag.clone();
    let report = quiet(Objective::esm())
        .stop_flag(flag)
        .standardize(true)
        .checkpoint(&path)
        .on_step(move |info| raise.store(info.step == 6, Ordering::Relaxed))
        .fit(&mut model, &data(50))
        .unwrap();
    assert_eq!((&report.stop, report.steps()), (&Stop::Interrupted, 7));
    let saved = Trained::<Well, f64>::load(&path).unwrap();
    assert_eq!(saved.model.params(), model.params());
    assert_eq!(
        (saved.step, &saved.standardization),
        (7, &report.standardization)
    );
}

#[test]
fn settings_and_data_that_cannot_be_used() {
    let fit = |trainer: Trainer<f64>, x: &Array2<f64>| -> Result<Report> {
        { trainer }.fit(&mut well(1.0, [0.0, 0.0]), x)
    };
    let x = data(20);
    let judged = || quiet(Objective::esm()).validation(data(20), 1);
    let broken: [Trainer<f64>; 26] = [
        quiet(Objective::ssm(0)),
        quiet(Objective::dsm(0.0)),
        quiet(Objective::esm()).optimizer(Adam::new(-1.0)),
        quiet(Objective::esm()).schedule(Schedule::cosine().floor(2.0)),
        quiet(Objective::esm()).jitter(-0.1),
        quiet(Objective::esm()).jitter(f64::NAN),
        quiet(Objective::esm()).clip(0.0),
        quiet(Objective::esm()).ema(1.0),
        quiet(Objective::esm()).epochs(0),
        quiet(Objective::esm()).steps(0),
        quiet(Objective::esm()).batch(0),
        quiet(Objective::esm()).validation(x.clone(), 0),
        quiet(Objective::esm()).validation(x.clone(), 1).patience(0),
        quiet(Objective::esm()).patience(3),
        judged().held_out_noise(-0.1),
        judged().held_out_noise(f64::INFINITY),
        judged().held_out_draws(0),
        judged().held_out_estimator(Estimator::Trimmed(0.5)),
        judged().held_out_estimator(Estimator::MedianOfMeans(21)),
        judged().min_improvement(-1.0),
        judged().min_improvement(f64::NAN),
        quiet(Objective::esm()).held_out_noise(0.1),
        quiet(Objective::esm()).held_out_draws(4),
        quiet(Objective::esm()).held_out_estimator(Estimator::Mean),
        quiet(Objective::esm()).min_improvement(1.0),
        quiet(Objective::esm()).observe_every(0),
    ];
    for (case, trainer) in broken.into_iter().enumerate() {
        let error = fit(trainer, &x).expect_err("a broken setting");
        assert!(
            matches!(error, Error::InvalidSetting { .. }),
            "case {case}: {error}"
        );
    }
    let mut nan = x.clone();
    nan[[7, 1]] = f64::NAN;
    assert!(matches!(
        fit(quiet(Objective::esm()), &nan),
        Err(Error::NonFinite {
            row: 7,
            column: 1,
            ..
        })
    ));
    let held_out = quiet(Objective::esm()).validation(nan, 1);
    assert!(
        fit(held_out, &x)
            .unwrap_err()
            .to_string()
            .contains("the held-out data")
    );
    assert!(matches!(
        fit(quiet(Objective::esm()), &Array2::zeros((5, 3))),
        Err(Error::Shape { .. })
    ));
    assert!(matches!(
        fit(quiet(Objective::esm()), &Array2::zeros((0, 2))),
        Err(Error::EmptyBatch { .. })
    ));
    let flat = quiet(Objective::esm()).standardize(true);
    assert!(matches!(
        fit(flat, &Array2::zeros((5, 2))),
        Err(Error::Data(_))
    ));
    let nowhere = quiet(Objective::esm()).checkpoint("/no/such/folder/model.safetensors");
    assert!(matches!(fit(nowhere, &x), Err(Error::Io { .. })));
}

/// Units of one's own are those of the run, the report and the checkpoint.
#[test]
fn given_units_are_trained_in() {
    let x = data(50);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("well.safetensors");
    let units = Standardization::robust(x.view()).unwrap();
    let fit = |trainer: Trainer<'static, f64>, x: &Array2<f64>| {
        let mut model = well(1.0, [0.0, 0.0]);
        let report = { trainer }.fit(&mut model, x)?;
        Result::Ok((model.params().to_vec(), report))
    };
    let short = || quiet(Objective::esm()).steps(5).batch(50);
    let given = short().standardization(units.clone()).checkpoint(&path);
    let (parameters, report) = fit(given, &x).unwrap();
    assert_eq!(report.standardization.as_ref(), Some(&units));
    assert_eq!(
        Trained::<Well, f64>::load(&path).unwrap().standardization,
        Some(units.clone())
    );
    let (by_hand, _) = fit(short(), &units.apply(x.view()).unwrap()).unwrap();
    assert_eq!(parameters, by_hand);
    let narrow = Standardization::new(vec![0.0], vec![1.0]).unwrap();
    let error = fit(short().standardization(narrow), &x).unwrap_err();
    assert!(
        matches!(
            error,
            Error::InvalidSetting {
                setting: "the standardization",
                ..
            }
        ),
        "{error}"
    );
    let tiny = Standardization::new(vec![0.0; 2], vec![1e-300; 2]).unwrap();
    let error = fit(short().standardization(tiny), &(x * 1e20))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the data in the units of training"),
        "{error}"
    );
}

#[test]
fn constant_columns_can_keep_their_scale() {
    let mut x = data(50);
    x.column_mut(1).fill(7.0);
    let mut fitted = quiet(Objective::esm()).standardize(true).steps(3);
    let error = fitted
        .fit(&mut well(1.0, [0.0, 0.0]), &x)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("column 2") && error.contains("Standardization::new"),
        "{error}"
    );
    let units = Standardizer::new()
        .constant(ConstantColumns::Unscaled)
        .fit(x.view())
        .unwrap();
    let mut given = quiet(Objective::esm()).standardization(units).steps(3);
    assert!(given.fit(&mut well(1.0, [0.0, 0.0]), &x).is_ok());
}

/// Five rows two hundred times: told once, refused, passed over, or cured by noise.
#[test]
fn repeated_rows_are_told() {
    let five = data(5);
    let x = Array2::from_shape_fn((1000, 2), |(row, column)| five[[row % 5, column]]);
    let fit = |trainer: Trainer<'static, f64>| { trainer }.fit(&mut well(1.0, [0.0, 0.0]), &x);
    let short = |objective| quiet(objective).standardize(true).steps(3);
    let report = fit(short(Objective::esm())).unwrap();
    let text = report.to_string();
    assert!(
        text.contains("finished\nwarning: 995 of 1000 rows repeat"),
        "{text}"
    );
    let silent = fit(short(Objective::esm()).data_guard(Guard::Silent)).unwrap();
    assert_eq!(silent.findings, []);
    let refused = fit(short(Objective::esm()).data_guard(Guard::Error)).unwrap_err();
    assert!(
        matches!(refused, Error::Data(DataError::Guarded { .. })),
        "{refused}"
    );
    for blurred in [
        short(Objective::esm()).jitter(1.0),
        short(Objective::dsm(1.0)),
    ] {
        assert_eq!(fit(blurred.data_guard(Guard::Error)).unwrap().findings, []);
    }
}
