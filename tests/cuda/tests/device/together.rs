//! Several devices that train together, in a process that finds the libraries. Ignored elsewhere.
//!
//! That every device holds the same bits is asked after each launch by what is tested: a run that ends well has shown it.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use scorematch::train::{Adam, AdamW, Objective, Optimizer, Report, Schedule, Sgd, Stop, Trainer};
use scorematch::{Device, Model, Spec};

use super::inside::{NetSpec, close, uniform};

scorematch::energy! {
    /// So many features that products with x wait for the whole batch.
    pub Broad(x: [260]) {
        mlp(x, [6, 5], tanh)
    }
}

scorematch::energy! {
    /// Parameters whose gradient comes from sums over the batch alone.
    pub Well(x: [4]) {
        param w: [4, 4];
        0.5 * norm_sq(w * x)
    }
}

fn open(indices: &[usize]) -> Device {
    match Device::cuda_devices(indices) {
        Ok(device) => device,
        Err(error) => {
            println!("{error}");
            std::process::exit(1);
        }
    }
}

/// The sets of devices to train on: SCOREMATCH_TEST_GPUS as `0,1;2,0,1`, or these.
fn sets() -> Vec<Vec<usize>> {
    let text = std::env::var("SCOREMATCH_TEST_GPUS").unwrap_or_else(|_| "0,1;2,0,1".to_owned());
    let numbers = |set: &str| -> Vec<usize> {
        let numbers = set.split(',').map(|n| n.parse().expect("a number"));
        numbers.collect()
    };
    text.split(';').map(numbers).collect()
}

/// A run of one model on these devices.
fn trained<S: Spec>(
    indices: &[usize],
    rows: usize,
    batch: usize,
    objective: &str,
    optimizer: Optimizer,
    keep_short_last: bool,
) -> (Model<S, f32>, Report) {
    let data = uniform((rows, S::DIM), 4);
    let mut model = Model::<S, f32>::init(&mut Xoshiro256PlusPlus::seed_from_u64(8));
    let report = Trainer::new(objective.parse().expect("an objective"))
        .optimizer(optimizer)
        .schedule(Schedule::cosine())
        .epochs(4)
        .batch(batch)
        .keep_short_last(keep_short_last)
        .jitter(0.05)
        .clip(1.0)
        .ema(0.8)
        .validation(data.clone(), 4)
        .device(open(indices))
        .progress(false)
        .fit(&mut model, &data)
        .expect("it trains");
    (model, report)
}

/// Several devices make the steps of one, up to the order of sums.
fn as_one<S: Spec>(rows: usize, batch: usize, objective: &str, optimizer: impl Into<Optimizer>) {
    batched_as_one::<S>(rows, batch, objective, optimizer.into(), false);
}

/// The same, with or without short batches.
fn batched_as_one<S: Spec>(
    rows: usize,
    batch: usize,
    objective: &str,
    optimizer: Optimizer,
    keep_short_last: bool,
) {
    let keep = keep_short_last;
    let losses =
        |report: &Report| -> Vec<f32> { report.losses.iter().map(|l| *l as f32).collect() };
    let (one, of_one) = trained::<S>(&[0], rows, batch, objective, optimizer, keep);
    for indices in sets() {
        let (all, of_all) = trained::<S>(&indices, rows, batch, objective, optimizer, keep);
        let what = format!("{} {objective} on {indices:?}", S::NAME);
        close(&what, &losses(&of_all), &losses(&of_one));
        close(&what, all.params(), one.params());
        assert_eq!(of_all.kept, of_one.kept);
        assert_eq!(of_all.held_out.len(), of_one.held_out.len());
    }
}

/// 70 rows in batches of 32: shares of 16, of 10 and 11, and of what a last batch of 6 leaves where it is kept.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn several_devices_make_the_steps_of_one() {
    as_one::<NetSpec>(70, 32, "esm", Adam::new(1e-2));
    batched_as_one::<NetSpec>(70, 32, "esm", Adam::new(1e-2).into(), true);
    as_one::<NetSpec>(70, 32, "ssm:2:normal", AdamW::new(1e-2, 0.1));
    as_one::<NetSpec>(70, 32, "ssm_vr:2:sphere", Sgd::new(1e-2, 0.9));
    as_one::<NetSpec>(70, 32, "ssm_vr:4:orthonormal", Adam::new(1e-2));
    as_one::<NetSpec>(70, 32, "dsm:0.2", Adam::new(1e-2));
    as_one::<WellSpec>(70, 32, "esm", Sgd::new(1e-2, 0.0));
    as_one::<BroadSpec>(20, 9, "esm", Adam::new(1e-3));
    as_one::<BroadSpec>(20, 9, "dsm:0.2", Adam::new(1e-3));
}

/// Devices that have nothing to do in some steps: batches of 2 and of 1 on two and on three.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn batches_smaller_than_the_devices() {
    as_one::<NetSpec>(5, 2, "esm", Adam::new(1e-2));
    batched_as_one::<NetSpec>(5, 2, "esm", Adam::new(1e-2).into(), true);
    as_one::<NetSpec>(5, 2, "ssm:2:sphere", Adam::new(1e-2));
    as_one::<NetSpec>(5, 1, "ssm_vr:4:orthonormal", Adam::new(1e-2));
    as_one::<BroadSpec>(5, 2, "dsm:0.2", Adam::new(1e-3));
}

/// A loss that is not sound halts all devices at the same step, with the same parameters.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn divergence_halts_all() {
    let data = uniform((40, 3), 6);
    let train = |indices: &[usize]| {
        let mut model = Model::<NetSpec, f32>::init(&mut Xoshiro256PlusPlus::seed_from_u64(1));
        let report = Trainer::new(Objective::esm())
            .optimizer(Sgd::new(30.0, 0.0))
            .steps(60)
            .batch(40)
            .device(open(indices))
            .progress(false)
            .fit(&mut model, &data)
            .expect("divergence is no error");
        (model, report)
    };
    let ((one, of_one), (all, of_all)) = (train(&[0]), train(&sets()[0]));
    println!("{}\n{}", of_one.stop, of_all.stop);
    let (Stop::Diverged(of_one), Stop::Diverged(of_all)) = (of_one.stop, of_all.stop) else {
        panic!("a rate of 30 is too large");
    };
    assert_eq!(of_all.step, of_one.step);
    assert_eq!(of_all.what, of_one.what);
    assert_eq!(of_all.rows, of_one.rows);
    assert!(all.params().iter().all(|x| x.is_finite()));
    assert_eq!(all.params().len(), one.params().len());
}

/// Some steps on two devices; an error ends the process.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn some_steps() {
    let data = uniform((40, 3), 6);
    let mut model = Model::<NetSpec, f32>::init(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    let device = open(&[0, 1]);
    println!("{device}");
    let trained = Trainer::new(Objective::esm())
        .steps(3)
        .device(device)
        .progress(false)
        .fit(&mut model, &data);
    if let Err(error) = trained {
        println!("{error}");
        std::process::exit(1);
    }
}

/// The same device twice.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn one_device_twice() {
    open(&[0, 1, 0]);
}
