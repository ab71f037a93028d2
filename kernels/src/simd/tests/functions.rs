//! The elementary functions of every instruction set, within the errors that their documentation states.

use Function::*;

use super::instruction_sets;
use super::reference::{self, Double};
use crate::simd::*;

/// A function of a vector, and the range and error that its documentation states.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Exp,
    Ln,
    Ln1p,
    Tanh,
    TanhSlope,
    Sigmoid,
    Gate,
    MishGate,
    Softplus,
    Logcosh,
    Sin,
    Cos,
    Erf,
    NormalCdf,
    Gauss,
    HalfGauss,
    Powf(f64),
}

const FUNCTIONS: [Function; 20] = [
    Exp,
    Ln,
    Ln1p,
    Tanh,
    TanhSlope,
    Sigmoid,
    Gate,
    MishGate,
    Softplus,
    Logcosh,
    Sin,
    Cos,
    Erf,
    NormalCdf,
    Gauss,
    HalfGauss,
    Powf(2.7),
    Powf(-0.35),
    Powf(5.0),
    Powf(-0.5),
];

impl Function {
    /// The largest error, in ulp, that the documentation of [`Vector`] states.
    fn stated(self) -> f64 {
        match self {
            Exp | Ln | Ln1p => 1.0,
            Powf(_) | Gauss | HalfGauss => 1.5,
            Erf => 2.0,
            Tanh | Sigmoid | Gate | Softplus | Sin | Cos => 2.5,
            TanhSlope => 5.0,
            Logcosh => 5.0,
            MishGate => 6.0,
            NormalCdf => 6.5,
        }
    }

    /// Whether `y` is the 0 that stands for a result in the subnormal range.
    fn flushes(self, y: f64, exact: f64, tiny: f64) -> bool {
        let least = match self {
            Sigmoid | Gate | Softplus | Gauss | HalfGauss | NormalCdf => 1.01 * tiny,
            MishGate => 2.02 * tiny,
            TanhSlope => 4.04 * tiny,
            Exp | Ln | Ln1p | Tanh | Logcosh | Sin | Cos | Erf | Powf(_) => 0.0,
        };
        y == 0.0 && exact.abs() < least
    }

    #[inline(always)]
    fn apply<V: Vector>(self, x: V) -> V {
        match self {
            Exp => x.exp(),
            Ln => x.ln(),
            Ln1p => x.ln_1p(),
            Tanh => x.tanh(),
            TanhSlope => x.tanh_slope(),
            Sigmoid => x.sigmoid(),
            Gate => x.gate(),
            MishGate => x.mish_gate(),
            Softplus => x.softplus(),
            Logcosh => x.logcosh(),
            Sin => x.sin(),
            Cos => x.cos(),
            Erf => x.erf(),
            NormalCdf => x.normal_cdf(),
            Gauss => x.gauss(),
            HalfGauss => x.half_gauss(),
            Powf(p) => x.powf(p),
        }
    }

    /// In double precision, by the standard library and `libm`.
    fn scalar(self, x: f64, p_of: impl Fn(f64) -> f64) -> f64 {
        match self {
            Powf(p) => x.powf(p_of(p)),
            // The form of `ScalarVector` for large |x| would cancel where the argument is not small enough.
            Logcosh if x.abs() < 1.0 => 0.5 * (x.sinh() * x.sinh()).ln_1p(),
            _ => self.apply(ScalarVector(x)).0,
        }
    }

    /// In double-double precision; `None` where that has no answer as good.
    fn exact(self, x: f64) -> Option<Double> {
        let moderate = x.abs() < 1e6 && x.abs() > 1e-8;
        match self {
            Exp => (x.abs() < 700.0).then(|| reference::exp(x)),
            Ln => (x > 1e-300 && x < 1e300).then(|| reference::ln(x)),
            Ln1p => (moderate && x > -1.0).then(|| reference::ln_1p(x)),
            Tanh => (moderate && x.abs() < 300.0).then(|| reference::tanh(x)),
            Sigmoid => (x.abs() < 700.0).then(|| reference::sigmoid(x)),
            TanhSlope => (x.abs() < 350.0).then(|| reference::tanh_slope(x)),
            Gate => (x.abs() < 700.0).then(|| reference::gate(x)),
            MishGate => (x.abs() < 700.0).then(|| reference::mish_gate(x)),
            // Beyond, it is a difference from ½ that loses too much: `tests/activations` has those.
            NormalCdf => (x > -6.0 && x < 9.0 && moderate).then(|| reference::normal_cdf(x)),
            Gauss => (moderate && x.abs() < 26.0).then(|| reference::gauss(x)),
            HalfGauss => (moderate && x.abs() < 37.0).then(|| reference::half_gauss(x)),
            Softplus => (x.abs() < 700.0).then(|| reference::softplus(x)),
            Logcosh => (x.abs() > 1e-5 && x.abs() < 300.0).then(|| reference::logcosh(x)),
            Sin => moderate.then(|| reference::sin(x)),
            Cos => moderate.then(|| reference::cos(x)),
            Erf => moderate.then(|| reference::erf(x)),
            Powf(p) => (x > 1e-100 && x < 1e100).then(|| reference::powf(x, p)),
        }
    }
}

