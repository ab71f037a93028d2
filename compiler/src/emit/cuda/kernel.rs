//! The kernels of a program: its phases in order, with the barriers between them.

use super::super::rust::writer::Writer;
use super::batch;
use crate::diff::Program;
use crate::lower::{BatchStatement, Lowered, Span};
use crate::plan::{DeferredWith, Stream};

/// How a kernel's definition begins.
pub(super) const HEAD: &str = "extern \"C\" __global__ void __launch_bounds__(THREADS, 1)";

/// The program: batch-independent work, the block's tiles, the sum of all blocks, batch-independent work. And its
/// kernels: one that runs it once, and for a loss one that trains, and one that begins a step of which several devices
/// have shares. The sums that the last kernel leaves are added up over the devices, because the program is linear in
/// the weights of its samples.
pub(super) fn kernel(w: &mut Writer, kind: Program, program: &Lowered, entry: &str) {
    w.block("INLINE void whole(Arguments a, const Grid& grid)", |w| {
        if !program.prologue.is_empty() {
            w.line(call(&program.prologue, "prologue"));
            w.line("grid.sync();");
        }
        tiles(w, program);
        if program.sums > 0 {
            sums(w, kind, program);
        }
    });
    w.line("");
    if kind.objective().is_none() {
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
pub(super) fn call(statements: &[BatchStatement], function: &str) -> String {
    if batch::is_spread(statements) {
        format!("{function}(a, grid);")
    } else {
        format!("if (blockIdx.x == 0) {function}(a, Block());")
    }
}

/// The tiles of a block, one after another.
fn tiles(w: &mut Writer, program: &Lowered) {
    w.block("if (blockIdx.x < partial_count(a))", |w| {
        w.line(
            "Tile tile = tile_of_block(a, SAMPLE_ROWS * SAMPLE_ROW, CHUNK_ROWS * CHUNK_ROW, SUMS);",
        );
        for (start, len) in touched(program) {
            w.line(format!("clear(tile.acc + {start}, {len});"));
        }
        w.block(
            "for (int i = blockIdx.x; i < tiles(a); i += gridDim.x)",
            |w| {
                w.line("tile.first = i * SAMPLES;");
                w.line("__syncthreads();");
                w.line("samples(a, tile);");
                if !program.stream_body.is_empty() {
                    let count = match program.stream {
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
                if !program.finish.is_empty() {
                    w.line("__syncthreads();");
                    w.line("finish(a, tile);");
                }
            },
        );
    });
}

/// The spans of the sums that tiles add to: all but those of products with x alone.
fn touched(program: &Lowered) -> Vec<Span> {
    let spans = |with: DeferredWith| {
        let deferred = program.deferred.iter().filter(move |d| d.with == with);
        deferred.map(|d| (d.to.offset, d.to.len))
    };
    let tiled: Vec<Span> = spans(DeferredWith::Directions).collect();
    let mut deferred: Vec<Span> = spans(DeferredWith::Samples)
        .filter(|span| !tiled.contains(span))
        .collect();
    deferred.sort_unstable();
    deferred.dedup();
    let (mut spans, mut next) = (Vec::new(), 0);
    for (start, len) in deferred.into_iter().chain([(program.sums, 0)]) {
        if start > next {
            spans.push((next, start - next));
        }
        next = start + len;
    }
    spans
}

/// The sums of all blocks, and what is computed from them.
fn sums(w: &mut Writer, kind: Program, program: &Lowered) {
    w.line("grid.sync();");
    for (start, len) in touched(program) {
        w.line(format!("sum_partials(a, grid, {start}, {len}, SUMS);"));
    }
    let width = program.deferred_rows(program.deferred.len());
    let accumulators = |with: DeferredWith, count: usize| -> Vec<usize> {
        let of = program.deferred[..count].iter().filter(|d| d.with == with);
        of.map(|d| d.to.offset).collect()
    };
    let tiled = accumulators(DeferredWith::Directions, program.deferred.len());
    let with_x = accumulators(DeferredWith::Samples, program.deferred.len());
    if with_x.iter().any(|at| tiled.contains(at)) {
        w.line("grid.sync();");
    }
    for (i, d) in program.deferred.iter().enumerate() {
        if d.with == DeferredWith::Directions {
            continue;
        }
        let noise = if kind.perturbs() { "a.v" } else { "nullptr" };
        let (at, rows, before) = (d.to.offset, d.rows, program.deferred_rows(i));
        // Added to the sums of the tiles, or of an earlier product.
        let adds = tiled.contains(&at) || accumulators(DeferredWith::Samples, i).contains(&at);
        w.line(format!(
            "batch_rank_k_update<{rows}, DIM, {adds}>(a.acc + {at}, a.deferred + {before}, {width}, a.x, {noise}, a.sigma, a.batch);"
        ));
    }
    if !program.epilogue.is_empty() {
        w.line("grid.sync();");
        w.line(call(&program.epilogue, "epilogue"));
    }
}
