//! Runs that are broken off and resumed end in the bits of runs that are not.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use ndarray::{Array2, s};

use super::{data, quiet, well};
use crate::data::Guard;
use crate::error::Error;
use crate::model::Model;
use crate::testing::Well;
use crate::train::*;

type Build = fn() -> Trainer<'static, f64>;

/// Runs that differ in what their steps depend on.
const RUNS: [(&str, Build); 7] = [
    ("plain", || quiet(Objective::esm()).steps(23).batch(8)),
    ("short last batches", || {
        quiet(Objective::esm())
            .optimizer(AdamW::new(0.02, 0.1))
            .epochs(5)
            .batch(8)
            .keep_short_last(true)
    }),
    ("one batch is nearly all rows", || {
        quiet(Objective::esm()).steps(31).batch(29)
    }),
    ("noise and averages", || {
        quiet(Objective::ssm(2))
            .optimizer(Sgd::new(1e-3, 0.9))
            .steps(40)
            .batch(7)
            .jitter(0.1)
            .ema(0.9)
            .clip(1.0)
            .seed(3)
    }),
    ("evaluations", || {
        quiet(Objective::dsm(0.2))
            .optimizer(Adam::new(0.05))
            .schedule(Schedule::cosine().warm_up(5))
            .steps(40)
            .batch(7)
            .ema(0.8)
            .standardize(true)
            .validation(data(9), 6)
    }),
    ("early stopping", || {
        quiet(Objective::esm())
            .optimizer(Adam::new(0.3))
            .steps(500)
            .batch(5)
            .validation(data(11), 4)
            .patience(5)
    }),
    ("trimmed evaluations", || {
        quiet(Objective::ssm_vr(1))
            .steps(30)
            .batch(10)
            .validation(data(12), 5)
            .held_out_estimator(Estimator::Trimmed(0.1))
            .min_improvement(0.0)
    }),
];

fn rows() -> Array2<f64> {
    data(30)
}

fn start() -> Model<Well, f64> {
    well(0.7, [1.0, 0.5])
}

/// The report without its times and without the places at which the run was resumed.
fn timeless(report: &Report) -> Report {
    let mut report = report.clone();
    report.step_ends.clear();
    report.resumed.clear();
    (report.seconds, report.seconds_per_step) = (0.0, 0.0);
    if let Some(step) = &mut report.last_step {
        step.seconds = 0.0;
    }
    for held_out in report.held_out.iter_mut().chain(&mut report.best) {
        held_out.seconds = 0.0;
    }
    report
}

fn bits(model: &Model<Well, f64>) -> Vec<u64> {
    model.params().iter().map(|value| value.to_bits()).collect()
}

/// The trainer of a run, which ends after `after` steps from now.
fn broken_off(build: Build, state: &Path, after: u64) -> Trainer<'static, f64> {
    let mut made = 0;
    build()
        .data_guard(Guard::Silent)
        .save_state(state)
        .on_step(move |_| {
            made += 1;
            match made == after {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })
}

fn undisturbed(build: Build) -> (Vec<u64>, Report) {
    let mut model = start();
    let report = build()
        .data_guard(Guard::Silent)
        .fit(&mut model, &rows())
        .unwrap();
    (bits(&model), timeless(&report))
}

#[test]
fn runs_that_are_broken_off_again_and_again_end_in_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("run.state");
    for (name, build) in RUNS {
        let expected = undisturbed(build);
        for after in [1, 2, 3, 7, 19] {
            let mut report = broken_off(build, &state, after)
                .fit(&mut start(), &rows())
                .unwrap();
            let mut parts = 1;
            let mut model = start();
            while report.stop == Stop::Callback {
                // What the model holds before does not matter.
                model = well(-1.0, [9.0, 9.0]);
                report = broken_off(build, &state, after)
                    .resume(&mut model, &rows())
                    .unwrap();
                parts += 1;
                assert_eq!(report.resumed.len(), parts - 1);
            }
            assert!(parts > 1, "{name} {after}");
            assert_eq!(
                (bits(&model), timeless(&report)),
                expected,
                "{name} {after}"
            );
        }
    }
}

/// The state file at every moment of a run, as a process that is killed leaves it.
#[test]
fn every_state_leads_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("run.state");
    for (name, build) in RUNS {
        let expected = undisturbed(build);
        let mut copies = Vec::new();
        build()
            .data_guard(Guard::Silent)
            .save_every(Duration::ZERO)
            .save_state(&state)
            .on_step(|_| copies.push(fs::read(&state).unwrap()))
            .fit(&mut start(), &rows())
            .unwrap();
        copies.push(fs::read(&state).unwrap());
        assert!(copies.len() > 20, "{name}");
        for copy in copies {
            fs::write(&state, copy).unwrap();
            let mut model = well(-1.0, [9.0, 9.0]);
            let report = build()
                .data_guard(Guard::Silent)
                .save_state(&state)
                .resume(&mut model, &rows())
                .unwrap();
            assert_eq!((bits(&model), timeless(&report)), expected, "{name}");
        }
    }
}

