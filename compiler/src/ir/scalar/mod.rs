//! Symbolic scalar expressions: what one elementwise loop computes per element.
//!
//! Expressions live in a [`Pool`] that interns them, so equal expressions are the same [`Expr`] and every
//! recursion over one is memoised by its index. Constructors keep a canonical form: sums of distinct terms with
//! coefficients, products of distinct factors with integer exponents, and no constant that could be folded.

mod conditioned;
mod derivative;
mod factor;
mod quotient;
mod text;
mod traversal;
mod value;

pub use conditioned::CLAMP;
pub(crate) use quotient::{Quotient, Sides, quotients};
pub use value::evaluate;

use rustc_hash::FxHashMap as HashMap;

/// An interned expression of a [`Pool`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Expr(pub(crate) u32);

/// Elementary functions of one argument.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Func {
    /// eᵘ
    Exp,
    /// ln u
    Log,
    /// ln(1 + u)
    Log1p,
    /// √u
    Sqrt,
    /// tanh u
    Tanh,
    /// 1 / cosh² u: the derivative of [`Func::Tanh`]
    TanhSlope,
    /// σ(u) = 1 / (1 + e⁻ᵘ)
    Sigmoid,
    /// σ(u)·σ(−u): the derivative of [`Func::Sigmoid`]
    SigmoidSlope,
    /// σ(−|u|) with the sign of u: the smaller of σ(u) and σ(−u), from which both follow without cancellation. One stored
    /// gate serves every function of a sigmoid.
    Gate,
    /// σ(u) of the gate of u
    GateSigmoid,
    /// σ(u)·σ(−u) of the gate of u
    GateSlope,
    /// tanh(softplus(u)), by which mish multiplies u
    MishGate,
    /// ln(1 + eᵘ)
    Softplus,
    /// ln cosh u
    Logcosh,
    /// sin u
    Sin,
    /// cos u
    Cos,
    /// the error function
    Erf,
    /// Φ(u) = ½ (1 + erf(u/√2))
    NormalCdf,
    /// e^(−u²)
    Gauss,
    /// e^(−u²/2)
    HalfGauss,
    /// u limited to ±64. It stands beside a factor that is 0 beyond, so that powers of u do not overflow there, and counts
    /// as u when it is differentiated.
    Clamp,
    /// |u|, kinked at 0
    Abs,
    /// max(u, 0), kinked at 0
    Relu,
    /// 1 where u > 0, else 0: the derivative of [`Func::Relu`]
    Step,
    /// −1, 0 or 1: the derivative of [`Func::Abs`]
    Sign,
}

impl Func {
    /// The name that specs and printed stages use.
    pub fn name(self) -> &'static str {
        match self {
            Func::Exp => "exp",
            Func::Log => "log",
            Func::Log1p => "log1p",
            Func::Sqrt => "sqrt",
            Func::Tanh => "tanh",
            Func::TanhSlope => "tanh_slope",
            Func::Sigmoid => "sigmoid",
            Func::SigmoidSlope => "sigmoid_slope",
            Func::Gate => "gate",
            Func::GateSigmoid => "gate_sigmoid",
            Func::GateSlope => "gate_slope",
            Func::MishGate => "mish_gate",
            Func::Softplus => "softplus",
            Func::Logcosh => "logcosh",
            Func::Sin => "sin",
            Func::Cos => "cos",
            Func::Erf => "erf",
            Func::NormalCdf => "normal_cdf",
            Func::Gauss => "gauss",
            Func::HalfGauss => "half_gauss",
            Func::Clamp => "clamp",
            Func::Abs => "abs",
            Func::Relu => "relu",
            Func::Step => "step",
            Func::Sign => "sign",
        }
    }

    /// Whether the second derivative vanishes almost everywhere because of a kink.
    pub fn is_kinked(self) -> bool {
        matches!(self, Func::Abs | Func::Relu | Func::Step | Func::Sign)
    }

    fn is_even(self) -> bool {
        matches!(
            self,
            Func::TanhSlope | Func::SigmoidSlope | Func::GateSlope | Func::Gauss | Func::HalfGauss
        )
    }

    /// Whether a value is expensive enough to be stored rather than computed twice.
    pub fn is_transcendental(self) -> bool {
        match self {
            Func::Exp
            | Func::Log
            | Func::Log1p
            | Func::Sqrt
            | Func::Tanh
            | Func::TanhSlope
            | Func::Sigmoid
            | Func::SigmoidSlope
            | Func::Gate
            | Func::MishGate
            | Func::Softplus
            | Func::Logcosh
            | Func::Sin
            | Func::Cos
            | Func::Erf
            | Func::NormalCdf
            | Func::Gauss
            | Func::HalfGauss => true,
            Func::GateSigmoid
            | Func::GateSlope
            | Func::Clamp
            | Func::Abs
            | Func::Relu
            | Func::Step
            | Func::Sign => false,
        }
    }
}

