//! Scalar expressions as Rust over a vector type.
//!
//! What is used more than once gets a name; the rest is written in place. Products feed sums as fused
//! multiply-adds.

use super::chains::{Chains, Part};
use super::writer::Writer;
use crate::ir::{CLAMP, Expr, Func, Pool, Term, quotients};
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::collections::BTreeMap;

/// Formulas on their way to code.
pub(super) struct Formulas<'a> {
    pool: &'a Pool,
    /// The vector type, `V` or a scalar one.
    vector: &'a str,
    /// Code of each argument.
    args: BTreeMap<usize, String>,
    uses: HashMap<Expr, usize>,
    names: HashMap<Expr, String>,
    /// The subexpressions by their position in an order of parts first.
    positions: HashMap<Expr, usize>,
    /// Subexpressions of the roots that have been written.
    seen: HashSet<Expr>,
    chains: Chains,
    /// Pairs of factors that have been formed.
    pairs: HashSet<usize>,
    /// How many factors divide by each expression, powers counted.
    divisions: HashMap<Expr, u32>,
    /// Names of reciprocals that have been formed.
    reciprocals: HashMap<Expr, String>,
    /// Lines that form pairs and reciprocals, to be written before the code that names them.
    pending: Vec<String>,
}

impl<'a> Formulas<'a> {
    pub(super) fn new(
        pool: &'a Pool,
        vector: &'a str,
        args: BTreeMap<usize, String>,
        roots: &[Expr],
    ) -> Self {
        let order = pool.subexpressions(roots);
        let mut uses: HashMap<Expr, usize> = HashMap::default();
        for &root in roots {
            *uses.entry(root).or_default() += 1;
        }
        for &e in &order {
            for c in pool.children(e) {
                // A power written as a product repeats its base.
                let repeats = match pool.term(e) {
                    Term::Product(f) => f
                        .iter()
                        .find(|f| f.0 == c)
                        .map_or(1, |f| f.1.unsigned_abs() as usize),
                    _ => 1,
                };
                *uses.entry(c).or_default() += repeats;
            }
        }
        let mut divisions: HashMap<Expr, u32> = HashMap::default();
        for &e in &order {
            if let Term::Product(factors) = pool.term(e) {
                for &(base, n) in factors.iter().filter(|f| f.1 < 0) {
                    *divisions.entry(base).or_default() += n.unsigned_abs();
                }
            }
        }
        Formulas {
            chains: Chains::new(pool, &order),
            divisions,
            reciprocals: HashMap::default(),
            pairs: HashSet::default(),
            pending: Vec::new(),
            pool,
            vector,
            args,
            uses,
            names: HashMap::default(),
            positions: order.into_iter().enumerate().map(|(k, e)| (e, k)).collect(),
            seen: HashSet::default(),
        }
    }

    /// Writes `let`s for the named parts of `root` and returns the code of `root`, which is itself named where it must be.
    pub(super) fn write(&mut self, w: &mut Writer, root: Expr) -> String {
        // Parts of an earlier root are named already.
        let mut needed: Vec<(usize, Expr)> = Vec::new();
        let mut stack = vec![root];
        while let Some(e) = stack.pop() {
            if self.seen.insert(e) {
                needed.push((self.positions[&e], e));
                stack.extend(self.pool.children(e));
            }
        }
        needed.sort_unstable();
        for (_, e) in needed {
            if !self.is_named(e) {
                continue;
            }
            let code = self.code(e);
            self.pending.drain(..).for_each(|line| w.line(line));
            let name = format!("e{}", self.names.len());
            w.line(format!("let {name} = {code};"));
            self.names.insert(e, name);
        }
        let code = self.operand(root);
        self.pending.drain(..).for_each(|line| w.line(line));
        code
    }

    fn is_named(&self, e: Expr) -> bool {
        let trivial = matches!(self.pool.term(e), Term::Arg(_) | Term::Const(_));
        !trivial && self.uses.get(&e).copied().unwrap_or(0) > 1
    }

