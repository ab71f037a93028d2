//! The same formula with fewer operations: nested sums of a sum are multiplied out, like terms gathered, and the rest
//! is factored again.
//!
//! Symbolic derivatives of a product repeat its factors in every term: φ″ of silu comes out as
//! −σ − zσ(1 − σ) + (1 − σ)(z(1 − σ) + 1) + 1 and leaves as (1 − σ)(2 + z((1 − σ) − σ)).
//!
//! What is never multiplied out, because its value would be lost to cancellation: a power of a sum, and a sum of one
//! argument such as 1 − σ or 1 − t². Such a sum is an *atom*, as arguments and calls are; the *relation* q = 1 − σ lets
//! constants and multiples of σ become multiples of q where that leaves fewer terms.

use super::{Expr, Pool, Term, in_range};
use rustc_hash::FxHashMap as HashMap;
use std::collections::BTreeMap;

/// Terms beyond which a sum is left as it is.
const MOST_TERMS: usize = 64;

/// Atoms by index with their exponents, ascending, none zero.
type Monomial = Vec<(usize, i32)>;

/// Σ coefficient · monomial.
type Polynomial = BTreeMap<Monomial, f64>;

impl Pool {
    /// An equal expression of at most as many operations. `ranks` orders the arguments, so that one formula takes one
    /// form wherever it stands, however its arguments are numbered there.
    pub fn factored(&mut self, e: Expr, ranks: &[u32]) -> Expr {
        let mut memo = HashMap::default();
        self.factor(e, ranks, &mut memo)
    }

    fn factor(&mut self, e: Expr, ranks: &[u32], memo: &mut HashMap<Expr, Expr>) -> Expr {
        if let Some(&done) = memo.get(&e) {
            return done;
        }
        let new = match self.term(e).clone() {
            Term::Arg(_) | Term::Const(_) => e,
            Term::Power(base, p) => {
                let base = self.factor(base, ranks, memo);
                self.pow(base, f64::from_bits(p))
            }
            Term::Call(f, a) => {
                let a = self.factor(a, ranks, memo);
                self.call(f, a)
            }
            Term::Product(factors) => {
                let mut product = self.constant(1.0);
                for (base, n) in factors {
                    let base = self.factor(base, ranks, memo);
                    product = self.times_power(product, base, n);
                }
                product
            }
            Term::Sum(k, terms) => {
                let mut items = vec![(1.0, self.constant(f64::from_bits(k)))];
                for (c, t) in terms {
                    items.push((f64::from_bits(c), self.factor(t, ranks, memo)));
                }
                let plain = self.linear(&items);
                match self.multiplied_out(e, ranks) {
                    Some(other)
                        if self.operations(other) < self.operations(plain)
                            && self.constants_in_range(other) =>
                    {
                        other
                    }
                    _ => plain,
                }
            }
        };
        memo.insert(e, new);
        new
    }

    /// Whether multiplying out has made no constant that float32 lacks.
    fn constants_in_range(&self, e: Expr) -> bool {
        self.subexpressions(&[e])
            .into_iter()
            .all(|part| match self.term(part) {
                Term::Const(bits) | Term::Power(_, bits) => in_range(f64::from_bits(*bits)),
                Term::Sum(k, terms) => {
                    in_range(f64::from_bits(*k))
                        && terms.iter().all(|t| in_range(f64::from_bits(t.0)))
                }
                Term::Arg(_) | Term::Product(_) | Term::Call(..) => true,
            })
    }

    fn multiplied_out(&mut self, sum: Expr, ranks: &[u32]) -> Option<Expr> {
        let atoms = self.atoms(sum, ranks);
        let mut polynomial = self.expand(sum, &atoms)?;
        for (q, &atom) in atoms.iter().enumerate() {
            if let Some(relation) = self.relation(q, atom, &atoms) {
                apply(&mut polynomial, &relation);
            }
        }
        Some(self.collect(&polynomial, &atoms))
    }

    /// The atoms of a sum, in an order that depends on ranks alone.
    fn atoms(&self, sum: Expr, ranks: &[u32]) -> Vec<Expr> {
        let mut atoms = Vec::new();
        let mut stack = vec![sum];
        while let Some(e) = stack.pop() {
            match self.term(e) {
                Term::Const(_) => {}
                Term::Sum(..) if e == sum || !self.is_atomic(e) => stack.extend(self.children(e)),
                Term::Product(factors) => {
                    for &(base, n) in factors {
                        if n == 1 {
                            stack.push(base);
                        } else {
                            atoms.push(base);
                        }
                    }
                }
                _ => atoms.push(e),
            }
        }
        // What a relation speaks of is an atom too.
        for i in 0..atoms.len() {
            if let Term::Sum(_, terms) = self.term(atoms[i])
                && let [(_, term)] = terms.as_slice()
            {
                let bases: Vec<Expr> = self.factors(*term).iter().map(|f| f.0).collect();
                atoms.extend(bases);
            }
        }
        let name = |i: usize| format!("{:010}", ranks[i]);
        let mut named: Vec<(usize, String, Expr)> = atoms
            .into_iter()
            .map(|e| {
                let text = self.print(e, &name);
                (text.len(), text, e)
            })
            .collect();
        named.sort();
        named.dedup();
        named.into_iter().map(|n| n.2).collect()
    }

