//! Well-conditioned forms: what expressions become as they are built, so that no digit is lost to a difference of nearly
//! equal numbers, and no 0·∞ is a product whose limit is 0.
//!
//! - 1 − σ(u) is σ(−u), 1 − tanh² u is sech² u, 1 ± tanh u and 1 ± erf u are a sigmoid and a normal distribution function.
//! - e^(−u²) and e^(−u²/2) are functions of their own, which do not round u² first.
//! - In uⁿ·e^(−u²) and the like the power is that of a limited u. The limit lies where the exponential is 0 in double
//!   precision, so the product is unchanged everywhere but where the power would overflow.

use super::{Expr, Func, Pool, Term};
use rustc_hash::FxHashMap as HashMap;

/// The limit of [`Func::Clamp`].
pub const CLAMP: f64 = 64.0;

/// Below this exponent an exponential is 0 in double precision, with room for powers beside it.
const VANISHED: f64 = 1100.0;

impl Pool {
    /// k + c·e for an e = f(u) that tends to ∓k/c, in a form that does not cancel there.
    pub(super) fn complement(&mut self, k: f64, c: f64, e: Expr) -> Option<Expr> {
        if k == 0.0 || k.abs() != c.abs() {
            return None;
        }
        let sign = c / k;
        match *self.term(e) {
            Term::Call(Func::Sigmoid, u) if sign < 0.0 => {
                let negative = self.neg(u);
                let sigmoid = self.call(Func::Sigmoid, negative);
                Some(self.scale(k, sigmoid))
            }
            Term::Call(Func::Tanh, u) => {
                let twice = self.scale(2.0 * sign, u);
                let sigmoid = self.call(Func::Sigmoid, twice);
                Some(self.scale(2.0 * k, sigmoid))
            }
            Term::Call(Func::Erf, u) => {
                let (c, u) = self.split_coefficient(u);
                let scale = c * std::f64::consts::SQRT_2;
                // z/√2 is usual in an error function: its z is meant exactly.
                let near = scale.round();
                let scale = if (scale - near).abs() < 1e-15 && near != 0.0 {
                    near
                } else {
                    scale
                };
                let scaled = self.scale(sign * scale, u);
                let cdf = self.call(Func::NormalCdf, scaled);
                Some(self.scale(2.0 * k, cdf))
            }
            Term::Product(ref factors) if sign < 0.0 => {
                let &[(base, 2)] = factors.as_slice() else {
                    return None;
                };
                let &Term::Call(Func::Tanh, u) = self.term(base) else {
                    return None;
                };
                let slope = self.call(Func::TanhSlope, u);
                Some(self.scale(k, slope))
            }
            _ => None,
        }
    }

    /// eᵃ; for a = −u² and −u²/2, and these times a power of 4, the function of u.
    pub(super) fn exponential(&mut self, a: Expr) -> Expr {
        let plain = Term::Call(Func::Exp, a);
        let (c, square) = self.split_coefficient(a);
        let Some((base, 2)) = self.as_power(square) else {
            return self.intern(plain);
        };
        for (f, unit) in [(Func::Gauss, 1.0), (Func::HalfGauss, 0.5)] {
            let scale = (-c / unit).sqrt();
            if scale.is_normal() && scale.log2().fract() == 0.0 {
                let scaled = self.scale(scale, base);
                return self.call(f, scaled);
            }
        }
        self.intern(plain)
    }

    /// The product with powers limited beside an exponential that vanishes faster; `None` where it has none.
    pub(super) fn limited(&mut self, factors: &[(Expr, i32)]) -> Option<Expr> {
        let decays = |f: &&(Expr, i32)| f.1 > 0 && matches!(self.term(f.0), Term::Call(..));
        let candidates: Vec<Expr> = factors.iter().filter(decays).map(|f| f.0).collect();
        for e in candidates {
            let Some((base, reach)) = self.decay(e) else {
                continue;
            };
            let mut limit = Limit {
                base,
                reach,
                memo: HashMap::default(),
            };
            // Most products with such a factor have no power of its argument.
            let mut contains = false;
            for &(other, n) in factors {
                contains |= n > 0 && self.limit(other, &mut limit) != other;
            }
            if contains {
                return self.product_of_limited(factors, &mut limit);
            }
        }
        None
    }

    /// u and a power of two r, for e = f(u) that is 0 for |u| > 64 r, faster than any power of u grows.
    fn decay(&mut self, e: Expr) -> Option<(Expr, f64)> {
        let &Term::Call(f, a) = self.term(e) else {
            return None;
        };
        match f {
            Func::Gauss | Func::HalfGauss => {
                let (c, u) = self.split_coefficient(a);
                Some((u, (1.0 / c.abs()).log2().ceil().exp2()))
            }
            Func::Exp => self.decay_of_polynomial(a),
            _ => None,
        }
    }

