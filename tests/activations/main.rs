//! Activations and their first three derivatives, as emitted code computes them in single precision, against double
//! precision over the whole range.
//!
//! The derivatives follow from the formulas by rule, so some cancel: what that costs is stated here for each, and in
//! the documentation of `Vector`. Formulas that cost less make the bounds of [`ACTIVATIONS`] smaller.

mod exact;
mod tails;

use ndarray::{ArrayView2, Axis};
use scorematch::{InstructionSet, Loss, Model, Real, Spec, energy};

energy! {
    fn act(z) = z * sigmoid(1.702 * z);

    /// a φ(x + b) + c x, as every model here.
    Silu(x: [1]) { param a: []; param b: []; param c: []; a * silu(x[0] + b) + c * x[0] }
    Gelu(x: [1]) { param a: []; param b: []; param c: []; a * gelu(x[0] + b) + c * x[0] }
    Tanh(x: [1]) { param a: []; param b: []; param c: []; a * tanh(x[0] + b) + c * x[0] }
    Sigmoid(x: [1]) { param a: []; param b: []; param c: []; a * sigmoid(x[0] + b) + c * x[0] }
    Softplus(x: [1]) { param a: []; param b: []; param c: []; a * softplus(x[0] + b) + c * x[0] }
    Logcosh(x: [1]) { param a: []; param b: []; param c: []; a * logcosh(x[0] + b) + c * x[0] }
    Sin(x: [1]) { param a: []; param b: []; param c: []; a * sin(x[0] + b) + c * x[0] }
    Erf(x: [1]) { param a: []; param b: []; param c: []; a * erf(x[0] + b) + c * x[0] }
    Mish(x: [1]) { param a: []; param b: []; param c: []; a * mish(x[0] + b) + c * x[0] }
    LogSigmoid(x: [1]) { param a: []; param b: []; param c: []; a * log_sigmoid(x[0] + b) + c * x[0] }
    Gauss(x: [1]) { param a: []; param b: []; param c: []; a * exp(-sq(x[0] + b)) + c * x[0] }
    Cauchy(x: [1]) { param a: []; param b: []; param c: []; a / (1 + sq(x[0] + b)) + c * x[0] }
    Act(x: [1]) { param a: []; param b: []; param c: []; a * act(x[0] + b) + c * x[0] }
}

/// An activation φ and its first three derivatives: how they are computed, what they are, and what is stated of them.
struct Activation {
    name: &'static str,
    computed: fn(InstructionSet, &[f32]) -> [Vec<f64>; 4],
    exact: fn(f64) -> [f64; 4],
    /// The largest error of φ⁽ᵏ⁾ in ulp where |φ⁽ᵏ⁾| is at least a quarter of its greatest: away from its zeros.
    ulp: [f64; 4],
    /// The largest error of φ⁽ᵏ⁾ anywhere, in ε of the greatest |φ⁽ᵏ⁾|, or of |φ⁽ᵏ⁾| itself where φ grows beyond.
    eps: [f64; 4],
    /// The largest |x| that this holds for; beyond, a product of an infinite and a vanished factor may be no number.
    reach: f64,
}

const EVERYWHERE: f64 = f64::MAX;

const ACTIVATIONS: [Activation; 10] = [
    Activation {
        name: "silu",
        computed: computed::<SiluSpec, f32>,
        exact: exact::silu,
        ulp: [1.5, 2.0, 3.5, 12.5],
        eps: [1.0, 1.0, 1.5, 2.5],
        reach: 1e37,
    },
    Activation {
        name: "gelu",
        computed: computed::<GeluSpec, f32>,
        exact: exact::gelu,
        ulp: [1.5, 5.5, 3.0, 3.5],
        eps: [1.0, 1.5, 1.0, 2.0],
        reach: EVERYWHERE,
    },
    Activation {
        name: "tanh",
        computed: computed::<TanhSpec, f32>,
        exact: exact::tanh,
        ulp: [2.5, 4.5, 6.5, 6.5],
        eps: [1.5, 1.5, 3.5, 2.5],
        reach: EVERYWHERE,
    },
    Activation {
        name: "sigmoid",
        computed: computed::<SigmoidSpec, f32>,
        exact: exact::sigmoid,
        ulp: [2.0, 2.0, 14.0, 7.5],
        eps: [1.0, 1.0, 3.0, 2.5],
        reach: EVERYWHERE,
    },
    Activation {
        name: "softplus",
        computed: computed::<SoftplusSpec, f32>,
        exact: exact::softplus,
        ulp: [1.0, 2.0, 2.0, 14.0],
        eps: [1.0, 1.0, 1.0, 3.0],
        reach: EVERYWHERE,
    },
    Activation {
        name: "logcosh",
        computed: computed::<LogcoshSpec, f32>,
        exact: exact::logcosh,
        ulp: [2.0, 2.5, 4.5, 6.5],
        eps: [1.0, 1.5, 1.5, 3.5],
        reach: EVERYWHERE,
    },
    Activation {
        name: "sin",
        computed: computed::<SinSpec, f32>,
        exact: exact::sin,
        ulp: [1.5, 1.5, 1.5, 1.5],
        eps: [1.0, 1.0, 1.0, 1.0],
        reach: EVERYWHERE,
    },
    Activation {
        name: "erf",
        computed: computed::<ErfSpec, f32>,
        exact: exact::erf,
        ulp: [1.5, 2.5, 3.0, 3.5],
        eps: [1.0, 1.5, 1.5, 1.5],
        reach: EVERYWHERE,
    },
    Activation {
        name: "1/(1+z²)",
        computed: computed::<CauchySpec, f32>,
        exact: exact::cauchy,
        ulp: [2.0, 4.5, 3.5, 5.5],
        eps: [1.0, 2.0, 4.0, 4.0],
        // 2z overflows beyond.
        reach: 1.7e38,
    },
    Activation {
        name: "z·σ(1.702z)",
        computed: computed::<ActSpec, f32>,
        exact: exact::act,
        ulp: [1.5, 2.0, 3.5, 13.5],
        eps: [1.0, 1.0, 1.5, 3.0],
        reach: 1e37,
    },
];

