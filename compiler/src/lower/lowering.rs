//! From a plan to statements: every value becomes a range of a buffer.

use super::buffers::{Place, Placement};
use super::program::Inputs;
use super::transposes::TransposedCopies;
use super::{
    BatchStatement, Buffer, Defer, DeferredGemm, Deliver, Fill, Lowered, Lq, LqGradient, Movement,
    Operand, Output, ReduceToColumns, SampleResult, Target, TileFactor, TileStatement, View,
};
use crate::ir::{Axes, Input, NodeId, Op};
use crate::plan::{Outcome, Phase, Plan, Step, Stream};

/// The inputs of lowering a statement.
pub(super) struct Lowering<'a> {
    pub(super) plan: &'a Plan,
    pub(super) placement: Placement,
    pub(super) transposes: TransposedCopies,
}

/// The lowered form of a plan.
///
/// # Panics
///
/// The plan reads a value that is stored nowhere, or has a step in a phase that cannot execute it.
pub fn lower(plan: &Plan, target: &Target) -> Lowered {
    let placement = Placement::new(plan, target);
    let lowering = Lowering {
        transposes: TransposedCopies::new(plan, &placement, target),
        plan,
        placement,
    };
    let g = &plan.graph;
    let placement = &lowering.placement;
    let mut prologue = lowering.batch_statements(Phase::Prologue);
    let copies = lowering.transposes.statements(&lowering);
    prologue.extend(copies.into_iter().map(BatchStatement::Transpose));
    let mut epilogue = lowering.batch_statements(Phase::Epilogue);
    epilogue.extend(lowering.deliveries());
    let mut lowered = Lowered {
        dim: g.dim(),
        params: placement.offsets[placement.offsets.len() - 1],
        shared: lowering.transposes.shared,
        sums: placement.sums,
        sample_rows: placement.sample_rows,
        chunk_rows: placement.chunk_rows,
        chunk: 1,
        panels: (target.cache / placement.sample_rows.max(1)).clamp(1, target.panels),
        stream: plan.stream,
        inputs: Inputs {
            x: plan.uses(Input::X),
            v: plan.uses(Input::V),
            omega: plan.uses(Input::Omega),
        },
        outputs: lowering.outputs(),
        deferred: lowering.deferred(),
        triangle: lowering.triangle(),
        prologue,
        samples: lowering.tile_statements(Phase::Samples),
        stream_body: lowering.tile_statements(Phase::Stream),
        finish: lowering.tile_statements(Phase::Finish),
        epilogue,
        scalars: g.scalars.clone(),
    };
    lowered.chunk = chunk(&lowered, target);
    debug_assert_eq!(super::verify(&lowered), Ok(()));
    lowered
}

/// The most directions times panels of a chunk: its scratch and the per-sample scratch that it touches must fit the
/// cache.
fn chunk(lowered: &Lowered, target: &Target) -> usize {
    let reads = lowered.direction_reads().into_iter();
    let touched: usize = reads.chain(lowered.direction_sums()).map(|of| of.1).sum();
    let space = target.cache.saturating_sub(touched * lowered.panels);
    match lowered.stream {
        Stream::None => 1,
        Stream::Exact(_) | Stream::Given => {
            (space / lowered.chunk_rows.max(1)).clamp(1, target.chunk)
        }
    }
}

