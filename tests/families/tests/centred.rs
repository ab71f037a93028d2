//! Curvature of `logsumexp`, `softmax` and `log_softmax` in single precision. Σ p t² − (Σ p t)² over tangents t that are
//! large and nearly equal must not cancel: far from all components of a mixture, or with large parameters.

use ndarray::{Array2, Array3, array};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use rand_distr::{Distribution, StandardNormal};
use scorematch::{Loss, Model, Noise, Spec, energy};

energy! {
    /// Eight round Gaussians with a scale and a weight each.
    Mixture(x: [3]) {
        param mu: [8, 3] = normal(1.0);
        param log_s: [8] = normal(0.3);
        param logit: [8] = normal(1.0);
        let d2 = sum(sq(x - mu), axis = 1);
        -logsumexp(logit - 0.5 * d2 * exp(-2 * log_s) - 3 * log_s)
    }
    /// Four Gaussians with a precision L Lᵀ each.
    Covariances(x: [3]) {
        param mu: [4, 3] = normal(1.0);
        param l: [4, 3, 3] = normal(0.7);
        param logit: [4] = normal(1.0);
        let y = dot(reshape(x - mu, [4, 1, 3]), l);
        -logsumexp(logit - 0.5 * norm_sq(y, axis = [1, 2]))
    }
    /// A modern Hopfield network: patterns enter through one shared map of x.
    Hopfield(x: [6]) {
        param w: [11, 6] = normal(1.0);
        0.5 * norm_sq(x) - logsumexp(dot(w, x))
    }
    /// Entries of x without a map.
    Entries(x: [5]) {
        param k: [5] = normal(1.0);
        norm_sq(x) - logsumexp(k + 3 * x) + sum(k * softmax(2 * x))
    }
    /// Weights of keys, and values.
    Attention(x: [4]) {
        param keys: [7, 4] = normal(1.0);
        param values: [7, 3] = normal(1.0);
        let p = softmax(dot(keys, x));
        0.5 * norm_sq(x) + sum(sq(dot(p, values)))
    }
    /// A classifier read as an energy model.
    Classes(x: [4]) {
        param w: [5, 4] = normal(1.0);
        let z = dot(w, x);
        0.1 * norm_sq(x) - logsumexp(z) - 0.2 * log_softmax(z)[2] * exp(log_softmax(z)[1])
    }
}

/// The noise level of denoising score matching, a power of two.
const SIGMA: f32 = 0.5;

/// The model in both precisions, with parameters that single precision holds, `factor` times their declared scale.
fn models<S: Spec>(seed: u64, factor: f32) -> (Model<S, f32>, Model<S, f64>) {
    let mut single: Model<S, f32> = Model::init(&mut SmallRng::seed_from_u64(seed));
    single.params_mut().iter_mut().for_each(|p| *p *= factor);
    let mut double: Model<S, f64> = Model::init(&mut SmallRng::seed_from_u64(seed));
    let pairs = double.params_mut().iter_mut().zip(single.params());
    pairs.for_each(|(d, s)| *d = f64::from(*s));
    (single, double)
}

/// The largest deviation of each quantity, as a part of its largest size.
fn deviations<S: Spec>(
    (single, double): &(Model<S, f32>, Model<S, f64>),
    x: &Array2<f32>,
    seed: u64,
) -> Vec<(&'static str, f64)> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let sign = |rng: &mut SmallRng| if rng.random::<bool>() { 1.0 } else { -1.0 };
    let v = Array3::from_shape_simple_fn((2, x.nrows(), x.ncols()), || sign(&mut rng));
    // Noise for which x + σ·noise is a number of single precision, so that both precisions see the same point.
    let noise = x.mapv(|x: f32| {
        let normal: f32 = StandardNormal.sample(&mut rng);
        ((f64::from(x + SIGMA * normal) - f64::from(x)) / f64::from(SIGMA)) as f32
    });
    let (x64, v64, noise64) = (x.mapv(f64::from), v.mapv(f64::from), noise.mapv(f64::from));
    let mut found = Vec::new();
    let mut compare = |what, got: Vec<f64>, right: Vec<f64>| {
        let size = right.iter().fold(0.0f64, |m, r| m.max(r.abs()));
        assert!(got.iter().chain(&right).all(|v| v.is_finite()), "{what}");
        let error = got.iter().zip(&right).map(|(g, r)| (g - r).abs());
        found.push((what, error.fold(0.0, f64::max) / size));
    };
    let one = |v: ndarray::Array1<f32>| v.mapv(f64::from).to_vec();
    let two = |v: Array2<f32>| v.mapv(f64::from).into_raw_vec_and_offset().0;
    let rows = |v: Array2<f64>| v.into_raw_vec_and_offset().0;
    let sound = "the batch is sound";
    compare(
        "score",
        two(single.score(x.view()).expect(sound)),
        rows(double.score(x64.view()).expect(sound)),
    );
    compare(
        "laplacian",
        one(single.laplacian(x.view()).expect(sound)),
        double.laplacian(x64.view()).expect(sound).to_vec(),
    );
    let (w, w64) = (
        v.index_axis(ndarray::Axis(0), 0),
        v64.index_axis(ndarray::Axis(0), 0),
    );
    compare(
        "hvp",
        two(single.hvp(x.view(), w).expect(sound)),
        rows(double.hvp(x64.view(), w64).expect(sound)),
    );
    let losses: [(&str, Loss<'_, f32>, Loss<'_, f64>); 4] = [
        ("esm", Loss::esm(), Loss::esm()),
        ("ssm", Loss::ssm(v.view()), Loss::ssm(v64.view())),
        ("ssm_vr", Loss::ssm_vr(v.view()), Loss::ssm_vr(v64.view())),
        (
            "dsm",
            Loss::dsm(SIGMA, Noise::Given(noise.view())),
            Loss::dsm(f64::from(SIGMA), Noise::Given(noise64.view())),
        ),
    ];
    for (name, a, b) in &losses {
        let mut gradient = vec![f32::NAN; single.params().len()];
        let mut right = vec![f64::NAN; gradient.len()];
        let loss = single
            .loss_gradient(x.view(), a, &mut gradient)
            .expect(sound);
        let exact = double
            .loss_gradient(x64.view(), b, &mut right)
            .expect(sound);
        compare(name, vec![loss], vec![exact]);
        compare(name, gradient.into_iter().map(f64::from).collect(), right);
    }
    found
}

