//! CUDA C for a planned program: one cooperative kernel that runs every phase.
//!
//! Enters: a plan. Leaves: text without an `#include` that follows the sources of `kernels/`, with constant sizes, and
//! beside it the shapes in which it can be launched. What must hold, as for Rust: the text depends on the plan alone,
//! its length on the number of operations and not on their widths.
//!
//! A block carries a tile of samples through the steps, its threads spread over rows and columns; a barrier stands
//! where a step touches what an earlier one wrote ([`hazard`]). Batch-independent steps are spread over all blocks.

mod contraction;
mod expression;
mod gemm;
mod hazard;
mod launch;
mod loops;
mod moves;
mod reference;
mod shared;
mod team;
mod value;

pub use gemm::{Gemm, Matrix, Memory};
pub use launch::Launch;
pub use reference::{Call, Kernel, Reference, Size, reference};

use super::rust::writer::Writer;
use crate::diff::Program;
use crate::ir::Input;
use crate::plan::{Deferred, Phase, Plan, Step, Stream, deferred_rows};
use hazard::Hazards;
use team::Team;
use value::{InputRows, Scope};

/// A program for a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cuda {
    /// Name of the kernel.
    pub entry: String,
    /// Its source, to follow that of `kernels/`.
    pub source: String,
    /// Shapes in which it can be launched: fewest directions first, then fewest samples.
    pub launches: Vec<Launch>,
}

/// The kernel of a program.
pub fn cuda(program: Program, plan: &Plan) -> Cuda {
    let name = program.name().to_lowercase();
    let entry = format!("run_{name}");
    let mut w = Writer::default();
    w.block(format!("namespace {name}"), |w| {
        constants(w, plan);
        for (phase, function) in [
            (Phase::Prologue, "prologue"),
            (Phase::Samples, "samples"),
            (Phase::Stream, "stream"),
            (Phase::Finish, "finish"),
            (Phase::Epilogue, "epilogue"),
        ] {
            if plan.steps(phase).is_empty() && phase != Phase::Samples {
                continue;
            }
            if matches!(phase, Phase::Prologue | Phase::Epilogue) {
                batch_independent(w, plan, phase, function);
            } else {
                w.line("");
                let head = format!("INLINE void {function}(Arguments a, Tile tile)");
                w.block(head, |w| tile_steps(w, program, plan, phase));
            }
        }
        w.line("");
        kernel(w, program, plan, &entry);
    });
    Cuda {
        entry,
        source: w.finish(),
        launches: launch::launches(plan),
    }
}

/// The function of a batch-independent phase, for a block or for all.
fn batch_independent(w: &mut Writer, plan: &Plan, phase: Phase, function: &str) {
    w.line("");
    w.line("template <class Team>");
    let head = format!("INLINE void {function}(const Arguments& a, const Team& team)");
    w.block(head, |w| shared::steps(w, plan, phase));
}

/// Whether the program sees perturbed samples.
fn perturbs(program: Program) -> bool {
    program == Program::Dsm
}

fn constants(w: &mut Writer, plan: &Plan) {
    let rows = launch::Rows::of(plan);
    w.line(format!("constexpr int DIM = {};", plan.graph.dim()));
    let params: usize = plan
        .graph
        .params
        .iter()
        .map(|p| p.shape.iter().product::<usize>())
        .sum();
    w.line(format!("constexpr int PARAMS = {params};"));
    w.line(format!("constexpr int SUMS = {};", plan.sizes.acc));
    w.line(format!("constexpr int SAMPLE_ROWS = {};", rows.sample));
    w.line(format!("constexpr int CHUNK_ROWS = {};", rows.chunk));
    moves::index_tables(plan)
        .iter()
        .for_each(|line| w.line(line));
}