    /// A sum of a constant and one term in one argument.
    fn is_atomic(&self, e: Expr) -> bool {
        matches!(self.term(e), Term::Sum(k, terms) if f64::from_bits(*k) != 0.0 && terms.len() == 1)
            && self.arguments(e).len() == 1
    }

    /// The sum as a polynomial in its atoms; `None` where it has too many terms.
    fn expand(&self, e: Expr, atoms: &[Expr]) -> Option<Polynomial> {
        if let Some(i) = atoms.iter().position(|&atom| atom == e) {
            return Some(BTreeMap::from([(vec![(i, 1)], 1.0)]));
        }
        match self.term(e) {
            Term::Const(bits) => Some(BTreeMap::from([(vec![], f64::from_bits(*bits))])),
            Term::Sum(k, terms) => {
                let mut sum = BTreeMap::from([(vec![], f64::from_bits(*k))]);
                for (c, t) in terms {
                    for (monomial, d) in self.expand(*t, atoms)? {
                        *sum.entry(monomial).or_default() += f64::from_bits(*c) * d;
                    }
                }
                sum.retain(|_, c| *c != 0.0);
                (sum.len() <= MOST_TERMS).then_some(sum)
            }
            Term::Product(factors) => {
                let mut product = BTreeMap::from([(vec![], 1.0)]);
                for &(base, n) in factors {
                    let factor = match atoms.iter().position(|&atom| atom == base) {
                        Some(i) => BTreeMap::from([(vec![(i, n)], 1.0)]),
                        None => self.expand(base, atoms)?,
                    };
                    product = times(&product, &factor);
                    if product.len() > MOST_TERMS {
                        return None;
                    }
                }
                Some(product)
            }
            _ => None,
        }
    }

    /// q = constant + coefficient · monomial, for an atom that is such a sum.
    fn relation(&self, q: usize, atom: Expr, atoms: &[Expr]) -> Option<Relation> {
        let Term::Sum(k, terms) = self.term(atom) else {
            return None;
        };
        let [(c, term)] = terms.as_slice() else {
            return None;
        };
        let mut monomial: Monomial = self
            .factors(*term)
            .into_iter()
            .map(|(base, n)| Some((atoms.iter().position(|&a| a == base)?, n)))
            .collect::<Option<_>>()?;
        monomial.sort_unstable();
        Some(Relation {
            q,
            constant: f64::from_bits(*k),
            coefficient: f64::from_bits(*c),
            monomial,
        })
    }

    /// The polynomial, what most of its terms share taken out first.
    fn collect(&mut self, polynomial: &Polynomial, atoms: &[Expr]) -> Expr {
        let mut uses: BTreeMap<(usize, bool), usize> = BTreeMap::new();
        for &(atom, n) in polynomial.keys().flatten() {
            *uses.entry((atom, n > 0)).or_default() += 1;
        }
        // Of several the first: later keys win only if they occur more often.
        let most = uses
            .into_iter()
            .rev()
            .max_by_key(|&(_, count)| count)
            .filter(|&(_, count)| count > 1);
        let Some(((atom, up), _)) = most else {
            let items: Vec<(f64, Expr)> = polynomial
                .iter()
                .map(|(monomial, &c)| (c, self.product_of(monomial, atoms)))
                .collect();
            return self.linear(&items);
        };
        let sign = if up { 1 } else { -1 };
        let (with, without): (Polynomial, Polynomial) = polynomial
            .clone()
            .into_iter()
            .partition(|(m, _)| m.iter().any(|f| f.0 == atom && f.1 * sign > 0));
        // As much of it as all of these share, which in one step is no deeper a recursion for a larger power.
        let exponents = with.keys().flatten().filter(|f| f.0 == atom);
        let power = sign * exponents.map(|f| f.1.abs()).min().unwrap_or(1);
        let divisor = vec![(atom, -power)];
        let quotient = with.into_iter().map(|(m, c)| (join(&m, &divisor), c));
        let inner = self.collect(&quotient.collect(), atoms);
        let product = self.times_power(inner, atoms[atom], power);
        let rest = self.collect(&without, atoms);
        self.linear(&[(1.0, product), (1.0, rest)])
    }

    fn product_of(&mut self, monomial: &Monomial, atoms: &[Expr]) -> Expr {
        let one = self.constant(1.0);
        monomial
            .iter()
            .fold(one, |p, &(i, n)| self.times_power(p, atoms[i], n))
    }

