//! The steps of a program, and which values each reads and writes.

use super::{Gemm, RankK};
use crate::ir::{Axes, Expr, Graph, NodeId};
use rustc_hash::FxHashSet as HashSet;
use std::collections::BTreeMap;

/// One unit of work.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// Elementwise formulas over one shape, computed together.
    Loop(Loop),
    /// y = W x with a shared W.
    Gemm(Gemm),
    /// Accumulates Σ a ⊗ b over samples, and directions if the operands have them.
    RankK(RankK),
    /// Any other contraction, loop by loop.
    Contract(NodeId),
    /// Slice, pad, concat, gather, scatter, maximum: entries moved.
    Movement(NodeId),
    /// Fills directions t0.. of the chunk.
    Directions(NodeId),
    /// Accumulates per-tangent values into a shared [.., r].
    ReduceToColumns(NodeId),
    /// Hands the left operand to the caller, which computes the product over the whole batch.
    Defer {
        /// The product with x, or with the directions of the chunk.
        update: RankK,
        /// Which of the deferred products it is.
        index: usize,
    },
    /// Sets an accumulator over directions to zero.
    Zero(NodeId),
    /// Both factors of a shared matrix.
    Lq {
        /// The matrix.
        of: NodeId,
        /// L, if it is needed.
        lower: Option<NodeId>,
        /// Q, if it is needed.
        orthonormal: Option<NodeId>,
    },
    /// The gradient of L, what tiles have left out of it put in.
    LqGradient(NodeId),
    /// A constant array.
    Fill(NodeId),
    /// Writes the output with that index.
    Output(usize),
}

impl Step {
    /// Values that the step reads, some of them through reshapes.
    pub(crate) fn reads(&self, g: &Graph) -> Vec<NodeId> {
        match self {
            Step::Loop(l) => {
                let own: HashSet<NodeId> = l.formulas.iter().map(|f| f.0).collect();
                l.values
                    .values()
                    .copied()
                    .filter(|v| !own.contains(v))
                    .collect()
            }
            Step::Gemm(p) => vec![p.matrix, p.x],
            Step::RankK(update) | Step::Defer { update, .. } => {
                update.pairs.iter().flat_map(|&(a, b)| [a, b]).collect()
            }
            Step::Contract(id)
            | Step::Movement(id)
            | Step::ReduceToColumns(id)
            | Step::LqGradient(id) => g.operands(*id),
            Step::Lq { of, .. } => vec![*of],
            Step::Output(i) => vec![g.outputs[*i].1],
            Step::Directions(_) | Step::Zero(_) | Step::Fill(_) => vec![],
        }
    }

    /// Values that the step stores.
    pub(crate) fn writes(&self) -> Vec<NodeId> {
        match self {
            Step::Loop(l) => l
                .stores
                .iter()
                .copied()
                .chain(l.sums.iter().map(|s| s.0))
                .collect(),
            Step::Gemm(p) => vec![p.node],
            Step::RankK(update) | Step::Defer { update, .. } => vec![update.node],
            Step::Contract(id)
            | Step::Movement(id)
            | Step::ReduceToColumns(id)
            | Step::Directions(id)
            | Step::LqGradient(id) => vec![*id],
            Step::Zero(id) | Step::Fill(id) => vec![*id],
            Step::Lq {
                lower, orthonormal, ..
            } => lower.iter().chain(orthonormal).copied().collect(),
            Step::Output(_) => vec![],
        }
    }
}

/// A fused elementwise loop.
#[derive(Clone, PartialEq, Debug)]
pub struct Loop {
    /// Feature shape that it runs over.
    pub shape: Vec<usize>,
    /// What it runs over beside the shape.
    pub axes: Axes,
    /// Formulas in order: (node, expression over `values`).
    pub formulas: Vec<(NodeId, Expr)>,
    /// Argument i of the expressions is `values[&i]`: an earlier formula of the loop, or a value read.
    pub values: BTreeMap<usize, NodeId>,
    /// Which formulas are stored.
    pub stores: Vec<NodeId>,
    /// Sums over directions: (accumulator, formula).
    pub sums: Vec<(NodeId, Expr)>,
}