/// The steps of a phase of a tile. What a phase begins with is behind a barrier.
fn tile_steps(w: &mut Writer, program: Program, plan: &Plan, phase: Phase) {
    let mut hazards = Hazards::default();
    if phase == Phase::Samples {
        loads(w, program, plan, Team::Block);
        w.line("sync(a, tile);");
    }
    for step in plan.steps(phase) {
        if hazards.before(plan, step) {
            w.line("sync(a, tile);");
        }
        match step {
            Step::Product(p) => contraction::product(w, plan, p),
            Step::Outer(o) => contraction::outer(w, plan, o),
            // Directions are in shared memory now, and nowhere later.
            Step::Defer { outer, index } if plan.deferred[*index].with == Input::Directions => {
                contraction::outer(w, plan, outer);
            }
            Step::Defer { outer, index } => {
                let rows = outer.pairs[0].0;
                w.line(format!(
                    "store(a, tile, {}, {}, a.deferred, {}, {});",
                    value::pointer(plan, rows),
                    plan.graph.node(rows).len(),
                    deferred_rows(&plan.deferred),
                    deferred_rows(&plan.deferred[..*index])
                ));
            }
            _ => tile_step(w, plan, step, phase == Phase::Stream, Team::Block),
        }
    }
}

/// Inputs into rows.
fn loads(w: &mut Writer, program: Program, plan: &Plan, team: Team) {
    let inputs = InputRows::of(plan);
    let noise = if perturbs(program) {
        "a.v, a.sigma"
    } else {
        "nullptr, 0.0f"
    };
    let at = |row: usize| format!("tile.samples + {row} * SAMPLE_ROW{}", team.argument());
    if let Some(row) = inputs.x {
        w.line(format!("load<DIM>(a, tile, a.x, {noise}, {});", at(row)));
    }
    if let Some(row) = inputs.v {
        w.line(format!(
            "load<DIM>(a, tile, a.v, nullptr, 0.0f, {});",
            at(row)
        ));
    }
    if let Some(row) = inputs.omega {
        w.line(format!("load_omega(a, tile, {});", at(row)));
    }
}

/// A step that is no product.
fn tile_step(w: &mut Writer, plan: &Plan, step: &Step, streamed: bool, team: Team) {
    match step {
        Step::Loop(l) => loops::tile_loop(w, plan, l, team),
        Step::Contract(id) => contraction::tile_contract(w, plan, *id, team),
        Step::Move(id) => moves::moved(w, plan, *id, Scope::Tile, team),
        Step::Directions(id) => w.line(format!(
            "load_directions<DIM>(a, tile, {}{});",
            value::pointer(plan, *id),
            team.argument()
        )),
        Step::Zero(id) => w.line(format!(
            "clear_rows({}, {}{});",
            value::pointer(plan, *id),
            plan.graph.node(*id).len(),
            team.argument()
        )),
        Step::Stack(id) => contraction::stack(w, plan, *id, team),
        Step::Output(i) => moves::output(w, plan, *i, streamed, team),
        Step::Product(_) | Step::Outer(_) | Step::Defer { .. } => {
            unreachable!("products are formed by others")
        }
        Step::Lq { .. } | Step::LqGradient(_) | Step::Fill(_) | Step::Deliver { .. } => {
            unreachable!("shared steps are in no tile")
        }
    }
}

/// How a kernel's definition begins.
const HEAD: &str = "extern \"C\" __global__ void __launch_bounds__(THREADS, 1)";

/// The program: batch-independent work, the block's tiles, the sum of all blocks, batch-independent work. And its
/// kernels: one that runs it once, and for a loss one that trains, and one that begins a step of which several devices
/// have shares. What the last leaves is to be added up: the whole program is linear in the weights of its samples.
fn kernel(w: &mut Writer, program: Program, plan: &Plan, entry: &str) {
    w.block("INLINE void whole(Arguments a, const Grid& grid)", |w| {
        if !plan.steps(Phase::Prologue).is_empty() {
            w.line(call(plan, Phase::Prologue, "prologue"));
            w.line("grid.sync();");
        }
        tiles(w, plan);
        if plan.sizes.acc > 0 {
            sums(w, program, plan);
        }
    });
    w.line("");
    if !program.is_loss() {
        w.block(format!("{HEAD} {entry}(Arguments a)"), |w| {
            w.line("whole(a, Grid(a.arrived));");
        });
        return;
    }
    w.line("#ifdef TRAINING");
    let training = entry.replacen("run", "train", 1);
    w.block(format!("{HEAD} {training}(Arguments a, Training t)"), |w| {
        w.line("const Grid grid(a.arrived);");
        w.block(
            "for (int i = 0; i < t.count && begin_step<DIM>(a, t, grid, i); ++i)",
            |w| {
                w.line("whole(a, grid);");
                w.line("end_step(a, t, grid, i, PARAMS);");
            },
        );
    });
    w.line("#elif defined(SHARES)");
    let share = entry.replacen("run", "share", 1);
    let operands = "Arguments a, Training t, int i";
    w.block(format!("{HEAD} {share}({operands})"), |w| {
        w.line("const Grid grid(a.arrived);");
        w.line("if (begin_step<DIM>(a, t, grid, i)) whole(a, grid);");
    });
    w.line("#else");
    w.block(format!("{HEAD} {entry}(Arguments a)"), |w| {
        w.line("whole(a, Grid(a.arrived));");
    });
    w.line("#endif");
}