    /// About how many operations an expression takes, multiply-adds counted once.
    pub(super) fn operations(&self, e: Expr) -> usize {
        let mut total = 0;
        for part in self.subexpressions(&[e]) {
            total += match self.term(part) {
                Term::Arg(_) | Term::Const(_) => 0,
                Term::Call(f, _) if !f.is_transcendental() => 2,
                Term::Call(..) | Term::Power(..) => 20,
                Term::Product(factors) => {
                    let division = if factors.iter().any(|f| f.1 < 0) {
                        10
                    } else {
                        0
                    };
                    let multiplied: usize =
                        factors.iter().map(|f| f.1.unsigned_abs() as usize).sum();
                    multiplied - 1 + division
                }
                Term::Sum(k, terms) => {
                    let additions = terms.len() - usize::from(f64::from_bits(*k) == 0.0);
                    let is_product = |t: Expr| matches!(self.term(t), Term::Product(_));
                    let fused = terms.iter().filter(|t| is_product(t.1)).count();
                    let scaled = terms
                        .iter()
                        .filter(|t| is_product(t.1) && f64::from_bits(t.0).abs() != 1.0)
                        .count();
                    additions + scaled - fused.min(additions)
                }
            };
        }
        total
    }
}

/// q = constant + coefficient · monomial.
struct Relation {
    q: usize,
    constant: f64,
    coefficient: f64,
    monomial: Monomial,
}

/// m·constant + m·coefficient·monomial = m·q, as often as that leaves fewer terms.
fn apply(polynomial: &mut Polynomial, relation: &Relation) {
    let q = vec![(relation.q, 1)];
    let cofactors: Vec<Monomial> = polynomial.keys().cloned().collect();
    for m in cofactors {
        let Some(&c) = polynomial.get(&m) else {
            continue;
        };
        let mut other = polynomial.clone();
        other.remove(&m);
        let scale = c / relation.constant;
        *other.entry(join(&m, &q)).or_default() += scale;
        *other.entry(join(&m, &relation.monomial)).or_default() -= scale * relation.coefficient;
        other.retain(|_, c| *c != 0.0);
        if other.len() < polynomial.len() {
            *polynomial = other;
        }
    }
}

fn times(a: &Polynomial, b: &Polynomial) -> Polynomial {
    let mut product = Polynomial::new();
    for (m, c) in a {
        for (n, d) in b {
            *product.entry(join(m, n)).or_default() += c * d;
        }
    }
    product.retain(|_, c| *c != 0.0);
    product
}

/// The product of two monomials.
fn join(a: &Monomial, b: &Monomial) -> Monomial {
    let mut exponents: BTreeMap<usize, i32> = a.iter().copied().collect();
    for &(atom, n) in b {
        *exponents.entry(atom).or_default() += n;
    }
    exponents.into_iter().filter(|f| f.1 != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second derivative of z·σ as differentiation leaves it, σ being argument 1: without its factor σ.
    fn second_of_silu(pool: &mut Pool) -> Expr {
        let (z, s, one) = (pool.arg(0), pool.arg(1), pool.constant(1.0));
        let q = pool.sub(one, s);
        let zq = pool.mul(z, q);
        let inner = pool.add(zq, one);
        let last = pool.mul(q, inner);
        let zsq = pool.mul(zq, s);
        pool.linear(&[(-1.0, s), (-1.0, zsq), (1.0, last), (1.0, one)])
    }

    #[test]
    fn derivatives_lose_what_repeats() {
        let mut pool = Pool::default();
        let e = second_of_silu(&mut pool);
        let factored = pool.factored(e, &[0, 1]);
        let name = |i: usize| ["z", "s"][i].to_string();
        assert_eq!(pool.print(factored, &name), "(-s + 1)*(z*(-2*s + 1) + 2)");
        assert!(pool.operations(factored) < pool.operations(e));
        for args in [[0.3, 0.6], [-2.0, 0.1], [7.0, 0.999]] {
            assert!((pool.eval(e, &args) - pool.eval(factored, &args)).abs() < 1e-14);
        }
    }

    #[test]
    fn the_numbers_of_arguments_do_not_matter() {
        let mut pool = Pool::default();
        let e = second_of_silu(&mut pool);
        let (s, z) = (pool.arg(0), pool.arg(1));
        let swapped = pool.substitute(e, &[z, s]);
        let there = pool.factored(e, &[5, 9]);
        let here = pool.factored(swapped, &[9, 5]);
        assert_eq!(pool.substitute(there, &[z, s]), here);
    }

    #[test]
    fn powers_of_differences_stay() {
        let mut pool = Pool::default();
        let (x, m, y) = (pool.arg(0), pool.arg(1), pool.arg(2));
        let difference = pool.sub(x, m);
        let square = pool.powi(difference, 2);
        let e = pool.linear(&[(1.0, square), (-3.0, y)]);
        assert_eq!(pool.factored(e, &[0, 1, 2]), e);
    }
}
