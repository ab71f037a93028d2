//! Formulas with fewer operations: [`Pool::factored`](crate::ir::Pool::factored) for every map.

use super::rebuild::{rebuild, same};
use crate::ir::{Graph, Node, Op};

/// The pass. It runs when calls are nodes of their own, so that formulas are polynomials in stored values.
pub(super) fn factor_formulas(g: &Graph) -> Graph {
    rebuild(g, |new, node| match node.op {
        Op::Map { expr, args } => {
            let ranks: Vec<u32> = args.iter().map(|a| a.0).collect();
            let expr = new.scalars.factored(expr, &ranks);
            new.map_expr(expr, args, node.shape)
        }
        op => same(new, Node { op, ..node }),
    })
}
