//! How a fused loop is divided: formulas stay together where one reads another, where they read the same value of their
//! own size, or where they share arithmetic. Layers of a network then have loops of their own, and equal ones.
//!
//! What must hold: the arithmetic of every formula is that of the undivided loop. How products are multiplied out, what
//! is rounded before it is added, and whether a quotient is a division depend on what the formulas of a loop have in
//! common. So arguments keep their numbers, and formulas that have anything in common are not parted.

use super::access::source;
use super::step::Loop;
use crate::ir::{Axes, Expr, Graph, NodeId, Term};
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::hash::Hash;

/// The parts of a loop, in the order of their first formulas.
pub(super) fn divide(g: &Graph, whole: Loop) -> Vec<Loop> {
    let exprs = whole.formulas.iter().chain(&whole.sums).map(|f| f.1);
    let mut ties = Ties::new(exprs.clone().count());
    let own: HashMap<NodeId, usize> = (0..).zip(&whole.formulas).map(|(k, f)| (f.0, k)).collect();
    for (k, expr) in exprs.enumerate() {
        for i in g.scalars.arguments(expr) {
            let value = whole.values[&i];
            match own.get(&value) {
                Some(&formula) => ties.join(formula, k),
                None if is_large(g, &whole, value) => ties.join_by(Common::Value(value), k),
                None => {}
            }
        }
        for common in arithmetic(g, expr) {
            ties.join_by(common, k);
        }
    }
    let formulas = whole.formulas.len();
    let groups = ties.groups();
    let part = |members: &Vec<usize>| {
        let of = |&k: &usize| match k.checked_sub(formulas) {
            None => whole.formulas[k],
            Some(k) => whole.sums[k],
        };
        let exprs: Vec<Expr> = members.iter().map(|k| of(k).1).collect();
        let is_sum = |k: &&usize| **k >= formulas;
        let (sums, formulas): (Vec<_>, Vec<_>) = members.iter().partition(is_sum);
        let formulas: Vec<(NodeId, Expr)> = formulas.into_iter().map(of).collect();
        let arguments = exprs.iter().flat_map(|&e| g.scalars.arguments(e));
        let computed: HashSet<NodeId> = formulas.iter().map(|f| f.0).collect();
        let stores = whole.stores.iter().filter(|id| computed.contains(id));
        Loop {
            shape: whole.shape.clone(),
            axes: whole.axes,
            values: arguments.map(|i| (i, whole.values[&i])).collect(),
            stores: stores.copied().collect(),
            sums: sums.into_iter().map(of).collect(),
            formulas,
        }
    };
    groups.iter().map(part).collect()
}

/// Whether two loops that read a value would do much of their work twice: it has as many features as the loop, and differs
/// between samples.
fn is_large(g: &Graph, whole: &Loop, value: NodeId) -> bool {
    let count: usize = whole.shape.iter().product();
    let of = source(g, value);
    g.axes(of) != Axes::SHARED && g.node(of).len() == count
}

/// What two formulas may have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Common {
    /// They read a value.
    Value(NodeId),
    /// They compute an expression.
    Part(Expr),
    /// They multiply two factors.
    Factors(Expr, Expr),
    /// They divide by an expression.
    Divisor(Expr),
}

/// All that decides how an expression is computed and that another formula may have too.
fn arithmetic(g: &Graph, expr: Expr) -> Vec<Common> {
    let mut common = Vec::new();
    for e in g.scalars.subexpressions(&[expr]) {
        match g.scalars.term(e) {
            Term::Arg(_) | Term::Const(_) => continue,
            Term::Product(factors) => {
                for (k, &(a, power)) in factors.iter().enumerate() {
                    if power < 0 {
                        common.push(Common::Divisor(a));
                    }
                    let repeated = (power.abs() > 1).then_some(a);
                    let others = factors[k + 1..].iter().map(|f| f.0).chain(repeated);
                    common.extend(others.map(|b| Common::Factors(a, b)));
                }
            }
            Term::Sum(..) | Term::Power(..) | Term::Call(..) => {}
        }
        common.push(Common::Part(e));
    }
    common
}

/// Members that belong together, while it is found out which.
struct Ties<K> {
    /// For each member another of its group, or itself.
    parents: Vec<usize>,
    first: HashMap<K, usize>,
}

impl<K: Eq + Hash> Ties<K> {
    fn new(members: usize) -> Self {
        Ties {
            parents: (0..members).collect(),
            first: HashMap::default(),
        }
    }

