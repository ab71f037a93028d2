//! Contractions that are matrix products over samples: forward products, transposed ones, and dW.

use super::DeferredWith;
use super::access::strides;
use crate::ir::{Axes, Graph, Input, Label, NodeId, Op};

/// A loop around a product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repeat {
    /// How often.
    pub size: usize,
    /// Feature stride in the first panel operand.
    pub a: usize,
    /// Feature stride in the second panel operand or the result.
    pub b: usize,
}

/// `y[m] = Σₖ W[m, k] x[k]` for every sample (and direction).
#[derive(Clone, PartialEq, Debug)]
pub struct Gemm {
    /// The result y.
    pub node: NodeId,
    /// The shared W.
    pub matrix: NodeId,
    /// x.
    pub x: NodeId,
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
    /// The diagonal offset of structural zeros in x: x\[k\] of direction t is zero where k + zeros < t.
    pub zeros: Option<usize>,
    /// The diagonal offset of the dead triangle of y: nothing reads y\[m\] of direction t where m + dead < t, as long
    /// as the gradient of L is completed from its lower triangle.
    pub dead: Option<usize>,
}

/// `C[m, n] += Σ a[m] b[n]` over samples (and directions), for one pair (a, b) or several.
#[derive(Clone, PartialEq, Debug)]
pub struct RankK {
    /// The accumulator C.
    pub node: NodeId,
    /// Every a with its b.
    pub pairs: Vec<(NodeId, NodeId)>,
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
    /// As in [`Gemm`].
    pub fold: usize,
    /// Loops around the product that are summed over: strides in a and b.
    pub repeats: Vec<Repeat>,
    /// The diagonal offsets of structural zeros in a and b, as in [`Gemm`]; of several pairs none has any.
    pub zeros: [Option<usize>; 2],
}

/// The number of features of x from which products with x or a direction are deferred to the end of the tiles: partial
/// accumulators of that width would cost more than the product.
const DEFER_FROM: usize = 256;

/// x or the directions, if a reduction is aᵀx or aᵀv with so many features: one product over the whole batch, left to
/// the caller.
pub(super) fn deferred(g: &Graph, id: NodeId) -> Option<DeferredWith> {
    let update = rank_k(g, id).filter(|_| g.dim() >= DEFER_FROM)?;
    let factors = [
        (Input::X, DeferredWith::Samples),
        (Input::Directions, DeferredWith::Directions),
    ];
    let found = factors
        .into_iter()
        .find(|&(input, _)| update.is_with(g, input));
    found.map(|(_, factor)| factor)
}

impl Gemm {
    /// Notes the structural zeros of x and the dead triangle of y, if they are whole values in order.
    pub(super) fn skip(
        &mut self,
        g: &Graph,
        structural_zeros: &[Option<usize>],
        dead_triangle: &[Option<usize>],
    ) {
        if self.fold != 1 || !self.repeats.is_empty() {
            return;
        }
        let whole = |id: NodeId, row, size| row == 1 && size == g.node(id).len();
        self.zeros = structural_zeros[self.x.index()].filter(|_| whole(self.x, self.x_row, self.k));
        // No product gains from both.
        let all = self.zeros.is_none() && whole(self.node, self.y_row, self.m);
        self.dead = dead_triangle[self.node.index()].filter(|_| all);
    }
}

impl RankK {
    /// The same sums as Cᵀ = Σ b aᵀ.
    fn transposed(self) -> RankK {
        RankK {
            pairs: self.pairs.iter().map(|&(a, b)| (b, a)).collect(),
            m: self.n,
            n: self.m,
            c_row: self.c_col,
            c_col: self.c_row,
            a_row: self.b_row,
            b_row: self.a_row,
            repeats: self
                .repeats
                .iter()
                .map(|r| Repeat {
                    a: r.b,
                    b: r.a,
                    ..*r
                })
                .collect(),
            ..self
        }
    }

