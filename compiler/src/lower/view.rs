//! Operands of statements: ranges of buffers, and numbers.

use crate::ir::Axes;
use std::fmt;

/// A buffer of a program.
///
/// Row buffers hold one value a sample for each feature, [`Buffer::Chunk`] one a sample and direction. The others hold
/// scalars.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Buffer {
    /// Parameters.
    Params,
    /// Batch-independent values.
    Shared,
    /// Sums over samples.
    Sums,
    /// Scratch for per-sample values.
    Samples,
    /// Scratch for per-direction values of a chunk of directions.
    Chunk,
    /// The samples x.
    X,
    /// The second per-sample input: the direction of a Hessian-vector product, or noise.
    V,
    /// The weight of each sample in the mean over the batch.
    Omega,
}

impl Buffer {
    /// Whether the buffer holds rows of samples.
    pub fn is_rows(self) -> bool {
        match self {
            Buffer::Samples | Buffer::Chunk | Buffer::X | Buffer::V | Buffer::Omega => true,
            Buffer::Params | Buffer::Shared | Buffer::Sums => false,
        }
    }

    /// The name in printed text.
    pub fn name(self) -> &'static str {
        match self {
            Buffer::Params => "params",
            Buffer::Shared => "shared",
            Buffer::Sums => "sums",
            Buffer::Samples => "samples",
            Buffer::Chunk => "chunk",
            Buffer::X => "x",
            Buffer::V => "v",
            Buffer::Omega => "omega",
        }
    }
}

/// Consecutive features of one buffer: rows of a row buffer, scalars of the others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct View {
    /// A number that names the value in emitted text.
    pub label: u32,
    /// Which buffer.
    pub buffer: Buffer,
    /// The first feature.
    pub offset: usize,
    /// The number of features.
    pub len: usize,
    /// What the value varies over.
    pub axes: Axes,
}

impl View {
    /// Whether the view holds rows of samples.
    pub fn is_rows(&self) -> bool {
        self.buffer.is_rows()
    }

    /// The feature behind the last.
    pub fn end(&self) -> usize {
        self.offset + self.len
    }

    /// Whether two views are the same features of the same buffer.
    pub fn is_same(&self, other: &View) -> bool {
        (self.buffer, self.offset, self.len) == (other.buffer, other.offset, other.len)
    }

    /// Whether two views share a feature.
    pub fn overlaps(&self, other: &View) -> bool {
        self.buffer == other.buffer && self.offset < other.end() && other.offset < self.end()
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.offset, self.end());
        write!(f, "%{} {}[{start}..{end}]", self.label, self.buffer.name())
    }
}

/// What a statement reads as an array.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Operand {
    /// A range of a buffer.
    View(View),
    /// One number that is known at compile time.
    Constant {
        /// A number that names the value in emitted text.
        label: u32,
        /// The number.
        value: f64,
    },
}

impl Operand {
    /// The view, if the operand is stored.
    pub fn view(&self) -> Option<View> {
        match self {
            Operand::View(view) => Some(*view),
            Operand::Constant { .. } => None,
        }
    }

    /// The number that names the value.
    pub fn label(&self) -> u32 {
        match self {
            Operand::View(view) => view.label,
            Operand::Constant { label, .. } => *label,
        }
    }

    /// The number of features.
    #[allow(clippy::len_without_is_empty, reason = "operands have a feature")]
    pub fn len(&self) -> usize {
        match self {
            Operand::View(view) => view.len,
            Operand::Constant { .. } => 1,
        }
    }

    /// What the value varies over.
    pub fn axes(&self) -> Axes {
        match self {
            Operand::View(view) => view.axes,
            Operand::Constant { .. } => Axes::SHARED,
        }
    }

    /// Whether the operand holds rows of samples.
    pub fn is_rows(&self) -> bool {
        match self {
            Operand::View(view) => view.is_rows(),
            Operand::Constant { .. } => false,
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::View(view) => view.fmt(f),
            Operand::Constant { value, .. } => write!(f, "{value}"),
        }
    }
}
