//! Which products read a transposed copy of their matrix.

use super::buffers::{Place, Placement};
use super::lowering::Lowering;
use super::{Buffer, Target, Transpose, View};
use crate::ir::{Axes, NodeId};
use crate::plan::{Gemm, Phase, Plan, Step};

/// The copies that a program makes, behind its other batch-independent values.
pub(super) struct TransposedCopies {
    copies: Vec<Copy>,
    /// Scalars of batch-independent values, the copies included.
    pub(super) shared: usize,
}

/// The transpose of a dense \[k, m\] matrix.
struct Copy {
    matrix: NodeId,
    k: usize,
    m: usize,
    offset: usize,
}

impl TransposedCopies {
    /// The copies that pay. Programs without sums make none: they may run for a single sample, for which a copy takes
    /// longer than all of its products.
    pub(super) fn new(plan: &Plan, placement: &Placement, target: &Target) -> TransposedCopies {
        let mut copies = TransposedCopies {
            copies: Vec::new(),
            shared: placement.shared,
        };
        let Some(rule) = target.transposes.filter(|_| placement.sums > 0) else {
            return copies;
        };
        let phases = [Phase::Samples, Phase::Stream, Phase::Finish];
        for step in phases.iter().flat_map(|&phase| plan.steps(phase)) {
            let Step::Gemm(p) = step else { continue };
            let stored = matches!(placement.of(p.matrix), Place::Param(_) | Place::Shared(_));
            let whole = p.m * p.k == plan.graph.node(p.matrix).len();
            let pays = p.m >= rule.columns && p.k >= rule.rows;
            if stored && by_columns(p) && whole && pays && copies.find(p).is_none() {
                copies.copies.push(Copy {
                    matrix: p.matrix,
                    k: p.k,
                    m: p.m,
                    offset: copies.shared,
                });
                copies.shared += p.m * p.k;
            }
        }
        copies
    }

    /// The copy that a product reads.
    pub(super) fn find(&self, p: &Gemm) -> Option<View> {
        let same = |copy: &&Copy| (copy.matrix, copy.k, copy.m) == (p.matrix, p.k, p.m);
        let copy = self.copies.iter().find(same).filter(|_| by_columns(p));
        copy.map(Copy::view)
    }

    /// The statements that make them, to follow all that they may copy.
    pub(super) fn statements(&self, lowering: &Lowering<'_>) -> Vec<Transpose> {
        let statements = self.copies.iter().map(|copy| Transpose {
            from: lowering.view(copy.matrix),
            to: copy.view(),
            k: copy.k,
            m: copy.m,
        });
        statements.collect()
    }
}

impl Copy {
    fn view(&self) -> View {
        View {
            label: self.matrix.0,
            buffer: Buffer::Shared,
            offset: self.offset,
            len: self.k * self.m,
            axes: Axes::SHARED,
        }
    }
}

/// Whether a product reads a dense matrix by its columns.
fn by_columns(p: &Gemm) -> bool {
    (p.matrix_row, p.matrix_col) == (1, p.m)
}
