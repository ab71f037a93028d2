//! Reports as they are stored and read back.

use ndarray::Array2;

use super::{data, quiet, well};
use crate::train::*;

fn there_and_back(report: &Report) -> Report {
    let text = serde_json::to_string(report).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A single held-out row has an infinite standard error, which JSON cannot write as a number.
#[test]
fn a_report_comes_back_equal() {
    let report = quiet(Objective::ssm_vr(2))
        .steps(7)
        .batch(8)
        .jitter(0.1)
        .standardize(true)
        .validation(data(1), 3)
        .fit(&mut well(1.0, [0.5, 0.25]), &data(20))
        .unwrap();
    let best = report.best.unwrap();
    assert!(best.standard_error.is_infinite() && report.standardization.is_some());
    let found = there_and_back(&report);
    assert_eq!(found, report);
    assert_eq!(found.steps(), 7);
    assert_eq!(found.to_string(), report.to_string());
}

#[test]
fn a_divergence_comes_back_with_its_cause() {
    let mut x: Array2<f64> = data(20);
    x[[3, 1]] = 1e200;
    let report = quiet(Objective::esm())
        .steps(3)
        .batch(20)
        .data_guard(crate::data::Guard::Silent)
        .fit(&mut well(1.0, [0.5, 0.25]), &x)
        .unwrap();
    let Stop::Diverged(divergence) = &report.stop else {
        panic!("{report}")
    };
    assert!(divergence.cause.is_some() && !divergence.value.is_finite());
    assert_eq!(there_and_back(&report), report);
}
