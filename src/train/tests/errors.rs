//! Errors inside a run: their true cause, and what is left of the run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array2;

use super::{data, quiet, well};
use crate::checkpoint::Trained;
use crate::error::Error;
use crate::testing::Well;
use crate::train::run::Run;
use crate::train::*;

fn failure() -> Error {
    Error::EmptyBatch {
        what: "a batch of the test",
    }
}

#[test]
fn jitter_beyond_all_numbers_is_told_and_the_state_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("well.safetensors");
    let mut model = well(1.0, [0.5, 0.25]);
    let error = quiet(Objective::esm())
        .jitter(1e308)
        .batch(20)
        .steps(5)
        .checkpoint(&path)
        .fit(&mut model, &data(20))
        .expect_err("half of all samples overflow");
    assert!(matches!(error, Error::InvalidSetting { .. }));
    let text = error.to_string();
    assert!(
        text.starts_with("the jitter is 1e308; at step 0 it took row ") && text.contains("of f64"),
        "{text}"
    );
    let saved = Trained::<Well, f64>::load(&path).unwrap();
    assert_eq!(
        (saved.model.params(), saved.step),
        (&[1.0, 0.5, 0.25][..], 0)
    );
}

#[test]
fn what_an_interrupted_run_would_keep_is_kept_after_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("well.safetensors");
    let x = data(40);
    let settings = || quiet(Objective::esm()).steps(7).batch(10).standardize(true);
    for (case, settings) in [
        (|s| s) as fn(Trainer<'static, f64>) -> Trainer<'static, f64>,
        |s| s.ema(0.9),
        |s| s.validation(data(30), 3),
    ]
    .into_iter()
    .map(|more| more(settings()))
    .enumerate()
    {
        let mut trainer = settings.checkpoint(&path);
        let mut expected = well(1.0, [0.0, 0.0]);
        let report = trainer.fit(&mut expected, &x).unwrap();
        let mut model = well(1.0, [0.0, 0.0]);
        let mut run = Run::prepare(&mut trainer, model.any(), &x.view().into()).unwrap();
        run.steps(model.any_mut(), None).unwrap();
        let error = run.abandon(model.any_mut(), failure());
        assert_eq!(error.to_string(), failure().to_string());
        assert_eq!(model.params(), expected.params(), "case {case}");
        let saved = Trained::<Well, f64>::load(&path).unwrap();
        assert_eq!(
            (saved.model.params(), saved.step, saved.standardization),
            (expected.params(), report.kept, report.standardization)
        );
    }
}

#[test]
fn an_update_that_overflowed_before_the_error_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("well.safetensors");
    let x = data(40);
    let mut trainer = quiet(Objective::esm()).steps(3).batch(10).checkpoint(&path);
    let mut model = well(1.0, [0.0, 0.0]);
    let mut run = Run::prepare(&mut trainer, model.any(), &x.view().into()).unwrap();
    run.steps(model.any_mut(), None).unwrap();
    model.params_mut()[1] = f64::INFINITY;
    run.abandon(model.any_mut(), failure());
    let saved = Trained::<Well, f64>::load(&path).unwrap();
    assert_eq!((saved.model.params(), saved.step), (model.params(), 2));
}

#[test]
fn an_error_of_a_callback_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("well.safetensors");
    let mut model = well(1.0, [0.0, 0.0]);
    let error = quiet(Objective::esm())
        .steps(50)
        .checkpoint(&path)
        .on_step(|info| {
            if info.step == 6 {
                Err(failure())
            } else {
                Ok(())
            }
        })
        .fit(&mut model, &data(20))
        .expect_err("the callback's");
    assert_eq!(error.to_string(), failure().to_string());
    assert_ne!(model.params(), [1.0, 0.0, 0.0]);
    let saved = Trained::<Well, f64>::load(&path).unwrap();
    assert_eq!((saved.model.params(), saved.step), (model.params(), 7));
}

/// The error of the run counts, not that of the save after it.
#[test]
fn a_save_that_fails_too_does_not_hide_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let mut trainer = quiet(Objective::esm())
        .steps(2)
        .checkpoint(inner.join("model"));
    let mut model = well(1.0, [0.0, 0.0]);
    let mut run = Run::prepare(&mut trainer, model.any(), &data(20).view().into()).unwrap();
    run.steps(model.any_mut(), None).unwrap();
    std::fs::remove_dir_all(&inner).unwrap();
    let error = run.abandon(model.any_mut(), failure());
    assert_eq!(error.to_string(), failure().to_string());
}

#[test]
fn an_interrupt_after_an_update_that_overflowed_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("well.safetensors");
    let flag = Arc::new(AtomicBool::new(false));
    let raise = flag.clone();
    let mut model = well(1.0, [0.0, 0.0]);
    let report = quiet(Objective::esm())
        .optimizer(Sgd::new(1e308, 0.0))
        .stop_flag(flag)
        .checkpoint(&path)
        .on_step(move |_| raise.store(true, Ordering::Relaxed))
        .fit(&mut model, &data(20))
        .unwrap();
    assert!(
        matches!(report.stop, Stop::Diverged(_)),
        "{:?}",
        report.stop
    );
    assert_eq!(model.params(), [1.0, 0.0, 0.0]);
    let saved = Trained::<Well, f64>::load(&path).unwrap();
    assert_eq!((saved.model.params(), saved.step), (model.params(), 0));
}

/// There is nothing to save, and the report says why.
#[test]
fn a_model_that_starts_broken_ends_with_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("well.safetensors");
    let ended = quiet(Objective::esm())
        .checkpoint(&path)
        .fit(&mut well(f64::NAN, [0.0, 0.0]), &data(20));
    assert!(ended.is_err() || matches!(ended.unwrap().stop, Stop::Diverged(_)));
    assert!(!path.exists());
}

#[test]
fn held_out_rows_beyond_all_numbers_in_units_of_training_are_told() {
    let far = Array2::from_elem((2, 2), 1e200);
    let near = data(20).mapv(|x| 1e-150 * x);
    let error = quiet(Objective::esm())
        .standardize(true)
        .validation(far, 1)
        .fit(&mut well(1.0, [0.0, 0.0]), &near)
        .expect_err("1e350 is no f64");
    let text = error.to_string();
    assert!(
        text.starts_with("the held-out data in the units of training holds inf at row 0"),
        "{text}"
    );
}

#[test]
fn no_number_of_threads_is_too_large() {
    let x = data(100);
    let run = |threads| {
        let mut model = well(1.0, [0.0, 0.0]);
        let trainer = quiet(Objective::ssm(2)).steps(5).batch(100).jitter(0.1);
        let mut used = 0;
        trainer
            .threads(threads)
            .observe_every(5)
            .fit_with(&mut model, &x, |event| used = event.model().threads())
            .unwrap();
        (model.params().to_vec(), used)
    };
    let (alone, _) = run(1);
    for threads in [100_000, 1_000_000, usize::MAX] {
        let (parameters, used) = run(threads);
        assert_eq!(parameters, alone);
        assert!((64..100_000).contains(&used), "{used}");
    }
}