/// Exponents of products are at most this large, so that none that is computed from some of them overflows.
const MOST_EXPONENT: i64 = 1 << 20;

/// One interned node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Term {
    /// The i-th argument of the loop.
    Arg(u32),
    /// Bits of a float64.
    Const(u64),
    /// constant + Σ coefficient · term; terms sorted, distinct, neither sums nor constants.
    Sum(u64, Vec<(u64, Expr)>),
    /// Π base^exponent; bases sorted, distinct, neither products nor constants; exponents non-zero.
    Product(Vec<(Expr, i32)>),
    /// base to a constant power that is no integer, or a large one.
    Power(Expr, u64),
    Call(Func, Expr),
}

/// The interner that owns expressions.
#[derive(Clone, Default, Debug)]
pub struct Pool {
    terms: Vec<Term>,
    index: HashMap<Term, Expr>,
    derivatives: HashMap<(Expr, u32), Expr>,
    /// For each sum that has been differentiated, which of its terms have each argument.
    terms_by_argument: HashMap<Expr, HashMap<u32, Vec<usize>>>,
    /// The first constant that was made and that [`in_range`] refuses.
    out_of_range: Option<u64>,
}

/// Whether a constant can stand in emitted code: models exist in float32 too.
pub fn in_range(constant: f64) -> bool {
    constant.abs() <= f64::from(f32::MAX)
}

impl Pool {
    pub(crate) fn term(&self, e: Expr) -> &Term {
        &self.terms[e.0 as usize]
    }

    fn intern(&mut self, term: Term) -> Expr {
        if let Some(&e) = self.index.get(&term) {
            return e;
        }
        let mut constants: Vec<f64> = Vec::new();
        match &term {
            Term::Const(bits) | Term::Power(_, bits) => constants.push(f64::from_bits(*bits)),
            Term::Sum(k, terms) => {
                constants.push(f64::from_bits(*k));
                constants.extend(terms.iter().map(|t| f64::from_bits(t.0)));
            }
            Term::Arg(_) | Term::Product(_) | Term::Call(..) => {}
        }
        constants.into_iter().for_each(|c| self.note_range(c));
        let e = Expr(self.terms.len() as u32);
        self.terms.push(term.clone());
        self.index.insert(term, e);
        e
    }

    fn note_range(&mut self, constant: f64) {
        if !in_range(constant) {
            self.out_of_range.get_or_insert(constant.to_bits());
        }
    }

    /// The first constant since the last call that is not finite, or does not fit float32.
    pub fn take_out_of_range(&mut self) -> Option<f64> {
        self.out_of_range.take().map(f64::from_bits)
    }

    /// The i-th argument.
    pub fn arg(&mut self, i: usize) -> Expr {
        self.intern(Term::Arg(i as u32))
    }

    /// A constant.
    pub fn constant(&mut self, value: f64) -> Expr {
        self.intern(Term::Const((value + 0.0).to_bits()))
    }

