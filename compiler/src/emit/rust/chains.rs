//! The order in which the factors of products are multiplied: pairs that several products share are computed once.
//!
//! σ(1 − σ) and its multiples by φ″'s last factor stand in every term of a third derivative; products are flat in the
//! expression pool, so shared factors are found only here.

use crate::ir::{Expr, Pool, Quotient, Sides, Term, quotients};
use rustc_hash::FxHashMap as HashMap;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A factor, or a pair of parts that has a name of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Part {
    Factor(Expr),
    /// The first over the second.
    Quotient(Expr, Expr),
    Reciprocal(Expr),
    Pair(usize),
}

impl Part {
    /// A quotient without its power.
    pub(super) fn of(quotient: Quotient) -> Part {
        match quotient.sides {
            Sides::Up(up) => Part::Factor(up),
            Sides::Down(down) => Part::Reciprocal(down),
            Sides::Both(up, down) => Part::Quotient(up, down),
        }
    }
}

/// The products of a loop.
#[derive(Default)]
pub(super) struct Chains {
    parts: HashMap<Expr, Vec<Part>>,
    pairs: Vec<[Part; 2]>,
}

impl Chains {
    /// The chains of every product among the expressions. Powers above the third are calls, which stand in no chain.
    pub(super) fn new(pool: &Pool, expressions: &[Expr]) -> Chains {
        let mut chains = Chains::default();
        for &e in expressions {
            if let Term::Product(factors) = pool.term(e) {
                let parts = quotients(factors)
                    .into_iter()
                    .filter(|q| q.power <= 3)
                    .flat_map(|q| std::iter::repeat_n(Part::of(q), q.power as usize))
                    .collect();
                chains.parts.insert(e, parts);
            }
        }
        let mut counts = Counts::default();
        for (&e, parts) in &chains.parts {
            counts.add(e, parts);
        }
        while let Some(pair) = counts.most_common() {
            let part = Part::Pair(chains.pairs.len());
            chains.pairs.push(pair);
            for e in counts.products_with(pair) {
                let parts = chains
                    .parts
                    .get_mut(&e)
                    .expect("counted products are there");
                counts.remove(e, parts);
                while let Some([i, j]) = find(parts, pair) {
                    parts.remove(j);
                    parts[i] = part;
                }
                counts.add(e, parts);
            }
        }
        chains
    }

    /// The factors of a product, in order.
    pub(super) fn parts(&self, product: Expr) -> Vec<Part> {
        self.parts.get(&product).cloned().unwrap_or_default()
    }

    pub(super) fn pair(&self, i: usize) -> [Part; 2] {
        self.pairs[i]
    }
}

/// The products that have each pair of parts, and the pairs by how many have them.
#[derive(Default)]
struct Counts {
    products: BTreeMap<[Part; 2], BTreeSet<Expr>>,
    by_count: BTreeSet<(usize, Reverse<[Part; 2]>)>,
}

impl Counts {
    fn add(&mut self, product: Expr, parts: &[Part]) {
        for pair in pairs(parts) {
            self.change(pair, |products| products.insert(product));
        }
    }

    fn remove(&mut self, product: Expr, parts: &[Part]) {
        for pair in pairs(parts) {
            self.change(pair, |products| products.remove(&product));
        }
    }

    fn change(&mut self, pair: [Part; 2], change: impl FnOnce(&mut BTreeSet<Expr>) -> bool) {
        let products = self.products.entry(pair).or_default();
        self.by_count.remove(&(products.len(), Reverse(pair)));
        change(products);
        self.by_count.insert((products.len(), Reverse(pair)));
    }

    /// The pair that most products have, if two have it; of several the first.
    fn most_common(&self) -> Option<[Part; 2]> {
        let &(count, Reverse(pair)) = self.by_count.last()?;
        (count > 1).then_some(pair)
    }

    fn products_with(&self, pair: [Part; 2]) -> Vec<Expr> {
        self.products[&pair].iter().copied().collect()
    }
}

/// The pairs of a product, each once.
fn pairs(parts: &[Part]) -> BTreeSet<[Part; 2]> {
    let mut pairs = BTreeSet::new();
    for (i, &a) in parts.iter().enumerate() {
        for &b in &parts[i + 1..] {
            pairs.insert(if a <= b { [a, b] } else { [b, a] });
        }
    }
    pairs
}

/// Where the two parts of a pair stand.
fn find(parts: &[Part], [a, b]: [Part; 2]) -> Option<[usize; 2]> {
    for (i, &first) in parts.iter().enumerate() {
        for (j, &second) in parts.iter().enumerate().skip(i + 1) {
            if (first, second) == (a, b) || (first, second) == (b, a) {
                return Some([i, j]);
            }
        }
    }
    None
}
