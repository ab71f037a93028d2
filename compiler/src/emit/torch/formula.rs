//! Elementwise formulas as Python expressions over tensors.
//!
//! A function that PyTorch has under a name of its own is called by it, where that is as accurate as the formula.

use super::names::Names;
use super::python::number;
use crate::ir::{CLAMP, Expr, Func, Pool, Quotient, Sides, Term, quotients};
use std::collections::{BTreeSet, HashMap};
use std::f64::consts::FRAC_1_SQRT_2;

/// Functions of the emitted file: those that need their argument more than once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Helper {
    TanhSlope,
    SigmoidSlope,
    Gate,
    GateSigmoid,
    GateSlope,
    Logcosh,
}

impl Helper {
    pub(super) fn name(self) -> &'static str {
        match self {
            Helper::TanhSlope => "_tanh_slope",
            Helper::SigmoidSlope => "_sigmoid_slope",
            Helper::Gate => "_gate",
            Helper::GateSigmoid => "_gate_sigmoid",
            Helper::GateSlope => "_gate_slope",
            Helper::Logcosh => "_logcosh",
        }
    }

    /// The lines of the body.
    pub(super) fn body(self) -> &'static [&'static str] {
        match self {
            Helper::TanhSlope => &[
                "\"\"\"1 / cosh² u.\"\"\"",
                "return 4.0 * torch.sigmoid(2.0 * u) * torch.sigmoid(-2.0 * u)",
            ],
            Helper::SigmoidSlope => &[
                "\"\"\"σ(u) σ(-u).\"\"\"",
                "return torch.sigmoid(u) * torch.sigmoid(-u)",
            ],
            Helper::Gate => &[
                "\"\"\"σ(-|u|) with the sign of u.\"\"\"",
                "return torch.where(u < 0.0, -torch.sigmoid(u), torch.sigmoid(-u))",
            ],
            Helper::GateSigmoid => &[
                "\"\"\"σ(u) of the gate g of u.\"\"\"",
                "return torch.where(u < 0.0, -u, 1.0 - u)",
            ],
            Helper::GateSlope => &[
                "\"\"\"σ(u) σ(-u) of the gate g of u.\"\"\"",
                "return u.abs() * (1.0 - u.abs())",
            ],
            Helper::Logcosh => &[
                "\"\"\"ln cosh u, without overflow, and with all digits near 0.\"\"\"",
                "small = 0.5 * torch.log1p(torch.sinh(u.clamp(-1.0, 1.0)) ** 2)",
                "large = u.abs() + torch.log1p(torch.exp(-2.0 * u.abs())) - 0.6931471805599453",
                "return torch.where(u.abs() < 1.0, small, large)",
            ],
        }
    }
}

/// How tightly an expression holds together, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Level {
    Sum,
    Quotient,
    Product,
    Power,
    Atom,
}

/// An expression as Python.
#[derive(Clone, Debug)]
struct Text {
    code: String,
    level: Level,
}

impl Text {
    fn new(code: String, level: Level) -> Text {
        Text { code, level }
    }

    /// The code, in parentheses if it holds together less tightly than `level`.
    fn at(&self, level: Level) -> String {
        match self.level < level {
            true => format!("({})", self.code),
            false => self.code.clone(),
        }
    }
}

/// A formula on its way to Python.
pub(super) struct Formula<'a> {
    pool: &'a Pool,
    /// Code of each argument, which holds together as a name does.
    args: &'a [String],
    /// Names of parts that occur several times.
    parts: HashMap<Expr, String>,
    pub(super) helpers: BTreeSet<Helper>,
}

