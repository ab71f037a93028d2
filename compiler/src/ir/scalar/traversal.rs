//! Walks over an expression: rebuilding it, and the order of its parts. Each part is visited once.

use super::{Expr, Pool, Term};
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

impl Pool {
    /// e with every argument i replaced by `values[i]`.
    pub fn substitute(&mut self, e: Expr, values: &[Expr]) -> Expr {
        let mut memo = HashMap::default();
        self.rewrite(
            e,
            &mut |_, e_term| match e_term {
                Term::Arg(i) => Some(values[*i as usize]),
                _ => None,
            },
            &mut memo,
        )
    }

    /// e with every argument i that `values` has replaced by `values[i]`.
    pub(crate) fn substitute_some(&mut self, e: Expr, values: &HashMap<usize, Expr>) -> Expr {
        let mut memo = HashMap::default();
        self.rewrite(
            e,
            &mut |e, e_term| match e_term {
                Term::Arg(i) => Some(values.get(&(*i as usize)).copied().unwrap_or(e)),
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
        let mut seen = HashSet::default();
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
}
