//! The same program on a library of matrix products: the reference for results and times of the fused kernels.
//!
//! Enters: a lowered program and the size of a batch. Leaves: kernels, and the order in which they and the library are
//! called. The whole batch is one tile, its rows lie in global memory, and all blocks run it. Where the fused kernel
//! has a barrier, the reference starts another kernel. What must hold: the statements are those of the fused kernel,
//! and but for the products their text is too.

use super::super::rust::writer::Writer;
use super::gemm::{self, CublasGemm};
use super::hazard::Hazards;
use super::kernel::{HEAD, call};
use super::launch::{Rows, padded};
use super::thread_group::ThreadGroup;
use super::{batch, batch_independent, constants, loads, tile_statement};
use crate::diff::Program;
use crate::ir::Axes;
use crate::lower::{BatchStatement, Lowered, TileStatement};
use crate::plan::Stream;

/// The sizes of a run.
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
    pub fn of(program: &Lowered, samples: usize, directions: usize) -> Size {
        let count = count(program, directions).max(1);
        let one = (Rows::of(program).chunk * samples).max(1);
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
    Gemm(CublasGemm),
}

/// The launch of a kernel, whose arguments are `Arguments` and the first direction of the chunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// The first direction of the chunk.
    pub direction: usize,
    /// Threads that have work; any number of blocks is correct.
    pub threads: usize,
    /// Whether all blocks must be resident at once, because they wait for each other.
    pub cooperative: bool,
}

/// A program of a batch of that size.
pub fn reference(kind: Program, program: &Lowered, size: &Size) -> Reference {
    let name = kind.name().to_lowercase();
    let mut calls = Vec::new();
    let mut w = Writer::default();
    w.block(format!("namespace {name}"), |w| {
        constants(w, program);
        w.line("");
        w.line("// The whole batch, with the directions from t0 on.");
        w.block("INLINE Tile whole_batch(const Arguments& a, int t0)", |w| {
            w.line("return {a.workspace, a.workspace + SAMPLE_ROWS * SAMPLE_ROW, a.acc, 0, t0};");
        });
        let phase = |w: &mut Writer, phase: &str, statements: &[TileStatement]| {
            let prefix = format!("{name}_{phase}");
            kernels(w, program, &prefix, statements, size)
        };
        calls.extend(once(w, program, &program.prologue, "prologue", &name));
        calls.push(inputs(
            w,
            kind,
            program,
            format!("{name}_samples_inputs"),
            size,
        ));
        let samples = phase(w, "samples", &program.samples);
        calls.extend(samples.into_iter().map(|call| call.at(0)));
        let stream = phase(w, "stream", &program.stream_body);
        for t0 in (0..count(program, size.directions)).step_by(size.chunk.max(1)) {
            calls.extend(stream.iter().map(|call| call.at(t0)));
        }
        let finish = phase(w, "finish", &program.finish);
        calls.extend(finish.into_iter().map(|call| call.at(0)));
        calls.extend(once(w, program, &program.epilogue, "epilogue", &name));
    });
    let rows = Rows::of(program);
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
fn count(program: &Lowered, given: usize) -> usize {
    match program.stream {
        Stream::None => 0,
        Stream::Exact(count) => count,
        Stream::Given => given,
    }
}

/// A batch-independent phase: a kernel, as it is part of the fused one.
fn once(
    w: &mut Writer,
    program: &Lowered,
    statements: &[BatchStatement],
    function: &str,
    prefix: &str,
) -> Option<Call> {
    if statements.is_empty() {
        return None;
    }
    batch_independent(w, program, statements, function);
    w.line("");
    let name = format!("{prefix}_{function}");
    w.block(format!("{HEAD} {name}(Arguments a, int t0)"), |w| {
        w.line("const Grid grid(a.arrived);");
        w.line(call(statements, function));
    });
    let cooperative = batch::is_spread(statements);
    Some(Call::Kernel(Kernel {
        name,
        direction: 0,
        threads: if cooperative { usize::MAX } else { 1 },
        cooperative,
    }))
}

/// Independent statements: one kernel, and the products beside it.
#[derive(Default)]
struct Group<'a> {
    statements: Vec<&'a TileStatement>,
    products: Vec<CublasGemm>,
}

