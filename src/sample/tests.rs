//! Chains on a normal density, whose moments are known.

use ndarray::{Array2, Axis, array};

use super::Chains;
use crate::checkpoint::Trained;
use crate::data::Standardization;
use crate::error::Error;
use crate::model::Model;
use crate::testing::Well;

/// Mean (0.5, −1), variance 1/4.
fn well() -> Model<Well, f64> {
    let mut model = Model::zeros();
    model.params_mut().copy_from_slice(&[4.0, 0.5, -1.0]);
    model
}

const CHAINS: usize = 1000;

/// `Model::sample` is MALA, and a trained model does the same in data units.
#[test]
fn samples_of_a_model_and_of_a_trained_one() {
    let start = Array2::from_elem((CHAINS, 2), 0.5);
    let samples = well().sample(&start, 0.1, 30, 3).unwrap();
    let model = well();
    let mut chains = Chains::start(&model, &start, 3).unwrap();
    assert_eq!(chains.mala(0.1, 30).unwrap(), samples.accepted);
    assert_eq!(chains.positions(), samples.positions);
    check(samples.positions, 0.25);

    let units = Standardization::new(vec![7.0, -3.0], vec![2.0, 0.5]).unwrap();
    let in_data_units = units.invert(&start).unwrap();
    let trained = Trained::new(well(), Some(units.clone()), 0);
    let samples = trained.sample(&in_data_units, 0.1, 30, 3).unwrap();
    check(units.apply(&samples.positions).unwrap(), 0.25);
    let trained = Trained::new(well(), None, 0);
    assert_eq!(
        trained.sample(&start, 0.1, 30, 3).unwrap(),
        well().sample(&start, 0.1, 30, 3).unwrap()
    );
    assert!(well().sample(&start, 0.0, 30, 3).is_err());
}

/// Mean and variance over chains.
fn moments(x: Array2<f64>) -> [(f64, f64); 2] {
    [0, 1].map(|u| {
        let column = x.index_axis(Axis(1), u);
        (column.mean().unwrap(), column.var(1.0))
    })
}

/// That the moments are those of a normal within four standard errors.
fn check(x: Array2<f64>, variance: f64) {
    let count = x.nrows() as f64;
    for ((mean, found), expected) in moments(x).into_iter().zip([0.5, -1.0]) {
        assert!(
            (mean - expected).abs() < 4.0 * (variance / count).sqrt(),
            "mean {mean} for {expected}"
        );
        assert!(
            (found - variance).abs() < 4.0 * variance * (2.0 / count).sqrt(),
            "variance {found} for {variance}"
        );
    }
}

#[test]
fn mala_has_the_moments_of_the_model() {
    let model = well();
    let start = Array2::from_elem((CHAINS, 2), 2.0);
    let mut chains = Chains::start(&model, start.view(), 7).unwrap();
    let accepted = chains.mala(0.2, 60).unwrap();
    assert!(accepted > 0.4 && accepted < 0.99, "{accepted}");
    assert_eq!(chains.steps(), 60);
    check(chains.into_positions(), 0.25);
}

/// The chain is x ← (1 − εk)x + √(2ε)ξ about the mean, whose stationary variance is 1/k / (1 −
/// εk/2).
#[test]
fn unadjusted_chains_have_their_known_bias() {
    let model = well();
    let start = Array2::from_elem((CHAINS, 2), 2.0);
    let mut chains = Chains::start(&model, start.view(), 8).unwrap();
    chains.langevin(0.1, 60).unwrap();
    check(chains.into_positions(), 0.25 / (1.0 - 0.1 * 4.0 / 2.0));
}

#[test]
fn a_chain_is_a_function_of_its_row_and_seed() {
    let model = well();
    let start = Array2::from_shape_fn((40, 2), |(row, column)| (row + column) as f64 / 40.0);
    let run = |rows: usize, seed: u64| {
        let mut chains = Chains::start(&model, start.slice(ndarray::s![..rows, ..]), seed).unwrap();
        chains.langevin(0.05, 5).unwrap();
        chains.mala(0.05, 5).unwrap();
        chains.into_positions()
    };
    assert_eq!(run(40, 1).slice(ndarray::s![..7, ..]), run(7, 1));
    assert_ne!(run(7, 1), run(7, 2));
}

#[test]
fn too_great_a_step_is_told_and_refused() {
    let model = well();
    let start = array![[0.0, 0.0], [1.0, 1.0]];
    let mut chains = Chains::start(&model, start.view(), 0).unwrap();
    let error = chains.langevin(1e3, 1000).unwrap_err();
    assert!(
        matches!(error, Error::ChainLost { step: 80..200, .. }),
        "{error}"
    );
    let mut chains = Chains::start(&model, start.view(), 0).unwrap();
    assert_eq!(chains.mala(1e300, 20).unwrap(), 0.0);
    assert_eq!(chains.positions(), start);
    for step_size in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            chains.langevin(step_size, 1),
            Err(Error::InvalidSetting { .. })
        ));
        assert!(matches!(
            chains.mala(step_size, 1),
            Err(Error::InvalidSetting { .. })
        ));
    }
    assert!(matches!(
        Chains::start(&model, Array2::zeros((0, 2)).view(), 0),
        Err(Error::EmptyBatch { .. })
    ));
}