/// The call of a batch-independent phase: by all blocks, or by the first alone.
fn call(plan: &Plan, phase: Phase, function: &str) -> String {
    if shared::is_spread(plan, phase) {
        format!("{function}(a, grid);")
    } else {
        format!("if (blockIdx.x == 0) {function}(a, Block());")
    }
}

/// The tiles of a block, one after another.
fn tiles(w: &mut Writer, plan: &Plan) {
    w.block("if (blockIdx.x < slots(a))", |w| {
        w.line(
            "Tile tile = tile_of_block(a, SAMPLE_ROWS * SAMPLE_ROW, CHUNK_ROWS * CHUNK_ROW, SUMS);",
        );
        for (start, len) in value::touched(plan) {
            w.line(format!("clear(tile.acc + {start}, {len});"));
        }
        w.block(
            "for (int i = blockIdx.x; i < tiles(a); i += gridDim.x)",
            |w| {
                w.line("tile.first = i * SAMPLES;");
                w.line("__syncthreads();");
                w.line("samples(a, tile);");
                if !plan.steps(Phase::Stream).is_empty() {
                    let count = match plan.stream {
                        Stream::Exact(count) => count.to_string(),
                        Stream::Given | Stream::None => "a.count".to_string(),
                    };
                    let head =
                        format!("for (tile.t0 = 0; tile.t0 < {count}; tile.t0 += DIRECTIONS)");
                    w.block(head, |w| {
                        w.line("__syncthreads();");
                        w.line("stream(a, tile);");
                    });
                }
                if !plan.steps(Phase::Finish).is_empty() {
                    w.line("__syncthreads();");
                    w.line("finish(a, tile);");
                }
            },
        );
    });
}

/// The sums of all blocks, and what is computed from them.
fn sums(w: &mut Writer, program: Program, plan: &Plan) {
    w.line("grid.sync();");
    for (start, len) in value::touched(plan) {
        w.line(format!("sum_slots(a, grid, {start}, {len}, SUMS);"));
    }
    let width = deferred_rows(&plan.deferred);
    let accumulators = |with: Input, deferred: &[Deferred]| -> Vec<usize> {
        let of = deferred.iter().filter(|d| d.with == with);
        of.map(|d| value::accumulator(plan, d.node)).collect()
    };
    let tiled = accumulators(Input::Directions, &plan.deferred);
    let with_x = accumulators(Input::X, &plan.deferred);
    if with_x.iter().any(|at| tiled.contains(at)) {
        w.line("grid.sync();");
    }
    for (i, d) in plan.deferred.iter().enumerate() {
        if d.with == Input::Directions {
            continue;
        }
        let noise = if perturbs(program) { "a.v" } else { "nullptr" };
        let at = value::accumulator(plan, d.node);
        // Beside what the tiles, or a product before, have put there.
        let adds = tiled.contains(&at) || accumulators(Input::X, &plan.deferred[..i]).contains(&at);
        w.line(format!(
            "batch_outer<{}, DIM, {adds}>(a.acc + {at}, a.deferred + {}, {width}, a.x, {noise}, a.sigma, a.batch);",
            d.rows,
            deferred_rows(&plan.deferred[..i]),
        ));
    }
    if !plan.steps(Phase::Epilogue).is_empty() {
        w.line("grid.sync();");
        w.line(call(plan, Phase::Epilogue, "epilogue"));
    }
}
