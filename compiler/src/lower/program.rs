//! A lowered program: statements by phase, sizes, and typed results.

use super::{BatchStatement, TileStatement, View};
use crate::ir::Pool;
use crate::plan::{DeferredWith, Stream};

/// Features of a buffer as (first, number).
pub type Span = (usize, usize);

/// A program that an emitter prints.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The scalar expressions of the formulas.
    pub scalars: Pool,
    /// Entries of x.
    pub dim: usize,
    /// Scalars of the parameter buffer.
    pub params: usize,
    /// Scalars of batch-independent values.
    pub shared: usize,
    /// Scalars of sums over samples.
    pub sums: usize,
    /// Features of per-sample scratch.
    pub sample_rows: usize,
    /// Features of per-direction scratch, for one direction.
    pub chunk_rows: usize,
    /// Directions of a chunk times panels of a tile, at most.
    pub chunk: usize,
    /// Panels of a tile, at most.
    pub panels: usize,
    /// Where directions come from.
    pub stream: Stream,
    /// Whether x, the second input and the weights are read.
    pub inputs: Inputs,
    /// Results in the order of their declaration.
    pub outputs: Vec<Output>,
    /// Products over the whole batch that the caller computes.
    pub deferred: Vec<DeferredGemm>,
    /// The factor L of entry compression, if the stream leaves out a dead triangle of its gradient.
    pub triangle: Option<TileFactor>,
    /// Once, before the tiles.
    pub prologue: Vec<BatchStatement>,
    /// For each tile, before its directions.
    pub samples: Vec<TileStatement>,
    /// For each chunk of directions.
    pub stream_body: Vec<TileStatement>,
    /// For each tile, after its directions.
    pub finish: Vec<TileStatement>,
    /// Once, after the tiles.
    pub epilogue: Vec<BatchStatement>,
}

/// Which inputs a program reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inputs {
    /// The samples.
    pub x: bool,
    /// The second per-sample input.
    pub v: bool,
    /// The weights of the samples.
    pub omega: bool,
}

/// A result.
#[derive(Clone, PartialEq, Debug)]
pub enum Output {
    /// The mean loss of the batch.
    Loss(View),
    /// The gradient of the parameter with that index.
    Gradient(usize, View),
    /// A value for every sample (and direction), `rows` of them.
    Sample {
        /// Its name.
        name: String,
        /// Number of values.
        rows: usize,
    },
}

/// `sums[m, dim] += Σ values[m] ⊗ with[dim]` over the whole batch.
#[derive(Clone, PartialEq, Debug)]
pub struct DeferredGemm {
    /// Where the sums go.
    pub to: View,
    /// Values a sample, or a sample and direction.
    pub rows: usize,
    /// What they are multiplied with: the samples or the directions.
    pub with: DeferredWith,
}

/// The factor L of a tile, with its rows and columns.
#[derive(Clone, PartialEq, Debug)]
pub struct TileFactor {
    /// L.
    pub view: View,
    /// Rows and columns.
    pub shape: [usize; 2],
}

impl Lowered {
    /// Rows of per-sample results a sample (and direction).
    pub fn out_rows(&self) -> usize {
        let rows = self.outputs.iter().map(|output| match output {
            Output::Sample { rows, .. } => *rows,
            Output::Loss(_) | Output::Gradient(..) => 0,
        });
        rows.sum()
    }

    /// Whether every direction of a sample has results.
    pub fn results_per_direction(&self) -> bool {
        let is_result = |s: &TileStatement| matches!(s, TileStatement::Result(_));
        self.stream_body.iter().any(is_result)
    }

    /// Per-sample values that the first `count` deferred products with x need.
    pub fn deferred_rows(&self, count: usize) -> usize {
        let with_x = self.deferred[..count]
            .iter()
            .filter(|d| d.with == DeferredWith::Samples);
        with_x.map(|d| d.rows).sum()
    }

    /// Sums over directions, in per-sample scratch.
    pub fn direction_sums(&self) -> Vec<Span> {
        let zeros = self.samples.iter().filter_map(|statement| match statement {
            TileStatement::Zero(view) => Some((view.offset, view.len)),
            TileStatement::Loop(_)
            | TileStatement::Gemm(_)
            | TileStatement::RankK(_)
            | TileStatement::Contraction(_)
            | TileStatement::SampleSum(_)
            | TileStatement::Movement(_)
            | TileStatement::Directions(_)
            | TileStatement::ReduceToColumns(_)
            | TileStatement::Defer(_)
            | TileStatement::Result(_) => None,
        });
        zeros.collect()
    }

    /// Per-sample scratch that a chunk of directions reads and does not write, in order.
    pub fn direction_reads(&self) -> Vec<Span> {
        let sums = self.direction_sums();
        let effects = self.stream_body.iter().map(TileStatement::effects);
        let mut reads: Vec<Span> = effects
            .flat_map(|effects| effects.reads)
            .filter(|view| view.buffer == super::Buffer::Samples)
            .map(|view| (view.offset, view.len))
            .filter(|span| !sums.contains(span))
            .collect();
        reads.sort_unstable();
        reads.dedup();
        reads
    }
}
