//! Whole runs on the well ½k‖x − b‖², whose best k and b are known: b the mean of the data, k = D /
//! mean ‖x − b‖².

mod batches;
mod callbacks;
mod ends;
mod errors;
mod files;
mod judged;
mod machine;
mod non_finite;
mod resumed;
mod stored;
mod trace;

use ndarray::{Array2, ArrayView2, Axis};
use scorematch_kernels::simd::InstructionSet;

use super::*;
use crate::backend::Samples;
use crate::checkpoint::Trained;
use crate::directions::noise;
use crate::model::Model;
use crate::objective::Loss;
use crate::testing::Well;

fn well(k: f64, b: [f64; 2]) -> Model<Well, f64> {
    let mut model = Model::zeros();
    model.params_mut().copy_from_slice(&[k, b[0], b[1]]);
    model
}

/// Normal samples of mean (3, −2) and deviation 0.5.
fn data(rows: usize) -> Array2<f64> {
    let mut x: Array2<f64> = noise(InstructionSet::detect().unwrap(), 11, 0, 0, rows, 2);
    x *= 0.5;
    x + &ndarray::arr1(&[3.0, -2.0])
}

fn best(x: ArrayView2<f64>) -> [f64; 3] {
    let mean = x.mean_axis(Axis(0)).unwrap();
    let square = (&x - &mean).mapv(|r| r * r).sum() / x.nrows() as f64;
    [2.0 / square, mean[0], mean[1]]
}

fn quiet(objective: Objective) -> Trainer<'static, f64> {
    Trainer::new(objective).progress(false)
}

#[test]
fn the_exact_objective_finds_its_minimum() {
    let x = data(100);
    let optimizers: [Optimizer; 3] = [
        Adam::new(0.05).into(),
        AdamW::new(0.05, 0.0).into(),
        Sgd::new(5e-3, 0.9).into(),
    ];
    for optimizer in optimizers {
        let mut model = well(1.0, [0.0, 0.0]);
        let report = quiet(Objective::esm())
            .optimizer(optimizer)
            .schedule(Schedule::cosine().warm_up(20))
            .steps(1500)
            .batch(100)
            .fit(&mut model, &x)
            .unwrap();
        assert_eq!(
            (&report.stop, report.steps(), report.kept),
            (&Stop::Finished, 1500, 1500)
        );
        for (found, expected) in model.params().iter().zip(best(x.view())) {
            assert!(
                (found - expected).abs() < 1e-5 * expected.abs(),
                "{optimizer:?}: {found} for {expected}"
            );
        }
    }
}

#[test]
fn the_other_objectives_come_near_it() {
    let x = data(200);
    for objective in [
        Objective::ssm(2),
        Objective::ssm_vr(1),
        Objective::dsm(0.05),
    ] {
        let mut model = well(1.0, [2.0, -1.0]);
        let trainer = quiet(objective)
            .optimizer(Adam::new(0.05))
            .schedule(Schedule::cosine());
        trainer.steps(1500).batch(50).fit(&mut model, &x).unwrap();
        for (found, expected) in model.params().iter().zip(best(x.view())) {
            assert!(
                (found - expected).abs() < 0.1 * expected.abs(),
                "{objective}: {found} for {expected}"
            );
        }
    }
}

/// A trainer is the stepper driven over its batches.
#[test]
fn the_stepper_by_hand_gives_the_same_bits() {
    let x = data(30);
    let (mut by_trainer, mut by_hand) = (well(1.0, [0.0, 0.0]), well(1.0, [0.0, 0.0]));
    let schedule = Schedule::cosine().warm_up(3);
    let report = quiet(Objective::esm())
        .optimizer(Adam::new(0.1))
        .schedule(schedule)
        .clip(0.5)
        .epochs(4)
        .batch(8)
        .seed(9)
        .fit(&mut by_trainer, &x)
        .unwrap();
    let mut stepper = Stepper::new(&by_hand, Adam::new(0.1))
        .unwrap()
        .clip(0.5)
        .unwrap();
    let mut batches = crate::train::batches::Batches::new(
        crate::train::store::Store::memory(x),
        crate::train::batches::Batching {
            shuffle: Shuffle::Rows,
            size: 8,
            keep_short_last: false,
            jitter: 0.0,
            seed: 9,
        },
    );
    let mut losses = Vec::new();
    // Four epochs of 30 rows are 120 rows, fifteen batches.
    for step in 0..15 {
        batches.advance().unwrap();
        let isa = by_hand.any().pool().unwrap().isa;
        let samples = batches.samples(isa).unwrap();
        let samples = Samples::Written(&samples).to_rows(isa).into_owned();
        let factor = schedule.factor(step, 15);
        losses.push(
            stepper
                .step(&mut by_hand, &samples, &Loss::esm(), factor)
                .unwrap()
                .loss,
        );
    }
    assert_eq!(report.losses, losses);
    assert_eq!(by_trainer.params(), by_hand.params());
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let x = data(150);
    let run = |threads, seed| {
        let mut model = well(1.0, [0.0, 0.0]);
        let trainer = quiet(Objective::ssm(3))
            .jitter(0.1)
            .epochs(3)
            .batch(64)
            .seed(seed);
        let report = trainer.threads(threads).fit(&mut model, &x).unwrap();
        (report.losses, model.params().to_vec())
    };
    assert_eq!(run(1, 4), run(2, 4));
    assert_ne!(run(1, 4), run(1, 5));
}

