//! Symbolic differentiation: rules for sums, products, powers and elementary functions.

use super::{Expr, Func, Pool, Term};
use rustc_hash::FxHashMap as HashMap;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

impl Pool {
    /// ∂e/∂(argument i)
    pub fn derivative(&mut self, e: Expr, i: usize) -> Expr {
        let key = (e, i as u32);
        if let Some(&d) = self.derivatives.get(&key) {
            return d;
        }
        let d = match self.term(e).clone() {
            Term::Arg(j) => self.constant(if j == key.1 { 1.0 } else { 0.0 }),
            Term::Const(_) => self.constant(0.0),
            Term::Sum(_, terms) => {
                let items: Vec<(f64, Expr)> = self
                    .terms_with(e, &terms, key.1)
                    .into_iter()
                    .map(|k| (f64::from_bits(terms[k].0), self.derivative(terms[k].1, i)))
                    .collect();
                self.linear(&items)
            }
            // d(Π fₖⁿᵏ) = Σₖ nₖ · fₖ' · (Π …) / fₖ
            Term::Product(factors) => {
                let mut items = Vec::new();
                for (k, &(base, n)) in factors.iter().enumerate() {
                    let inner = self.derivative(base, i);
                    if self.as_constant(inner) == Some(0.0) {
                        continue;
                    }
                    let mut product = inner;
                    for (j, &(other, m)) in factors.iter().enumerate() {
                        product = self.times_power(product, other, if j == k { m - 1 } else { m });
                    }
                    items.push((f64::from(n), product));
                }
                self.linear(&items)
            }
            Term::Power(base, bits) => {
                let p = f64::from_bits(bits);
                let outer = self.pow(base, p - 1.0);
                let outer = self.scale(p, outer);
                let inner = self.derivative(base, i);
                self.mul(outer, inner)
            }
            Term::Call(f, a) => {
                let inner = self.derivative(a, i);
                if self.as_constant(inner) == Some(0.0) {
                    inner
                } else {
                    let outer = self.call_derivative(f, e, a);
                    self.mul(outer, inner)
                }
            }
        };
        self.derivatives.insert(key, d);
        d
    }

    /// Which terms of the sum `e` have an argument: a sum of n arguments has n derivatives, and to go through all of
    /// its terms for each of them would take n² steps.
    fn terms_with(&mut self, e: Expr, terms: &[(u64, Expr)], argument: u32) -> Vec<usize> {
        if !self.terms_by_argument.contains_key(&e) {
            let mut with: HashMap<u32, Vec<usize>> = HashMap::default();
            for (k, &(_, term)) in terms.iter().enumerate() {
                for i in self.arguments(term) {
                    with.entry(i as u32).or_default().push(k);
                }
            }
            self.terms_by_argument.insert(e, with);
        }
        let with = &self.terms_by_argument[&e];
        with.get(&argument).cloned().unwrap_or_default()
    }

    /// f′(a), given e = f(a), in the form that shares most with e.
    fn call_derivative(&mut self, f: Func, e: Expr, a: Expr) -> Expr {
        let one = self.constant(1.0);
        match f {
            Func::Exp => e,
            Func::Log => self.powi(a, -1),
            Func::Log1p => {
                let shifted = self.add(one, a);
                self.powi(shifted, -1)
            }
            Func::Sqrt => {
                let inverse = self.powi(e, -1);
                self.scale(0.5, inverse)
            }
            Func::Tanh => self.call(Func::TanhSlope, a),
            Func::TanhSlope => {
                let tanh = self.call(Func::Tanh, a);
                let product = self.mul(tanh, e);
                self.scale(-2.0, product)
            }
            Func::Sigmoid => self.call(Func::SigmoidSlope, a),
            // σ(−a) − σ(a): beside the slope, which vanishes as fast as the whole, nothing is lost.
            Func::SigmoidSlope => {
                let sigmoid = self.call(Func::Sigmoid, a);
                let difference = self.linear(&[(1.0, one), (-2.0, sigmoid)]);
                self.mul(e, difference)
            }
            Func::Gate => {
                let slope = self.call(Func::GateSlope, e);
                self.neg(slope)
            }
            // By the gate g itself: σ is 1 − g or −g, its slope g − g² or −g − g².
            Func::GateSigmoid => self.constant(-1.0),
            Func::GateSlope => {
                let sigmoid = self.call(Func::GateSigmoid, a);
                self.linear(&[(2.0, sigmoid), (-1.0, one)])
            }
            // With q = σ(−a), tanh(softplus(a)) = (1 − q²)/(1 + q²).
            Func::MishGate => {
                let slope = self.call(Func::SigmoidSlope, a);
                let negative = self.neg(a);
                let q = self.call(Func::Sigmoid, negative);
                let square = self.powi(q, 2);
                let denominator = self.add(one, square);
                let product = self.mul(slope, q);
                let product = self.times_power(product, denominator, -2);
                self.scale(4.0, product)
            }
            Func::Softplus => self.call(Func::Sigmoid, a),
            Func::Logcosh => self.call(Func::Tanh, a),
            Func::Sin => self.call(Func::Cos, a),
            Func::Cos => {
                let sine = self.call(Func::Sin, a);
                self.neg(sine)
            }
            Func::Erf => {
                let gauss = self.call(Func::Gauss, a);
                self.scale(FRAC_2_SQRT_PI, gauss)
            }
            Func::NormalCdf => {
                let gauss = self.call(Func::HalfGauss, a);
                self.scale(0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2, gauss)
            }
            Func::Gauss => {
                let product = self.mul(a, e);
                self.scale(-2.0, product)
            }
            Func::HalfGauss => {
                let product = self.mul(a, e);
                self.neg(product)
            }
            Func::Clamp => one,
            Func::Abs => self.call(Func::Sign, a),
            Func::Relu => self.call(Func::Step, a),
            Func::Step | Func::Sign => self.constant(0.0),
        }
    }
}
