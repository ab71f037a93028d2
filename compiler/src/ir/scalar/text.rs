//! Expressions as infix text.

use super::{Expr, Pool, Term};

impl Pool {
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
