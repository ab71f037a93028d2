//! Where values of a direction are known to vanish: the triangle that entry compression leaves.
//!
//! The columns of a lower triangular L are zero above the diagonal, and so is what formulas make of them unit by unit:
//! φ′(z)·L[:, t] vanishes in its first t features. Products with such a value skip that part of the sum, and sums over
//! samples that part of their result. The zeros are still stored, so a target may ignore all this.

use super::access::source;
use crate::ir::{Expr, Graph, NodeId, Op, Pool};

/// For each node the diagonal offset of its structural zeros, if it has any: feature u of direction t is zero where u +
/// offset < t.
pub(super) fn diagonal_offsets(g: &Graph) -> Vec<Option<usize>> {
    let mut diagonal_offsets: Vec<Option<usize>> = vec![None; g.nodes.len()];
    let mut zeros = Zeros::new(g);
    for id in g.ids() {
        diagonal_offsets[id.index()] = match &g.node(id).op {
            Op::ExpandColumns(of) => rows_of_triangle(g, *of),
            Op::Reshape(of) => diagonal_offsets[of.index()],
            Op::Map { .. } => zeros.of_formula(id, &diagonal_offsets),
            _ => None,
        };
    }
    diagonal_offsets
}

/// The first row of a range of rows of a lower triangular matrix, if the value is one.
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

    /// The offset of a formula: where it is zero once all its arguments of its own shape with structural zeros are.
    fn of_formula(&mut self, id: NodeId, diagonal_offsets: &[Option<usize>]) -> Option<usize> {
        let (diagonal_offset, rest) = self.at_zero(id, diagonal_offsets)?;
        (self.pool.as_constant(rest) == Some(0.0)).then_some(diagonal_offset)
    }

    /// The diagonal offset of the rows where a formula does not depend on one of its arguments, because others are
    /// zero.
    pub(super) fn where_independent(
        &mut self,
        formula: NodeId,
        of: NodeId,
        diagonal_offsets: &[Option<usize>],
    ) -> Option<usize> {
        let Op::Map { args, .. } = &self.graph.node(formula).op else {
            return None;
        };
        let (diagonal_offset, rest) = self.at_zero(formula, diagonal_offsets)?;
        let left = self.pool.arguments(rest);
        left.iter()
            .all(|&i| args[i] != of)
            .then_some(diagonal_offset)
    }

    /// A formula once all its arguments of its own shape with structural zeros are zero, and the diagonal offset of
    /// those zeros.
    fn at_zero(&mut self, id: NodeId, diagonal_offsets: &[Option<usize>]) -> Option<(usize, Expr)> {
        let g = self.graph;
        let Op::Map { expr, args } = &g.node(id).op else {
            return None;
        };
        let own = |a: NodeId| diagonal_offsets[a.index()].filter(|_| g.shape(a) == g.shape(id));
        // The diagonal offsets of all of them hold where the greatest does.
        let diagonal_offset = args.iter().filter_map(|&a| own(a)).max()?;
        let values: Vec<_> = (0..args.len())
            .map(|i| match own(args[i]) {
                Some(_) => self.pool.constant(0.0),
                None => self.pool.arg(i),
            })
            .collect();
        let rest = self.pool.substitute(*expr, &values);
        Some((diagonal_offset, rest))
    }
}
