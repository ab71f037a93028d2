//! From a graph to a schedule: phases, fused loops, and contractions mapped onto kernels.
//!
//! A step of a program runs in five [`Phase`]s. Nothing here knows a target: loops and products are stated over
//! samples, directions and features, and an emitter decides what a panel of them is.

mod access;
mod accumulate;
mod contraction;
mod dead_triangle;
mod divide;
mod loop_fusion;
mod outcome;
mod phase;
mod print;
mod step;
mod structural_zeros;

pub(crate) use access::source;
pub use access::{broadcast_strides, strides};
pub(crate) use accumulate::is_reduction;
pub use contraction::{Gemm, RankK, Repeat};
pub use outcome::Outcome;
pub use phase::Phase;
pub use print::print;
pub use step::{Loop, Step};

use crate::ir::{Axes, Expr, Graph, Input, NodeId, Op};
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

/// Where a program's directions come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// No value varies over directions.
    None,
    /// That many, known to the program itself.
    Exact(usize),
    /// Given from outside, as many as the caller likes.
    Given,
}

/// A product with x or with the directions, over the whole batch, that the caller computes after the tiles.
#[derive(Clone, PartialEq, Debug)]
pub struct Deferred {
    /// Where the sums go.
    pub node: NodeId,
    /// Values a sample, or a sample and direction.
    pub rows: usize,
    /// What they are multiplied with.
    pub with: DeferredWith,
}

/// The factor of a deferred product that the caller has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeferredWith {
    /// The samples.
    Samples,
    /// The given directions.
    Directions,
}

/// A planned program.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Formulas, shapes, names.
    pub graph: Graph,
    /// Steps by phase.
    pub phases: [Vec<Step>; 5],
    /// Where directions come from.
    pub stream: Stream,
    /// Products left to the caller.
    pub deferred: Vec<Deferred>,
}

impl Plan {
    /// Steps of a phase.
    pub fn steps(&self, phase: Phase) -> &[Step] {
        &self.phases[phase as usize]
    }

    /// Whether the program reads an input.
    pub fn uses(&self, input: Input) -> bool {
        self.graph.nodes.iter().any(|n| n.op == Op::Input(input))
    }
}

/// Plans an optimised graph.
pub fn plan(g: &Graph) -> Plan {
    let graph = access::materialize(g);
    let structural_zeros = structural_zeros::diagonal_offsets(&graph);
    let triangle = Triangle {
        dead_triangle: dead_triangle::diagonal_offsets(&graph, &structural_zeros),
        structural_zeros,
    };
    let mut graph = accumulate::merge(&graph);
    let stream = stream(&graph);
    let phases = phase::phases(&graph);
    let uses = Uses {
        readers: graph.readers(),
        are_outputs: graph.are_outputs(),
    };
    let mut steps: [Vec<Step>; 5] = Default::default();
    let mut deferred = Vec::new();
    shared_steps(&graph, &phases, &mut steps);
    for (phase, members) in loop_fusion::groups(&graph, &phases) {
        let steps = &mut steps[phase as usize];
        match members {
            loop_fusion::Members::Loop(nodes) => {
                let whole = fuse(&mut graph, &nodes, &uses);
                steps.extend(divide::divide(&graph, whole).into_iter().map(Step::Loop));
            }
            loop_fusion::Members::Single(id) => {
                steps.push(single(&graph, id, &triangle, &mut deferred));
            }
        }
    }
    steps
        .iter_mut()
        .for_each(|steps| join_outers(&graph, steps));
    zero_sums(&graph, &phases, &mut steps);
    outputs(&graph, &mut steps);
    Plan {
        graph,
        phases: steps,
        stream,
        deferred,
    }
}

