//! The products of a program as calls of a library, over rows of a whole batch.
//!
//! BLAS stores matrices by columns. A value is stored by rows, so BLAS reads it as its transpose: for Y = W X the call
//! computes Yᵀ = Xᵀ Wᵀ.

use super::contraction::innermost;
use super::launch::Rows;
use super::reference::Size;
use super::value::InputRows;
use crate::ir::Axes;
use crate::lower::{self, Buffer, Lowered, Operand, RankKCall, Repeat, View};

/// C = op(A) op(B), or C += of it, by columns as BLAS has them: op(A) is m × k, op(B) k × n.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CublasGemm {
    /// Rows of C.
    pub m: usize,
    /// Columns of C.
    pub n: usize,
    /// Terms of an entry.
    pub k: usize,
    /// A, and whether op transposes it.
    pub a: (Matrix, bool),
    /// B, and whether op transposes it.
    pub b: (Matrix, bool),
    /// C.
    pub c: Matrix,
    /// Whether the product is added to what C holds.
    pub adds: bool,
    /// How many products of this kind, [`Matrix::step`] apart.
    pub times: usize,
}

/// A matrix by columns. All counts are of scalars.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Matrix {
    /// The buffer that holds it.
    pub memory: Memory,
    /// Where it starts there.
    pub start: usize,
    /// From one column to the next.
    pub ld: usize,
    /// From one matrix to the next.
    pub step: usize,
}

/// A buffer of a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Memory {
    /// Parameters.
    Params,
    /// Batch-independent values.
    Shared,
    /// Sums over samples.
    Sums,
    /// Rows of samples, and behind them rows of a chunk of directions.
    Scratch,
}

/// The calls for y = W x, if it is worth one: a product with one row or of one term is a loop.
pub(super) fn gemm(program: &Lowered, g: &lower::GemmCall, size: &Size) -> Option<Vec<CublasGemm>> {
    let Operand::View(matrix) = &g.matrix else {
        return None;
    };
    if g.m == 1 || g.k == 1 {
        return None;
    }
    let (ld, transposed) = match (g.matrix_row, g.matrix_col) {
        (row, 1) => (row, false),
        (1, col) => (col, true),
        _ => return None,
    };
    let (columns, row) = size.columns(g.x.axes);
    let (times, x_step, y_step) = innermost(&g.repeats, g.fold, g.x.len, g.y.len);
    let value = |view: &View, rows_on: usize, along: usize, step: usize| {
        let (memory, start) = place(program, view, size);
        Matrix {
            memory,
            start: start + rows_on * row,
            ld: along * row,
            step: step * row,
        }
    };
    let (memory, start) = place(program, matrix, size);
    let w = Matrix {
        memory,
        start,
        ld,
        step: 0,
    };
    let calls = around(&g.repeats).into_iter().map(|(x, y)| CublasGemm {
        m: columns,
        n: g.m,
        k: g.k,
        a: (value(&g.x, x, g.x_row, x_step), false),
        b: (w, transposed),
        c: value(&g.y, y, g.y_row, y_step),
        adds: false,
        times,
    });
    Some(calls.collect())
}

/// The calls for C += Σ a bᵀ, if it is worth them: one sum over samples is a loop.
pub(super) fn rank_k(program: &Lowered, o: &RankKCall, size: &Size) -> Option<Vec<CublasGemm>> {
    let axes = o.pairs[0].0.axes;
    if o.m * o.n == 1 && o.pairs.len() == 1 && axes == Axes::SAMPLE {
        return None;
    }
    // By columns C is its own transpose where its rows are contiguous, b aᵀ.
    let by_rows = o.c_col == 1 || o.n == 1;
    assert!(
        by_rows || o.c_row == 1 || o.m == 1,
        "one axis of a sum runs along memory"
    );
    let (columns, row) = size.columns(axes);
    let (memory, start) = place(program, &o.c, size);
    let mut calls = Vec::new();
    for (left, right) in &o.pairs {
        let (times, a_step, b_step) = innermost(&o.repeats, o.fold, left.len, right.len);
        for (a_on, b_on) in around(&o.repeats) {
            for k in 0..times {
                let side = |view: &View, rows_on: usize, along: usize| {
                    let (memory, start) = place(program, view, size);
                    Matrix {
                        memory,
                        start: start + rows_on * row,
                        ld: along * row,
                        step: 0,
                    }
                };
                let left = (side(left, a_on + k * a_step, o.a_row), o.m);
                let right = (side(right, b_on + k * b_step, o.b_row), o.n);
                let ((a, m), (b, n), ld) = if by_rows {
                    (right, left, o.c_row)
                } else {
                    (left, right, o.c_col)
                };
                calls.push(CublasGemm {
                    m,
                    n,
                    k: columns,
                    a: (a, true),
                    b: (b, false),
                    c: Matrix {
                        memory,
                        start,
                        // A single column has no next.
                        ld: ld.max(m),
                        step: 0,
                    },
                    adds: true,
                    times: 1,
                });
            }
        }
    }
    Some(calls)
}

/// The rows that all but the innermost repetition add to both operands.
fn around(repeats: &[Repeat]) -> Vec<(usize, usize)> {
    let outer = &repeats[..repeats.len().saturating_sub(1)];
    outer.iter().fold(vec![(0, 0)], |rows, r| {
        let on = |(a, b): (usize, usize)| (0..r.size).map(move |i| (a + i * r.a, b + i * r.b));
        rows.into_iter().flat_map(on).collect()
    })
}

/// The buffer of a value, and where it starts there.
fn place(program: &Lowered, view: &View, size: &Size) -> (Memory, usize) {
    let (_, row) = size.columns(Axes::SAMPLE);
    let inputs = InputRows::of(program);
    match view.buffer {
        Buffer::Params => (Memory::Params, view.offset),
        Buffer::Shared => (Memory::Shared, view.offset),
        Buffer::Sums => (Memory::Sums, view.offset),
        Buffer::Samples => (Memory::Scratch, view.offset * row),
        Buffer::X => (Memory::Scratch, (inputs.x + view.offset) * row),
        Buffer::V => (Memory::Scratch, (inputs.v + view.offset) * row),
        Buffer::Omega => (Memory::Scratch, (inputs.omega + view.offset) * row),
        Buffer::Chunk => {
            let (_, chunk_row) = size.columns(Axes::TANGENT);
            let samples = Rows::of(program).sample * row;
            (Memory::Scratch, samples + view.offset * chunk_row)
        }
    }
}