    /// The same for the exponential of a polynomial in one u, of even degree, that tends to −∞.
    fn decay_of_polynomial(&mut self, a: Expr) -> Option<(Expr, f64)> {
        let Term::Sum(k, terms) = self.term(a) else {
            return None;
        };
        let k = f64::from_bits(*k);
        let mut powers = Vec::new();
        for &(c, t) in terms {
            powers.push((f64::from_bits(c), self.as_power(t)?));
        }
        let &(lead, (base, degree)) = powers.iter().max_by_key(|p| p.1.1)?;
        let alike = powers.iter().all(|p| p.1.0 == base && p.1.1 > 0);
        if lead >= 0.0 || degree % 2 != 0 || !alike {
            return None;
        }
        let vanished = |u: f64| {
            let others = powers.iter().filter(|p| p.1.1 != degree);
            let others: f64 = others.map(|p| p.0.abs() * u.powi(p.1.1)).sum();
            -lead * u.powi(degree) > 2.0 * (others + k.abs() + VANISHED)
        };
        // The lead outgrows the others from the first such u on.
        let reach = (-40..40).map(|n| 2f64.powi(n));
        let reach = reach.into_iter().find(|r| vanished(CLAMP * r))?;
        Some((base, reach))
    }

    /// e = baseⁿ of one base.
    fn as_power(&self, e: Expr) -> Option<(Expr, i32)> {
        match self.term(e) {
            Term::Const(_) => None,
            Term::Product(factors) => match factors.as_slice() {
                &[factor] => Some(factor),
                _ => None,
            },
            _ => Some((e, 1)),
        }
    }

    /// A polynomial in the limit's base, of the limited base.
    fn limit(&mut self, e: Expr, limit: &mut Limit) -> Expr {
        if let Some(&done) = limit.memo.get(&e) {
            return done;
        }
        let new = match self.term(e).clone() {
            _ if e == limit.base => self.clamped(limit),
            Term::Sum(k, terms) => {
                if let Some(factor) = self.ratio(e, limit.base) {
                    let clamped = self.clamped(limit);
                    self.scale(factor, clamped)
                } else {
                    let mut items = vec![(1.0, self.constant(f64::from_bits(k)))];
                    let mut changed = false;
                    for (c, t) in terms {
                        let new = self.limit(t, limit);
                        changed |= new != t;
                        items.push((f64::from_bits(c), new));
                    }
                    if changed { self.linear(&items) } else { e }
                }
            }
            Term::Product(factors) => self.product_of_limited(&factors, limit).unwrap_or(e),
            Term::Arg(_) | Term::Const(_) | Term::Power(..) | Term::Call(..) => e,
        };
        limit.memo.insert(e, new);
        new
    }

    fn product_of_limited(&mut self, factors: &[(Expr, i32)], limit: &mut Limit) -> Option<Expr> {
        let mut product = self.constant(1.0);
        let mut changed = false;
        for &(base, n) in factors {
            let new = if n > 0 { self.limit(base, limit) } else { base };
            changed |= new != base;
            product = self.times_power(product, new, n);
        }
        changed.then_some(product)
    }

    fn clamped(&mut self, limit: &mut Limit) -> Expr {
        // Powers of two: the limited base is the base to the bit.
        let scaled = self.scale(1.0 / limit.reach, limit.base);
        let clamped = self.call(Func::Clamp, scaled);
        self.scale(limit.reach, clamped)
    }

    /// r with e = r·base, for sums of the same terms.
    fn ratio(&self, e: Expr, base: Expr) -> Option<f64> {
        let (Term::Sum(k, terms), Term::Sum(l, others)) = (self.term(e), self.term(base)) else {
            return None;
        };
        let value = f64::from_bits;
        let ratio = value(terms[0].0) / value(others[0].0);
        let alike = terms.len() == others.len()
            && value(*k) == ratio * value(*l)
            && terms
                .iter()
                .zip(others)
                .all(|(t, o)| t.1 == o.1 && value(t.0) == ratio * value(o.0));
        alike.then_some(ratio)
    }
}

/// A base, limited to 64 times the reach.
struct Limit {
    base: Expr,
    reach: f64,
    memo: HashMap<Expr, Expr>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A formula of one argument: its value and three derivatives, as they are derived and factored again.
    fn values(formula: fn(&mut Pool, Expr) -> Expr, z: f64) -> [f64; 4] {
        let mut pool = Pool::default();
        let argument = pool.arg(0);
        let mut e = formula(&mut pool, argument);
        std::array::from_fn(|_| {
            let factored = pool.factored(e, &[0]);
            let (value, other) = (pool.eval(e, &[z]), pool.eval(factored, &[z]));
            assert!(
                (value - other).abs() <= 1e-12 * value.abs(),
                "at {z:e}: {value} {other}"
            );
            e = pool.derivative(e, 0);
            value
        })
    }

    fn silu(s: &mut Pool, z: Expr) -> Expr {
        let gate = s.call(Func::Sigmoid, z);
        s.mul(z, gate)
    }

    fn call<const F: usize>(s: &mut Pool, z: Expr) -> Expr {
        const FUNCTIONS: [Func; 4] = [Func::Softplus, Func::Sigmoid, Func::Tanh, Func::Logcosh];
        s.call(FUNCTIONS[F], z)
    }

