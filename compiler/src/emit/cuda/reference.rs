//! The same plan for a library of matrix products: what the fused kernels are checked and timed against.
//!
//! Enters: a plan and the size of a batch. Leaves: kernels, and the order in which they and the library are called. The
//! whole batch is one tile, its rows lie in global memory, and all blocks carry it: a step that waits for another is in a
//! later kernel, where the fused kernel has a barrier. What must hold: the steps are those of the fused kernel, and but
//! for the products their text is too.

use super::super::rust::writer::Writer;
use super::gemm::{self, Gemm};
use super::hazard::Hazards;
use super::launch::{Rows, padded};
use super::team::Team;
use super::{HEAD, batch_independent, call, constants, contraction, loads, shared, tile_step};
use crate::diff::Program;
use crate::ir::{Axes, NodeId};
use crate::plan::{Phase, Plan, Step, Stream};

/// How much is in hand at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Samples of the batch.
    pub samples: usize,
    /// Directions that are given for each.
    pub directions: usize,
    /// Directions of a chunk.
    pub chunk: usize,
}

/// Most scalars of per-direction scratch that [`Size::of`] allows a chunk.
const MOST_SCRATCH: usize = 1 << 29;

impl Size {
    /// All directions in as few chunks of equal size as 2 GiB allow.
    pub fn of(plan: &Plan, samples: usize, directions: usize) -> Size {
        let count = count(plan, directions).max(1);
        let one = (Rows::of(plan).chunk * samples).max(1);
        let most = (MOST_SCRATCH / one).clamp(1, count);
        Size {
            samples,
            directions,
            chunk: count.div_ceil(count.div_ceil(most)),
        }
    }

    /// Columns of a value of these axes, and the distance of its rows.
    pub(super) fn columns(&self, axes: Axes) -> (usize, usize) {
        let columns = match (axes.sample, axes.tangent) {
            (_, true) => self.samples * self.chunk,
            (true, false) => self.samples,
            (false, false) => 1,
        };
        (columns, padded(columns))
    }
}

/// A program as kernels and products.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// Source of the kernels, to follow that of `kernels/` with `SAMPLES` and `DIRECTIONS` of the size.
    pub source: String,
    /// What is called, in order.
    pub calls: Vec<Call>,
    /// Scalars of the workspace.
    pub workspace: usize,
}

/// One call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// A kernel of the source.
    Kernel(Kernel),
    /// A product of the library.
    Gemm(Gemm),
}

/// The launch of a kernel, whose arguments are `Arguments` and the first direction of the chunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// The first direction of the chunk.
    pub direction: usize,
    /// Threads that find something to do; any number of blocks will do.
    pub threads: usize,
    /// Whether all blocks must be there at once, since they wait for each other.
    pub cooperative: bool,
}

/// A program of a batch of that size.
pub fn reference(program: Program, plan: &Plan, size: &Size) -> Reference {
    let name = program.name().to_lowercase();
    let mut calls = Vec::new();
    let mut w = Writer::default();
    w.block(format!("namespace {name}"), |w| {
        constants(w, plan);
        w.line("");
        w.line("// The whole batch, with the directions from t0 on.");
        w.block("INLINE Tile whole_batch(const Arguments& a, int t0)", |w| {
            w.line("return {a.workspace, a.workspace + SAMPLE_ROWS * SAMPLE_ROW, a.acc, 0, t0};");
        });
        calls.extend(once(w, plan, Phase::Prologue, &name));
        let samples = phase(w, program, plan, Phase::Samples, size);
        calls.extend(samples.into_iter().map(|call| call.at(0)));
        let stream = phase(w, program, plan, Phase::Stream, size);
        for t0 in (0..count(plan, size.directions)).step_by(size.chunk.max(1)) {
            calls.extend(stream.iter().map(|call| call.at(t0)));
        }
        let finish = phase(w, program, plan, Phase::Finish, size);
        calls.extend(finish.into_iter().map(|call| call.at(0)));
        calls.extend(once(w, plan, Phase::Epilogue, &name));
    });
    let rows = Rows::of(plan);
    Reference {
        source: w.finish(),
        calls,
        workspace: rows.sample * size.columns(Axes::SAMPLE).1
            + rows.chunk * size.columns(Axes::TANGENT).1,
    }
}

impl Call {
    /// The same for the chunk that starts at that direction.
    fn at(&self, direction: usize) -> Call {
        match self.clone() {
            Call::Kernel(kernel) => Call::Kernel(Kernel {
                direction,
                ..kernel
            }),
            gemm @ Call::Gemm(_) => gemm,
        }
    }
}

/// Directions of each sample.
fn count(plan: &Plan, given: usize) -> usize {
    match plan.stream {
        Stream::None => 0,
        Stream::Exact(count) => count,
        Stream::Given => given,
    }
}

