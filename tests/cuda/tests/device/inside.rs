//! What runs in a process that finds the libraries. Ignored elsewhere.

use ndarray::{Array2, Array3};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use scorematch::train::{
    Adam, AdamW, Divergence, Objective, Optimizer, Schedule, Sgd, Stop, Trainer,
};
use scorematch::{Device, DirectionDistribution, Loss, Model, Noise, RandomDraw, Spec};

/// Declares a model, and its declaration as text.
macro_rules! declared {
    ($text:ident: $($spec:tt)*) => {
        scorematch::energy! { $($spec)* }
        pub const $text: &str = stringify!($($spec)*);
    };
}

declared! {
    NET:
    /// A network in a well.
    pub Net(x: [3]) {
        param log_k: [];
        let h = tanh(dense(x, 11));
        dense(silu(dense(h, 7)), 1) + 0.5 * exp(log_k) * norm_sq(x)
    }
}

declared! {
    WIDE:
    /// More features than units.
    pub Wide(x: [9]) {
        mlp(x, [5, 6], softplus)
    }
}

declared! {
    DEEP:
    /// What steps are timed with.
    pub Deep(x: [200]) {
        mlp(x, [128, 128, 128], silu)
    }
}

scorematch::energy! {
    /// A charge at the origin of a well: singular there.
    pub Pole(x: [2]) {
        param log_k: [];
        0.5 * exp(log_k) * norm_sq(x) + 1 / sqrt(norm_sq(x))
    }
}

pub fn open() -> Device {
    match Device::cuda(0) {
        Ok(device) => device,
        Err(error) => {
            println!("{error}");
            std::process::exit(1);
        }
    }
}

pub fn uniform(shape: (usize, usize), salt: usize) -> Array2<f32> {
    Array2::from_shape_fn(shape, |(i, j)| {
        ((17 * i + 5 * j + 3 * salt) % 13) as f32 / 7.0 - 0.9
    })
}

/// The same model on the CPU and on the device.
pub fn pair<S: Spec>() -> (Model<S, f32>, Model<S, f32>) {
    let host = Model::<S, f32>::init(&mut Xoshiro256PlusPlus::seed_from_u64(3));
    let mut device = host.clone();
    device.set_device(open()).expect("f32 can be used");
    (host, device)
}

/// What may differ, over an array's largest magnitude: some roundings where the arithmetic is emulated.
pub fn tolerance() -> f32 {
    static TOLERANCE: std::sync::OnceLock<f32> = std::sync::OnceLock::new();
    *TOLERANCE.get_or_init(|| match open().to_string().contains("stand-in") {
        true => 2e-5,
        false => 2e-4,
    })
}

pub fn close<'a>(
    what: &str,
    got: impl IntoIterator<Item = &'a f32>,
    want: impl IntoIterator<Item = &'a f32>,
) {
    let want: Vec<f32> = want.into_iter().copied().collect();
    let got: Vec<f32> = got.into_iter().copied().collect();
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(1e-6f32, |m, x| m.max(x.abs()));
    for (g, w) in got.iter().zip(&want) {
        assert!(
            (g - w).abs() <= tolerance() * scale,
            "{what}: {g} instead of {w}"
        );
    }
    println!("{what}: {} values", want.len());
}

fn quantities<S: Spec>() {
    let (host, device) = pair::<S>();
    let name = S::NAME;
    let (x, v) = (uniform((37, S::DIM), 0), uniform((37, S::DIM), 1));
    close(
        name,
        &device.energy(x.view()).unwrap(),
        &host.energy(x.view()).unwrap(),
    );
    close(
        name,
        &device.score(x.view()).unwrap(),
        &host.score(x.view()).unwrap(),
    );
    close(
        name,
        &device.laplacian(x.view()).unwrap(),
        &host.laplacian(x.view()).unwrap(),
    );
    close(
        name,
        &device.hvp(x.view(), v.view()).unwrap(),
        &host.hvp(x.view(), v.view()).unwrap(),
    );
    let draw = RandomDraw {
        kind: DirectionDistribution::Sphere,
        count: 3,
        seed: 5,
        step: 2,
    };
    let (got, want) = (
        device.curvature(x.view(), draw).unwrap(),
        host.curvature(x.view(), draw).unwrap(),
    );
    close(name, &got.slope, &want.slope);
    close(name, &got.curvature, &want.curvature);
    let given = Array3::from_shape_fn((5, 37, S::DIM), |(t, b, i)| {
        ((t + 2 * b + 3 * i) % 5) as f32 - 2.0
    });
    let noise = Noise::Drawn { seed: 1, step: 4 };
    for loss in [
        Loss::esm(),
        Loss::ssm(given.view()),
        Loss::ssm(draw),
        Loss::ssm_vr(draw),
        Loss::dsm(0.3, noise),
        Loss::dsm(0.3, Noise::Given(v.view())),
    ] {
        let (mut got, mut want) = (vec![0.0; S::PARAM_LEN], vec![0.0; S::PARAM_LEN]);
        let of_device = device.loss_gradient(x.view(), &loss, &mut got).unwrap();
        let of_host = host.loss_gradient(x.view(), &loss, &mut want).unwrap();
        let what = format!("{name} {}", loss.name());
        close(&what, &got, &want);
        close(&what, [&(of_device as f32)], [&(of_host as f32)]);
        let whole = device.loss(x.view(), &loss).unwrap();
        close(&what, [&(whole as f32)], [&(of_host as f32)]);
    }
}