fn groups<'a>(program: &Lowered, statements: &'a [TileStatement], size: &Size) -> Vec<Group<'a>> {
    let mut hazards = Hazards::default();
    let mut groups = Vec::new();
    let mut group = Group::default();
    for statement in statements {
        if hazards.before(statement.effects()) {
            groups.push(std::mem::take(&mut group));
        }
        match products(program, statement, size) {
            Some(products) => group.products.extend(products),
            None => group.statements.push(statement),
        }
    }
    groups.push(group);
    groups
}

/// The calls of the library for a statement, if it is worth them.
fn products(program: &Lowered, statement: &TileStatement, size: &Size) -> Option<Vec<CublasGemm>> {
    match statement {
        TileStatement::Gemm(g) => gemm::gemm(program, g, size),
        TileStatement::RankK(o) => gemm::rank_k(program, o, size),
        TileStatement::Defer(d) => gemm::rank_k(program, &d.update, size),
        TileStatement::Loop(_)
        | TileStatement::Contraction(_)
        | TileStatement::SampleSum(_)
        | TileStatement::Movement(_)
        | TileStatement::Directions(_)
        | TileStatement::Zero(_)
        | TileStatement::ReduceToColumns(_)
        | TileStatement::Result(_) => None,
    }
}

/// The kernel that lays out the inputs.
fn inputs(w: &mut Writer, kind: Program, program: &Lowered, name: String, size: &Size) -> Call {
    let entries = (program.dim * size.samples).max(program.sums);
    kernel(w, name, entries, |w| {
        loads(w, kind, program, ThreadGroup::Grid);
        if program.sums > 0 {
            w.line(format!(
                "clear(tile.acc, SUMS{});",
                ThreadGroup::Grid.argument()
            ));
        }
    })
}

/// The kernels of a phase of the tile, and what is called.
fn kernels(
    w: &mut Writer,
    program: &Lowered,
    prefix: &str,
    statements: &[TileStatement],
    size: &Size,
) -> Vec<Call> {
    let mut calls = Vec::new();
    for (i, group) in groups(program, statements, size).into_iter().enumerate() {
        let threads = group.statements.iter().map(|s| threads(s, size));
        if let Some(threads) = threads.max() {
            calls.push(kernel(w, format!("{prefix}_{i}"), threads, |w| {
                for statement in &group.statements {
                    tile_statement(w, program, statement, ThreadGroup::Grid);
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
        w.line("const Grid group(a.arrived);");
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

/// Threads that have work in a statement.
fn threads(statement: &TileStatement, size: &Size) -> usize {
    let entries = |len: usize, axes: Axes| len * size.columns(axes).0;
    // Some lanes, or all of a warp, share a sum.
    let sums = |len: usize, axes: Axes| match axes.sample {
        true => 4 * entries(len, axes),
        false => 32 * entries(len, axes),
    };
    match statement {
        TileStatement::Loop(nest) if nest.sums.is_empty() => entries(nest.elements(), nest.axes),
        // A thread goes through all directions.
        TileStatement::Loop(nest) => nest.elements() * size.samples,
        TileStatement::ReduceToColumns(c) => 8 * c.from.len * size.chunk,
        TileStatement::Result(r) => entries(r.from.len(), r.from.axes()),
        TileStatement::Movement(m) => entries(m.to().len, m.to().axes),
        TileStatement::Directions(view) | TileStatement::Zero(view) => entries(view.len, view.axes),
        TileStatement::Gemm(g) => sums(g.y.len, g.y.axes),
        TileStatement::RankK(o) => sums(o.c.len, o.c.axes),
        TileStatement::Defer(d) => sums(d.update.c.len, d.update.c.axes),
        TileStatement::Contraction(c) => sums(c.to.len, c.to.axes),
        TileStatement::SampleSum(s) => sums(s.to.len, s.to.axes),
    }
}
