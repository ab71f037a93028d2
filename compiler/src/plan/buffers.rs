//! Where values live: liveness over the steps, buffers reused when their value is dead.

use super::access::source;
use super::accumulate::is_reduction;
use super::arena::Arena;
use super::phase::Phase;
use super::{Outcome, Plan, Step, Stream};
use crate::ir::{Axes, Graph, Input, NodeId, Op};
use std::collections::BTreeMap;

/// Where a value lives. Offsets of shared values count scalars, of others features.
#[derive(Clone, PartialEq, Debug)]
pub enum Place {
    /// Nowhere: part of a loop.
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
    Columns(NodeId),
    /// Unit vectors.
    Basis,
}

/// Sizes of a program's buffers.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Sizes {
    /// Scalars of batch-independent values.
    pub shared: usize,
    /// Scalars of sums over samples.
    pub acc: usize,
    /// Features of per-sample scratch.
    pub sample: usize,
    /// Features of per-direction scratch, for one direction.
    pub tangent: usize,
    /// Directions of a chunk times panels of a tile, at most; a chunk has one direction at least.
    pub chunk: usize,
    /// Most panels a tile.
    pub panels: usize,
}

/// Features between values of scratch. Values of 64 features follow each other at the stride of a cache way, and a loop
/// over a dozen of them would find them all in one set.
const PAD: usize = 1;
/// Per-sample scratch of a tile, and what a chunk of directions touches of it with its own: a second-level cache, in
/// features of 16 single-precision samples.
const BUDGET: usize = 1024 * 1024 / 64;
/// Panels of a tile at most. With four a kernel reaches its speed (measured: 2, 4, 6 and 8).
const MOST_PANELS: usize = 4;
/// Directions of a chunk times panels of a tile at most. A loop goes through all directions of a chunk with what it reads a
/// sample and with its sums in registers, and sums of outer products take as many panels at once (measured: 4, 8, 12 and 16).
const MOST_CHUNK: usize = 8;

/// Assigns places and sizes, but for the chunk's; appends the copies that deliver results which live elsewhere.
pub(super) fn assign(
    g: &Graph,
    phases: &[Phase],
    steps: &mut [Vec<Step>; 5],
) -> (Vec<Place>, Sizes) {
    let mut places = vec![Place::Fused; g.nodes.len()];
    let mut sizes = Sizes::default();
    let offsets = param_offsets(g);
    inputs(g, &offsets, &mut places);
    results(g, phases, &offsets, &mut places, &mut sizes, steps);
    for phase in [Phase::Prologue, Phase::Epilogue] {
        for step in &steps[phase as usize] {
            for id in step.writes() {
                if places[id.index()] == Place::Fused {
                    places[id.index()] = Place::Shared(sizes.shared);
                    sizes.shared += g.node(id).len();
                }
            }
        }
    }
    sizes.sample = scratch(g, steps, Axes::SAMPLE, &mut places);
    sizes.tangent = scratch(g, steps, Axes::TANGENT, &mut places);
    for id in g.ids() {
        if matches!(g.node(id).op, Op::Reshape(_)) {
            places[id.index()] = places[source(g, id).index()].clone();
        }
    }
    sizes.panels = (BUDGET / sizes.sample.max(1)).clamp(1, MOST_PANELS);
    (places, sizes)
}

/// How many directions times panels a chunk has, at most: as its scratch and what it touches of that of samples leave room.
pub(super) fn chunk(plan: &Plan) -> usize {
    let reads = plan.direction_reads().into_iter();
    let touched: usize = reads.chain(plan.direction_sums()).map(|of| of.1).sum();
    let room = BUDGET.saturating_sub(touched * plan.sizes.panels);
    match plan.stream {
        Stream::None => 1,
        Stream::Exact(_) | Stream::Given => (room / plan.sizes.tangent.max(1)).clamp(1, MOST_CHUNK),
    }
}

/// Where each parameter starts in the buffer; the last entry is its length.
pub(crate) fn param_offsets(g: &Graph) -> Vec<usize> {
    let mut offsets = vec![0];
    for p in &g.params {
        offsets.push(offsets[offsets.len() - 1] + p.shape.iter().product::<usize>());
    }
    offsets
}

fn inputs(g: &Graph, offsets: &[usize], places: &mut [Place]) {
    for id in g.ids() {
        match &g.node(id).op {
            Op::Param(i) => places[id.index()] = Place::Param(offsets[*i]),
            Op::Const(bits) if bits.len() == 1 => {
                places[id.index()] = Place::Constant(f64::from_bits(bits[0]))
            }
            Op::Input(input) if *input != Input::Directions => {
                places[id.index()] = Place::Input(*input)
            }
            Op::Columns(a) => places[id.index()] = Place::Columns(*a),
            Op::Basis => places[id.index()] = Place::Basis,
            _ => {}
        }
    }
}

