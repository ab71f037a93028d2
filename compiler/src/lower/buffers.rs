//! Where values live: liveness over the steps, buffers reused when their value is dead.

use super::arena::Arena;
use super::target::Target;
use crate::ir::{Axes, Graph, Input, NodeId, Op};
use crate::plan::{Outcome, Phase, Plan, Step, is_reduction, source};
use rustc_hash::FxHashSet as HashSet;
use std::collections::BTreeMap;

/// Where a value lives. Offsets of shared values count scalars, of others features.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Place {
    /// Not stored: a local of a loop.
    Fused,
    /// A number known at compile time.
    Constant(f64),
    /// The parameter buffer.
    Param(usize),
    /// An input.
    Input(Input),
    /// The buffer of batch-independent values.
    Shared(usize),
    /// The buffer of sums over samples.
    Acc(usize),
    /// Per-sample scratch.
    Sample(usize),
    /// Per-direction scratch.
    Tangent(usize),
    /// Columns of a shared value.
    ExpandColumns(NodeId),
    /// Unit vectors.
    UnitDirections,
}

/// Places of a plan's values, and the sizes of the buffers that hold them.
pub(super) struct Placement {
    places: Vec<Place>,
    /// Results that are computed elsewhere, and where they go among the sums.
    pub(super) deliveries: Vec<(NodeId, usize)>,
    /// Where each parameter starts in its buffer; the last entry is its length.
    pub(super) offsets: Vec<usize>,
    /// Scalars of batch-independent values.
    pub(super) shared: usize,
    /// Scalars of sums over samples.
    pub(super) sums: usize,
    /// Features of per-sample scratch.
    pub(super) sample_rows: usize,
    /// Features of per-direction scratch, for one direction.
    pub(super) chunk_rows: usize,
}

impl Placement {
    /// Assigns every value a place.
    pub(super) fn new(plan: &Plan, target: &Target) -> Placement {
        let g = &plan.graph;
        let mut placement = Placement {
            places: vec![Place::Fused; g.nodes.len()],
            deliveries: Vec::new(),
            offsets: param_offsets(g),
            shared: 0,
            sums: 0,
            sample_rows: 0,
            chunk_rows: 0,
        };
        placement.inputs(g);
        placement.results(plan);
        for phase in [Phase::Prologue, Phase::Epilogue] {
            for id in plan.steps(phase).iter().flat_map(Step::writes) {
                if placement.places[id.index()] == Place::Fused {
                    placement.places[id.index()] = Place::Shared(placement.shared);
                    placement.shared += g.node(id).len();
                }
            }
        }
        placement.sample_rows = placement.scratch(plan, Axes::SAMPLE, target.padding);
        placement.chunk_rows = placement.scratch(plan, Axes::TANGENT, target.padding);
        for id in g.ids() {
            if matches!(g.node(id).op, Op::Reshape(_)) {
                placement.places[id.index()] = placement.places[source(g, id).index()].clone();
            }
        }
        placement
    }

    /// Where a value lives.
    pub(super) fn of(&self, id: NodeId) -> &Place {
        &self.places[id.index()]
    }

    fn inputs(&mut self, g: &Graph) {
        for id in g.ids() {
            match &g.node(id).op {
                Op::Param(i) => self.places[id.index()] = Place::Param(self.offsets[*i]),
                Op::Const(bits) if bits.len() == 1 => {
                    self.places[id.index()] = Place::Constant(f64::from_bits(bits[0]))
                }
                Op::Input(input) if *input != Input::Directions => {
                    self.places[id.index()] = Place::Input(*input)
                }
                Op::ExpandColumns(a) => self.places[id.index()] = Place::ExpandColumns(*a),
                Op::UnitDirections => self.places[id.index()] = Place::UnitDirections,
                _ => {}
            }
        }
    }

    /// Gradients have the offsets of their parameters; the loss follows them, then other sums over samples.
    fn results(&mut self, plan: &Plan) {
        let g = &plan.graph;
        let params = self.offsets[self.offsets.len() - 1];
        let readers = g.readers();
        let epilogue = plan.steps(Phase::Epilogue).iter();
        let last: HashSet<NodeId> = epilogue.flat_map(Step::writes).collect();
        let is_loss = |name: &str| Outcome::of(name) == Outcome::Loss;
        if g.outputs.iter().any(|(name, _)| is_loss(name)) {
            self.sums = params + 1;
        }
        for (name, id) in &g.outputs {
            let at = match Outcome::of(name) {
                Outcome::Gradient(k) => self.offsets[k],
                Outcome::Loss => params,
                Outcome::Sample => continue,
            };
            let of = source(g, *id);
            let formed_here = last.contains(&of) || is_reduction(g, of);
            let free = *self.of(of) == Place::Fused && !g.accumulators.contains_key(&of);
            if formed_here && free {
                self.places[of.index()] = Place::Acc(at);
                self.in_place(g, of, at, &readers);
            } else {
                self.deliveries.push((*id, at));
            }
        }
        for id in g.ids() {
            let leads = is_reduction(g, id) && !g.accumulators.contains_key(&id);
            if leads && *self.of(id) == Place::Fused {
                self.places[id.index()] = Place::Acc(self.sums);
                self.sums += g.node(id).len();
            }
        }
        for (member, leader) in &g.accumulators {
            self.places[member.index()] = self.places[leader.index()].clone();
        }
    }