    /// The value of a constant expression.
    pub fn as_constant(&self, e: Expr) -> Option<f64> {
        match self.term(e) {
            Term::Const(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// Which argument, where the expression is just that.
    pub fn as_arg(&self, e: Expr) -> Option<usize> {
        match self.term(e) {
            Term::Arg(i) => Some(*i as usize),
            _ => None,
        }
    }

    /// Whether the first coefficient of a sum is negative: true of a or −a.
    pub(crate) fn starts_negative(&self, e: Expr) -> bool {
        matches!(self.term(e), Term::Sum(_, terms) if f64::from_bits(terms[0].0) < 0.0)
    }

    /// Splits c·rest into (c, rest) for an expression with one term and no constant.
    pub(crate) fn split_coefficient(&mut self, e: Expr) -> (f64, Expr) {
        match self.term(e).clone() {
            Term::Const(bits) => (f64::from_bits(bits), self.constant(1.0)),
            Term::Sum(c, terms) if terms.len() == 1 && f64::from_bits(c) == 0.0 => {
                (f64::from_bits(terms[0].0), terms[0].1)
            }
            _ => (1.0, e),
        }
    }

    /// a + b
    pub fn add(&mut self, a: Expr, b: Expr) -> Expr {
        self.linear(&[(1.0, a), (1.0, b)])
    }

    /// a − b
    pub fn sub(&mut self, a: Expr, b: Expr) -> Expr {
        self.linear(&[(1.0, a), (-1.0, b)])
    }

    /// −a
    pub fn neg(&mut self, a: Expr) -> Expr {
        self.linear(&[(-1.0, a)])
    }

    /// c·a
    pub fn scale(&mut self, c: f64, a: Expr) -> Expr {
        self.linear(&[(c, a)])
    }

    /// Σ cᵢ·eᵢ, with nested sums flattened, like terms gathered and a factor common to all terms taken out.
    pub fn linear(&mut self, items: &[(f64, Expr)]) -> Expr {
        let mut constant = 0.0;
        let mut terms: Vec<(f64, Expr)> = Vec::new();
        for &(c, e) in items {
            match self.term(e).clone() {
                Term::Const(bits) => constant += c * f64::from_bits(bits),
                Term::Sum(k, inner) => {
                    constant += c * f64::from_bits(k);
                    terms.extend(inner.iter().map(|&(d, t)| (c * f64::from_bits(d), t)));
                }
                _ => terms.push((c, e)),
            }
        }
        terms.sort_by_key(|t| t.1);
        let mut merged: Vec<(f64, Expr)> = Vec::with_capacity(terms.len());
        for (c, e) in terms {
            match merged.last_mut() {
                Some(last) if last.1 == e => last.0 += c,
                _ => merged.push((c, e)),
            }
        }
        merged.retain(|t| t.0 != 0.0);
        if merged.is_empty() {
            return self.constant(constant);
        }
        if constant == 0.0 && merged.len() == 1 && merged[0].0 == 1.0 {
            return merged[0].1;
        }
        if constant == 0.0
            && merged.len() > 1
            && let Some(common) = self.common_factor(&merged)
        {
            let rest: Vec<(f64, Expr)> = merged
                .iter()
                .map(|&(c, e)| {
                    let quotient = common
                        .iter()
                        .fold(e, |q, &(base, n)| self.times_power(q, base, -n));
                    (c, quotient)
                })
                .collect();
            let sum = self.linear(&rest);
            return common
                .iter()
                .fold(sum, |p, &(base, n)| self.times_power(p, base, n));
        }
        if let [(c, e)] = *merged.as_slice()
            && let Some(complement) = self.complement(constant, c, e)
        {
            return complement;
        }
        let terms = merged.into_iter().map(|(c, e)| (c.to_bits(), e)).collect();
        self.intern(Term::Sum((constant + 0.0).to_bits(), terms))
    }

    /// Factors with positive exponent that every term of a sum contains.
    fn common_factor(&self, terms: &[(f64, Expr)]) -> Option<Vec<(Expr, i32)>> {
        let mut common = self.factors(terms[0].1);
        common.retain(|f| f.1 > 0);
        for &(_, e) in &terms[1..] {
            let other = self.factors(e);
            common = common
                .into_iter()
                .filter_map(|(base, n)| {
                    other
                        .iter()
                        .find(|o| o.0 == base && o.1 > 0)
                        .map(|o| (base, n.min(o.1)))
                })
                .collect();
        }
        (!common.is_empty()).then_some(common)
    }

    pub(crate) fn factors(&self, e: Expr) -> Vec<(Expr, i32)> {
        match self.term(e) {
            Term::Product(factors) => factors.clone(),
            _ => vec![(e, 1)],
        }
    }

    fn times_power(&mut self, a: Expr, base: Expr, n: i32) -> Expr {
        let p = self.powi(base, n);
        self.mul(a, p)
    }

    /// a · b
    pub fn mul(&mut self, a: Expr, b: Expr) -> Expr {
        let (ca, a) = self.split_coefficient(a);
        let (cb, b) = self.split_coefficient(b);
        let c = ca * cb;
        if c == 0.0 {
            return self.constant(0.0);
        }
        let mut factors = Vec::new();
        for e in [a, b] {
            if self.as_constant(e).is_none() {
                let of = self.factors(e).into_iter();
                factors.extend(of.map(|(base, n)| (base, i64::from(n))));
            }
        }
        let product = self.product(factors);
        if c == 1.0 {
            product
        } else {
            self.linear(&[(c, product)])
        }
    }

    /// Π base^exponent of bases in any order, which may occur several times.
    fn product(&mut self, mut factors: Vec<(Expr, i64)>) -> Expr {
        let factors = loop {
            factors.sort_by_key(|f| f.0);
            let mut merged: Vec<(Expr, i64)> = Vec::with_capacity(factors.len());
            for (base, n) in factors {
                match merged.last_mut() {
                    Some(last) if last.0 == base => last.1 += n,
                    _ => merged.push((base, n)),
                }
            }
            merged.retain(|f| f.1 != 0);
            let Some(large) = merged.iter().position(|f| f.1.abs() > MOST_EXPONENT) else {
                break merged;
            };
            let (base, n) = merged.remove(large);
            merged.push((self.intern(Term::Power(base, (n as f64).to_bits())), 1));
            factors = merged;
        };
        let small: Vec<(Expr, i32)> = factors.iter().map(|&(base, n)| (base, n as i32)).collect();
        if let Some(limited) = self.limited(&small) {
            return limited;
        }
        match small.as_slice() {
            [] => self.constant(1.0),
            [(base, 1)] => *base,
            _ => self.intern(Term::Product(small)),
        }
    }

    /// a / b
    pub fn div(&mut self, a: Expr, b: Expr) -> Expr {
        let inverse = self.powi(b, -1);
        self.mul(a, inverse)
    }

    /// aⁿ for an integer n
    pub fn powi(&mut self, a: Expr, n: i32) -> Expr {
        if n == 0 {
            return self.constant(1.0);
        }
        if n == 1 {
            return a;
        }
        let (c, rest) = self.split_coefficient(a);
        if let Some(one) = self.as_constant(rest) {
            return self.constant((c * one).powi(n));
        }
        let factors = self.factors(rest).into_iter();
        let factors = factors.map(|(base, k)| (base, i64::from(k) * i64::from(n)));
        let product = self.product(factors.collect());
        if c == 1.0 {
            product
        } else {
            self.linear(&[(c.powi(n), product)])
        }
    }

    /// aᵖ for any constant p
    pub fn pow(&mut self, a: Expr, p: f64) -> Expr {
        if p.fract() == 0.0 && p.abs() < 64.0 {
            return self.powi(a, p as i32);
        }
        if p == 0.5 {
            return self.call(Func::Sqrt, a);
        }
        match self.as_constant(a) {
            Some(value) => self.constant(value.powf(p)),
            None => self.intern(Term::Power(a, p.to_bits())),
        }
    }

    /// f(a)
    pub fn call(&mut self, f: Func, a: Expr) -> Expr {
        match self.as_constant(a) {
            Some(value) => self.constant(evaluate(f, value)),
            None if f == Func::Exp => self.exponential(a),
            // Even functions forget the sign of their argument.
            None if f.is_even() && self.starts_negative(a) => {
                let positive = self.neg(a);
                self.intern(Term::Call(f, positive))
            }
            None => self.intern(Term::Call(f, a)),
        }
    }
}