    /// Code that may stand as an operand.
    fn operand(&mut self, e: Expr) -> String {
        match self.names.get(&e) {
            Some(name) => name.clone(),
            None => self.code(e),
        }
    }

    fn constant(&self, value: f64) -> String {
        format!("{}::constant({})", self.vector, literal(value))
    }

    fn code(&mut self, e: Expr) -> String {
        match self.pool.term(e) {
            Term::Arg(i) => self.args[&(*i as usize)].clone(),
            Term::Const(bits) => self.constant(f64::from_bits(*bits)),
            Term::Sum(k, terms) => self.sum(f64::from_bits(*k), terms),
            Term::Product(factors) => self.product(e, factors),
            Term::Power(base, p) => format!(
                "{}.powf({})",
                self.operand(*base),
                literal(f64::from_bits(*p))
            ),
            Term::Call(f, a) => {
                let a = self.operand(*a);
                match f {
                    Func::Exp => format!("{a}.exp()"),
                    Func::Log => format!("{a}.ln()"),
                    Func::Log1p => format!("{a}.ln_1p()"),
                    Func::Sqrt => format!("{a}.sqrt()"),
                    Func::Tanh => format!("{a}.tanh()"),
                    Func::TanhSlope => format!("{a}.tanh_slope()"),
                    Func::Sigmoid => format!("{a}.sigmoid()"),
                    Func::SigmoidSlope => format!("{a}.gate().gate_slope()"),
                    Func::Gate => format!("{a}.gate()"),
                    Func::GateSigmoid => format!("{a}.gate_sigmoid()"),
                    Func::GateSlope => format!("{a}.gate_slope()"),
                    Func::MishGate => format!("{a}.mish_gate()"),
                    Func::Softplus => format!("{a}.softplus()"),
                    Func::Logcosh => format!("{a}.logcosh()"),
                    Func::Sin => format!("{a}.sin()"),
                    Func::Cos => format!("{a}.cos()"),
                    Func::Erf => format!("{a}.erf()"),
                    Func::NormalCdf => format!("{a}.normal_cdf()"),
                    Func::Gauss => format!("{a}.gauss()"),
                    Func::HalfGauss => format!("{a}.half_gauss()"),
                    Func::Clamp => format!(
                        "{a}.max({}).min({})",
                        self.constant(-CLAMP),
                        self.constant(CLAMP)
                    ),
                    Func::Abs => format!("{a}.abs()"),
                    Func::Relu => format!("{a}.max({})", self.constant(0.0)),
                    Func::Step => format!("{a}.step()"),
                    Func::Sign => format!("{a}.sign()"),
                }
            }
        }
    }

    fn sum(&mut self, k: f64, terms: &[(u64, Expr)]) -> String {
        // Terms that need no multiplication first: they start the sum for free.
        let plain = |t: &(u64, Expr)| f64::from_bits(t.0).abs() == 1.0 && !self.is_fusable(t.1);
        let positive = |t: &(u64, Expr)| f64::from_bits(t.0) > 0.0;
        let mut ordered: Vec<&(u64, Expr)> = terms.iter().collect();
        ordered.sort_by_key(|t| (!(plain(t) && positive(t)), !plain(t)));
        let mut acc = (k != 0.0).then(|| self.constant(k));
        for (c, t) in ordered {
            let c = f64::from_bits(*c);
            let Some(sum) = acc else {
                acc = Some(match c {
                    1.0 => self.operand(*t),
                    -1.0 => format!("(-{})", self.operand(*t)),
                    _ => format!("({} * {})", self.constant(c), self.operand(*t)),
                });
                continue;
            };
            acc = Some(match (c, self.factors(*t)) {
                (1.0, Some((a, b))) => format!("{a}.mul_add({b}, {sum})"),
                (-1.0, Some((a, b))) => format!("(-{a}).mul_add({b}, {sum})"),
                (1.0, None) => format!("({sum} + {})", self.operand(*t)),
                (-1.0, None) => format!("({sum} - {})", self.operand(*t)),
                _ => format!("{}.mul_add({}, {sum})", self.operand(*t), self.constant(c)),
            });
        }
        acc.unwrap_or_else(|| self.constant(0.0))
    }

