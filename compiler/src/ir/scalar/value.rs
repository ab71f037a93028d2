//! Values of expressions in float64.

use super::conditioned::CLAMP;
use super::{Expr, Func, Pool, Sides, Term, quotients};
use rustc_hash::FxHashMap as HashMap;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2};

impl Pool {
    /// The value at the given arguments.
    pub fn eval(&self, e: Expr, args: &[f64]) -> f64 {
        let mut memo: HashMap<Expr, f64> = HashMap::default();
        for s in self.subexpressions(&[e]) {
            let value = match self.term(s) {
                Term::Arg(i) => args[*i as usize],
                Term::Const(bits) => f64::from_bits(*bits),
                Term::Sum(k, terms) => terms.iter().fold(f64::from_bits(*k), |acc, (c, t)| {
                    acc + f64::from_bits(*c) * memo[t]
                }),
                Term::Product(factors) => quotients(factors)
                    .iter()
                    .map(|q| {
                        let base = match q.sides {
                            Sides::Up(up) => memo[&up],
                            Sides::Down(down) => 1.0 / memo[&down],
                            Sides::Both(up, down) => memo[&up] / memo[&down],
                        };
                        base.powi(q.power)
                    })
                    .product(),
                Term::Power(base, p) => memo[base].powf(f64::from_bits(*p)),
                Term::Call(f, a) => evaluate(*f, memo[a]),
            };
            memo.insert(s, value);
        }
        memo[&e]
    }
}

/// f(u) in float64, written so that no intermediate overflows and no digits cancel.
pub fn evaluate(f: Func, u: f64) -> f64 {
    match f {
        Func::Exp => u.exp(),
        Func::Log => u.ln(),
        Func::Log1p => u.ln_1p(),
        Func::Sqrt => u.sqrt(),
        Func::Tanh => u.tanh(),
        Func::TanhSlope => 4.0 * sigmoid_slope(2.0 * u),
        Func::Sigmoid => sigmoid(u),
        Func::SigmoidSlope => sigmoid_slope(u),
        Func::Gate => sigmoid(-u.abs()).copysign(u),
        Func::GateSigmoid if u.is_sign_negative() => -u,
        Func::GateSigmoid => 1.0 - u,
        Func::GateSlope => u.abs() * (1.0 - u.abs()),
        Func::MishGate => {
            let q = sigmoid(-u);
            sigmoid(u) * (1.0 + q) / (1.0 + q * q)
        }
        Func::Softplus => u.max(0.0) + (-u.abs()).exp().ln_1p(),
        Func::Logcosh if u.abs() < 1.0 => 0.5 * (u.sinh() * u.sinh()).ln_1p(),
        Func::Logcosh => u.abs() + (-2.0 * u.abs()).exp().ln_1p() - LN_2,
        Func::Sin => u.sin(),
        Func::Cos => u.cos(),
        Func::Erf => libm::erf(u),
        Func::NormalCdf => normal_cdf(u),
        Func::Gauss => gauss(u, 1.0),
        Func::HalfGauss => gauss(u, 0.5),
        Func::Clamp => u.clamp(-CLAMP, CLAMP),
        Func::Abs => u.abs(),
        Func::Relu => u.max(0.0),
        Func::Step => f64::from(u8::from(u > 0.0)),
        Func::Sign if u == 0.0 => 0.0,
        Func::Sign => u.signum(),
    }
}

fn sigmoid(u: f64) -> f64 {
    let e = (-u.abs()).exp();
    let above = if u < 0.0 { e } else { 1.0 };
    above / (1.0 + e)
}

fn sigmoid_slope(u: f64) -> f64 {
    let e = (-u.abs()).exp();
    e / ((1.0 + e) * (1.0 + e))
}

/// e^(−c u²) for c = 1 or ½. The rounding error of u² is added to the exponent, where it would be an error of u² ulp.
fn gauss(u: f64, c: f64) -> f64 {
    let square = u * u;
    if square > 2000.0 {
        return 0.0;
    }
    let lost = u.mul_add(u, -square);
    (-c * square).exp() * (1.0 - c * lost)
}

/// Φ(u) = ½ erfc(x), x = −u/√2 in two parts.
fn normal_cdf(u: f64) -> f64 {
    const REST: f64 = -4.833_646_656_726_457e-17;
    let u = u.clamp(-40.0, 40.0);
    let x = -u * FRAC_1_SQRT_2;
    let rest = (-u).mul_add(FRAC_1_SQRT_2, -x) - u * REST;
    0.5 * (libm::erfc(x) - FRAC_2_SQRT_PI * gauss(x, 1.0) * rest)
}