fn stream(g: &Graph) -> Stream {
    if g.nodes.iter().any(|n| n.op == Op::Input(Input::Directions)) {
        return Stream::Given;
    }
    let count = g.ids().find_map(|id| match g.node(id).op {
        Op::UnitDirections => Some(g.dim()),
        Op::ExpandColumns(a) => g.shape(a).last().copied(),
        _ => None,
    });
    count.map_or(Stream::None, Stream::Exact)
}

/// Batch-independent nodes, one step each, in order.
fn shared_steps(g: &Graph, phases: &[Phase], steps: &mut [Vec<Step>; 5]) {
    let mut factored: Vec<NodeId> = Vec::new();
    for id in g.ids() {
        let phase = phases[id.index()];
        if !matches!(phase, Phase::Prologue | Phase::Epilogue) || g.axes(id) != Axes::SHARED {
            continue;
        }
        let step = match &g.node(id).op {
            Op::Param(_) | Op::Input(_) | Op::Reshape(_) => continue,
            Op::Const(bits) if bits.len() == 1 => continue,
            Op::Const(_) => Step::Fill(id),
            Op::Map { expr, args } => Step::Loop(Loop {
                shape: g.shape(id).to_vec(),
                axes: Axes::SHARED,
                formulas: vec![(id, *expr)],
                values: args.iter().copied().enumerate().collect(),
                stores: vec![id],
                sums: vec![],
            }),
            Op::Contract { .. } => Step::Contract(id),
            Op::LqGradient { .. } => Step::LqGradient(id),
            Op::LqLower(a) | Op::LqOrthonormal(a) => {
                if factored.contains(a) {
                    continue;
                }
                factored.push(*a);
                let find = |op: Op| g.ids().find(|&n| g.node(n).op == op);
                Step::Lq {
                    of: *a,
                    lower: find(Op::LqLower(*a)),
                    orthonormal: find(Op::LqOrthonormal(*a)),
                }
            }
            Op::Slice { .. }
            | Op::Pad { .. }
            | Op::Concat { .. }
            | Op::Gather { .. }
            | Op::Scatter { .. }
            | Op::AtMax { .. }
            | Op::UnitDirections
            | Op::ExpandColumns(_)
            | Op::ReduceToColumns(_) => Step::Movement(id),
        };
        steps[phase as usize].push(step);
    }
}

/// What every value is for.
struct Uses {
    readers: Vec<Vec<NodeId>>,
    are_outputs: Vec<bool>,
}

/// One loop of several maps of one shape and of sums over directions.
fn fuse(g: &mut Graph, nodes: &[NodeId], uses: &Uses) -> Loop {
    let mut values: Vec<NodeId> = Vec::new();
    let mut positions: HashMap<NodeId, usize> = HashMap::default();
    let mut position = |id: NodeId| {
        *positions.entry(id).or_insert_with(|| {
            values.push(id);
            values.len() - 1
        })
    };
    let (mut formulas, mut sums) = (Vec::new(), Vec::new());
    let first = nodes[0];
    let over = match &g.node(first).op {
        Op::Contract { operands, .. } => operands[0].0,
        _ => first,
    };
    let (shape, axes) = (g.shape(over).to_vec(), g.axes(over));
    for &id in nodes {
        match g.node(id).op.clone() {
            Op::Contract { operands, .. } => {
                let i = position(operands[0].0);
                sums.push((id, g.scalars.arg(i)));
            }
            Op::Map { expr, args } => {
                let args: Vec<Expr> = args
                    .iter()
                    .map(|&a| {
                        let i = position(a);
                        g.scalars.arg(i)
                    })
                    .collect();
                formulas.push((id, g.scalars.substitute(expr, &args)));
            }
            _ => unreachable!("only maps and sums over directions are fused"),
        }
    }
    let members: HashSet<NodeId> = nodes.iter().copied().collect();
    let outside = |id: NodeId| {
        uses.are_outputs[id.index()]
            || uses.readers[id.index()]
                .iter()
                .any(|c| !members.contains(c))
    };
    let stores = formulas
        .iter()
        .map(|f| f.0)
        .filter(|&id| outside(id))
        .collect();
    Loop {
        shape,
        axes,
        formulas,
        values: values.into_iter().enumerate().collect(),
        stores,
        sums,
    }
}

