//! In which order the factors of products are multiplied: pairs that several products have in common are formed once.
//!
//! σ(1 − σ) and its multiples by φ″'s last factor stand in every term of a third derivative; products are flat in the
//! expression pool, so what they share shows only here.

use crate::ir::{Expr, Pool, Term};
use std::collections::{BTreeMap, HashMap};

/// A factor, or a pair of parts that has a name of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Part {
    Factor(Expr),
    Pair(usize),
}

/// The products of a loop.
#[derive(Default)]
pub(super) struct Chains {
    parts: HashMap<Expr, Vec<Part>>,
    pairs: Vec<[Part; 2]>,
}

impl Chains {
    /// The chains of every product among the expressions. Powers above the third are calls, and quotients have a chain
    /// above the line only.
    pub(super) fn new(pool: &Pool, expressions: &[Expr]) -> Chains {
        let mut chains = Chains::default();
        for &e in expressions {
            if let Term::Product(factors) = pool.term(e) {
                let parts = factors
                    .iter()
                    .filter(|f| (1..=3).contains(&f.1))
                    .flat_map(|f| std::iter::repeat_n(Part::Factor(f.0), f.1 as usize))
                    .collect();
                chains.parts.insert(e, parts);
            }
        }
        while let Some(pair) = chains.most_common() {
            let part = Part::Pair(chains.pairs.len());
            chains.pairs.push(pair);
            for parts in chains.parts.values_mut() {
                while let Some([i, j]) = find(parts, pair) {
                    parts.remove(j);
                    parts[i] = part;
                }
            }
        }
        chains
    }

    /// What a product multiplies, in order.
    pub(super) fn parts(&self, product: Expr) -> Vec<Part> {
        self.parts.get(&product).cloned().unwrap_or_default()
    }

    pub(super) fn pair(&self, i: usize) -> [Part; 2] {
        self.pairs[i]
    }

    /// The pair that most products have, if two have it; of several the first.
    fn most_common(&self) -> Option<[Part; 2]> {
        let mut counts: BTreeMap<[Part; 2], usize> = BTreeMap::new();
        for parts in self.parts.values() {
            let mut own: Vec<[Part; 2]> = Vec::new();
            for (i, &a) in parts.iter().enumerate() {
                for &b in &parts[i + 1..] {
                    own.push(if a <= b { [a, b] } else { [b, a] });
                }
            }
            own.sort_unstable();
            own.dedup();
            for pair in own {
                *counts.entry(pair).or_default() += 1;
            }
        }
        let best = counts.into_iter().rev().max_by_key(|c| c.1)?;
        (best.1 > 1).then_some(best.0)
    }
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