    /// Whether an expression is written where it stands as a product of two, which a sum takes in one operation.
    fn is_fusable(&self, e: Expr) -> bool {
        let Term::Product(factors) = self.pool.term(e) else {
            return false;
        };
        let powers = factors.iter().filter(|f| f.1 > 3).count();
        !self.names.contains_key(&e)
            && factors.iter().all(|f| f.1 > 0)
            && self.chains.parts(e).len() + powers > 1
    }

    /// A fusable product as two factors.
    fn factors(&mut self, e: Expr) -> Option<(String, String)> {
        let pool = self.pool;
        let Term::Product(factors) = pool.term(e) else {
            return None;
        };
        if !self.is_fusable(e) {
            return None;
        }
        let mut parts = self.parts(e, factors);
        let last = parts.pop()?;
        Some((chain(&parts), last))
    }

    fn product(&mut self, e: Expr, factors: &[(Expr, i32)]) -> String {
        chain(&self.parts(e, factors))
    }

    /// What a product multiplies: its chain, then powers above the third by repeated squaring.
    fn parts(&mut self, e: Expr, factors: &[(Expr, i32)]) -> Vec<String> {
        let mut parts: Vec<String> = self
            .chains
            .parts(e)
            .into_iter()
            .map(|part| self.part(part))
            .collect();
        for quotient in quotients(factors).into_iter().filter(|q| q.power > 3) {
            let base = self.part(Part::of(quotient));
            parts.push(format!("{base}.powi({})", quotient.power));
        }
        parts
    }

    fn part(&mut self, part: Part) -> String {
        let i = match part {
            Part::Factor(e) => return self.operand(e),
            Part::Quotient(up, down) if self.divides_once(down) => {
                return format!("({} / {})", self.operand(up), self.operand(down));
            }
            Part::Quotient(up, down) => {
                return format!("({} * {})", self.operand(up), self.reciprocal(down));
            }
            Part::Reciprocal(down) => return self.reciprocal(down),
            Part::Pair(i) => i,
        };
        let name = format!("p{i}");
        if self.pairs.insert(i) {
            let [a, b] = self.chains.pair(i).map(|part| self.part(part));
            self.pending.push(format!("let {name} = {a} * {b};"));
        }
        name
    }

    /// Whether one factor of one product divides by the expression.
    fn divides_once(&self, e: Expr) -> bool {
        self.divisions.get(&e) == Some(&1)
    }

    /// 1/e, which has a name where several factors divide by e: one division for all of them.
    fn reciprocal(&mut self, e: Expr) -> String {
        let code = format!("{}.recip()", self.operand(e));
        if self.divides_once(e) {
            return code;
        }
        let next = self.reciprocals.len();
        let pending = &mut self.pending;
        let name = self.reciprocals.entry(e).or_insert_with(|| {
            let name = format!("r{next}");
            pending.push(format!("let {name} = {code};"));
            name
        });
        name.clone()
    }
}

fn chain(parts: &[String]) -> String {
    match parts {
        [one] => one.clone(),
        _ => format!("({})", parts.join(" * ")),
    }
}

/// A float64 as a Rust literal.
pub(super) fn literal(value: f64) -> String {
    if value.is_finite() {
        format!("{value:?}")
    } else if value.is_nan() {
        "f64::NAN".to_string()
    } else if value > 0.0 {
        "f64::INFINITY".to_string()
    } else {
        "f64::NEG_INFINITY".to_string()
    }
}