/// What entry compression leaves out of the stream: a diagonal offset for each node.
struct Triangle {
    structural_zeros: Vec<Option<usize>>,
    dead_triangle: Vec<Option<usize>>,
}

/// The step of a node that is not fused.
fn single(g: &Graph, id: NodeId, triangle: &Triangle, deferred: &mut Vec<Deferred>) -> Step {
    match &g.node(id).op {
        Op::Input(Input::Directions) => Step::Directions(id),
        Op::ReduceToColumns(_) => Step::ReduceToColumns(id),
        Op::Contract { .. } => {
            if let Some(mut product) = contraction::gemm(g, id) {
                product.skip(g, &triangle.structural_zeros, &triangle.dead_triangle);
                return Step::Gemm(product);
            }
            if let Some(mut update) = contraction::rank_k(g, id) {
                if let Some(with) = contraction::deferred(g, id) {
                    deferred.push(Deferred {
                        node: id,
                        rows: update.m,
                        with,
                    });
                    return Step::Defer {
                        update,
                        index: deferred.len() - 1,
                    };
                }
                update.skip_zeros(g, &triangle.structural_zeros);
                return Step::RankK(update);
            }
            Step::Contract(id)
        }
        Op::Slice { .. }
        | Op::Pad { .. }
        | Op::Concat { .. }
        | Op::Gather { .. }
        | Op::Scatter { .. }
        | Op::AtMax { .. }
        | Op::Reshape(_)
        | Op::Param(_)
        | Op::Input(_)
        | Op::Const(_)
        | Op::Map { .. }
        | Op::UnitDirections
        | Op::ExpandColumns(_)
        | Op::LqLower(_)
        | Op::LqOrthonormal(_)
        | Op::LqGradient { .. } => Step::Movement(id),
    }
}

/// Merges sums over samples into one matrix in one phase into one step, at the place of the last one. Its operands then
/// have many panels, which makes the step fast.
fn join_outers(g: &Graph, steps: &mut Vec<Step>) {
    // From the last step to the first. A step that a later one takes over is left out.
    let mut kept: Vec<Step> = Vec::with_capacity(steps.len());
    // Positions in `kept` of the sums into each accumulator.
    let mut sums: HashMap<NodeId, Vec<usize>> = HashMap::default();
    for step in std::mem::take(steps).into_iter().rev() {
        if let Step::RankK(update) = &step {
            let later = sums.entry(update.accumulator(g)).or_default();
            let mut absorbs = |&i: &usize| match &mut kept[i] {
                Step::RankK(later) => later.absorb(g, update),
                _ => false,
            };
            if later.iter().any(&mut absorbs) {
                continue;
            }
            later.push(kept.len());
        }
        kept.push(step);
    }
    kept.reverse();
    *steps = kept;
}

/// Sums over directions start at zero before the stream.
fn zero_sums(g: &Graph, phases: &[Phase], steps: &mut [Vec<Step>; 5]) {
    for id in g.ids() {
        if phases[id.index()] == Phase::Stream && g.axes(id) == Axes::SAMPLE {
            steps[Phase::Samples as usize].push(Step::Zero(id));
        }
    }
}

/// Values that leave the program. A loss's outputs are accumulators, placed where the caller reads them.
fn outputs(g: &Graph, steps: &mut [Vec<Step>; 5]) {
    let streamed = g.outputs.iter().any(|o| g.axes(o.1).tangent);
    for (i, (name, _)) in g.outputs.iter().enumerate() {
        if Outcome::of(name) == Outcome::Sample {
            let phase = if streamed {
                Phase::Stream
            } else {
                Phase::Finish
            };
            steps[phase as usize].push(Step::Output(i));
        }
    }
}
