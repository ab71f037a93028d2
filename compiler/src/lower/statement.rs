//! Statements: those of a tile of samples, and batch-independent ones.

use super::{Contraction, Factor, GemmCall, IndexAxis, LoopNest, Movement, Operand, RankKCall};
use super::{Subscript, View};
use crate::plan::DeferredWith;

/// A statement that a tile of samples executes.
#[derive(Clone, PartialEq, Debug)]
pub enum TileStatement {
    /// Elementwise formulas.
    Loop(LoopNest),
    /// y = W x.
    Gemm(GemmCall),
    /// C += Σ a bᵀ over samples (and directions).
    RankK(RankKCall),
    /// Any other contraction.
    Contraction(Contraction),
    /// A sum over samples (and directions) of every feature.
    SampleSum(SampleSum),
    /// Copies by index map.
    Movement(Movement),
    /// Reads the directions of the chunk.
    Directions(View),
    /// Sets an accumulator over directions to zero.
    Zero(View),
    /// Sums over samples, a column a direction.
    ReduceToColumns(ReduceToColumns),
    /// Leaves a rank-k update to the caller.
    Defer(Defer),
    /// Writes a per-sample result.
    Result(SampleResult),
}

/// A statement that runs once for all samples.
#[derive(Clone, PartialEq, Debug)]
pub enum BatchStatement {
    /// Elementwise formulas.
    Loop(LoopNest),
    /// A contraction.
    Contraction(Contraction),
    /// Copies by index map.
    Movement(Movement),
    /// A = L Q.
    Lq(Lq),
    /// The gradient of L, completed from its lower triangle.
    LqGradient(LqGradient),
    /// A constant array.
    Fill(Fill),
    /// A copy to where the caller expects a result.
    Deliver(Deliver),
    /// A transposed copy of a matrix, which tiles read.
    Transpose(Transpose),
}

/// `to[u] += Σ from[u]` over samples (and directions).
#[derive(Clone, PartialEq, Debug)]
pub struct SampleSum {
    /// What is summed.
    pub from: View,
    /// The accumulator.
    pub to: View,
}

impl SampleSum {
    /// The same sums as a contraction.
    pub fn contraction(&self) -> Contraction {
        let own = vec![Subscript {
            label: b'u',
            stride: 1,
        }];
        Contraction {
            to: self.to,
            subscripts: own.clone(),
            left: Factor {
                operand: Operand::View(self.from),
                subscripts: own,
            },
            right: None,
            kept: vec![IndexAxis {
                label: b'u',
                size: self.to.len,
            }],
            summed: vec![],
        }
    }
}

/// `to[u, t] += Σ from[u]` over samples, for every direction t of the chunk.
#[derive(Clone, PartialEq, Debug)]
pub struct ReduceToColumns {
    /// Per-direction values.
    pub from: View,
    /// The accumulator, row-major.
    pub to: View,
    /// Its number of columns.
    pub columns: usize,
}

/// A rank-k update whose right operand the caller has: the caller keeps the left one and computes the product over the
/// whole batch.
#[derive(Clone, PartialEq, Debug)]
pub struct Defer {
    /// The update.
    pub update: RankKCall,
    /// Which of the program's deferred products it is.
    pub index: usize,
    /// The right operand.
    pub with: DeferredWith,
}

/// A result that has a value for every sample (and direction).
#[derive(Clone, PartialEq, Debug)]
pub struct SampleResult {
    /// Its name.
    pub name: String,
    /// The value.
    pub from: Operand,
    /// The first of its rows among those of all results.
    pub row: usize,
    /// Whether every direction has a value.
    pub per_direction: bool,
}

/// A = L Q with a lower triangular L and orthonormal rows of Q.
#[derive(Clone, PartialEq, Debug)]
pub struct Lq {
    /// A.
    pub of: View,
    /// Rows and columns of A.
    pub shape: [usize; 2],
    /// L, if it is needed.
    pub lower: Option<View>,
    /// Q, if it is needed.
    pub orthonormal: Option<View>,
}

/// The whole gradient of L, of which tiles may have formed the lower triangle alone.
#[derive(Clone, PartialEq, Debug)]
pub struct LqGradient {
    /// L.
    pub lower: View,
    /// What the tiles formed.
    pub gradient: View,
    /// The result.
    pub to: View,
    /// Rows and columns of L.
    pub shape: [usize; 2],
}

/// A constant array.
#[derive(Clone, PartialEq, Debug)]
pub struct Fill {
    /// The array.
    pub to: View,
    /// Its entries.
    pub values: Vec<f64>,
}

impl Fill {
    /// The value of all entries, if they have one.
    pub fn uniform(&self) -> Option<f64> {
        let first = *self.values.first()?;
        let same = |v: &f64| v.to_bits() == first.to_bits();
        self.values.iter().all(same).then_some(first)
    }
}

/// A copy of a batch-independent value.
#[derive(Clone, PartialEq, Debug)]
pub struct Deliver {
    /// The value.
    pub from: Operand,
    /// Where it goes.
    pub to: View,
}

/// The transpose \[m, k\] of a dense row-major matrix \[k, m\].
#[derive(Clone, PartialEq, Debug)]
pub struct Transpose {
    /// The matrix.
    pub from: View,
    /// The copy. It has the label of the matrix.
    pub to: View,
    /// Rows of the matrix.
    pub k: usize,
    /// Columns of the matrix.
    pub m: usize,
}