/// A batch-independent phase: a kernel, as it is part of the fused one.
fn once(w: &mut Writer, plan: &Plan, phase: Phase, program: &str) -> Option<Call> {
    if plan.steps(phase).is_empty() {
        return None;
    }
    let function = match phase {
        Phase::Prologue => "prologue",
        _ => "epilogue",
    };
    batch_independent(w, plan, phase, function);
    w.line("");
    let name = format!("{program}_{function}");
    w.block(format!("{HEAD} {name}(Arguments a, int t0)"), |w| {
        w.line("const Grid grid(a.arrived);");
        w.line(call(plan, phase, function));
    });
    let cooperative = shared::is_spread(plan, phase);
    Some(Call::Kernel(Kernel {
        name,
        direction: 0,
        threads: if cooperative { usize::MAX } else { 1 },
        cooperative,
    }))
}

/// Steps none of which waits for another: one kernel, and the products beside it.
#[derive(Default)]
struct Group<'a> {
    steps: Vec<&'a Step>,
    products: Vec<Gemm>,
}

fn groups<'a>(plan: &'a Plan, phase: Phase, size: &Size) -> Vec<Group<'a>> {
    let mut hazards = Hazards::default();
    let mut groups = vec![Group::default()];
    for step in plan.steps(phase) {
        if hazards.before(plan, step) {
            groups.push(Group::default());
        }
        let products = match step {
            Step::Product(p) => gemm::product(plan, p, size),
            Step::Outer(o) | Step::Defer { outer: o, .. } => gemm::outer(plan, o, size),
            _ => None,
        };
        let last = groups.len() - 1;
        match products {
            Some(products) => groups[last].products.extend(products),
            None => groups[last].steps.push(step),
        }
    }
    groups
}

/// The kernels of a phase of the tile, and what is called.
fn phase(w: &mut Writer, program: Program, plan: &Plan, phase: Phase, size: &Size) -> Vec<Call> {
    let prefix = format!("{}_{phase:?}", program.name()).to_lowercase();
    let mut calls = Vec::new();
    if phase == Phase::Samples {
        let entries = (plan.graph.dim() * size.samples).max(plan.sizes.acc);
        calls.push(kernel(w, format!("{prefix}_inputs"), entries, |w| {
            loads(w, program, plan, Team::Grid);
            if plan.sizes.acc > 0 {
                w.line(format!("clear(tile.acc, SUMS{});", Team::Grid.argument()));
            }
        }));
    }
    for (i, group) in groups(plan, phase, size).into_iter().enumerate() {
        let threads = group.steps.iter().map(|step| threads(plan, step, size));
        if let Some(threads) = threads.max() {
            calls.push(kernel(w, format!("{prefix}_{i}"), threads, |w| {
                for step in &group.steps {
                    match step {
                        Step::Product(p) => {
                            contraction::tile_contract(w, plan, p.node, Team::Grid);
                        }
                        Step::Outer(o) | Step::Defer { outer: o, .. } => {
                            contraction::tile_contract(w, plan, o.node, Team::Grid);
                        }
                        _ => tile_step(w, plan, step, phase == Phase::Stream, Team::Grid),
                    }
                }
            }));
        }
        calls.extend(group.products.into_iter().map(Call::Gemm));
    }
    calls
}

/// A kernel over the whole batch.
fn kernel(w: &mut Writer, name: String, threads: usize, body: impl FnOnce(&mut Writer)) -> Call {
    w.line("");
    w.block(format!("{HEAD} {name}(Arguments a, int t0)"), |w| {
        w.line("const Grid team(a.arrived);");
        w.line("const Tile tile = whole_batch(a, t0);");
        body(w);
    });
    Call::Kernel(Kernel {
        name,
        direction: 0,
        threads,
        cooperative: false,
    })
}

/// Threads that find something to do in a step.
fn threads(plan: &Plan, step: &Step, size: &Size) -> usize {
    let g = &plan.graph;
    let entries = |id: NodeId| g.node(id).len() * size.columns(g.axes(id)).0;
    match step {
        Step::Loop(l) if l.sums.is_empty() => {
            l.shape.iter().product::<usize>() * size.columns(l.axes).0
        }
        // A thread goes through all directions.
        Step::Loop(l) => l.shape.iter().product::<usize>() * size.samples,
        Step::Stack(of) => 8 * g.node(g.operands(*of)[0]).len() * size.chunk,
        Step::Output(i) => entries(g.outputs[*i].1),
        Step::Move(id) | Step::Directions(id) | Step::Zero(id) => entries(*id),
        // Some lanes, or all of a warp, share a sum.
        _ => {
            let sums = step.writes().into_iter().map(|id| match g.axes(id).sample {
                true => 4 * entries(id),
                false => 32 * entries(id),
            });
            sums.max().unwrap_or(1)
        }
    }
}