    /// A gradient formula that alone reads a sum of its own shape is computed in place of that sum.
    fn in_place(&mut self, g: &Graph, id: NodeId, at: usize, readers: &[Vec<NodeId>]) {
        let Op::Map { args, .. } = &g.node(id).op else {
            return;
        };
        let own = args.iter().find(|&&a| {
            is_reduction(g, a)
                && g.shape(a) == g.shape(id)
                && *self.of(a) == Place::Fused
                && !g.outputs.iter().any(|o| source(g, o.1) == a)
                && readers[a.index()].len() == 1
        });
        if let Some(a) = own {
            self.places[a.index()] = Place::Acc(at);
        }
    }

    /// Scratch for the values of one kind of axes: first fit over the steps in order.
    fn scratch(&mut self, plan: &Plan, axes: Axes, padding: usize) -> usize {
        let g = &plan.graph;
        let order: Vec<(Phase, &Step)> = [Phase::Samples, Phase::Stream, Phase::Finish]
            .into_iter()
            .flat_map(|phase| plan.steps(phase).iter().map(move |s| (phase, s)))
            .collect();
        let stream_end = order.iter().rposition(|o| o.0 == Phase::Stream);
        let stream_start = order.iter().position(|o| o.0 == Phase::Stream);
        let mut last: Vec<usize> = vec![0; g.nodes.len()];
        for (i, (phase, step)) in order.iter().enumerate() {
            for id in step
                .reads(g)
                .into_iter()
                .chain(step.writes())
                .map(|id| source(g, id))
            {
                // A per-sample value that the stream reads is read by every chunk.
                let until = match stream_end {
                    Some(end) if *phase == Phase::Stream && g.axes(id) == Axes::SAMPLE => end,
                    _ => i,
                };
                last[id.index()] = last[id.index()].max(until);
            }
        }
        let mut arena = Arena::default();
        let mut live = Live::default();
        for (i, (_, step)) in order.iter().enumerate() {
            for id in step.writes() {
                if g.axes(id) != axes || self.places[id.index()] != Place::Fused {
                    continue;
                }
                // A per-sample value that is formed in the stream outlives its chunk from the stream's start on.
                debug_assert!(
                    axes != Axes::SAMPLE
                        || stream_start.is_none_or(|s| i < s || i > stream_end.unwrap_or(s))
                );
                let len = g.node(id).len();
                let over = |a: NodeId| g.node(a).len() == len && is_walked_along(g, step, a, id);
                let at = match live.take_dying(i, over) {
                    Some(at) => at,
                    None => arena.take(len + padding),
                };
                self.places[id.index()] = if axes == Axes::SAMPLE {
                    Place::Sample(at)
                } else {
                    Place::Tangent(at)
                };
                live.add(id, at, last[id.index()]);
            }
            for (id, at) in live.end(i) {
                arena.give_back(at, g.node(id).len() + padding);
            }
        }
        arena.size
    }
}

/// Where each parameter starts in its buffer; the last entry is its length.
fn param_offsets(g: &Graph) -> Vec<usize> {
    let mut offsets = vec![0];
    for p in &g.params {
        offsets.push(offsets[offsets.len() - 1] + p.shape.iter().product::<usize>());
    }
    offsets
}

/// Values that are live, by the step that reads them last, in the order in which they were stored.
#[derive(Default)]
struct Live(BTreeMap<usize, Vec<(NodeId, usize)>>);

impl Live {
    fn add(&mut self, id: NodeId, at: usize, last: usize) {
        self.0.entry(last).or_default().push((id, at));
    }

    /// Removes the first value that dies in the step and that another value may overwrite, and returns its place.
    fn take_dying(&mut self, step: usize, over: impl Fn(NodeId) -> bool) -> Option<usize> {
        let dying = self.0.get_mut(&step)?;
        let first = dying.iter().position(|&(id, _)| over(id))?;
        Some(dying.remove(first).1)
    }

    /// Removes the values that no later step reads.
    fn end(&mut self, step: usize) -> Vec<(NodeId, usize)> {
        let later = self.0.split_off(&(step + 1));
        std::mem::replace(&mut self.0, later)
            .into_values()
            .flatten()
            .collect()
    }
}

/// Whether a loop reads an element of `a` only to compute the same element of `id`, which may then overwrite it: a
/// cache line that was just read need not be fetched to be written.
fn is_walked_along(g: &Graph, step: &Step, a: NodeId, id: NodeId) -> bool {
    let Step::Loop(l) = step else {
        return false;
    };
    // As many elements as the loop has iterations: no broadcast repeats one.
    g.node(id).len() == l.shape.iter().product::<usize>()
        && g.axes(a) == l.axes
        && l.values.values().any(|&v| source(g, v) == a)
}