#[test]
#[ignore = "started by the tests that name the libraries"]
fn quantities_and_losses() {
    quantities::<NetSpec>();
    quantities::<WideSpec>();
}

#[test]
#[ignore = "started by the tests that name the libraries"]
fn one_energy() {
    let (host, device) = pair::<NetSpec>();
    let x = uniform((5, 3), 2);
    let got = device.energy(x.view());
    match got {
        Ok(got) => close("energy", &got, &host.energy(x.view()).unwrap()),
        Err(error) => {
            println!("{error}");
            std::process::exit(1);
        }
    }
    let double = Model::<NetSpec, f64>::zeros().set_device(open());
    assert!(
        double
            .unwrap_err()
            .to_string()
            .contains("parameters of type f64")
    );
}

/// Steps on the device are those of the CPU: the same batches, jitter, directions, updates, averages.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn training_ends_where_the_cpu_ends() {
    let data = uniform((70, 3), 4);
    let settings: [(&str, Optimizer); 6] = [
        ("esm", Adam::new(1e-2).into()),
        ("ssm:2:normal", Adam::new(1e-2).into()),
        ("ssm", AdamW::new(1e-2, 0.1).into()),
        ("ssm_vr:2:sphere", Sgd::new(1e-2, 0.9).into()),
        (
            "ssm_vr:4:orthonormal",
            Sgd::new(1e-2, 0.8).nesterov(true).into(),
        ),
        ("dsm:0.2", Adam::new(1e-2).into()),
    ];
    let kept_short = [("esm", Adam::new(1e-2).into(), true)];
    let settings = settings.map(|(objective, optimizer)| (objective, optimizer, false));
    for (objective, optimizer, keep_short_last) in settings.into_iter().chain(kept_short) {
        let train = |device: Device| {
            let mut model = Net::init(&mut Xoshiro256PlusPlus::seed_from_u64(8));
            let report = Trainer::new(objective.parse().unwrap())
                .optimizer(optimizer)
                .schedule(Schedule::cosine())
                .epochs(5)
                .batch(32)
                .keep_short_last(keep_short_last)
                .jitter(0.05)
                .clip(1.0)
                .ema(0.8)
                .validation(data.clone(), 4)
                .device(device)
                .progress(false)
                .fit(&mut model, &data)
                .unwrap();
            (model, report)
        };
        let ((host, of_host), (device, of_device)) = (train(Device::cpu()), train(open()));
        let losses = |losses: &[f64]| -> Vec<f32> { losses.iter().map(|l| *l as f32).collect() };
        close(
            objective,
            &losses(&of_device.losses),
            &losses(&of_host.losses),
        );
        // Five epochs of 70 rows: eleven batches of 32, or five times 32, 32 and 6.
        assert_eq!(of_device.steps(), if keep_short_last { 15 } else { 11 });
        close(objective, device.params(), host.params());
        assert_eq!(of_device.kept, of_host.kept);
        assert_eq!(of_device.held_out.len(), of_host.held_out.len());
    }
}

