//! Buffers of the interpreter.

use crate::ir::{Axes, Feed, Input};
use crate::lower::{Buffer, Lowered, Operand, View};

/// All buffers, with one sample and some directions in hand.
pub(super) struct Memory<'a> {
    program: &'a Lowered,
    feed: &'a Feed,
    params: Vec<f64>,
    shared: Vec<f64>,
    pub(super) sums: Vec<f64>,
    samples: Vec<f64>,
    /// Scratch for each direction of the chunk.
    chunk: Vec<Vec<f64>>,
    /// The sample in hand.
    b: usize,
    /// The first direction in hand.
    pub(super) t0: usize,
    /// The number of directions in hand.
    pub(super) tn: usize,
}

impl<'a> Memory<'a> {
    pub(super) fn new(program: &'a Lowered, feed: &'a Feed) -> Memory<'a> {
        Memory {
            program,
            feed,
            params: feed.params.concat(),
            shared: vec![f64::NAN; program.shared],
            sums: vec![0.0; program.sums],
            samples: vec![],
            chunk: vec![],
            b: 0,
            t0: 0,
            tn: 0,
        }
    }

    pub(super) fn begin_sample(&mut self, b: usize) {
        self.b = b;
        self.samples = vec![f64::NAN; self.program.sample_rows];
    }

    pub(super) fn begin_chunk(&mut self, t0: usize, tn: usize) {
        (self.t0, self.tn) = (t0, tn);
        self.chunk = vec![vec![f64::NAN; self.program.chunk_rows]; tn];
    }

    pub(super) fn end_chunks(&mut self) {
        (self.t0, self.tn) = (0, 0);
        self.chunk.clear();
    }

    /// How many directions in hand a value has.
    pub(super) fn directions(&self, axes: Axes) -> usize {
        if axes.tangent { self.tn } else { 1 }
    }

    /// Direction t of those in hand, as it is given from outside.
    pub(super) fn direction(&self, t: usize) -> Vec<f64> {
        let dim = self.program.dim;
        let row = (self.t0 + t) * self.feed.batch + self.b;
        self.feed.inputs[&Input::Directions][row * dim..][..dim].to_vec()
    }

    pub(super) fn weight(&self) -> f64 {
        self.feed.inputs[&Input::Weight][0]
    }

    pub(super) fn sigma(&self) -> f64 {
        self.feed.inputs[&Input::Sigma][0]
    }

    /// Entry k of a view, for direction t of those in hand.
    pub(super) fn entry(&self, view: &View, k: usize, t: usize) -> f64 {
        assert!(k < view.len, "entry {k} of {view}");
        let (at, dim) = (view.offset + k, self.program.dim);
        match view.buffer {
            Buffer::Params => self.params[at],
            Buffer::Shared => self.shared[at],
            Buffer::Sums => self.sums[at],
            Buffer::Samples => self.samples[at],
            Buffer::Chunk => self.chunk[t][at],
            Buffer::X => self.feed.inputs[&Input::X][self.b * dim + at],
            Buffer::V => self.feed.inputs[&Input::V][self.b * dim + at],
            Buffer::Omega => self.feed.inputs[&Input::Omega][self.b + at],
        }
    }

    /// Entry k of an operand, for direction t of those in hand.
    pub(super) fn operand(&self, operand: &Operand, k: usize, t: usize) -> f64 {
        match operand {
            Operand::View(view) => self.entry(view, k, t),
            Operand::Constant { value, .. } => *value,
        }
    }

    /// Where entry k of a view is written, for direction t of those in hand.
    pub(super) fn cell(&mut self, view: &View, k: usize, t: usize) -> &mut f64 {
        assert!(k < view.len, "entry {k} of {view}");
        let at = view.offset + k;
        match view.buffer {
            Buffer::Shared => &mut self.shared[at],
            Buffer::Sums => &mut self.sums[at],
            Buffer::Samples => &mut self.samples[at],
            Buffer::Chunk => &mut self.chunk[t][at],
            Buffer::Params | Buffer::X | Buffer::V | Buffer::Omega => {
                panic!("nothing is written to {view}")
            }
        }
    }

    pub(super) fn read(&self, view: &View, t: usize) -> Vec<f64> {
        (0..view.len).map(|k| self.entry(view, k, t)).collect()
    }

    pub(super) fn write(&mut self, view: &View, t: usize, values: &[f64]) {
        for (k, x) in values.iter().enumerate() {
            *self.cell(view, k, t) = *x;
        }
    }
}

/// Every index of nested loops of these sizes, outermost first.
pub(super) fn indices(sizes: &[usize]) -> impl Iterator<Item = Vec<usize>> + '_ {
    (0..sizes.iter().product()).map(move |count: usize| {
        let mut rest = count;
        let mut index = vec![0; sizes.len()];
        for (i, size) in index.iter_mut().zip(sizes).rev() {
            (*i, rest) = (rest % size, rest / size);
        }
        index
    })
}

/// Σ index · stride.
pub(super) fn offset(index: &[usize], strides: &[usize]) -> usize {
    index.iter().zip(strides).map(|(i, s)| i * s).sum()
}