/// φ, φ′, φ″ and φ‴ at every x, by the model E = φ(x + b) + c x: its energy, its score, its Laplacian, and the gradient in b
/// of its loss ½‖∇E‖² − ΔE of one sample, (φ′ + c) φ″ − φ‴, where c is −φ′.
fn computed<S: Spec, T: Real>(isa: InstructionSet, x: &[T]) -> [Vec<f64>; 4] {
    let mut model = Model::<S, T>::zeros();
    model
        .set_instruction_set(isa)
        .expect("an instruction set of this machine");
    model.set_threads(1);
    let (zero, one) = (T::zero(), T::one());
    model.params_mut().copy_from_slice(&[one, zero, zero]);
    let rows = ArrayView2::from_shape((x.len(), 1), x).expect("a row a number");
    let energy = model.energy(rows).expect("a sound call");
    let score = model.score(rows).expect("a sound call");
    let laplacian = model.laplacian(rows).expect("a sound call");
    let mut third = Vec::with_capacity(x.len());
    for (x, &score) in rows.outer_iter().zip(&score) {
        model.params_mut()[2] = score;
        let mut gradient = [zero; 3];
        model
            .loss_gradient(x.insert_axis(Axis(0)), &Loss::esm(), &mut gradient)
            .expect("a sound call");
        third.push(-Real::to_f64(gradient[1]));
    }
    let double = |x: &T| Real::to_f64(*x);
    [
        energy.iter().map(double).collect(),
        score.iter().map(|x| -double(x)).collect(),
        laplacian.iter().map(double).collect(),
        third,
    ]
}

/// ±104 densely, every magnitude from the least subnormal to the greatest number, and where exponentials overflow,
/// vanish or turn subnormal; both signs.
fn arguments() -> Vec<f32> {
    let per_one = if cfg!(debug_assertions) { 16 } else { 512 };
    let dense = (0..104 * per_one).map(|i| i as f32 / per_one as f32 + 0.0007);
    let magnitudes =
        (-149..128).flat_map(|exponent| [1.0, 1.3, 1.9].map(|m| (m * 2f64.powi(exponent)) as f32));
    let edges = [
        0.0, 87.3, 87.4, 88.0, 88.7, 88.722_83, 88.8, 103.0, 103.9, 104.0, 1e4, 1e30,
    ];
    let positive: Vec<f32> = dense.chain(magnitudes).chain(edges).collect();
    let negative = positive.iter().map(|x| -x).collect();
    [positive, negative].concat()
}

/// The spacing of `f32` at `x`.
fn ulp(x: f64) -> f64 {
    let x = x.abs() as f32;
    f64::from(x.next_up()) - f64::from(x)
}

#[test]
fn derivatives_are_as_accurate_as_stated() {
    let x = arguments();
    let mut beyond = Vec::new();
    for activation in &ACTIVATIONS {
        let name = activation.name;
        let exact: Vec<[f64; 4]> = x.iter().map(|&x| (activation.exact)(x.into())).collect();
        for isa in InstructionSet::ALL
            .into_iter()
            .filter(|isa| isa.is_supported())
        {
            let computed = (activation.computed)(isa, &x);
            for (k, computed) in computed.iter().enumerate() {
                // Where all have their greatest values but φ that grow for ever.
                let near = x.iter().zip(&exact).filter(|(x, _)| x.abs() <= 4.0);
                let greatest = near.fold(0.0, |m: f64, (_, exact)| m.max(exact[k].abs()));
                let (mut in_ulp, mut in_eps) = ((0.0, 0.0), (0.0, 0.0));
                for ((&x, exact), &y) in x.iter().zip(&exact).zip(computed) {
                    if f64::from(x.abs()) > activation.reach {
                        continue;
                    }
                    let exact = exact[k];
                    let error = (y - exact).abs();
                    let error = if error.is_nan() { f64::INFINITY } else { error };
                    let scaled = error / (f64::from(f32::EPSILON) * exact.abs().max(greatest));
                    if scaled > in_eps.0 {
                        in_eps = (scaled, x);
                    }
                    if exact.abs() >= greatest / 4.0 && error / ulp(exact) > in_ulp.0 {
                        in_ulp = (error / ulp(exact), x);
                    }
                }
                println!(
                    "{name} {k} {isa}: {:.2} ulp at {}, {:.2} ε at {}",
                    in_ulp.0, in_ulp.1, in_eps.0, in_eps.1
                );
                if in_ulp.0 > activation.ulp[k] || in_eps.0 > activation.eps[k] {
                    beyond.push(format!("{name} {k} {isa}: {in_ulp:?} ulp, {in_eps:?} ε"));
                }
            }
        }
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}