/// A run that ends after five steps and is resumed ends in the bits of one of eleven; resumed on the other device, it ends
/// where that run ends, to rounding.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn a_resumed_run_ends_in_the_same_bits() {
    let data = uniform((70, 3), 4);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.state");
    let optimizers: [Optimizer; 2] = [Adam::new(1e-2).into(), Sgd::new(1e-2, 0.9).into()];
    for optimizer in optimizers {
        let trainer = |device: Device, steps| {
            Trainer::new(Objective::ssm(2))
                .optimizer(optimizer)
                .steps(steps)
                .batch(32)
                .jitter(0.05)
                .ema(0.8)
                .validation(data.clone(), 4)
                .save_state(&file)
                .device(device)
                .progress(false)
        };
        let new = || Net::init(&mut Xoshiro256PlusPlus::seed_from_u64(8));
        let whole = |device: Device| {
            let mut model = new();
            trainer(device, 11).fit(&mut model, &data).unwrap();
            model
        };
        let parts = |first: Device, second: Device| {
            trainer(first, 5).fit(&mut new(), &data).unwrap();
            let mut model = Net::zeros();
            let report = trainer(second, 11).resume(&mut model, &data).unwrap();
            assert_eq!((report.steps(), report.resumed[0].step), (11, 5));
            model
        };
        let bits =
            |model: &Net| -> Vec<u32> { model.params().iter().map(|x| x.to_bits()).collect() };
        let of_device = whole(open());
        assert_eq!(bits(&parts(open(), open())), bits(&of_device));
        let across = parts(Device::cpu(), open());
        close("from the CPU", across.params(), of_device.params());
        let back = parts(open(), Device::cpu());
        close("to the CPU", back.params(), whole(Device::cpu()).params());
    }
}

/// A step that is not sound ends the run as it does on the CPU, with the same parameters.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn divergence_is_told() {
    let data = uniform((40, 3), 6);
    let train = |device: Device| {
        let mut model = Net::init(&mut Xoshiro256PlusPlus::seed_from_u64(1));
        let report = Trainer::new(Objective::esm())
            .optimizer(Sgd::new(30.0, 0.0))
            .steps(60)
            .batch(40)
            .device(device)
            .progress(false)
            .fit(&mut model, &data)
            .unwrap();
        (model, report)
    };
    let ((host, of_host), (device, of_device)) = (train(Device::cpu()), train(open()));
    println!("{}\n{}", of_host.stop, of_device.stop);
    let (Stop::Diverged(of_host), Stop::Diverged(of_device)) = (of_host.stop, of_device.stop)
    else {
        panic!("a rate of 30 is too large");
    };
    assert_eq!(of_device.step, of_host.step);
    assert_eq!(of_device.what, of_host.what);
    assert_eq!(of_device.rows, of_host.rows);
    assert!(device.params().iter().all(|x| x.is_finite()));
    assert_eq!(device.params().len(), host.params().len());
}

/// The row at which an energy is singular is named as on the CPU, in the step and the batch that it is in. Which batch that is
/// depends on the seed: the first for some, a later one for others.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn a_singular_row_is_named() {
    let mut data = uniform((40, 2), 6);
    data.row_mut(23).fill(0.0);
    let train = |device: Device, seed| {
        let report = Trainer::new(Objective::esm())
            .optimizer(Adam::new(1e-3))
            .steps(60)
            .batch(9)
            .seed(seed)
            .device(device)
            .progress(false)
            .fit(
                &mut Pole::init(&mut Xoshiro256PlusPlus::seed_from_u64(1)),
                &data,
            )
            .unwrap();
        match report.stop {
            Stop::Diverged(divergence) => divergence,
            other => panic!("{other}"),
        }
    };
    let placed = |d: &Divergence| (d.step, d.epoch, d.batch, d.rows.clone(), d.cause.clone());
    let mut later = 0;
    for seed in 0..6 {
        let (of_host, of_device) = (train(Device::cpu(), seed), train(open(), seed));
        println!("{of_device}");
        assert_eq!(placed(&of_device), placed(&of_host));
        assert_eq!(of_device.rows.len(), 9);
        assert_eq!(of_device.at_start, of_device.step == 0);
        later += usize::from(!of_device.at_start);
        assert!(
            of_device
                .to_string()
                .contains("at row 23 of the data (from 0), [0.0, 0.0]"),
            "{of_device}"
        );
    }
    assert!(later > 0, "no seed puts the row into a later batch");
}

/// Products of TF32 numbers are less accurate, and no worse than that.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn tf32_is_a_choice() {
    let (host, mut device) = pair::<NetSpec>();
    device.set_device(open().tf32()).unwrap();
    let x = uniform((37, 3), 0);
    let (mut got, mut want) = (vec![0.0; NetSpec::PARAM_LEN], vec![0.0; NetSpec::PARAM_LEN]);
    device
        .loss_gradient(x.view(), &Loss::esm(), &mut got)
        .unwrap();
    host.loss_gradient(x.view(), &Loss::esm(), &mut want)
        .unwrap();
    let scale = want.iter().fold(1e-6f32, |m, x| m.max(x.abs()));
    let worst = got
        .iter()
        .zip(&want)
        .fold(0.0f32, |m, (g, w)| m.max((g - w).abs()))
        / scale;
    println!("{worst:e}");
    assert!((1e-6..3e-3).contains(&worst), "{worst:e}");
}
