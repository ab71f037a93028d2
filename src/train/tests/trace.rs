//! What a report keeps of many steps.

use super::{data, quiet, well};
use crate::train::trace::MOST_ENTRIES;
use crate::train::*;

/// The report of a run of one step, with nothing noted yet.
fn blank() -> Report {
    let mut report = quiet(Objective::esm())
        .steps(1)
        .fit(&mut well(1.0, [0.0, 0.0]), &data(4))
        .unwrap();
    report.losses.clear();
    report.step_ends.clear();
    report.steps = 0;
    report.seconds = 0.0;
    report
}

fn loss(step: u64) -> f64 {
    (step % 1000) as f64
}

fn after(steps: u64) -> Report {
    let mut report = blank();
    for step in 0..steps {
        report.seconds += 0.5;
        report.note(loss(step));
    }
    report
}

#[test]
fn short_runs_keep_every_step() {
    let report = after(MOST_ENTRIES as u64);
    let expected: Vec<f64> = (0..MOST_ENTRIES as u64).map(loss).collect();
    assert_eq!((report.stride, &report.losses), (1, &expected));
    assert_eq!(report.steps(), MOST_ENTRIES as u64);
}

#[test]
fn a_report_of_any_run_is_bounded() {
    for steps in [1, 8191, 8193, 20_000, 123_457] {
        let report = after(steps);
        assert_eq!(report.steps(), steps);
        assert!(
            report.losses.len() <= MOST_ENTRIES && report.losses.capacity() <= 2 * MOST_ENTRIES
        );
        assert_eq!(report.losses.len(), report.step_ends.len());
        assert_eq!(report.losses.len() as u64, steps.div_ceil(report.stride));
        assert!(steps < 8192 || report.losses.len() > MOST_ENTRIES / 2);
        for (k, (&mean, &end)) in report.losses.iter().zip(&report.step_ends).enumerate() {
            let first = k as u64 * report.stride;
            let last = steps.min(first + report.stride);
            let expected = (first..last).map(loss).sum::<f64>() / (last - first) as f64;
            assert!(
                (mean - expected).abs() < 1e-9,
                "entry {k}: {mean} for {expected}"
            );
            assert_eq!(end, 0.5 * last as f64);
        }
        assert!((report.median_step() - 0.5).abs() < 1e-12);
    }
}

#[test]
fn means_over_steps_come_from_the_entries_that_hold_them() {
    let short = after(10);
    assert_eq!(short.mean_loss(2..6), Some((2.0 + 3.0 + 4.0 + 5.0) / 4.0));
    assert_eq!(short.mean_loss(8..20), Some(8.5));
    assert_eq!(
        (short.mean_loss(3..3), short.mean_loss(10..20)),
        (None, None)
    );
    let long = after(20_000);
    assert_eq!(long.stride, 4);
    // Whole entries and half of one: steps 4 to 7 have the mean 5.5, steps 8 to 11 the mean 9.5.
    assert_eq!(long.mean_loss(4..8), Some(5.5));
    assert_eq!(long.mean_loss(4..10), Some((4.0 * 5.5 + 2.0 * 9.5) / 6.0));
}
