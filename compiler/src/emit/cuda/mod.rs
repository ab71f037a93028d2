//! CUDA C for a lowered program: one cooperative kernel that runs every phase.
//!
//! Enters: a lowered program. Leaves: text without an `#include` that follows the sources of `kernels/`, with constant sizes, and
//! beside it the shapes in which it can be launched. What must hold, as for Rust: the text depends on the program alone,
//! its length on the number of operations and not on their widths.
//!
//! A block carries a tile of samples through the steps, its threads spread over rows and columns; a barrier stands
//! where a step touches what an earlier one wrote ([`hazard`]). Batch-independent steps are spread over all blocks.

mod batch;
mod contraction;
mod expression;
mod gemm;
mod hazard;
mod kernel;
mod launch;
mod loops;
mod movement;
mod reference;
mod thread_group;
mod value;

pub use gemm::{CublasGemm, Matrix, Memory};
pub use launch::Launch;
pub use reference::{Call, Kernel, Reference, Size, reference};

use super::rust::writer::Writer;
use crate::diff::Program;
use crate::lower::{BatchStatement, Lowered, RankKCall, TileStatement, View};
use crate::plan::DeferredWith;
use hazard::Hazards;
use thread_group::ThreadGroup;
use value::{InputRows, Scope, pointer};

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
pub fn cuda(kind: Program, program: &Lowered) -> Cuda {
    let name = kind.name().to_lowercase();
    let entry = format!("run_{name}");
    let mut w = Writer::default();
    w.block(format!("namespace {name}"), |w| {
        constants(w, program);
        let tile = |w: &mut Writer, function: &str, body: &dyn Fn(&mut Writer)| {
            w.line("");
            let head = format!("INLINE void {function}(Arguments a, Tile tile)");
            w.block(head, body);
        };
        if !program.prologue.is_empty() {
            batch_independent(w, program, &program.prologue, "prologue");
        }
        tile(w, "samples", &|w| {
            loads(w, kind, program, ThreadGroup::Block);
            w.line("sync(a, tile);");
            tile_statements(w, program, &program.samples);
        });
        if !program.stream_body.is_empty() {
            tile(w, "stream", &|w| {
                tile_statements(w, program, &program.stream_body)
            });
        }
        if !program.finish.is_empty() {
            tile(w, "finish", &|w| {
                tile_statements(w, program, &program.finish)
            });
        }
        if !program.epilogue.is_empty() {
            batch_independent(w, program, &program.epilogue, "epilogue");
        }
        w.line("");
        kernel::kernel(w, kind, program, &entry);
    });
    Cuda {
        entry,
        source: w.finish(),
        launches: launch::launches(program),
    }
}

/// The function of a batch-independent phase, for a block or for all.
fn batch_independent(
    w: &mut Writer,
    program: &Lowered,
    statements: &[BatchStatement],
    function: &str,
) {
    w.line("");
    w.line("template <class ThreadGroup>");
    let head = format!("INLINE void {function}(const Arguments& a, const ThreadGroup& group)");
    w.block(head, |w| batch::statements(w, program, statements));
}

fn constants(w: &mut Writer, program: &Lowered) {
    let rows = launch::Rows::of(program);
    w.line(format!("constexpr int DIM = {};", program.dim));
    w.line(format!("constexpr int PARAMS = {};", program.params));
    w.line(format!("constexpr int SUMS = {};", program.sums));
    w.line(format!("constexpr int SAMPLE_ROWS = {};", rows.sample));
    w.line(format!("constexpr int CHUNK_ROWS = {};", rows.chunk));
    movement::index_tables(program)
        .iter()
        .for_each(|line| w.line(line));
}

/// The statements of a phase of a tile. A barrier precedes the first one.
fn tile_statements(w: &mut Writer, program: &Lowered, statements: &[TileStatement]) {
    let mut hazards = Hazards::default();
    for statement in statements {
        if hazards.before(statement.effects()) {
            w.line("sync(a, tile);");
        }
        tile_statement(w, program, statement, ThreadGroup::Block);
    }
}

/// Inputs into rows.
fn loads(w: &mut Writer, kind: Program, program: &Lowered, group: ThreadGroup) {
    let (rows, used) = (InputRows::of(program), program.inputs);
    let noise = if kind.perturbs() {
        "a.v, a.sigma"
    } else {
        "nullptr, 0.0f"
    };
    let at = |row: usize| format!("tile.samples + {row} * SAMPLE_ROW{}", group.argument());
    if used.x {
        let to = at(rows.x);
        w.line(format!("load<DIM>(a, tile, a.x, {noise}, {to});"));
    }
    if used.v {
        let to = at(rows.v);
        w.line(format!("load<DIM>(a, tile, a.v, nullptr, 0.0f, {to});"));
    }
    if used.omega {
        w.line(format!("load_omega(a, tile, {});", at(rows.omega)));
    }
}

/// A statement of a tile.
fn tile_statement(
    w: &mut Writer,
    program: &Lowered,
    statement: &TileStatement,
    group: ThreadGroup,
) {
    let rows = |view: &View| pointer(program, view, Scope::Tile);
    match statement {
        TileStatement::Loop(nest) => loops::tile_loop(w, program, nest, group),
        TileStatement::Gemm(g) => match group {
            ThreadGroup::Block => contraction::gemm(w, program, g),
            // A grid leaves products to the library, but for those that are loops.
            ThreadGroup::Grid => contraction::tile_contraction(w, program, &g.contraction(), group),
        },
        TileStatement::RankK(o) => rank_k(w, program, o, group),
        TileStatement::Contraction(c) => contraction::tile_contraction(w, program, c, group),
        TileStatement::SampleSum(s) => {
            contraction::tile_contraction(w, program, &s.contraction(), group);
        }
        TileStatement::Movement(m) => movement::movement(w, program, m, Scope::Tile, group),
        TileStatement::Directions(view) => w.line(format!(
            "load_directions<DIM>(a, tile, {}{});",
            rows(view),
            group.argument()
        )),
        TileStatement::Zero(view) => w.line(format!(
            "clear_rows({}, {}{});",
            rows(view),
            view.len,
            group.argument()
        )),
        TileStatement::ReduceToColumns(c) => contraction::reduce_to_columns(w, program, c, group),
        TileStatement::Defer(d) => match (group, d.with) {
            (ThreadGroup::Block, DeferredWith::Samples) => {
                let width = program.deferred_rows(program.deferred.len());
                let before = program.deferred_rows(d.index);
                for (a, _) in &d.update.pairs {
                    w.line(format!(
                        "store(a, tile, {}, {}, a.deferred, {width}, {before});",
                        rows(a),
                        a.len
                    ));
                }
            }
            // Directions are in shared memory now, and nowhere later; a grid has the whole batch in hand.
            (ThreadGroup::Block, DeferredWith::Directions) | (ThreadGroup::Grid, _) => {
                rank_k(w, program, &d.update, group)
            }
        },
        TileStatement::Result(r) => movement::result(w, program, r, group),
    }
}

/// A rank-k update: of a block on tensor cores, of a grid entry by entry.
fn rank_k(w: &mut Writer, program: &Lowered, update: &RankKCall, group: ThreadGroup) {
    match group {
        ThreadGroup::Block => contraction::rank_k(w, program, update),
        ThreadGroup::Grid => {
            for c in update.contractions() {
                contraction::tile_contraction(w, program, &c, group);
            }
        }
    }
}
