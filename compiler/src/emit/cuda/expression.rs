//! Scalar expressions as CUDA C: what is used more than once gets a name, the rest is written in place. The device's
//! compiler contracts products and sums and moves what does not vary out of loops, so neither is done here.

use super::super::rust::writer::Writer;
use crate::ir::{CLAMP, Expr, Func, Pool, Sides, Term, quotients};
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::collections::BTreeMap;

/// Formulas on their way to code.
pub(super) struct Formulas<'a> {
    pool: &'a Pool,
    /// Code of each argument.
    args: BTreeMap<usize, String>,
    /// The subexpressions by their position in an order of parts first.
    positions: HashMap<Expr, usize>,
    /// Subexpressions of the roots that have been written.
    seen: HashSet<Expr>,
    uses: HashMap<Expr, usize>,
    names: HashMap<Expr, String>,
}

impl<'a> Formulas<'a> {
    pub(super) fn new(pool: &'a Pool, args: BTreeMap<usize, String>, roots: &[Expr]) -> Self {
        let order = pool.subexpressions(roots);
        let mut uses: HashMap<Expr, usize> = HashMap::default();
        for &root in roots {
            *uses.entry(root).or_default() += 1;
        }
        for &e in &order {
            for c in pool.children(e) {
                // A power written as a product repeats its base.
                let repeats = match pool.term(e) {
                    Term::Product(factors) => factors
                        .iter()
                        .find(|f| f.0 == c)
                        .map_or(1, |f| f.1.unsigned_abs() as usize),
                    _ => 1,
                };
                *uses.entry(c).or_default() += repeats;
            }
        }
        Formulas {
            pool,
            args,
            positions: order.into_iter().enumerate().map(|(k, e)| (e, k)).collect(),
            seen: HashSet::default(),
            uses,
            names: HashMap::default(),
        }
    }

    /// Names the parts of `root` that need names and returns its code.
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
            if self.needs_name(e) {
                let code = self.code(e);
                let name = format!("e{}", self.names.len());
                w.line(format!("const float {name} = {code};"));
                self.names.insert(e, name);
            }
        }
        self.operand(root)
    }

    fn needs_name(&self, e: Expr) -> bool {
        let trivial = matches!(self.pool.term(e), Term::Arg(_) | Term::Const(_));
        !trivial && self.uses.get(&e).copied().unwrap_or(0) > 1
    }

    fn operand(&self, e: Expr) -> String {
        match self.names.get(&e) {
            Some(name) => name.clone(),
            None => self.code(e),
        }
    }

    fn code(&self, e: Expr) -> String {
        match self.pool.term(e) {
            Term::Arg(i) => self.args[&(*i as usize)].clone(),
            Term::Const(bits) => literal(f64::from_bits(*bits)),
            Term::Sum(k, terms) => self.sum(f64::from_bits(*k), terms),
            Term::Product(factors) => self.product(factors),
            Term::Power(base, p) => format!(
                "powf({}, {})",
                self.operand(*base),
                literal(f64::from_bits(*p))
            ),
            Term::Call(f, a) => call(*f, &self.operand(*a)),
        }
    }

    fn sum(&self, k: f64, terms: &[(u64, Expr)]) -> String {
        let mut text = if k == 0.0 { String::new() } else { literal(k) };
        for &(c, term) in terms {
            let (c, term) = (f64::from_bits(c), self.operand(term));
            let size = match c.abs() {
                1.0 => term,
                size => format!("{} * {term}", literal(size)),
            };
            text = match (text.is_empty(), c < 0.0) {
                (true, false) => size,
                (true, true) => format!("-{size}"),
                (false, false) => format!("{text} + {size}"),
                (false, true) => format!("{text} - {size}"),
            };
        }
        if text.is_empty() {
            literal(0.0)
        } else {
            format!("({text})")
        }
    }

    fn product(&self, factors: &[(Expr, i32)]) -> String {
        let mut parts = Vec::new();
        for quotient in quotients(factors) {
            let base = match quotient.sides {
                Sides::Up(up) => self.operand(up),
                Sides::Down(down) => format!("(1.0f / {})", self.operand(down)),
                Sides::Both(up, down) => {
                    format!("({} / {})", self.operand(up), self.operand(down))
                }
            };
            match quotient.power {
                n @ 1..=3 => parts.extend((0..n).map(|_| base.clone())),
                n => parts.push(format!("power<{n}>({base})")),
            }
        }
        chain(&parts)
    }
}

fn call(f: Func, a: &str) -> String {
    let name = match f {
        Func::Exp => "expf",
        Func::Log => "logf",
        Func::Log1p => "log1pf",
        Func::Sqrt => "sqrtf",
        Func::Tanh => "tanhf",
        Func::TanhSlope => "tanh_slope",
        Func::Sigmoid => "sigmoid",
        Func::SigmoidSlope => return format!("gate_slope(gate({a}))"),
        Func::Gate => "gate",
        Func::GateSigmoid => "gate_sigmoid",
        Func::GateSlope => "gate_slope",
        Func::MishGate => "mish_gate",
        Func::Softplus => "softplus",
        Func::Logcosh => "logcosh",
        Func::Sin => "sine",
        Func::Cos => "cosine",
        Func::Erf => "erff",
        Func::NormalCdf => "normal_cdf",
        Func::Gauss => "gauss",
        Func::HalfGauss => "half_gauss",
        Func::Clamp => {
            return format!("fminf(fmaxf({a}, {}), {})", literal(-CLAMP), literal(CLAMP));
        }
        Func::Abs => "fabsf",
        Func::Relu => return format!("fmaxf({a}, 0.0f)"),
        Func::Step => "step",
        Func::Sign => "sign",
    };
    format!("{name}({a})")
}

fn chain(parts: &[String]) -> String {
    match parts {
        [one] => one.clone(),
        _ => format!("({})", parts.join(" * ")),
    }
}

/// A number as a float32 literal.
pub(super) fn literal(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        "__int_as_float(0x7fffffff)".to_string()
    } else if value.is_infinite() {
        let bits = if value > 0.0 {
            "0x7f800000"
        } else {
            "0xff800000"
        };
        format!("__int_as_float({bits})")
    } else if value < 0.0 {
        format!("({value:?}f)")
    } else {
        format!("{value:?}f")
    }
}