#[test]
fn more_steps_and_other_schedules_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("run.state");
    let trainer = |steps| {
        quiet(Objective::esm())
            .steps(steps)
            .batch(8)
            .data_guard(Guard::Silent)
            .save_state(&state)
    };
    trainer(10).fit(&mut start(), &rows()).unwrap();
    let mut model = start();
    let report = trainer(25)
        .schedule(Schedule::cosine())
        .optimizer(Adam::new(0.01))
        .resume(&mut model, &rows())
        .unwrap();
    assert_eq!((report.steps(), &report.stop), (25, &Stop::Finished));
    let [resumed] = &report.resumed[..] else {
        panic!("{:?}", report.resumed)
    };
    assert_eq!(resumed.step, 10);
    let changes = resumed.changes.join("\n");
    for part in ["length.steps: 10 → 25", "schedule.decay: ", "optimizer."] {
        assert!(changes.contains(part), "{changes}");
    }
    // A run that is complete returns its report.
    let again = trainer(25)
        .schedule(Schedule::cosine())
        .optimizer(Adam::new(0.01))
        .resume(&mut start(), &rows())
        .unwrap();
    assert_eq!(timeless(&again), timeless(&report));
    let error = trainer(24).resume(&mut start(), &rows()).unwrap_err();
    assert!(
        error.to_string().contains("25 steps have been made"),
        "{error}"
    );
}

#[test]
fn what_is_not_that_run_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("run.state");
    let build = || {
        quiet(Objective::esm())
            .steps(10)
            .batch(8)
            .data_guard(Guard::Silent)
            .validation(data(9), 6)
            .save_state(&state)
    };
    build().fit(&mut start(), &rows()).unwrap();
    let x = rows();
    let mut other = x.clone();
    other[[4, 1]] += 1e-12;
    let cases: [(Trainer<'_, f64>, Array2<f64>, &str); 7] = [
        (build(), other, "the data is not"),
        (build(), x.slice(s![..29, ..]).to_owned(), "the data is not"),
        (
            build().validation(data(8), 6),
            x.clone(),
            "the held-out rows are not",
        ),
        (build().batch(9), x.clone(), "batch = 8, and 9 is given"),
        (build().seed(1), x.clone(), "seed = 0"),
        (
            build().optimizer(Sgd::new(0.1, 0.0)),
            x.clone(),
            "another update rule",
        ),
        (
            build().save_state(folder.path().join("none")),
            x.clone(),
            "none",
        ),
    ];
    for (mut trainer, x, expected) in cases {
        let mut model = well(2.0, [3.0, 4.0]);
        let error = trainer.resume(&mut model, &x).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(model.params(), [2.0, 3.0, 4.0]);
    }
    let unnamed = quiet(Objective::esm())
        .resume(&mut start(), &x)
        .unwrap_err();
    assert!(matches!(unnamed, Error::InvalidSetting { .. }), "{unnamed}");
    // A model of the other scalar type.
    let mut single: Model<Well, f32> = Model::zeros();
    let error = Trainer::<f32>::new(Objective::esm())
        .progress(false)
        .data_guard(Guard::Silent)
        .save_state(&state)
        .resume(&mut single, &x.mapv(|x| x as f32))
        .unwrap_err();
    assert!(error.to_string().contains("Well<f64>"), "{error}");
}

#[test]
fn damaged_states_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("run.state");
    let build = || {
        quiet(Objective::esm())
            .steps(10)
            .batch(8)
            .data_guard(Guard::Silent)
            .validation(data(9), 6)
            .ema(0.5)
            .save_state(&state)
    };
    build().fit(&mut start(), &rows()).unwrap();
    let whole = fs::read(&state).unwrap();
    let places = (0..whole.len()).step_by(7);
    let damaged = places
        .clone()
        .map(|place| whole[..place].to_vec())
        .chain(places.map(|place| {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x11;
            bytes
        }))
        .chain([b"{}".to_vec(), Vec::new()]);
    for bytes in damaged {
        fs::write(&state, bytes).unwrap();
        let mut model = well(2.0, [3.0, 4.0]);
        let error = build().resume(&mut model, &rows()).unwrap_err();
        assert!(matches!(error, Error::Checkpoint { .. }), "{error}");
        assert_eq!(model.params(), [2.0, 3.0, 4.0]);
    }
}

/// After a divergence the last state before it remains, here that before the first step, from which the run can go on with a
/// smaller learning rate.
#[test]
fn a_run_that_diverged_goes_on_from_before() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("run.state");
    let trainer = |learning_rate| {
        quiet(Objective::esm())
            .optimizer(Sgd::new(learning_rate, 0.0))
            .steps(300)
            .batch(8)
            .data_guard(Guard::Silent)
            .save_state(&state)
    };
    let diverged = trainer(1.0).fit(&mut start(), &rows()).unwrap();
    assert!(matches!(diverged.stop, Stop::Diverged(_)), "{diverged}");
    let mut model = start();
    let error = trainer(1.0).resume(&mut model, &rows()).unwrap();
    assert!(
        matches!(error.stop, Stop::Diverged(_)),
        "the same again: {error}"
    );
    let report = trainer(1e-6).resume(&mut model, &rows()).unwrap();
    assert_eq!((&report.stop, report.steps()), (&Stop::Finished, 300));
    assert!(!report.resumed[0].changes.is_empty());
}
