//! What runs in a process that finds the libraries. Ignored elsewhere.

use ndarray::{Array2, Array3, ArrayView1};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use scorematch::train::{Adam, Objective, Trainer};
use scorematch::{Device, Directions, Draw, Loss, Model, Noise, Slices, Spec};

scorematch::energy! {
    /// A network in a well.
    pub Net(x: [3]) {
        param log_k: [];
        let h = tanh(dense(x, 11));
        dense(silu(dense(h, 7)), 1) + 0.5 * exp(log_k) * norm_sq(x)
    }
}

scorematch::energy! {
    /// More features than units.
    pub Wide(x: [9]) {
        mlp(x, [5, 6], softplus)
    }
}

fn open() -> Device {
    match Device::cuda(0) {
        Ok(device) => device,
        Err(error) => {
            println!("{error}");
            std::process::exit(1);
        }
    }
}

fn uniform(shape: (usize, usize), salt: usize) -> Array2<f32> {
    Array2::from_shape_fn(shape, |(i, j)| {
        ((17 * i + 5 * j + 3 * salt) % 13) as f32 / 7.0 - 0.9
    })
}

/// The same model on the CPU and on the device.
fn pair<S: Spec>() -> (Model<S, f32>, Model<S, f32>) {
    let host = Model::<S, f32>::init(&mut Xoshiro256PlusPlus::seed_from_u64(3));
    let mut device = host.clone();
    device.set_device(open()).expect("f32 can be used");
    (host, device)
}

fn close<'a>(
    what: &str,
    got: impl IntoIterator<Item = &'a f32>,
    want: impl IntoIterator<Item = &'a f32>,
) {
    let want: Vec<f32> = want.into_iter().copied().collect();
    let got: Vec<f32> = got.into_iter().copied().collect();
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(1e-6f32, |m, x| m.max(x.abs()));
    for (g, w) in got.iter().zip(&want) {
        assert!((g - w).abs() <= 2e-5 * scale, "{what}: {g} instead of {w}");
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
    let draw = Draw {
        kind: Directions::Sphere,
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
        Loss::Esm,
        Loss::Ssm(Slices::Given(given.view())),
        Loss::Ssm(draw.into()),
        Loss::SsmVr(draw.into()),
        Loss::Dsm { sigma: 0.3, noise },
        Loss::Dsm {
            sigma: 0.3,
            noise: Noise::Given(v.view()),
        },
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

#[test]
#[ignore = "started by the tests that name the libraries"]
fn training_ends_where_the_cpu_ends() {
    let data = uniform((96, 3), 4);
    let train = |device: Device| {
        let mut model = Net::init(&mut Xoshiro256PlusPlus::seed_from_u64(8));
        let report = Trainer::new(Objective::ssm(2))
            .optimizer(Adam::new(1e-2))
            .epochs(6)
            .batch(32)
            .jitter(0.05)
            .device(device)
            .progress(false)
            .fit(&mut model, &data)
            .unwrap();
        (model, report)
    };
    let ((host, of_host), (device, of_device)) = (train(Device::cpu()), train(open()));
    let losses = |losses: &[f64]| -> Vec<f32> { losses.iter().map(|l| *l as f32).collect() };
    close(
        "losses",
        &losses(&of_device.losses),
        &losses(&of_host.losses),
    );
    close(
        "parameters",
        ArrayView1::from(device.params()),
        ArrayView1::from(host.params()),
    );
}