#[test]
fn steps_are_told_as_they_are_made() {
    let epochs = |keep_short_last| {
        let mut told = Vec::new();
        let report = quiet(Objective::esm())
            .optimizer(Adam::new(0.1))
            .schedule(Schedule::constant().warm_up(2))
            .epochs(2)
            .batch(10)
            .keep_short_last(keep_short_last)
            .on_step(|info| told.push(*info))
            .fit(&mut well(1.0, [0.0, 0.0]), &data(25))
            .unwrap();
        (told, report)
    };
    let steps = |told: &[StepInfo]| -> Vec<(u64, u64)> {
        told.iter().map(|info| (info.step, info.epoch)).collect()
    };
    let (told, _) = epochs(true);
    assert_eq!(
        steps(&told),
        [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)]
    );
    // The third batch has five rows of each epoch.
    let (told, report) = epochs(false);
    assert_eq!(steps(&told), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1)]);
    assert_eq!(
        told.iter().map(|info| info.loss).collect::<Vec<_>>(),
        report.losses
    );
    assert_eq!(
        told.iter().map(|info| info.seconds).collect::<Vec<_>>(),
        report.step_ends
    );
    assert_eq!((told[0].learning_rate, told[1].learning_rate), (0.05, 0.1));
}

#[test]
fn moving_averages_are_what_is_left() {
    let x = data(20);
    let mut by_hand = well(1.0, [0.0, 0.0]);
    let mut mean = by_hand.params().to_vec();
    let mut stepper = Stepper::new(&by_hand, Adam::new(0.1)).unwrap();
    for _ in 0..9 {
        stepper
            .step(&mut by_hand, x.view(), &Loss::esm(), 1.0)
            .unwrap();
        for (mean, parameter) in mean.iter_mut().zip(by_hand.params()) {
            *mean = 0.8 * *mean + 0.2 * parameter;
        }
    }
    let mut model = well(1.0, [0.0, 0.0]);
    let mut trainer = quiet(Objective::esm())
        .optimizer(Adam::new(0.1))
        .steps(9)
        .batch(20)
        .ema(0.8);
    trainer.fit(&mut model, &x).unwrap();
    for (found, expected) in model.params().iter().zip(mean) {
        assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
    }
}

/// E and s in data units of a model that was trained in others: s = −∇E there, and both are those
/// of the fitted normal.
#[test]
fn units_of_training_and_of_data() {
    let x = data(200) * &ndarray::arr1(&[1.0, 10.0]);
    let mut model = well(0.5, [0.1, 0.1]);
    let trainer = quiet(Objective::esm())
        .optimizer(Adam::new(0.02))
        .steps(2000)
        .batch(200)
        .standardize(true);
    let report = trainer
        .schedule(Schedule::cosine())
        .fit(&mut model, &x)
        .unwrap();
    assert!((model.params()[0] - 1.0).abs() < 1e-6, "unit variance");
    let units = report.standardization.clone().unwrap();
    let trained = Trained::new(model, report.standardization, report.kept);
    let (energy, score) = (
        trained.energy(x.view()).unwrap(),
        trained.score(x.view()).unwrap(),
    );
    for (row, x) in x.outer_iter().enumerate().take(20) {
        let mut expected = 0.0;
        for u in 0..2 {
            let z = (x[u] - units.mean()[u]) / units.std()[u];
            expected += 0.5 * z * z + units.std()[u].ln();
            assert!((score[[row, u]] + z / units.std()[u]).abs() < 1e-4);
        }
        assert!((energy[row] - expected).abs() < 1e-4);
    }
}