    /// The first member of a group.
    fn leader(&mut self, mut member: usize) -> usize {
        while self.parents[member] != member {
            self.parents[member] = self.parents[self.parents[member]];
            member = self.parents[member];
        }
        member
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.leader(a), self.leader(b));
        self.parents[a.max(b)] = a.min(b);
    }

    /// Joins a member with those that had the same key.
    fn join_by(&mut self, key: K, member: usize) {
        let first = *self.first.entry(key).or_insert(member);
        self.join(first, member);
    }

    /// The members of each group, both in order.
    fn groups(mut self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut positions: HashMap<usize, usize> = HashMap::default();
        for member in 0..self.parents.len() {
            let leader = self.leader(member);
            let position = *positions.entry(leader).or_insert(groups.len());
            if position == groups.len() {
                groups.push(Vec::new());
            }
            groups[position].push(member);
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::divide;
    use crate::ir::{Axes, Expr, Graph, Input, NodeId, Op};
    use crate::plan::Loop;
    use std::collections::BTreeMap;

    /// A loop over formulas that are made of four values, and of two numbers per sample.
    fn whole(formulas: impl Fn(&mut Graph, [Expr; 6]) -> Vec<Expr>) -> (Graph, Loop) {
        let mut g = Graph::new(vec![3]);
        let mut value = |shape: Vec<usize>| {
            let x = g.push(Op::Input(Input::X), vec![3], Axes::SAMPLE);
            let args = vec![x];
            let k = g.nodes.len() as f64;
            let (x, k) = (g.scalars.arg(0), g.scalars.constant(k));
            let expr = g.scalars.mul(x, k);
            g.push(Op::Map { expr, args }, shape, Axes::SAMPLE)
        };
        let shapes = [vec![3], vec![3], vec![3], vec![3], vec![1], vec![1]];
        let values: BTreeMap<usize, NodeId> = (0..).zip(shapes.map(&mut value)).collect();
        let args = [0, 1, 2, 3, 4, 5].map(|i| g.scalars.arg(i));
        let exprs = formulas(&mut g, args);
        let formulas: Vec<(NodeId, Expr)> = (100..).map(NodeId).zip(exprs).collect();
        let whole = Loop {
            shape: vec![3],
            axes: Axes::SAMPLE,
            stores: formulas.iter().map(|f| f.0).collect(),
            formulas,
            values,
            sums: vec![],
        };
        (g, whole)
    }

    fn parts(formulas: impl Fn(&mut Graph, [Expr; 6]) -> Vec<Expr>) -> Vec<usize> {
        let (g, whole) = whole(formulas);
        let parts = divide(&g, whole);
        parts.iter().map(|part| part.formulas.len()).collect()
    }

    #[test]
    fn what_has_nothing_in_common_is_parted() {
        let of = |g: &mut Graph, [a, b, c, d, s, _]: [Expr; 6]| {
            let [one, other] = [(a, b), (c, d)].map(|(x, y)| {
                let product = g.scalars.mul(x, y);
                g.scalars.mul(product, s)
            });
            vec![one, other, g.scalars.mul(b, s)]
        };
        assert_eq!(parts(of), [2, 1]);
    }

    #[test]
    fn arithmetic_in_common_keeps_formulas_together() {
        // Two factors that both multiply, and a divisor, which are no features of the loop.
        let products = |g: &mut Graph, [a, b, .., s, t]: [Expr; 6]| {
            let both = g.scalars.mul(s, t);
            vec![g.scalars.mul(a, both), g.scalars.mul(b, both)]
        };
        assert_eq!(parts(products), [2]);
        let quotients = |g: &mut Graph, [a, b, .., s, _]: [Expr; 6]| {
            let below = g.scalars.powi(s, -1);
            vec![g.scalars.mul(a, below), g.scalars.mul(b, below)]
        };
        assert_eq!(parts(quotients), [2]);
    }

    #[test]
    fn a_part_reads_what_its_formulas_name() {
        let (g, whole) =
            whole(|g, [a, _, c, _, s, t]| vec![g.scalars.mul(a, s), g.scalars.mul(c, t)]);
        let parts = divide(&g, whole);
        let read = |k: usize| parts[k].values.keys().copied().collect::<Vec<usize>>();
        assert_eq!((read(0), read(1)), (vec![0, 4], vec![2, 5]));
        assert_eq!(parts[1].stores, [NodeId(101)]);
    }
}
