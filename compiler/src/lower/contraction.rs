//! Contractions that no GEMM computes: sums of products over named indices.

use super::lowering::Lowering;
use super::{Operand, SampleSum, View};
use crate::ir::{Axes, Label, NodeId};
use crate::plan::strides;

/// `to[kept] = Σ over summed of Π factors`, one statement of a loop nest over named indices.
///
/// It also sums over what the factors vary over and the result does not. Such sums are added to what `to` holds; others
/// replace it.
#[derive(Clone, PartialEq, Debug)]
pub struct Contraction {
    /// The result.
    pub to: View,
    /// How the result is indexed.
    pub subscripts: Vec<Subscript>,
    /// The first factor.
    pub left: Factor,
    /// The second, if there is one.
    pub right: Option<Factor>,
    /// Indices of the result.
    pub kept: Vec<IndexAxis>,
    /// Indices that are summed over, outermost first.
    pub summed: Vec<IndexAxis>,
}

/// A factor of a [`Contraction`].
#[derive(Clone, PartialEq, Debug)]
pub struct Factor {
    /// The array.
    pub operand: Operand,
    /// How it is indexed.
    pub subscripts: Vec<Subscript>,
}

/// A named index and its stride in one array.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subscript {
    /// Which index.
    pub label: Label,
    /// Its stride.
    pub stride: usize,
}

/// A named index and how many values it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IndexAxis {
    /// The name.
    pub label: Label,
    /// The number of values.
    pub size: usize,
}

impl Contraction {
    /// The factors in order.
    pub fn factors(&self) -> impl Iterator<Item = &Factor> {
        [&self.left].into_iter().chain(&self.right)
    }

    /// What the factors vary over together.
    pub fn factor_axes(&self) -> Axes {
        let axes = self.factors().map(|factor| factor.operand.axes());
        axes.fold(Axes::SHARED, Axes::union)
    }

    /// Whether the sums are added to what the result holds.
    pub fn accumulates(&self) -> bool {
        self.factor_axes() != self.to.axes
    }

    /// Entries of the result.
    pub fn entries(&self) -> usize {
        self.kept.iter().map(|axis| axis.size).product()
    }

    /// Terms of an entry, for one sample and direction.
    pub fn terms(&self) -> usize {
        self.summed.iter().map(|axis| axis.size).product()
    }

    /// The size of an index.
    pub fn size(&self, label: Label) -> Option<usize> {
        let axes = self.kept.iter().chain(&self.summed);
        axes.filter(|axis| axis.label == label)
            .map(|axis| axis.size)
            .next()
    }
}

/// The stride of an index in an array; 0 where the array does not have it.
pub fn stride_of(subscripts: &[Subscript], label: Label) -> usize {
    let found = subscripts.iter().find(|s| s.label == label);
    found.map_or(0, |s| s.stride)
}

impl Lowering<'_> {
    /// The contraction with these operands and result labels.
    pub(super) fn contraction(
        &self,
        id: NodeId,
        operands: &[(NodeId, Vec<Label>)],
        out: &[Label],
    ) -> Contraction {
        let g = &self.plan.graph;
        let subscripts = |id: NodeId, labels: &[Label]| -> Vec<Subscript> {
            let of_labels = labels.iter().zip(strides(g.shape(id)));
            of_labels
                .map(|(&label, stride)| Subscript { label, stride })
                .collect()
        };
        let sized = |id: NodeId, labels: &[Label]| -> Vec<IndexAxis> {
            let of_labels = labels.iter().zip(g.shape(id));
            of_labels
                .map(|(&label, &size)| IndexAxis { label, size })
                .collect()
        };
        let mut summed: Vec<IndexAxis> = Vec::new();
        for (a, labels) in operands {
            for axis in sized(*a, labels) {
                if !out.contains(&axis.label) && !summed.contains(&axis) {
                    summed.push(axis);
                }
            }
        }
        let factor = |(a, labels): &(NodeId, Vec<Label>)| Factor {
            operand: self.operand(*a),
            subscripts: subscripts(*a, labels),
        };
        let (left, right) = match operands {
            [left] => (left, None),
            [left, right] => (left, Some(right)),
            _ => panic!("%{} has {} factors", id.0, operands.len()),
        };
        Contraction {
            to: self.view(id),
            subscripts: subscripts(id, out),
            left: factor(left),
            right: right.map(factor),
            kept: sized(id, out),
            summed,
        }
    }

    /// A sum over samples (and directions) of every feature, if the contraction is that.
    pub(super) fn sample_sum(
        &self,
        id: NodeId,
        operands: &[(NodeId, Vec<Label>)],
        out: &[Label],
    ) -> Option<SampleSum> {
        let [(a, labels)] = operands else { return None };
        let sums = self.plan.graph.axes(id) == Axes::SHARED && labels == out;
        sums.then(|| SampleSum {
            from: self.view(*a),
            to: self.view(id),
        })
    }
}
