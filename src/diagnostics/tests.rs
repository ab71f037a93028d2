//! The diagnostics on a model whose every quantity is known, and on one that is wrong.

use ndarray::Array2;
use scorematch_kernels::simd::InstructionSet;

use super::{check_derivatives, integration_by_parts, sign_test, sliced_against_exact};
use crate::directions::{DirectionDistribution, noise};
use crate::error::Error;
use crate::model::Model;
use crate::testing::Well;
use crate::train::Objective;

fn well(k: f64) -> Model<Well, f64> {
    let mut model = Model::zeros();
    model.params_mut().copy_from_slice(&[k, 0.5, -1.0]);
    model
}

fn points(rows: usize) -> Array2<f64> {
    noise(InstructionSet::detect().unwrap(), 1, 0, 0, rows, 2)
}

#[test]
fn derivatives_of_the_well_hold() {
    let found = check_derivatives(&well(1.7), points(19).view(), 3).unwrap();
    assert_eq!(found.len(), 5 + 4 * 2);
    for agreement in &found {
        assert!(agreement.holds(), "{agreement}");
    }
}

#[test]
fn a_nan_is_no_agreement() {
    use super::Agreement;
    assert!(!Agreement::of("a NaN", 1e-8, [(f64::NAN, 1.0), (1.0, 1.0)]).holds());
    assert!(!Agreement::of("a difference", 1e-8, [(1.0, 1.1)]).holds());
    assert!(Agreement::of("small numbers", 1e-8, [(1e-12, 2e-12)]).holds());
}

/// For E = ½k‖x − b‖² and standard normal data the terms have closed limits: −E\[ΔE\] = −2k.
#[test]
fn the_boundary_term_vanishes() {
    let (k, widths) = (1.7, [1.0, 2.0, 4.0, 8.0]);
    let parts = integration_by_parts(&well(k), 1.0, &widths, 64).unwrap();
    for box_ in &parts {
        assert!(box_.residual().abs() < 1e-12, "{box_:?}");
    }
    for pair in parts.windows(2) {
        assert!(pair[1].boundary.abs() < pair[0].boundary.abs());
    }
    assert!(parts[0].boundary.abs() > 0.1);
    assert!(parts[3].boundary.abs() < 1e-12);
    assert!((parts[3].laplacian + 2.0 * k).abs() < 1e-12);
    let other = integration_by_parts(&well(k), 0.5, &[4.0], 64).unwrap()[0];
    assert!((other.cross + 2.0 * k).abs() < 1e-12);
    assert!(matches!(
        integration_by_parts(&well(k), 1.0, &[1.0], 1000),
        Err(Error::InvalidSetting { .. })
    ));
    assert!(matches!(
        integration_by_parts(&well(k), 0.0, &[1.0], 8),
        Err(Error::InvalidSetting { .. })
    ));
}

#[test]
fn the_sign_test_refuses_other_models() {
    let error = sign_test(&well(1.0), 1.0, 0).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("Well with 2 dimensions and 3 parameters"),
        "{error}"
    );
}

/// One direction at a time the variance over draws is known for normal directions: the sliced loss
/// of a sample is ½k²(r·v)² − k‖v‖², and more directions divide it.
#[test]
fn slicing_is_unbiased_and_its_variance_falls_as_one_over_m() {
    let objectives = [1, 4, 16]
        .map(|directions| Objective::ssm(directions).distribution(DirectionDistribution::Normal));
    let found = sliced_against_exact(&well(1.7), points(8).view(), &objectives, 1000, 5).unwrap();
    for estimate in &found.estimates {
        assert!(
            estimate.bias.abs() < 5.0 * estimate.bias_error,
            "{estimate:?}"
        );
    }
    let [one, four, sixteen] = &found.estimates[..] else {
        panic!("one estimate an objective")
    };
    // The relative error of a variance of 1000 draws is about √(2/1000)·(a few, for the heavy
    // tail).
    assert!(
        (one.variance / four.variance / 4.0 - 1.0).abs() < 0.3,
        "{one:?} {four:?}"
    );
    assert!((four.variance / sixteen.variance / 4.0 - 1.0).abs() < 0.3);
    assert!(one.cosine < four.cosine && four.cosine < sixteen.cosine && sixteen.cosine < 1.0);
}

/// Rademacher directions have vᵀ∇²E v = kD exactly, so the variance-reduced loss of the well has no
/// error at all.
#[test]
fn an_exact_trace_leaves_no_variance() {
    let found =
        sliced_against_exact(&well(1.7), points(8).view(), &[Objective::ssm_vr(1)], 10, 5).unwrap();
    let estimate = found.estimates[0];
    assert!(
        estimate.bias.abs() < 1e-14 && estimate.variance < 1e-28,
        "{estimate:?}"
    );
    assert!((estimate.cosine - 1.0).abs() < 1e-14);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let compare = |objective, draws| {
        sliced_against_exact(&well(1.0), points(4).view(), &[objective], draws, 0)
    };
    for (objective, draws) in [
        (Objective::esm(), 10),
        (Objective::dsm(0.1), 10),
        (Objective::ssm(1), 1),
    ] {
        assert!(
            matches!(compare(objective, draws), Err(Error::InvalidSetting { .. })),
            "{objective} {draws}"
        );
    }
}