fn check<S: Spec>(seed: u64, factor: f32, x: &Array2<f32>, what: &str) {
    for (quantity, error) in deviations(&models::<S>(seed, factor), x, seed) {
        println!("{} {what}: {quantity} {error:.1e}", S::NAME);
        assert!(
            error < 1e-5,
            "{} {what}: {quantity} is off by {error:.1e}",
            S::NAME
        );
    }
}

/// Exponents of the components of a mixture at x, in double precision, from parameters by name.
fn exponents(model: &Model<CovariancesSpec, f64>, x: &Array2<f32>) -> Vec<f64> {
    let get = |name| model.get(name).expect("a declared parameter");
    let (mu, l, logit) = (get("mu"), get("l"), get("logit"));
    let exponent = |k: usize| {
        let y = |j: usize| -> f64 {
            let term = |i: usize| (f64::from(x[[0, i]]) - mu[[k, i]]) * l[[k, i, j]];
            (0..3).map(term).sum()
        };
        logit[k] - 0.5 * (0..3).map(|j| y(j) * y(j)).sum::<f64>()
    };
    (0..logit.len()).map(exponent).collect()
}

/// The same of round components.
fn round_exponents(model: &Model<MixtureSpec, f64>, x: &Array2<f32>) -> Vec<f64> {
    let get = |name| model.get(name).expect("a declared parameter");
    let (mu, log_s, logit) = (get("mu"), get("log_s"), get("logit"));
    let exponent = |k: usize| {
        let square = |i: usize| (f64::from(x[[0, i]]) - mu[[k, i]]).powi(2);
        let d2: f64 = (0..3).map(square).sum();
        logit[k] - 0.5 * d2 * (-2.0 * log_s[k]).exp() - 3.0 * log_s[k]
    };
    (0..logit.len()).map(exponent).collect()
}

/// Whether single precision, which rounds exponents, can know the weights of the components: where two of them compete,
/// no formula recovers what the rounding of large exponents took.
fn is_decided(mut exponents: Vec<f64>) -> bool {
    exponents.sort_by(|a, b| b.total_cmp(a));
    let rounding = exponents[0].abs() * f64::from(f32::EPSILON);
    rounding < 1e-6 || exponents[0] - exponents[1] > 20.0
}

/// Far from every component one of them has all the weight.
#[test]
fn mixtures_from_afar() {
    let direction = array![[0.3, -0.77, 0.91]];
    let (mut points, mut compared) = (0, 0);
    for seed in 1..=4 {
        for s in [1.0, 10.0, 1e2, 1e3, 1e4, 1e5, 1e6] {
            let (x, what) = (&direction * s, format!("{seed} at {s:e}"));
            points += 2;
            if is_decided(round_exponents(&models::<MixtureSpec>(seed, 1.0).1, &x)) {
                check::<MixtureSpec>(seed, 1.0, &x, &what);
                compared += 1;
            }
            if is_decided(exponents(&models::<CovariancesSpec>(seed, 1.0).1, &x)) {
                check::<CovariancesSpec>(seed, 1.0, &x, &what);
                compared += 1;
            }
        }
    }
    assert!(compared > points / 2, "{compared} of {points} points");
}

/// Parameters thirty times their scale: exponents are large, tangents too.
#[test]
fn large_parameters() {
    let mut rng = SmallRng::seed_from_u64(7);
    let mut x = |d| -> Array2<f32> {
        Array2::from_shape_simple_fn((16, d), || StandardNormal.sample(&mut rng))
    };
    check::<HopfieldSpec>(3, 30.0, &x(6), "x 30");
    check::<EntriesSpec>(4, 30.0, &x(5), "x 30");
    check::<AttentionSpec>(5, 30.0, &x(4), "x 30");
    check::<ClassesSpec>(6, 30.0, &x(4), "x 30");
}
