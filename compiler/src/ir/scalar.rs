//! Symbolic scalar expressions: what one elementwise loop computes per element.
//!
//! Expressions live in a [`Pool`] that interns them, so equal expressions are the same [`Expr`] and every
//! recursion over one is memoised by its index. Constructors keep a canonical form: sums of distinct terms with
//! coefficients, products of distinct factors with integer exponents, and no constant that could be folded.

use std::collections::HashMap;

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
    /// 1 / (1 + e⁻ᵘ)
    Sigmoid,
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
            Func::Sigmoid => "sigmoid",
            Func::Softplus => "softplus",
            Func::Logcosh => "logcosh",
            Func::Sin => "sin",
            Func::Cos => "cos",
            Func::Erf => "erf",
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

    /// Whether a value is dear enough to store rather than compute twice.
    pub fn is_transcendental(self) -> bool {
        !self.is_kinked()
    }
}

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
    /// base to a constant power that is no integer.
    Power(Expr, u64),
    Call(Func, Expr),
}

/// The interner that owns expressions.
#[derive(Clone, Default, Debug)]
pub struct Pool {
    terms: Vec<Term>,
    index: HashMap<Term, Expr>,
    derivatives: HashMap<(Expr, u32), Expr>,
}

impl Pool {
    pub(crate) fn term(&self, e: Expr) -> &Term {
        &self.terms[e.0 as usize]
    }

