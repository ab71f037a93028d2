//! The products of a plan as calls of a library, over rows of a whole batch.
//!
//! A library knows matrices by columns (BLAS). A value is rows of columns, so by columns it is its own transpose: where
//! the plan has Y = W X, the call has Yᵀ = Xᵀ Wᵀ.

use super::contraction::innermost;
use super::launch::Rows;
use super::reference::Size;
use super::value::InputRows;
use crate::ir::{Axes, NodeId};
use crate::plan::{Outer, Place, Plan, Product, Repeat};

/// C = op(A) op(B), or C += of it, by columns as BLAS has them: op(A) is m × k, op(B) k × n.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gemm {
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
pub(super) fn product(plan: &Plan, p: &Product, size: &Size) -> Option<Vec<Gemm>> {
    if p.m == 1 || p.k == 1 || matches!(plan.place(p.matrix), Place::Constant(_)) {
        return None;
    }
    let (ld, transposed) = match (p.matrix_row, p.matrix_col) {
        (row, 1) => (row, false),
        (1, col) => (col, true),
        _ => return None,
    };
    let g = &plan.graph;
    let (columns, row) = size.columns(g.axes(p.x));
    let (times, x_step, y_step) =
        innermost(&p.repeats, p.fold, g.node(p.x).len(), g.node(p.node).len());
    let value = |id, rows_on: usize, along: usize, step: usize| {
        let (memory, start) = place(plan, id, size);
        Matrix {
            memory,
            start: start + rows_on * row,
            ld: along * row,
            step: step * row,
        }
    };
    let (memory, start) = place(plan, p.matrix, size);
    let w = Matrix {
        memory,
        start,
        ld,
        step: 0,
    };
    let calls = around(&p.repeats).into_iter().map(|(x, y)| Gemm {
        m: columns,
        n: p.m,
        k: p.k,
        a: (value(p.x, x, p.x_row, x_step), false),
        b: (w, transposed),
        c: value(p.node, y, p.y_row, y_step),
        adds: false,
        times,
    });
    Some(calls.collect())
}

/// The calls for C += Σ a bᵀ, if it is worth them: one sum over samples is a loop.
pub(super) fn outer(plan: &Plan, o: &Outer, size: &Size) -> Option<Vec<Gemm>> {
    let g = &plan.graph;
    let axes = g.axes(o.pairs[0].0);
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
    let (memory, start) = place(plan, o.node, size);
    let mut calls = Vec::new();
    for &(left, right) in &o.pairs {
        let (times, a_step, b_step) =
            innermost(&o.repeats, o.fold, g.node(left).len(), g.node(right).len());
        for (a_on, b_on) in around(&o.repeats) {
            for k in 0..times {
                let side = |id, rows_on: usize, along: usize| {
                    let (memory, start) = place(plan, id, size);
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
                calls.push(Gemm {
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
fn place(plan: &Plan, id: NodeId, size: &Size) -> (Memory, usize) {
    let (_, row) = size.columns(Axes::SAMPLE);
    match plan.place(id) {
        Place::Param(at) => (Memory::Params, *at),
        Place::Shared(at) => (Memory::Shared, *at),
        Place::Acc(at) => (Memory::Sums, *at),
        Place::Sample(at) => (Memory::Scratch, at * row),
        Place::Input(input) => (Memory::Scratch, InputRows::of(plan).row(*input) * row),
        Place::Tangent(at) => {
            let (_, chunk_row) = size.columns(Axes::TANGENT);
            let samples = Rows::of(plan).sample * row;
            (Memory::Scratch, samples + at * chunk_row)
        }
        place @ (Place::Fused | Place::Constant(_) | Place::Columns(_) | Place::Basis) => {
            unreachable!("{place:?} is not stored")
        }
    }
}
