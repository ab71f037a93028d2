//! Matrix products over samples: GEMM calls and rank-k updates.

use super::lowering::Lowering;
use super::{Contraction, Factor, IndexAxis, Operand, Subscript, View};
use crate::ir::{Label, NodeId};
use crate::plan::{Gemm, RankK};

pub use crate::plan::Repeat;

/// `y[m] = Σₖ W[m, k] x[k]` for every sample (and direction).
#[derive(Clone, PartialEq, Debug)]
pub struct GemmCall {
    /// The result y.
    pub y: View,
    /// The shared W.
    pub matrix: Operand,
    /// A transposed copy of W, row-major \[m, k\], which targets may read in its place.
    pub transposed: Option<View>,
    /// x.
    pub x: View,
    /// Rows of W.
    pub m: usize,
    /// Columns of W.
    pub k: usize,
    /// Stride of W along m.
    pub matrix_row: usize,
    /// Stride of W along k.
    pub matrix_col: usize,
    /// Stride of x along k.
    pub x_row: usize,
    /// Stride of y along m.
    pub y_row: usize,
    /// Products within one sample that follow each other at full stride: the batch is that much longer.
    pub fold: usize,
    /// Loops around the product: strides in x (a) and y (b).
    pub repeats: Vec<Repeat>,
    /// The diagonal offset d of structural zeros in x: x\[k\] of direction t is zero where k + d < t.
    pub zeros: Option<usize>,
    /// The diagonal offset d of the dead triangle of y: nothing reads y\[m\] of direction t where m + d < t, as long as
    /// the gradient of L is completed from its lower triangle.
    pub dead: Option<usize>,
}

/// `C[m, n] += Σ a[m] b[n]` over samples (and directions), for one pair (a, b) or several.
#[derive(Clone, PartialEq, Debug)]
pub struct RankKCall {
    /// The accumulator C.
    pub c: View,
    /// Every a with its b.
    pub pairs: Vec<(View, View)>,
    /// Entries of a.
    pub m: usize,
    /// Entries of b.
    pub n: usize,
    /// Stride of C along m.
    pub c_row: usize,
    /// Stride of C along n.
    pub c_col: usize,
    /// Stride of a along m.
    pub a_row: usize,
    /// Stride of b along n.
    pub b_row: usize,
    /// As in [`GemmCall`].
    pub fold: usize,
    /// Loops around the update that are summed over: strides in a and b.
    pub repeats: Vec<Repeat>,
    /// The diagonal offsets of structural zeros in a and b, as in [`GemmCall`]; of several pairs none has any.
    pub zeros: [Option<usize>; 2],
}

/// Labels of the indices m, n and k, of folded products, and of the first repetition.
const M: Label = b'm';
const N: Label = b'n';
const K: Label = b'k';
const FOLD: Label = b'q';
const REPEAT: Label = b'A';

/// The indices of repeated products, with their strides in both panel operands.
fn around(fold: usize, views: [&View; 2], repeats: &[Repeat]) -> Vec<(IndexAxis, [usize; 2])> {
    let folded = (axis(FOLD, fold), views.map(|view| view.len / fold));
    let repeated = repeats.iter().zip(REPEAT..);
    let repeated = repeated.map(|(r, label)| (axis(label, r.size), [r.a, r.b]));
    std::iter::once(folded).chain(repeated).collect()
}

fn axis(label: Label, size: usize) -> IndexAxis {
    IndexAxis { label, size }
}

fn subscript(label: Label, stride: usize) -> Subscript {
    Subscript { label, stride }
}

/// Subscripts of one panel operand along repeated products, and along its own index.
fn panel(around: &[(IndexAxis, [usize; 2])], side: usize, own: Subscript) -> Vec<Subscript> {
    let outer = around
        .iter()
        .map(|(axis, strides)| subscript(axis.label, strides[side]));
    outer.chain([own]).collect()
}

impl GemmCall {
    /// The same sums as a contraction.
    pub fn contraction(&self) -> Contraction {
        let around = around(self.fold, [&self.x, &self.y], &self.repeats);
        let outer = around.iter().map(|(axis, _)| *axis);
        Contraction {
            to: self.y,
            subscripts: panel(&around, 1, subscript(M, self.y_row)),
            left: Factor {
                operand: self.matrix,
                subscripts: vec![subscript(M, self.matrix_row), subscript(K, self.matrix_col)],
            },
            right: Some(Factor {
                operand: Operand::View(self.x),
                subscripts: panel(&around, 0, subscript(K, self.x_row)),
            }),
            kept: outer.chain([axis(M, self.m)]).collect(),
            summed: vec![axis(K, self.k)],
        }
    }
}

impl RankKCall {
    /// The same sums as contractions, one for each pair.
    pub fn contractions(&self) -> Vec<Contraction> {
        let contraction = |(a, b): &(View, View)| {
            let around = around(self.fold, [a, b], &self.repeats);
            let factor = |view: &View, side, own| Factor {
                operand: Operand::View(*view),
                subscripts: panel(&around, side, own),
            };
            Contraction {
                to: self.c,
                subscripts: vec![subscript(M, self.c_row), subscript(N, self.c_col)],
                left: factor(a, 0, subscript(M, self.a_row)),
                right: Some(factor(b, 1, subscript(N, self.b_row))),
                kept: vec![axis(M, self.m), axis(N, self.n)],
                summed: around.iter().map(|(axis, _)| *axis).collect(),
            }
        };
        self.pairs.iter().map(contraction).collect()
    }
}

impl Lowering<'_> {
    pub(super) fn gemm(&self, p: &Gemm) -> GemmCall {
        GemmCall {
            y: self.view(p.node),
            matrix: self.operand(p.matrix),
            transposed: self.transposes.find(p),
            x: self.view(p.x),
            m: p.m,
            k: p.k,
            matrix_row: p.matrix_row,
            matrix_col: p.matrix_col,
            x_row: p.x_row,
            y_row: p.y_row,
            fold: p.fold,
            repeats: p.repeats.clone(),
            zeros: p.zeros,
            dead: p.dead,
        }
    }

    pub(super) fn rank_k(&self, o: &RankK) -> RankKCall {
        let view = |id: NodeId| self.view(id);
        RankKCall {
            c: view(o.node),
            pairs: o.pairs.iter().map(|&(a, b)| (view(a), view(b))).collect(),
            m: o.m,
            n: o.n,
            c_row: o.c_row,
            c_col: o.c_col,
            a_row: o.a_row,
            b_row: o.b_row,
            fold: o.fold,
            repeats: o.repeats.clone(),
            zeros: o.zeros,
        }
    }
}
