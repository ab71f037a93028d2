//! Sums over samples that are added up share one accumulator: every product that contributes to dW adds to it.

use super::contraction::deferred;
use crate::ir::{Axes, Graph, NodeId, Op, Term};
use rustc_hash::FxHashSet as HashSet;

/// Finds reductions that a shared formula only adds. In the graph that comes back, every one but the first has the
/// first as its accumulator, and the formula reads that one alone.
pub(super) fn merge(g: &Graph) -> Graph {
    let mut g = g.clone();
    let mut uses: Vec<usize> = g.readers().iter().map(Vec::len).collect();
    for (_, id) in &g.outputs {
        uses[id.index()] += 1;
    }
    for id in g.ids() {
        let Op::Map { expr, args } = g.node(id).op.clone() else {
            continue;
        };
        if g.axes(id) != Axes::SHARED {
            continue;
        }
        let Term::Sum(_, terms) = g.scalars.term(expr).clone() else {
            continue;
        };
        // What tiles add to one accumulator, and what is added to another once they are done.
        let (deferred, tiled): (Vec<NodeId>, Vec<NodeId>) = terms
            .iter()
            .filter(|t| f64::from_bits(t.0) == 1.0)
            .filter_map(|t| g.scalars.as_arg(t.1))
            .map(|i| args[i])
            .filter(|&a| is_reduction(&g, a) && g.shape(a) == g.shape(id) && uses[a.index()] == 1)
            .partition(|&a| deferred(&g, a).is_some());
        let mut others: HashSet<NodeId> = HashSet::default();
        for members in [tiled, deferred] {
            let Some((&leader, rest)) = members.split_first() else {
                continue;
            };
            for &other in rest {
                g.accumulators.insert(other, leader);
                others.insert(other);
            }
        }
        if others.is_empty() {
            continue;
        }
        let zero = g.scalars.constant(0.0);
        let values: Vec<_> = (0..args.len())
            .map(|i| {
                if others.contains(&args[i]) {
                    zero
                } else {
                    g.scalars.arg(i)
                }
            })
            .collect();
        let rest = g.scalars.substitute(expr, &values);
        let kept: Vec<usize> = g.scalars.arguments(rest);
        let mut renamed = vec![zero; args.len()];
        for (k, &i) in kept.iter().enumerate() {
            renamed[i] = g.scalars.arg(k);
        }
        let rest = g.scalars.substitute(rest, &renamed);
        let args: Vec<NodeId> = kept.iter().map(|&i| args[i]).collect();
        let op = if g.scalars.as_arg(rest).is_some() {
            Op::Reshape(args[0])
        } else {
            Op::Map { expr: rest, args }
        };
        g.nodes[id.index()].op = op;
    }
    g
}

/// Whether a node sums over samples.
pub(crate) fn is_reduction(g: &Graph, id: NodeId) -> bool {
    g.axes(id) == Axes::SHARED && g.operands(id).iter().any(|&a| g.axes(a).sample)
}
