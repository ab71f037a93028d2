//! Where values of a direction are known to vanish: the triangle that entry compression leaves.
//!
//! The columns of a lower triangular L are zero above the diagonal, and so is what formulas make of them unit by unit:
//! φ′(z)·L[:, t] vanishes in its first t features. Products with such a value skip that part of the sum, and sums over
//! samples that part of their result. The zeros are still stored, so a target may ignore all this.

use super::access::source;
use crate::ir::{Expr, Graph, NodeId, Op, Pool};

/// For each node its lag, if it has one: feature u of direction t vanishes where u + lag < t.
pub(super) fn lags(g: &Graph) -> Vec<Option<usize>> {
    let mut lags: Vec<Option<usize>> = vec![None; g.nodes.len()];
    let mut zeros = Zeros::new(g);
    for id in g.ids() {
        lags[id.index()] = match &g.node(id).op {
            Op::Columns(of) => rows_of_triangle(g, *of),
            Op::Reshape(of) => lags[of.index()],
            Op::Map { .. } => zeros.of_formula(id, &lags),
            _ => None,
        };
    }
    lags
}

/// The first row of a stretch of rows of a lower triangular matrix, if the value is one.
fn rows_of_triangle(g: &Graph, id: NodeId) -> Option<usize> {
    match g.node(source(g, id)).op {
        Op::LqLower(_) => Some(0),
        Op::Slice {
            of, axis: 0, start, ..
        } => matches!(g.node(source(g, of)).op, Op::LqLower(_)).then_some(start),
        _ => None,
    }
}

/// Formulas of a graph with zeros put in for some of their arguments.
pub(super) struct Zeros<'a> {
    pub(super) graph: &'a Graph,
    /// The graph's expressions and what comes of them: one copy serves all formulas.
    pool: Pool,
}

impl<'a> Zeros<'a> {
    pub(super) fn new(graph: &'a Graph) -> Zeros<'a> {
        Zeros {
            graph,
            pool: graph.scalars.clone(),
        }
    }

    /// A formula vanishes where it is zero once all its vanishing arguments of its own shape are.
    fn of_formula(&mut self, id: NodeId, lags: &[Option<usize>]) -> Option<usize> {
        let (lag, rest) = self.at_zero(id, lags)?;
        (self.pool.as_constant(rest) == Some(0.0)).then_some(lag)
    }

    /// The lag of the rows where a formula does not depend on one of its arguments, because others vanish.
    pub(super) fn where_independent(
        &mut self,
        formula: NodeId,
        of: NodeId,
        lags: &[Option<usize>],
    ) -> Option<usize> {
        let Op::Map { args, .. } = &self.graph.node(formula).op else {
            return None;
        };
        let (lag, rest) = self.at_zero(formula, lags)?;
        let left = self.pool.arguments(rest);
        left.iter().all(|&i| args[i] != of).then_some(lag)
    }

    /// A formula once all its vanishing arguments of its own shape are zero, and the lag of where they are.
    fn at_zero(&mut self, id: NodeId, lags: &[Option<usize>]) -> Option<(usize, Expr)> {
        let g = self.graph;
        let Op::Map { expr, args } = &g.node(id).op else {
            return None;
        };
        let own = |a: NodeId| lags[a.index()].filter(|_| g.shape(a) == g.shape(id));
        // The lags of all of them hold where the greatest does.
        let lag = args.iter().filter_map(|&a| own(a)).max()?;
        let values: Vec<_> = (0..args.len())
            .map(|i| match own(args[i]) {
                Some(_) => self.pool.constant(0.0),
                None => self.pool.arg(i),
            })
            .collect();
        let rest = self.pool.substitute(*expr, &values);
        Some((lag, rest))
    }
}