    fn intern(&mut self, term: Term) -> Expr {
        if let Some(&e) = self.index.get(&term) {
            return e;
        }
        let e = Expr(self.terms.len() as u32);
        self.terms.push(term.clone());
        self.index.insert(term, e);
        e
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
                factors.extend(self.factors(e));
            }
        }
        factors.sort_by_key(|f| f.0);
        let mut merged: Vec<(Expr, i32)> = Vec::with_capacity(factors.len());
        for (base, n) in factors {
            match merged.last_mut() {
                Some(last) if last.0 == base => last.1 += n,
                _ => merged.push((base, n)),
            }
        }
        merged.retain(|f| f.1 != 0);
        let product = match merged.as_slice() {
            [] => self.constant(1.0),
            [(base, 1)] => *base,
            _ => self.intern(Term::Product(merged)),
        };
        if c == 1.0 {
            product
        } else {
            self.linear(&[(c, product)])
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
        let factors: Vec<(Expr, i32)> = self
            .factors(rest)
            .into_iter()
            .map(|(base, k)| (base, k * n))
            .collect();
        let product = if let [(base, 1)] = factors.as_slice() {
            *base
        } else {
            self.intern(Term::Product(factors))
        };
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
            None => self.intern(Term::Call(f, a)),
        }
    }

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
                let items: Vec<(f64, Expr)> = terms
                    .iter()
                    .map(|&(c, t)| (f64::from_bits(c), self.derivative(t, i)))
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
            Func::Tanh => {
                let square = self.powi(e, 2);
                self.sub(one, square)
            }
            Func::Sigmoid => {
                let rest = self.sub(one, e);
                self.mul(e, rest)
            }
            Func::Softplus => self.call(Func::Sigmoid, a),
            Func::Logcosh => self.call(Func::Tanh, a),
            Func::Sin => self.call(Func::Cos, a),
            Func::Cos => {
                let sine = self.call(Func::Sin, a);
                self.neg(sine)
            }
            Func::Erf => {
                let square = self.powi(a, 2);
                let negative = self.neg(square);
                let gauss = self.call(Func::Exp, negative);
                self.scale(std::f64::consts::FRAC_2_SQRT_PI, gauss)
            }
            Func::Abs => self.call(Func::Sign, a),
            Func::Relu => self.call(Func::Step, a),
            Func::Step | Func::Sign => self.constant(0.0),
        }
    }

    /// e with every argument i replaced by `values[i]`.
    pub fn substitute(&mut self, e: Expr, values: &[Expr]) -> Expr {
        let mut memo = HashMap::new();
        self.rewrite(
            e,
            &mut |_, e_term| match e_term {
                Term::Arg(i) => Some(values[*i as usize]),
                _ => None,
            },
            &mut memo,
        )
    }

    /// Rebuilds e bottom-up; `replace` may stand another expression in for a node (it is asked before descending).
    pub(crate) fn rewrite(
        &mut self,
        e: Expr,
        replace: &mut dyn FnMut(Expr, &Term) -> Option<Expr>,
        memo: &mut HashMap<Expr, Expr>,
    ) -> Expr {
        if let Some(&done) = memo.get(&e) {
            return done;
        }
        let term = self.term(e).clone();
        let new = match replace(e, &term) {
            Some(other) => other,
            None => match term {
                Term::Arg(_) | Term::Const(_) => e,
                Term::Sum(k, terms) => {
                    let mut items = vec![];
                    for (c, t) in terms {
                        items.push((f64::from_bits(c), self.rewrite(t, replace, memo)));
                    }
                    let constant = self.constant(f64::from_bits(k));
                    items.push((1.0, constant));
                    self.linear(&items)
                }
                Term::Product(factors) => {
                    let mut product = self.constant(1.0);
                    for (base, n) in factors {
                        let base = self.rewrite(base, replace, memo);
                        product = self.times_power(product, base, n);
                    }
                    product
                }
                Term::Power(base, p) => {
                    let base = self.rewrite(base, replace, memo);
                    self.pow(base, f64::from_bits(p))
                }
                Term::Call(f, a) => {
                    let a = self.rewrite(a, replace, memo);
                    self.call(f, a)
                }
            },
        };
        memo.insert(e, new);
        new
    }

    /// The direct parts of an expression.
    pub(crate) fn children(&self, e: Expr) -> Vec<Expr> {
        match self.term(e) {
            Term::Arg(_) | Term::Const(_) => vec![],
            Term::Sum(_, terms) => terms.iter().map(|t| t.1).collect(),
            Term::Product(factors) => factors.iter().map(|f| f.0).collect(),
            Term::Power(base, _) => vec![*base],
            Term::Call(_, a) => vec![*a],
        }
    }

    /// Every expression that e is built from, parts before wholes, each once.
    pub(crate) fn subexpressions(&self, roots: &[Expr]) -> Vec<Expr> {
        let mut seen = std::collections::HashSet::new();
        let mut order = Vec::new();
        // Explicit stack: user formulas may be deep.
        let mut stack: Vec<(Expr, bool)> = roots.iter().rev().map(|&r| (r, false)).collect();
        while let Some((e, expanded)) = stack.pop() {
            if expanded {
                order.push(e);
            } else if seen.insert(e) {
                stack.push((e, true));
                stack.extend(self.children(e).into_iter().rev().map(|c| (c, false)));
            }
        }
        order
    }

    /// The arguments that e depends on, ascending.
    pub fn arguments(&self, e: Expr) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .subexpressions(&[e])
            .into_iter()
            .filter_map(|s| self.as_arg(s))
            .collect();
        found.sort_unstable();
        found
    }

    /// The value at the given arguments.
    pub fn eval(&self, e: Expr, args: &[f64]) -> f64 {
        let mut memo: HashMap<Expr, f64> = HashMap::new();
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

    /// Infix text, arguments named by `names`.
    pub fn print(&self, e: Expr, names: &dyn Fn(usize) -> String) -> String {
        match self.term(e) {
            Term::Arg(i) => names(*i as usize),
            Term::Const(bits) => format!("{}", f64::from_bits(*bits)),
            Term::Sum(k, terms) => {
                let mut text = String::new();
                for (c, t) in terms {
                    let c = f64::from_bits(*c);
                    let body = self.print(*t, names);
                    let (sign, size) = if c < 0.0 { ("-", -c) } else { ("+", c) };
                    match (text.is_empty(), sign) {
                        (true, "-") => text.push('-'),
                        (true, _) => {}
                        (false, _) => text.push_str(&format!(" {sign} ")),
                    }
                    if size == 1.0 {
                        text.push_str(&body)
                    } else {
                        text.push_str(&format!("{size}*{body}"))
                    }
                }
                match f64::from_bits(*k) {
                    0.0 if terms.len() == 1 => text,
                    0.0 => format!("({text})"),
                    k if k < 0.0 => format!("({text} - {})", -k),
                    k => format!("({text} + {k})"),
                }
            }
            Term::Product(factors) => factors
                .iter()
                .map(|(base, n)| match n {
                    1 => self.print(*base, names),
                    _ => format!("{}^{n}", self.print(*base, names)),
                })
                .collect::<Vec<_>>()
                .join("*"),
            Term::Power(base, p) => format!("{}^{}", self.print(*base, names), f64::from_bits(*p)),
            Term::Call(f, a) => format!("{}({})", f.name(), self.print(*a, names)),
        }
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
