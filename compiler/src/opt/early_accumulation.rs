//! Early accumulation: terms of a sum that are available early are added up early, so that one value stays live until
//! the last term instead of all of them.
//!
//! The cotangent of a layer's preactivation is a sum of four or five terms, one of which comes from the layer above;
//! the others are available long before.

use super::rebuild::{rebuild, same};
use crate::ir::{Axes, Expr, Graph, Node, NodeId, Op, Term, broadcast};

/// The pass.
pub(super) fn accumulate_early(g: &Graph) -> Graph {
    let mut depths = Depths::default();
    rebuild(g, |new, node| match node.op {
        // Sums over samples are added in their own place.
        Op::Map { expr, args } if node.axes != Axes::SHARED => {
            depths.extend(new);
            let (expr, args) = early_first(new, expr, args, &mut depths);
            new.map_expr(expr, args, node.shape)
        }
        op => same(new, Node { op, ..node }),
    })
}

/// For each node the longest chain of steps before it that are not formulas.
#[derive(Default)]
struct Depths(Vec<usize>);

impl Depths {
    /// Adds the nodes that are new since the last call.
    fn extend(&mut self, g: &Graph) {
        for id in g.ids().skip(self.0.len()) {
            let own = usize::from(!matches!(g.node(id).op, Op::Map { .. } | Op::Reshape(_)));
            let before = g.operands(id).into_iter().map(|a| self.0[a.index()]).max();
            self.0.push(before.map_or(0, |depth| depth + own));
        }
    }

    fn of(&self, g: &Graph, e: Expr, args: &[NodeId]) -> usize {
        let depths = g
            .scalars
            .arguments(e)
            .into_iter()
            .map(|i| self.0[args[i].index()]);
        depths.max().unwrap_or(0)
    }
}

/// A formula and its arguments, in which the terms of a sum that are available before the last one have become a node.
fn early_first(
    g: &mut Graph,
    expr: Expr,
    mut args: Vec<NodeId>,
    depths: &mut Depths,
) -> (Expr, Vec<NodeId>) {
    let Term::Sum(k, terms) = g.scalars.term(expr).clone() else {
        return (expr, args);
    };
    let terms: Vec<(f64, Expr, usize)> = terms
        .iter()
        .map(|&(c, t)| (f64::from_bits(c), t, depths.of(g, t, &args)))
        .collect();
    let last = terms.iter().map(|t| t.2).max().unwrap_or(0);
    let (late, early): (Vec<_>, Vec<_>) = terms.into_iter().partition(|t| t.2 == last);
    if early.len() < 2 {
        return (expr, args);
    }
    let items: Vec<(f64, Expr)> = early.iter().map(|t| (t.0, t.1)).collect();
    let sum = g.scalars.linear(&items);
    let shape = g
        .scalars
        .arguments(sum)
        .iter()
        .fold(vec![], |s: Vec<usize>, &i| {
            broadcast(&s, g.shape(args[i])).expect("arguments of one map broadcast")
        });
    let (sum, inputs) = early_first(g, sum, args.clone(), depths);
    let node = g.map_expr(sum, inputs, shape);
    depths.extend(g);
    args.push(node);
    let mut items: Vec<(f64, Expr)> = late.iter().map(|t| (t.0, t.1)).collect();
    items.push((f64::from_bits(k), g.scalars.constant(1.0)));
    items.push((1.0, g.scalars.arg(args.len() - 1)));
    (g.scalars.linear(&items), args)
}
