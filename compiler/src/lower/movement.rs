//! Data movement: copies by index map, sums by index map, maxima along an axis.

use super::lowering::Lowering;
use super::{IndexMap, Operand, View};
use crate::ir::NodeId;

/// Entries that are moved within an array's features, for every sample and direction that the result varies over.
#[derive(Clone, PartialEq, Debug)]
pub enum Movement {
    /// Blocks of consecutive entries: a slice, zero padding, a concatenation.
    Blocks {
        /// The result.
        to: View,
        /// Whether entries that no block covers are set to zero; otherwise the blocks cover all.
        zeros: bool,
        /// The blocks.
        blocks: Vec<Block>,
    },
    /// `to[i, j, r] = from[i, map[j], r]`.
    Gather(Indexed),
    /// `to = 0`, then `to[i, map[j], r] += from[i, j, r]`, j in order.
    Scatter(Indexed),
    /// The largest entry along an axis, or the entry of another array there.
    Maximum(Maximum),
}

/// `to[i·to_step + to_start + r] = from[i·from_step + from_start + r]` for i < count, r < run.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// The array that is read.
    pub from: Operand,
    /// How often.
    pub count: usize,
    /// Entries that follow each other.
    pub run: usize,
    /// From one run of the source to the next.
    pub from_step: usize,
    /// The first entry of the source.
    pub from_start: usize,
    /// From one run of the result to the next.
    pub to_step: usize,
    /// The first entry of the result.
    pub to_start: usize,
}

/// Runs of entries that an index map moves along one axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Indexed {
    /// The array that is read.
    pub from: Operand,
    /// The result.
    pub to: View,
    /// Entries before the axis.
    pub outer: usize,
    /// The indices along the axis on the mapped side: the source of a gather, the result of a scatter.
    pub map: IndexMap,
    /// Entries of the axis on the mapped side.
    pub mapped: usize,
    /// Entries behind the axis.
    pub run: usize,
}

/// `to[i, r] = values[i, k, r]` with the first k for which `of[i, k, r]` is largest.
#[derive(Clone, PartialEq, Debug)]
pub struct Maximum {
    /// What is compared.
    pub of: Operand,
    /// What is read, if it is another array.
    pub values: Option<Operand>,
    /// The result.
    pub to: View,
    /// Entries before the axis.
    pub outer: usize,
    /// Entries along the axis.
    pub len: usize,
    /// Entries behind the axis.
    pub run: usize,
}

impl Movement {
    /// The result.
    pub fn to(&self) -> View {
        match self {
            Movement::Blocks { to, .. } => *to,
            Movement::Gather(indexed) | Movement::Scatter(indexed) => indexed.to,
            Movement::Maximum(maximum) => maximum.to,
        }
    }

    /// The arrays that are read.
    pub fn sources(&self) -> Vec<Operand> {
        match self {
            Movement::Blocks { blocks, .. } => blocks.iter().map(|block| block.from).collect(),
            Movement::Gather(indexed) | Movement::Scatter(indexed) => vec![indexed.from],
            Movement::Maximum(maximum) => [maximum.of].into_iter().chain(maximum.values).collect(),
        }
    }
}

/// A shape around one axis: entries before, along and behind it.
fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (
        shape[..axis].iter().product(),
        shape[axis],
        shape[axis + 1..].iter().product(),
    )
}

impl Lowering<'_> {
    /// `len` entries of an axis from `start` on.
    pub(super) fn slice(&self, id: NodeId, of: NodeId, axis: usize, start: usize) -> Movement {
        let g = &self.plan.graph;
        let (count, len, run) = around(g.shape(id), axis);
        let full = g.shape(of)[axis];
        Movement::Blocks {
            to: self.view(id),
            zeros: false,
            blocks: vec![Block {
                from: self.operand(of),
                count,
                run: len * run,
                from_step: full * run,
                from_start: start * run,
                to_step: len * run,
                to_start: 0,
            }],
        }
    }

    /// Zeros before and after along an axis.
    pub(super) fn pad(&self, id: NodeId, of: NodeId, axis: usize, before: usize) -> Movement {
        let g = &self.plan.graph;
        let (count, len, run) = around(g.shape(of), axis);
        Movement::Blocks {
            to: self.view(id),
            zeros: true,
            blocks: vec![Block {
                from: self.operand(of),
                count,
                run: len * run,
                from_step: len * run,
                from_start: 0,
                to_step: g.shape(id)[axis] * run,
                to_start: before * run,
            }],
        }
    }

    /// Parts one after another along an axis.
    pub(super) fn concat(&self, id: NodeId, parts: &[NodeId], axis: usize) -> Movement {
        let g = &self.plan.graph;
        let (count, full, run) = around(g.shape(id), axis);
        let mut start = 0;
        let blocks = parts.iter().map(|&part| {
            let len = g.shape(part)[axis] * run;
            let block = Block {
                from: self.operand(part),
                count,
                run: len,
                from_step: len,
                from_start: 0,
                to_step: full * run,
                to_start: start,
            };
            start += len;
            block
        });
        Movement::Blocks {
            blocks: blocks.collect(),
            to: self.view(id),
            zeros: false,
        }
    }

    /// A gather or scatter; `mapped` is the shape that the indices point into.
    pub(super) fn indexed(
        &self,
        id: NodeId,
        of: NodeId,
        axis: usize,
        indices: &[usize],
        mapped: &[usize],
    ) -> Indexed {
        let (outer, mapped, run) = around(mapped, axis);
        Indexed {
            from: self.operand(of),
            to: self.view(id),
            outer,
            map: IndexMap::new(indices),
            mapped,
            run,
        }
    }

    /// The entry of `values` where `of` is largest along an axis.
    pub(super) fn maximum(&self, id: NodeId, of: NodeId, values: NodeId, axis: usize) -> Maximum {
        let (outer, len, run) = around(self.plan.graph.shape(of), axis);
        Maximum {
            of: self.operand(of),
            values: (values != of).then(|| self.operand(values)),
            to: self.view(id),
            outer,
            len,
            run,
        }
    }
}