    fn log_sigmoid(s: &mut Pool, z: Expr) -> Expr {
        let negative = s.neg(z);
        let softplus = s.call(Func::Softplus, negative);
        s.neg(softplus)
    }

    fn gelu(s: &mut Pool, z: Expr) -> Expr {
        let cdf = s.call(Func::NormalCdf, z);
        s.mul(z, cdf)
    }

    /// ½ z (1 + erf(z/√2))
    fn gelu_by_hand(s: &mut Pool, z: Expr) -> Expr {
        let scaled = s.scale(std::f64::consts::FRAC_1_SQRT_2, z);
        let erf = s.call(Func::Erf, scaled);
        let half = s.constant(0.5);
        let cdf = s.linear(&[(0.5, erf), (1.0, half)]);
        s.mul(z, cdf)
    }

    fn mish(s: &mut Pool, z: Expr) -> Expr {
        let gate = s.call(Func::MishGate, z);
        s.mul(z, gate)
    }

    #[test]
    fn tails_keep_their_digits() {
        let cases: [(&str, f64, f64); 15] = [
            ("silu″", values(silu, 40.410841513445845)[2], -1.0820525e-16),
            (
                "softplus″",
                values(call::<0>, 37.42994775023705)[2],
                5.551115e-17,
            ),
            ("sigmoid′", values(call::<1>, 40.0)[1], 4.248354e-18),
            ("log_sigmoid″", values(log_sigmoid, 40.0)[2], -4.248354e-18),
            ("log_sigmoid″", values(log_sigmoid, -40.0)[2], -4.248354e-18),
            ("tanh′", values(call::<2>, 20.0)[1], 1.6993417e-17),
            ("tanh′", values(call::<2>, -20.0)[1], 1.6993417e-17),
            ("logcosh″", values(call::<3>, 20.0)[2], 1.6993417e-17),
            ("gelu", values(gelu, -10.0)[0], -7.619853e-23),
            ("gelu", values(gelu_by_hand, -10.0)[0], -7.619853e-23),
            (
                "gelu″",
                values(gelu, 20.0)[2],
                -398.0 * 5.520948362159764e-88,
            ),
            // z·(1 − 2q² + …) with q = e⁻ᶻ, and z·e^z.
            ("mish″", values(mish, 30.0)[2], -8.0 * 29.0 * (-60f64).exp()),
            ("mish″", values(mish, -30.0)[2], -28.0 * (-30f64).exp()),
            ("mish‴", values(mish, 30.0)[3], 16.0 * 28.5 * (-60f64).exp()),
            ("mish", values(mish, -30.0)[0], -30.0 * (-30f64).exp()),
        ];
        for (name, value, exact) in cases {
            assert!(
                (value / exact - 1.0).abs() < 1e-6,
                "{name} is {value:e}, not {exact:e}"
            );
        }
    }

    #[test]
    fn powers_beside_what_vanishes_are_finite() {
        /// z⁶·e^(−z²)
        fn power(s: &mut Pool, z: Expr) -> Expr {
            let square = s.powi(z, 2);
            let exponent = s.neg(square);
            let gauss = s.call(Func::Exp, exponent);
            let power = s.powi(z, 6);
            s.mul(power, gauss)
        }
        /// (z³ + z)·e^(½ − 2.6 z⁴)
        fn polynomial(s: &mut Pool, z: Expr) -> Expr {
            let (fourth, cube) = (s.powi(z, 4), s.powi(z, 3));
            let half = s.constant(0.5);
            let exponent = s.linear(&[(-2.6, fourth), (1.0, half)]);
            let e = s.call(Func::Exp, exponent);
            let factor = s.add(cube, z);
            s.mul(factor, e)
        }
        /// e^(−(z − 3)²/5)
        fn shifted(s: &mut Pool, z: Expr) -> Expr {
            let three = s.constant(3.0);
            let difference = s.sub(z, three);
            let square = s.powi(difference, 2);
            let exponent = s.scale(-0.2, square);
            s.call(Func::Exp, exponent)
        }
        fn erf(s: &mut Pool, z: Expr) -> Expr {
            s.call(Func::Erf, z)
        }
        for formula in [power, polynomial, shifted] {
            for z in [-1e300, -1e155, -1e80, 1e70, 1e160, f64::MAX] {
                assert_eq!(values(formula, z), [0.0; 4], "at {z:e}");
            }
        }
        for z in [1e19, 1e160, f64::MAX] {
            assert_eq!(values(erf, z), [1.0, 0.0, 0.0, 0.0]);
            assert_eq!(values(gelu, z), [z, 1.0, 0.0, 0.0]);
            assert_eq!(values(gelu, -z), [0.0; 4]);
        }
        // What is limited is unchanged where it counts.
        let (z, e) = (1.7f64, (-1.7f64 * 1.7).exp());
        let [value, slope, ..] = values(power, z);
        assert!((value / (z.powi(6) * e) - 1.0).abs() < 1e-14);
        assert!((slope / ((6.0 * z.powi(5) - 2.0 * z.powi(7)) * e) - 1.0).abs() < 1e-13);
    }
}
