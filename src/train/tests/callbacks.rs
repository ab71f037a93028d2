//! What callbacks see of a run, and how they end it.

use std::ops::ControlFlow;

use super::{data, quiet, well};
use crate::error::Error;
use crate::objective::Loss;
use crate::train::*;

#[test]
fn an_observer_sees_the_model_and_the_report_of_its_step() {
    let (x, held_out) = (data(40), data(15));
    let (mut seen, mut steps) = (Vec::new(), Vec::new());
    let report = quiet(Objective::esm())
        .optimizer(Adam::new(0.1))
        .steps(10)
        .batch(8)
        .validation(held_out.clone(), 4)
        .observe_every(3)
        .on_step(|info| steps.push(info.loss))
        .fit_with(&mut well(1.0, [0.0, 0.0]), &x, |event| {
            if let Some(judged) = event.held_out() {
                assert_eq!(event.report().held_out.last(), Some(&judged));
                assert_eq!(event.is_best(), event.report().best == Some(judged));
                let loss = event.model().loss(held_out.view(), &Loss::esm())?;
                assert_eq!(loss, judged.loss);
            }
            assert_eq!(event.report().steps(), event.step());
            seen.push((
                event.step(),
                event.held_out().is_some(),
                event.model().params().to_vec(),
            ));
            Ok(())
        })
        .unwrap();
    assert_eq!(steps, report.losses);
    assert_eq!(
        seen.iter()
            .map(|(step, judged, _)| (*step, *judged))
            .collect::<Vec<_>>(),
        [
            (0, true),
            (3, false),
            (4, true),
            (6, false),
            (8, true),
            (9, false),
            (10, true)
        ]
    );
    assert_eq!(seen[0].2, [1.0, 0.0, 0.0]);
    // The same run, ended at the step that was observed.
    let mut model = well(1.0, [0.0, 0.0]);
    let mut trainer = quiet(Objective::esm())
        .optimizer(Adam::new(0.1))
        .steps(6)
        .batch(8);
    trainer.fit(&mut model, &x).unwrap();
    assert_eq!(seen[3].2, model.params());
}

#[test]
fn an_observer_sees_the_moving_average_and_leaves_training_alone() {
    let x = data(30);
    let trainer = || {
        quiet(Objective::esm())
            .optimizer(Adam::new(0.1))
            .steps(9)
            .batch(8)
            .ema(0.7)
    };
    let (mut plain, mut observed) = (well(1.0, [0.0, 0.0]), well(1.0, [0.0, 0.0]));
    let of_plain = trainer().fit(&mut plain, &x).unwrap();
    let mut last = Vec::new();
    let of_observed = trainer()
        .observe_every(1)
        .fit_with(&mut observed, &x, |event| {
            last = event.model().params().to_vec();
        })
        .unwrap();
    assert_eq!(of_plain.losses, of_observed.losses);
    assert_eq!(plain.params(), observed.params());
    assert_eq!(last, observed.params());
}

#[test]
fn an_observer_ends_the_run() {
    let mut model = well(1.0, [0.0, 0.0]);
    let mut at_end = Vec::new();
    let report = quiet(Objective::esm())
        .optimizer(Adam::new(0.1))
        .steps(100)
        .observe_every(5)
        .fit_with(&mut model, &data(30), |event| {
            at_end = event.model().params().to_vec();
            match event.step() {
                15 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        })
        .unwrap();
    assert_eq!(
        (&report.stop, report.steps(), report.kept),
        (&Stop::Callback, 15, 15)
    );
    assert_eq!(model.params(), at_end);
    assert!(report.to_string().ends_with("ended by a callback"));
}

#[test]
fn a_step_callback_ends_the_run() {
    let report = quiet(Objective::esm())
        .steps(100)
        .on_step(|info| match info.step {
            6 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .fit(&mut well(1.0, [0.0, 0.0]), &data(30))
        .unwrap();
    assert_eq!((&report.stop, report.steps()), (&Stop::Callback, 7));
    // A run that has made all its steps is finished, whatever is asked.
    let report = quiet(Objective::esm())
        .steps(7)
        .on_step(|_| ControlFlow::Break(()))
        .fit(&mut well(1.0, [0.0, 0.0]), &data(30))
        .unwrap();
    assert_eq!((&report.stop, report.steps()), (&Stop::Callback, 1));
    let report = quiet(Objective::esm())
        .steps(1)
        .on_step(|_| ControlFlow::Break(()))
        .fit(&mut well(1.0, [0.0, 0.0]), &data(30))
        .unwrap();
    assert_eq!((&report.stop, report.steps()), (&Stop::Finished, 1));
}

#[test]
fn errors_of_callbacks_and_observers_that_would_hear_nothing() {
    let fit = |trainer: Trainer<f64>| {
        { trainer }.fit_with(&mut well(1.0, [0.0, 0.0]), &data(30), |event| {
            event
                .model()
                .energy(ndarray::Array2::zeros((2, 7)).view())?;
            Ok(())
        })
    };
    let error = fit(quiet(Objective::esm()).observe_every(2)).unwrap_err();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
    let error = fit(quiet(Objective::esm())).unwrap_err();
    assert!(error.to_string().contains("`observe_every`"), "{error}");
    let result = quiet(Objective::esm())
        .on_step(|_| Err::<(), _>(Error::EmptyBatch { what: "my metric" }))
        .fit(&mut well(1.0, [0.0, 0.0]), &data(30));
    assert!(matches!(
        result,
        Err(Error::EmptyBatch { what: "my metric" })
    ));
}