/// A function over rows.
struct Map<'a, T>(Function, &'a [[T; 16]]);

impl<T: Real> ForVector<T> for Map<'_, T> {
    type Out = Vec<[T; 16]>;
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> Vec<[T; 16]> {
        let mut out = self.1.to_vec();
        for row in &mut out {
            for i in 0..V::PER_ROW {
                self.0.apply(V::load(row, i)).store(row, i);
            }
        }
        out
    }
}

fn map<T: Real>(isa: InstructionSet, function: Function, x: &[T]) -> Vec<T> {
    let mut rows: Vec<[T; 16]> = Vec::new();
    for chunk in x.chunks(16) {
        rows.push(std::array::from_fn(|i| chunk[i.min(chunk.len() - 1)]));
    }
    let mut out: Vec<T> = T::dispatch(isa, Map(function, &rows)).concat();
    out.truncate(x.len());
    out
}

fn random(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Both non-numbers, or the same infinity, or neither is special.
fn same_special(x: f64, y: f64) -> bool {
    if x.is_finite() && y.is_finite() {
        true
    } else {
        x == y || (x.is_nan() && y.is_nan())
    }
}

/// The spacing of `f32` at `x`.
fn ulp_f32(x: f64) -> f64 {
    let x = x.abs().min(f64::from(f32::MAX)) as f32;
    f64::from(x.next_up()) - f64::from(x)
}

#[test]
fn f32_functions_are_as_accurate_as_stated() {
    // Patterns at a fixed distance: all exponents, both signs, subnormals, NaN.
    let step = if cfg!(debug_assertions) {
        199_999
    } else {
        9_973
    };
    let x: Vec<f32> = (0..=u32::MAX).step_by(step).map(f32::from_bits).collect();
    let mut beyond = Vec::new();
    for isa in instruction_sets() {
        for function in FUNCTIONS {
            let mut worst = (0.0, 0.0);
            for (&x, &y) in x.iter().zip(&map(isa, function, &x)) {
                let exact = function.scalar(f64::from(x), |p| f64::from(p as f32));
                let (rounded, y) = (f64::from(exact as f32), f64::from(y));
                assert!(
                    same_special(rounded, y),
                    "{isa} {function:?}({x:e}) = {y:e}, not {exact:e}"
                );
                let error = (y - exact).abs() / ulp_f32(exact);
                let flushed = function.flushes(y, exact, f64::from(f32::MIN_POSITIVE));
                if rounded.is_finite() && error > worst.0 && !flushed {
                    worst = (error, x);
                }
            }
            println!(
                "f32 {isa} {function:?}: {:.2} ulp at {:e}",
                worst.0, worst.1
            );
            if worst.0 > function.stated() {
                beyond.push(format!("{isa} {function:?}: {worst:?}"));
            }
        }
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}

#[test]
fn f64_functions_are_as_accurate_as_stated() {
    let count = if cfg!(debug_assertions) { 800 } else { 6000 };
    let x: Vec<f64> = (0..count)
        .map(|i| {
            let bits = random(i);
            let unit = (bits >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
            match i % 4 {
                0 => 4.0 * unit,
                1 => 750.0 * unit,
                2 => unit.signum() * (1.0 + unit.abs()) * 2f64.powi((bits % 60) as i32 - 40),
                _ => f64::from_bits(bits),
            }
        })
        .collect();
    for isa in instruction_sets() {
        for function in FUNCTIONS {
            let mut worst = (0.0, 0.0);
            for (&x, &y) in x.iter().zip(&map(isa, function, &x)) {
                let rounded = function.scalar(x, |p| p);
                assert!(
                    same_special(rounded, y),
                    "{isa} {function:?}({x:e}) = {y:e}, not {rounded:e}"
                );
                let Some(Double(high, low)) = function.exact(x) else {
                    continue;
                };
                let error = ((y - high) - low).abs() / (high.abs().next_up() - high.abs());
                if error > worst.0 && !function.flushes(y, high, f64::MIN_POSITIVE) {
                    worst = (error, x);
                }
            }
            println!(
                "f64 {isa} {function:?}: {:.2} ulp at {:e}",
                worst.0, worst.1
            );
            assert!(
                worst.0 <= function.stated(),
                "{isa} {function:?}: {} ulp at {:e}",
                worst.0,
                worst.1
            );
        }
    }
}

/// Values whose results are exact, or edges: zeros with their signs, infinities, overflow, underflow.
fn edges<T: Real>(isa: InstructionSet) {
    let (inf, nan, tiny) = (
        f64::INFINITY,
        f64::NAN,
        Real::to_f64(T::min_positive_value()) / 4.0,
    );
    let cases: &[(Function, &[(f64, f64)])] = &[
        (
            Exp,
            &[
                (0.0, 1.0),
                (-0.0, 1.0),
                (inf, inf),
                (-inf, 0.0),
                (nan, nan),
                (1e4, inf),
                (-1e4, 0.0),
            ],
        ),
        (
            Ln,
            &[
                (1.0, 0.0),
                (0.0, -inf),
                (-0.0, -inf),
                (-1.0, nan),
                (-inf, nan),
                (inf, inf),
                (nan, nan),
            ],
        ),
        (
            Ln1p,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (-1.0, -inf),
                (-2.0, nan),
                (inf, inf),
                (nan, nan),
                (tiny, tiny),
            ],
        ),
        (
            Tanh,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (inf, 1.0),
                (-inf, -1.0),
                (nan, nan),
                (-tiny, -tiny),
                (50.0, 1.0),
            ],
        ),
        (
            Sigmoid,
            &[
                (0.0, 0.5),
                (inf, 1.0),
                (-inf, 0.0),
                (nan, nan),
                (-800.0, 0.0),
                (800.0, 1.0),
            ],
        ),
        (
            Softplus,
            &[
                (inf, inf),
                (-inf, 0.0),
                (nan, nan),
                (100.0, 100.0),
                (1e30, 1e30),
                (-800.0, 0.0),
            ],
        ),
        (
            Gate,
            &[
                (0.0, 0.5),
                (-0.0, -0.5),
                (inf, 0.0),
                (-inf, -0.0),
                (nan, nan),
                (-800.0, -0.0),
                (800.0, 0.0),
            ],
        ),
        (
            TanhSlope,
            &[(0.0, 1.0), (inf, 0.0), (-inf, 0.0), (nan, nan), (1e30, 0.0)],
        ),
        (
            MishGate,
            &[(0.0, 0.6), (inf, 1.0), (-inf, 0.0), (nan, nan), (1e30, 1.0)],
        ),
        (
            NormalCdf,
            &[
                (0.0, 0.5),
                (inf, 1.0),
                (-inf, 0.0),
                (nan, nan),
                (1e30, 1.0),
                (-1e30, 0.0),
            ],
        ),
        (
            Gauss,
            &[(0.0, 1.0), (inf, 0.0), (-inf, 0.0), (nan, nan), (1e30, 0.0)],
        ),
        (
            HalfGauss,
            &[(0.0, 1.0), (inf, 0.0), (-inf, 0.0), (nan, nan), (1e30, 0.0)],
        ),
        (Logcosh, &[(0.0, 0.0), (inf, inf), (-inf, inf), (nan, nan)]),
        (
            Sin,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (inf, nan),
                (-inf, nan),
                (nan, nan),
                (tiny, tiny),
            ],
        ),
        (Cos, &[(0.0, 1.0), (-0.0, 1.0), (inf, nan), (nan, nan)]),
        (
            Erf,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (inf, 1.0),
                (-inf, -1.0),
                (nan, nan),
                (9.0, 1.0),
            ],
        ),
        (
            Powf(2.7),
            &[(0.0, 0.0), (1.0, 1.0), (inf, inf), (-1.0, nan), (nan, nan)],
        ),
        (
            Powf(-0.35),
            &[(0.0, inf), (1.0, 1.0), (inf, 0.0), (-1.0, nan), (nan, nan)],
        ),
        (
            Powf(5.0),
            &[(-1.0, -1.0), (-0.0, -0.0), (-2.0, -32.0), (-inf, -inf)],
        ),
        (
            Powf(4.0),
            &[(-1.0, 1.0), (-2.0, 16.0), (-inf, inf), (0.0, 0.0)],
        ),
        (Powf(0.0), &[(0.0, 1.0), (nan, 1.0), (inf, 1.0)]),
    ];
    for &(function, cases) in cases {
        let x: Vec<T> = cases.iter().map(|&(x, _)| T::of(x)).collect();
        for (&(x, expected), y) in cases.iter().zip(map(isa, function, &x)) {
            let (y, expected) = (Real::to_f64(y), Real::to_f64(T::of(expected)));
            let near = (y - expected).abs() <= Real::to_f64(T::epsilon()) * expected.abs();
            let same = if expected == 0.0 {
                y == 0.0 && y.is_sign_negative() == expected.is_sign_negative()
            } else {
                near
            };
            assert!(
                same || (y.is_nan() && expected.is_nan()) || y == expected && y.is_infinite(),
                "{} {isa} {function:?}({x:e}) = {y:e}",
                T::NAME
            );
        }
    }
}

#[test]
fn edges_are_right() {
    for isa in instruction_sets() {
        edges::<f32>(isa);
        edges::<f64>(isa);
    }
}