    /// Notes where the operands of a single pair vanish, if they are whole values in order.
    pub(super) fn skip_zeros(&mut self, g: &Graph, diagonal_offsets: &[Option<usize>]) {
        let &[(a, b)] = self.pairs.as_slice() else {
            return;
        };
        if self.fold == 1 && self.repeats.is_empty() && self.a_row == 1 && self.b_row == 1 {
            let of = |id: NodeId, size| {
                diagonal_offsets[id.index()].filter(|_| size == g.node(id).len())
            };
            self.zeros = [of(a, self.m), of(b, self.n)];
        }
    }

    /// The node whose storage the sums go to.
    pub(super) fn accumulator(&self, g: &Graph) -> NodeId {
        *g.accumulators.get(&self.node).unwrap_or(&self.node)
    }

    /// Absorbs the pairs of another sum into the same matrix, if a target can compute both at once.
    pub(super) fn absorb(&mut self, g: &Graph, other: &RankK) -> bool {
        let sizes = |o: &RankK| (o.m, o.n, o.c_row, o.c_col, o.a_row, o.b_row);
        let plain = |o: &RankK| o.fold == 1 && o.repeats.is_empty() && o.zeros == [None; 2];
        let alike = self.accumulator(g) == other.accumulator(g)
            && sizes(self) == sizes(other)
            && plain(self)
            && plain(other)
            && g.axes(self.pairs[0].0) == g.axes(other.pairs[0].0);
        if alike {
            self.pairs.splice(0..0, other.pairs.iter().copied());
        }
        alike
    }

    /// Whether C = aᵀb in row-major order, where b is that input.
    fn is_with(&self, g: &Graph, input: Input) -> bool {
        let of = super::access::source(g, self.pairs[0].1);
        g.node(of).op == Op::Input(input)
            && g.axes(self.pairs[0].0) == g.axes(of)
            && self.n == g.dim()
            && (self.b_row, self.c_col, self.c_row) == (1, 1, self.n)
            && (self.fold, self.repeats.len(), self.a_row) == (1, 0, 1)
    }
}

/// An operand with the stride of every label.
struct Strided<'a> {
    id: NodeId,
    labels: &'a [Label],
    sizes: Vec<usize>,
    strides: Vec<usize>,
}