impl<'a> Formula<'a> {
    pub(super) fn new(pool: &'a Pool, args: &'a [String]) -> Formula<'a> {
        Formula {
            pool,
            args,
            parts: HashMap::new(),
            helpers: BTreeSet::new(),
        }
    }

    /// The code of the formula, and lines before it that give names to parts of it.
    pub(super) fn write(&mut self, root: Expr, names: &mut Names) -> (Vec<String>, String) {
        let order = self.pool.subexpressions(&[root]);
        let mut uses: HashMap<Expr, usize> = HashMap::new();
        for &e in &order {
            for child in self.pool.children(e) {
                *uses.entry(child).or_default() += 1;
            }
        }
        let mut lines = Vec::new();
        for e in order {
            let trivial = matches!(self.pool.term(e), Term::Arg(_) | Term::Const(_));
            if !trivial && uses.get(&e).is_some_and(|&uses| uses > 1) {
                let name = names.unique("part");
                lines.push(format!("{name} = {}", self.text(e).code));
                self.parts.insert(e, name);
            }
        }
        let code = self.text(root).code;
        (lines, code)
    }

    fn text(&mut self, e: Expr) -> Text {
        if let Some(name) = self.parts.get(&e) {
            return Text::new(name.clone(), Level::Atom);
        }
        let pool = self.pool;
        match pool.term(e) {
            Term::Arg(i) => Text::new(self.args[*i as usize].clone(), Level::Atom),
            Term::Const(bits) => constant(f64::from_bits(*bits)),
            Term::Sum(constant, terms) => self.sum(f64::from_bits(*constant), terms),
            Term::Product(factors) => self.product(factors),
            Term::Power(base, p) => {
                let (base, p) = (self.text(*base).at(Level::Atom), number(f64::from_bits(*p)));
                Text::new(format!("{base} ** {p}"), Level::Power)
            }
            Term::Call(f, of) => self.call(*f, *of),
        }
    }

    fn sum(&mut self, constant: f64, terms: &[(u64, Expr)]) -> Text {
        let terms: Vec<(f64, Text)> = terms
            .iter()
            .map(|&(c, e)| self.term(f64::from_bits(c), e))
            .collect();
        // A positive term first, so that the sum needs no sign before it.
        let (positive, negative): (Vec<_>, Vec<_>) = terms.into_iter().partition(|t| t.0 > 0.0);
        let mut code = String::new();
        for (c, text) in positive.into_iter().chain(negative) {
            let size = match c.abs() {
                1.0 => text.at(Level::Quotient),
                size => format!("{} * {}", number(size), text.at(Level::Product)),
            };
            match (code.is_empty(), c < 0.0) {
                (true, true) => code.push('-'),
                (true, false) => {}
                (false, true) => code.push_str(" - "),
                (false, false) => code.push_str(" + "),
            }
            code.push_str(&size);
        }
        match constant {
            0.0 => {}
            c if c < 0.0 => code.push_str(&format!(" - {}", number(-c))),
            c => code.push_str(&format!(" + {}", number(c))),
        }
        Text::new(code, Level::Sum)
    }

    /// A term of a sum with its coefficient. −softplus(−u) is log σ(u).
    fn term(&mut self, c: f64, e: Expr) -> (f64, Text) {
        if let Term::Call(Func::Softplus, of) = self.pool.term(e)
            && let Term::Sum(constant, terms) = self.pool.term(*of)
            && let [(one, of)] = terms.as_slice()
            && (f64::from_bits(*constant), f64::from_bits(*one)) == (0.0, -1.0)
            && c < 0.0
            && !self.parts.contains_key(&e)
        {
            let of = self.text(*of).code;
            let code = format!("functional.logsigmoid({of})");
            return (-c, Text::new(code, Level::Atom));
        }
        (c, self.text(e))
    }

    fn product(&mut self, factors: &[(Expr, i32)]) -> Text {
        let mut factors = factors.to_vec();
        let mut codes: Vec<Text> = Vec::new();
        while let Some((gated, argument, name)) = self.gated(&factors) {
            let of = self.text(argument).code;
            codes.push(Text::new(format!("functional.{name}({of})"), Level::Atom));
            factors.retain(|factor| factor.0 != gated && factor.0 != argument);
        }
        for quotient in quotients(&factors) {
            codes.push(self.quotient(quotient));
        }
        if let [only] = codes.as_slice() {
            return only.clone();
        }
        let codes: Vec<String> = codes.iter().map(|text| text.at(Level::Product)).collect();
        Text::new(codes.join(" * "), Level::Product)
    }

    /// A pair of factors u·f(u) that PyTorch has as one function: f(u), u, and its name.
    fn gated(&self, factors: &[(Expr, i32)]) -> Option<(Expr, Expr, &'static str)> {
        factors.iter().find_map(|&(gated, power)| {
            let Term::Call(f, of) = self.pool.term(gated) else {
                return None;
            };
            let name = match f {
                Func::Sigmoid => "silu",
                Func::MishGate => "mish",
                _ => return None,
            };
            let alone = power == 1 && factors.contains(&(*of, 1));
            (alone && !self.parts.contains_key(&gated)).then_some((gated, *of, name))
        })
    }

    fn quotient(&mut self, quotient: Quotient) -> Text {
        let base = match quotient.sides {
            Sides::Up(up) => self.text(up),
            Sides::Down(down) => {
                let down = self.text(down).at(Level::Power);
                Text::new(format!("1.0 / {down}"), Level::Quotient)
            }
            Sides::Both(up, down) => {
                let (up, down) = (self.text(up), self.text(down));
                let code = format!("{} / {}", up.at(Level::Power), down.at(Level::Power));
                Text::new(code, Level::Quotient)
            }
        };
        match quotient.power {
            1 => base,
            n => Text::new(format!("{} ** {n}", base.at(Level::Atom)), Level::Power),
        }
    }

    fn call(&mut self, f: Func, of: Expr) -> Text {
        let u = self.text(of);
        let call = |name: &str| Text::new(format!("{name}({})", u.code), Level::Atom);
        let mut helper = |helper: Helper| {
            self.helpers.insert(helper);
            call(helper.name())
        };
        match f {
            Func::Exp => call("torch.exp"),
            Func::Log => call("torch.log"),
            Func::Log1p => call("torch.log1p"),
            Func::Sqrt => call("torch.sqrt"),
            Func::Tanh => call("torch.tanh"),
            Func::TanhSlope => helper(Helper::TanhSlope),
            Func::Sigmoid => call("torch.sigmoid"),
            Func::SigmoidSlope => helper(Helper::SigmoidSlope),
            Func::Gate => helper(Helper::Gate),
            Func::GateSigmoid => helper(Helper::GateSigmoid),
            Func::GateSlope => helper(Helper::GateSlope),
            Func::MishGate => {
                let code = format!("torch.tanh({})", softplus(&u));
                Text::new(code, Level::Atom)
            }
            Func::Softplus => Text::new(softplus(&u), Level::Atom),
            Func::Logcosh => helper(Helper::Logcosh),
            Func::Sin => call("torch.sin"),
            Func::Cos => call("torch.cos"),
            Func::Erf => call("torch.erf"),
            // PyTorch's `ndtr` and `gelu` form 1 + erf, which has no correct digits from u = −6 down.
            Func::NormalCdf => {
                let argument = format!("-{:?} * {}", FRAC_1_SQRT_2, u.at(Level::Power));
                Text::new(format!("0.5 * torch.erfc({argument})"), Level::Product)
            }
            Func::Gauss => {
                let code = format!("torch.exp(-{} ** 2)", u.at(Level::Atom));
                Text::new(code, Level::Atom)
            }
            Func::HalfGauss => {
                let code = format!("torch.exp(-0.5 * {} ** 2)", u.at(Level::Atom));
                Text::new(code, Level::Atom)
            }
            Func::Clamp => {
                let (low, high) = (number(-CLAMP), number(CLAMP));
                let code = format!("torch.clamp({}, {low}, {high})", u.code);
                Text::new(code, Level::Atom)
            }
            Func::Abs => call("torch.abs"),
            Func::Relu => call("torch.relu"),
            Func::Step => {
                let code = format!("torch.heaviside({0}, torch.zeros_like({0}))", u.code);
                Text::new(code, Level::Atom)
            }
            Func::Sign => call("torch.sign"),
        }
    }
}

/// By default PyTorch takes u for softplus(u) from 20 on, which is 2e-9 too little.
fn softplus(u: &Text) -> String {
    format!("functional.softplus({}, threshold=40.0)", u.code)
}

fn constant(value: f64) -> Text {
    let level = match value < 0.0 {
        true => Level::Sum,
        false => Level::Atom,
    };
    Text::new(number(value), level)
}
