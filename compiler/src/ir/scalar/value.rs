//! Values of expressions in float64.

use super::{Expr, Func, Pool, Term};
use rustc_hash::FxHashMap as HashMap;

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
                Term::Product(factors) => factors
                    .iter()
                    .map(|(base, n)| memo[base].powi(*n))
                    .product(),
                Term::Power(base, p) => memo[base].powf(f64::from_bits(*p)),
                Term::Call(f, a) => evaluate(*f, memo[a]),
            };
            memo.insert(s, value);
        }
        memo[&e]
    }
}

/// f(u) in float64, written so that no intermediate overflows.
pub fn evaluate(f: Func, u: f64) -> f64 {
    match f {
        Func::Exp => u.exp(),
        Func::Log => u.ln(),
        Func::Log1p => u.ln_1p(),
        Func::Sqrt => u.sqrt(),
        Func::Tanh => u.tanh(),
        Func::Sigmoid if u < 0.0 => u.exp() / (1.0 + u.exp()),
        Func::Sigmoid => 1.0 / (1.0 + (-u).exp()),
        Func::Softplus => u.max(0.0) + (-u.abs()).exp().ln_1p(),
        Func::Logcosh => u.abs() + (-2.0 * u.abs()).exp().ln_1p() - std::f64::consts::LN_2,
        Func::Sin => u.sin(),
        Func::Cos => u.cos(),
        Func::Erf => libm::erf(u),
        Func::Abs => u.abs(),
        Func::Relu => u.max(0.0),
        Func::Step => f64::from(u8::from(u > 0.0)),
        Func::Sign if u == 0.0 => 0.0,
        Func::Sign => u.signum(),
    }
}