/// Gradients lie where their parameters do, the loss behind them, other sums over samples after that.
fn results(
    g: &Graph,
    phases: &[Phase],
    offsets: &[usize],
    places: &mut [Place],
    sizes: &mut Sizes,
    steps: &mut [Vec<Step>; 5],
) {
    let params = offsets[offsets.len() - 1];
    let readers = g.readers();
    let is_loss = g.output("loss").is_some();
    if is_loss {
        sizes.acc = params + 1;
    }
    for (name, id) in &g.outputs {
        let at = match Outcome::of(name) {
            Outcome::Gradient(k) => offsets[k],
            Outcome::Loss => params,
            Outcome::Sample => continue,
        };
        let of = source(g, *id);
        let formed_here = matches!(phases[of.index()], Phase::Epilogue) || is_reduction(g, of);
        if formed_here && places[of.index()] == Place::Fused && !g.accumulators.contains_key(&of) {
            places[of.index()] = Place::Acc(at);
            in_place(g, of, at, places, &readers);
        } else {
            steps[Phase::Epilogue as usize].push(Step::Deliver {
                from: *id,
                to: Place::Acc(at),
            });
        }
    }
    for id in g.ids() {
        if is_reduction(g, id)
            && !g.accumulators.contains_key(&id)
            && places[id.index()] == Place::Fused
        {
            places[id.index()] = Place::Acc(sizes.acc);
            sizes.acc += g.node(id).len();
        }
    }
    for (member, leader) in &g.accumulators {
        places[member.index()] = places[leader.index()].clone();
    }
}

/// A gradient formula that reads a sum of its own shape and nobody else's is computed in that sum's place.
fn in_place(g: &Graph, id: NodeId, at: usize, places: &mut [Place], readers: &[Vec<NodeId>]) {
    let Op::Map { args, .. } = &g.node(id).op else {
        return;
    };
    let own = args.iter().find(|&&a| {
        is_reduction(g, a)
            && g.shape(a) == g.shape(id)
            && places[a.index()] == Place::Fused
            && !g.outputs.iter().any(|o| source(g, o.1) == a)
            && readers[a.index()].len() == 1
    });
    if let Some(a) = own {
        places[a.index()] = Place::Acc(at);
    }
}

/// Scratch for the values of one kind of axes: first fit over the steps in order.
fn scratch(g: &Graph, steps: &[Vec<Step>; 5], axes: Axes, places: &mut [Place]) -> usize {
    let order: Vec<(Phase, &Step)> = [Phase::Samples, Phase::Stream, Phase::Finish]
        .into_iter()
        .flat_map(|phase| steps[phase as usize].iter().map(move |s| (phase, s)))
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
            if g.axes(id) != axes || places[id.index()] != Place::Fused {
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
                None => arena.take(len + PAD),
            };
            places[id.index()] = if axes == Axes::SAMPLE {
                Place::Sample(at)
            } else {
                Place::Tangent(at)
            };
            live.add(id, at, last[id.index()]);
        }
        for (id, at) in live.end(i) {
            arena.give_back(at, g.node(id).len() + PAD);
        }
    }
    arena.size
}

/// Values that are live, by the step that reads them last, in the order in which they were stored.
#[derive(Default)]
struct Live(BTreeMap<usize, Vec<(NodeId, usize)>>);

impl Live {
    fn add(&mut self, id: NodeId, at: usize, last: usize) {
        self.0.entry(last).or_default().push((id, at));
    }

    /// Takes out the first value that dies in the step and over which another may be stored, and returns its place.
    fn take_dying(&mut self, step: usize, over: impl Fn(NodeId) -> bool) -> Option<usize> {
        let dying = self.0.get_mut(&step)?;
        let first = dying.iter().position(|&(id, _)| over(id))?;
        Some(dying.remove(first).1)
    }

    /// Takes out what no step after this one reads.
    fn end(&mut self, step: usize) -> Vec<(NodeId, usize)> {
        let later = self.0.split_off(&(step + 1));
        std::mem::replace(&mut self.0, later)
            .into_values()
            .flatten()
            .collect()
    }
}

/// Whether a loop reads an element of `a` only to form the same element of `id`, which may then lie in its place: a line that
/// was read just now need not be fetched to be written.
fn is_walked_along(g: &Graph, step: &Step, a: NodeId, id: NodeId) -> bool {
    let Step::Loop(l) = step else {
        return false;
    };
    // As many elements as the loop has iterations: no broadcast repeats one.
    g.node(id).len() == l.shape.iter().product::<usize>()
        && g.axes(a) == l.axes
        && l.values.iter().any(|&v| source(g, v) == a)
}