impl Lowering<'_> {
    /// The range of a stored value.
    pub(super) fn view(&self, id: NodeId) -> View {
        match self.operand(id) {
            Operand::View(view) => view,
            Operand::Constant { value, .. } => {
                panic!("%{} is the number {value}, where an array is needed", id.0)
            }
        }
    }

    /// A value as an operand.
    pub(super) fn operand(&self, id: NodeId) -> Operand {
        let node = self.plan.graph.node(id);
        let (buffer, offset) = match *self.placement.of(id) {
            Place::Constant(value) => return Operand::Constant { label: id.0, value },
            Place::Param(at) => (Buffer::Params, at),
            Place::Shared(at) => (Buffer::Shared, at),
            Place::Acc(at) => (Buffer::Sums, at),
            Place::Sample(at) => (Buffer::Samples, at),
            Place::Tangent(at) => (Buffer::Chunk, at),
            Place::Input(Input::X) => (Buffer::X, 0),
            Place::Input(Input::V) => (Buffer::V, 0),
            Place::Input(Input::Omega) => (Buffer::Omega, 0),
            ref place @ (Place::Input(Input::Weight | Input::Sigma | Input::Directions)
            | Place::Fused
            | Place::ExpandColumns(_)
            | Place::UnitDirections) => panic!("%{} is no array but {place:?}", id.0),
        };
        Operand::View(View {
            label: id.0,
            buffer,
            offset,
            len: node.len(),
            axes: node.axes,
        })
    }

    fn tile_statements(&self, phase: Phase) -> Vec<TileStatement> {
        let steps = self.plan.steps(phase).iter();
        steps.map(|step| self.tile_statement(step, phase)).collect()
    }

    fn tile_statement(&self, step: &Step, phase: Phase) -> TileStatement {
        match step {
            Step::Loop(l) => TileStatement::Loop(self.nest(l)),
            Step::Gemm(p) => TileStatement::Gemm(self.gemm(p)),
            Step::RankK(o) => TileStatement::RankK(self.rank_k(o)),
            Step::Contract(id) => {
                let (operands, out) = self.labels(*id);
                match self.sample_sum(*id, operands, out) {
                    Some(sum) => TileStatement::SampleSum(sum),
                    None => TileStatement::Contraction(self.contraction(*id, operands, out)),
                }
            }
            Step::Movement(id) => TileStatement::Movement(self.movement(*id)),
            Step::Directions(id) => TileStatement::Directions(self.view(*id)),
            Step::Zero(id) => TileStatement::Zero(self.view(*id)),
            Step::ReduceToColumns(id) => {
                let [from] = self.plan.graph.operands(*id)[..] else {
                    panic!("%{} reduces one value to columns", id.0)
                };
                TileStatement::ReduceToColumns(ReduceToColumns {
                    from: self.view(from),
                    to: self.view(*id),
                    columns: self.plan.graph.shape(*id).last().copied().unwrap_or(1),
                })
            }
            Step::Defer { update, index } => TileStatement::Defer(Defer {
                update: self.rank_k(update),
                index: *index,
                with: self.plan.deferred[*index].with,
            }),
            Step::Output(i) => TileStatement::Result(self.result(*i, phase)),
            Step::Lq { .. } | Step::LqGradient(_) | Step::Fill(_) => {
                panic!("{step:?} is batch-independent and stands in {phase:?}")
            }
        }
    }

    fn batch_statements(&self, phase: Phase) -> Vec<BatchStatement> {
        let steps = self.plan.steps(phase).iter();
        steps
            .map(|step| self.batch_statement(step, phase))
            .collect()
    }

    fn batch_statement(&self, step: &Step, phase: Phase) -> BatchStatement {
        match step {
            Step::Loop(l) => BatchStatement::Loop(self.nest(l)),
            Step::Contract(id) => {
                let (operands, out) = self.labels(*id);
                BatchStatement::Contraction(self.contraction(*id, operands, out))
            }
            Step::Movement(id) => BatchStatement::Movement(self.movement(*id)),
            Step::Lq {
                of,
                lower,
                orthonormal,
            } => BatchStatement::Lq(Lq {
                of: self.view(*of),
                shape: self.matrix_shape(*of),
                lower: lower.map(|id| self.view(id)),
                orthonormal: orthonormal.map(|id| self.view(id)),
            }),
            Step::LqGradient(id) => {
                let [lower, gradient] = self.plan.graph.operands(*id)[..] else {
                    panic!("%{} completes one gradient of one factor", id.0)
                };
                BatchStatement::LqGradient(LqGradient {
                    lower: self.view(lower),
                    gradient: self.view(gradient),
                    to: self.view(*id),
                    shape: self.matrix_shape(*id),
                })
            }
            Step::Fill(id) => {
                let Op::Const(bits) = &self.plan.graph.node(*id).op else {
                    panic!("%{} is no constant array", id.0)
                };
                BatchStatement::Fill(Fill {
                    to: self.view(*id),
                    values: bits.iter().map(|&b| f64::from_bits(b)).collect(),
                })
            }
            Step::Gemm(_)
            | Step::RankK(_)
            | Step::Directions(_)
            | Step::ReduceToColumns(_)
            | Step::Defer { .. }
            | Step::Zero(_)
            | Step::Output(_) => panic!("{step:?} runs in tiles and stands in {phase:?}"),
        }
    }

    /// Copies of results that are computed elsewhere to where the caller expects them.
    fn deliveries(&self) -> impl Iterator<Item = BatchStatement> {
        let deliveries = self.placement.deliveries.iter();
        deliveries.map(|&(id, offset)| {
            let from = self.operand(id);
            BatchStatement::Deliver(Deliver {
                from,
                to: View {
                    label: from.label(),
                    buffer: Buffer::Sums,
                    offset,
                    len: from.len(),
                    axes: Axes::SHARED,
                },
            })
        })
    }

    /// Operands with their labels, and the labels of the result.
    fn labels(&self, id: NodeId) -> (&[(NodeId, Vec<u8>)], &[u8]) {
        match &self.plan.graph.node(id).op {
            Op::Contract { operands, out } => (operands, out),
            op => panic!("%{} is no contraction but {op:?}", id.0),
        }
    }

    fn movement(&self, id: NodeId) -> Movement {
        let g = &self.plan.graph;
        match &g.node(id).op {
            Op::Slice { of, axis, start } => self.slice(id, *of, *axis, *start),
            Op::Pad { of, axis, before } => self.pad(id, *of, *axis, *before),
            Op::Concat { parts, axis } => self.concat(id, parts, *axis),
            Op::Gather { of, axis, indices } => {
                Movement::Gather(self.indexed(id, *of, *axis, indices, g.shape(*of)))
            }
            Op::Scatter { of, axis, indices } => {
                Movement::Scatter(self.indexed(id, *of, *axis, indices, g.shape(id)))
            }
            Op::AtMax { of, values, axis } => {
                Movement::Maximum(self.maximum(id, *of, *values, *axis))
            }
            op @ (Op::Param(_)
            | Op::Input(_)
            | Op::Const(_)
            | Op::Contract { .. }
            | Op::Map { .. }
            | Op::Reshape(_)
            | Op::UnitDirections
            | Op::ExpandColumns(_)
            | Op::ReduceToColumns(_)
            | Op::LqLower(_)
            | Op::LqOrthonormal(_)
            | Op::LqGradient { .. }) => panic!("%{} moves no entries: {op:?}", id.0),
        }
    }

    fn matrix_shape(&self, id: NodeId) -> [usize; 2] {
        let shape = self.plan.graph.shape(id);
        shape.try_into().expect("factors are of matrices")
    }

    fn result(&self, i: usize, phase: Phase) -> SampleResult {
        let g = &self.plan.graph;
        let (name, id) = &g.outputs[i];
        let before = g.outputs[..i].iter();
        let of_samples = before.filter(|o| Outcome::of(&o.0) == Outcome::Sample);
        SampleResult {
            name: name.clone(),
            from: self.operand(*id),
            row: of_samples.map(|o| g.node(o.1).len()).sum(),
            per_direction: phase == Phase::Stream,
        }
    }

    fn outputs(&self) -> Vec<Output> {
        let g = &self.plan.graph;
        let offsets = &self.placement.offsets;
        let sums = |id: NodeId, offset: usize| View {
            label: id.0,
            buffer: Buffer::Sums,
            offset,
            len: g.node(id).len(),
            axes: Axes::SHARED,
        };
        let outputs = g.outputs.iter().map(|(name, id)| match Outcome::of(name) {
            Outcome::Loss => Output::Loss(sums(*id, offsets[offsets.len() - 1])),
            Outcome::Gradient(i) => Output::Gradient(i, sums(*id, offsets[i])),
            Outcome::Sample => Output::Sample {
                name: name.clone(),
                rows: g.node(*id).len(),
            },
        });
        outputs.collect()
    }

    fn deferred(&self) -> Vec<DeferredGemm> {
        let deferred = self.plan.deferred.iter().map(|d| DeferredGemm {
            to: self.view(d.node),
            rows: d.rows,
            with: d.with,
        });
        deferred.collect()
    }

    /// The factor that tells, at run time, whether the stream may leave out the dead triangle.
    fn triangle(&self) -> Option<TileFactor> {
        let leaves_out = |step: &Step| matches!(step, Step::Gemm(p) if p.dead.is_some());
        if !self.plan.steps(Phase::Stream).iter().any(leaves_out) {
            return None;
        }
        let g = &self.plan.graph;
        let lower = g
            .ids()
            .find(|&id| matches!(g.node(id).op, Op::LqLower(_)))?;
        Some(TileFactor {
            view: self.view(lower),
            shape: self.matrix_shape(lower),
        })
    }
}