impl<'a> Strided<'a> {
    fn new(g: &Graph, id: NodeId, labels: &'a [Label]) -> Strided<'a> {
        Strided {
            id,
            labels,
            sizes: g.shape(id).to_vec(),
            strides: strides(g.shape(id)),
        }
    }

    fn has(&self, l: Label) -> bool {
        self.labels.contains(&l)
    }

    /// Size and stride of a label.
    fn axis(&self, l: Label) -> (usize, usize) {
        let i = self
            .labels
            .iter()
            .position(|m| *m == l)
            .expect("the label is the operand's");
        (self.sizes[i], self.strides[i])
    }
}

/// Labels as one axis with one stride in both arrays: (size, stride in a, stride in b).
fn collapse(labels: &[Label], a: &Strided<'_>, b: &Strided<'_>) -> Option<(usize, usize, usize)> {
    let mut merged: Option<(usize, usize, usize)> = None;
    for &l in labels.iter().rev() {
        let ((size, sa), (_, sb)) = (a.axis(l), b.axis(l));
        merged = match merged {
            None => Some((size, sa, sb)),
            Some((n, ma, mb)) if sa == n * ma && sb == n * mb => Some((n * size, ma, mb)),
            Some(_) if size == 1 => merged,
            Some((1, _, _)) => Some((size, sa, sb)),
            Some(_) => return None,
        };
    }
    Some(merged.unwrap_or((1, 1, 1)))
}

/// Loops over labels; folded into the batch where samples follow each other at the last loop's stride.
fn repeats(labels: &[Label], a: &Strided<'_>, b: &Strided<'_>) -> (usize, Vec<Repeat>) {
    if let Some((size, sa, sb)) = collapse(labels, a, b)
        && (size == 1
            || (size * sa == a.sizes.iter().product() && size * sb == b.sizes.iter().product()))
    {
        return (size, vec![]);
    }
    let loops = labels
        .iter()
        .map(|&l| Repeat {
            size: a.axis(l).0,
            a: a.axis(l).1,
            b: b.axis(l).1,
        })
        .collect();
    (1, loops)
}

/// The GEMM that a contraction is, if it is one.
pub(super) fn gemm(g: &Graph, id: NodeId) -> Option<Gemm> {
    let Op::Contract { operands, out } = &g.node(id).op else {
        return None;
    };
    let [first, second] = operands.as_slice() else {
        return None;
    };
    let (matrix, x) = match (
        g.axes(first.0) == Axes::SHARED,
        g.axes(second.0) == Axes::SHARED,
    ) {
        (true, false) => (first, second),
        (false, true) => (second, first),
        _ => return None,
    };
    if g.axes(id) != g.axes(x.0) {
        return None;
    }
    let (w, x, y) = (
        Strided::new(g, matrix.0, &matrix.1),
        Strided::new(g, x.0, &x.1),
        Strided::new(g, id, out),
    );
    let rows: Vec<Label> = w
        .labels
        .iter()
        .copied()
        .filter(|&l| y.has(l) && !x.has(l))
        .collect();
    let summed: Vec<Label> = w
        .labels
        .iter()
        .copied()
        .filter(|&l| x.has(l) && !y.has(l))
        .collect();
    let around: Vec<Label> = x
        .labels
        .iter()
        .copied()
        .filter(|&l| y.has(l) && !w.has(l))
        .collect();
    if rows.len() + summed.len() != w.labels.len() || around.len() + summed.len() != x.labels.len()
    {
        return None;
    }
    let (m, matrix_row, y_row) = collapse(&rows, &w, &y)?;
    let (k, matrix_col, x_row) = collapse(&summed, &w, &x)?;
    let (fold, repeats) = repeats(&around, &x, &y);
    Some(Gemm {
        node: id,
        matrix: w.id,
        x: x.id,
        m,
        k,
        matrix_row,
        matrix_col,
        x_row,
        y_row,
        fold,
        repeats,
        zeros: None,
        dead: None,
    })
}

/// The rank-k update that a contraction is, if it is one.
pub(super) fn rank_k(g: &Graph, id: NodeId) -> Option<RankK> {
    let Op::Contract { operands, out } = &g.node(id).op else {
        return None;
    };
    let [first, second] = operands.as_slice() else {
        return None;
    };
    let axes = g.axes(first.0);
    if g.axes(id) != Axes::SHARED || axes == Axes::SHARED || g.axes(second.0) != axes {
        return None;
    }
    let (a, b, c) = (
        Strided::new(g, first.0, &first.1),
        Strided::new(g, second.0, &second.1),
        Strided::new(g, id, out),
    );
    let rows: Vec<Label> = a
        .labels
        .iter()
        .copied()
        .filter(|&l| c.has(l) && !b.has(l))
        .collect();
    let cols: Vec<Label> = b
        .labels
        .iter()
        .copied()
        .filter(|&l| c.has(l) && !a.has(l))
        .collect();
    let summed: Vec<Label> = a
        .labels
        .iter()
        .copied()
        .filter(|&l| b.has(l) && !c.has(l))
        .collect();
    if rows.len() + summed.len() != a.labels.len() || cols.len() + summed.len() != b.labels.len() {
        return None;
    }
    let (m, a_row, c_row) = collapse(&rows, &a, &c)?;
    let (n, b_row, c_col) = collapse(&cols, &b, &c)?;
    let (fold, repeats) = repeats(&summed, &a, &b);
    let update = RankK {
        node: id,
        pairs: vec![(a.id, b.id)],
        m,
        n,
        c_row,
        c_col,
        a_row,
        b_row,
        fold,
        repeats,
        zeros: [None; 2],
    };
    // Columns run along memory where either side does, so that sums into one matrix look alike.
    Some(if c_row == 1 && c_col != 1 {
        update.transposed()
    } else {
        update
    })
}
