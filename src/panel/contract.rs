//! Contractions of values without a batch axis, and of whole batches, by the library product.
//!
//! Enters: dense slices with strides. Leaves: the contraction. Must hold: everything that the strides reach lies
//! in its slice (asserted); the elements of a result that is written do not coincide.

use super::{Matrix, Write, assert_reach};
use crate::simd::Real;

/// Multiply-adds of a product from which the library product is the faster way.
const LARGE: usize = 4096;

/// An index of a contraction: its size and its stride in each operand, 0 where the operand lacks it.
///
/// An index with a stride of 0 in `c` is summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Values of the index.
    pub size: usize,
    /// Stride in the first operand.
    pub a: usize,
    /// Stride in the second operand.
    pub b: usize,
    /// Stride in the result.
    pub c: usize,
}

/// The index that does nothing.
const UNIT: Label = Label {
    size: 1,
    a: 0,
    b: 0,
    c: 0,
};

/// c\[Σ lᵢ·cᵢ\] = Σ a\[Σ lᵢ·aᵢ\] · b\[Σ lᵢ·bᵢ\] over all values of the labels (or += of it).
///
/// # Panics
/// A slice is shorter than the labels reach.
pub fn shared_contract<T: Real>(labels: &[Label], a: &[T], b: &[T], c: &mut [T], write: Write) {
    let axes = |stride: fn(&Label) -> usize| {
        labels
            .iter()
            .map(|l| (l.size, stride(l)))
            .collect::<Vec<_>>()
    };
    let kept: Vec<(usize, usize)> = axes(|l| l.c)
        .into_iter()
        .filter(|&(_, stride)| stride > 0)
        .collect();
    assert_reach("shared_contract: a", a.len(), &axes(|l| l.a));
    assert_reach("shared_contract: b", b.len(), &axes(|l| l.b));
    assert_reach(
        "shared_contract: c",
        c.len(),
        if kept.is_empty() { &[(1, 0)] } else { &kept },
    );
    if write == Write::Set {
        let zeroed: Vec<Label> = labels.iter().copied().filter(|l| l.c > 0).collect();
        walk(&zeroed, UNIT, &mut |at| c[at.c] = T::zero());
    }
    if labels.iter().any(|l| l.size == 0) {
        return;
    }
    let mut outer = merged(labels);
    // Rows run in a and c, columns in b and c, depth in a and b; the largest of each kind.
    let rows = take(&mut outer, |l| l.a > 0 && l.b == 0 && l.c > 0);
    let columns = take(&mut outer, |l| l.a == 0 && l.b > 0 && l.c > 0);
    let depth = take(&mut outer, |l| l.a > 0 && l.b > 0 && l.c == 0);
    if rows.size * columns.size * depth.size < LARGE || rows.size.min(columns.size) == 1 {
        outer.extend([rows, columns, depth]);
        loops(&outer, a, b, c);
        return;
    }
    let stride = |stride: usize| stride as isize;
    walk(&outer, UNIT, &mut |at| {
        // SAFETY: the assertions above hold for every value of all labels.
        unsafe {
            T::gemm(
                rows.size,
                depth.size,
                columns.size,
                T::one(),
                a.as_ptr().add(at.a),
                (stride(rows.a), stride(depth.a)),
                b.as_ptr().add(at.b),
                (stride(depth.b), stride(columns.b)),
                T::one(),
                c.as_mut_ptr().add(at.c),
                (stride(rows.c), stride(columns.c)),
            );
        }
    });
}

/// The labels, without those of size 1, and pairs that step alike in every operand made one.
fn merged(labels: &[Label]) -> Vec<Label> {
    let mut merged: Vec<Label> = Vec::with_capacity(labels.len());
    for &label in labels.iter().filter(|l| l.size > 1) {
        let inside = |l: &Label, of: &Label| {
            of.a == l.size * l.a && of.b == l.size * l.b && of.c == l.size * l.c
        };
        if let Some(other) = merged.iter_mut().find(|other| inside(&label, other)) {
            *other = Label {
                size: other.size * label.size,
                ..label
            };
        } else if let Some(other) = merged.iter_mut().find(|other| inside(other, &label)) {
            other.size *= label.size;
        } else {
            merged.push(label);
        }
    }
    merged
}

/// Removes the largest label of a kind, or gives the one that does nothing.
fn take(labels: &mut Vec<Label>, kind: impl Fn(&Label) -> bool) -> Label {
    let largest = (0..labels.len())
        .filter(|&i| kind(&labels[i]))
        .max_by_key(|&i| labels[i].size);
    largest.map_or(UNIT, |i| labels.remove(i))
}

/// Calls `f` with the three offsets at every value of the labels.
fn walk(labels: &[Label], at: Label, f: &mut impl FnMut(Label)) {
    match labels {
        [] => f(at),
        [first, rest @ ..] => {
            for i in 0..first.size {
                let (a, b, c) = (at.a + i * first.a, at.b + i * first.b, at.c + i * first.c);
                walk(rest, Label { a, b, c, ..at }, f);
            }
        }
    }
}

/// Plain loops, the one that runs along memory innermost.
fn loops<T: Real>(labels: &[Label], a: &[T], b: &[T], c: &mut [T]) {
    let mut outer = labels.to_vec();
    let steps = |l: &Label| [l.a, l.b, l.c].iter().filter(|&&stride| stride > 1).count();
    let inner = (0..outer.len())
        .filter(|&i| outer[i].size > 1)
        .min_by_key(|&i| (steps(&outer[i]), usize::MAX - outer[i].size));
    let inner = inner.map_or(UNIT, |i| outer.swap_remove(i));
    walk(&outer, UNIT, &mut |at| {
        let (a, b, c) = (&a[at.a..], &b[at.b..], &mut c[at.c..]);
        match inner {
            Label {
                size,
                a: 1,
                b: 1,
                c: 0,
            } => {
                c[0] += a[..size].iter().zip(&b[..size]).map(|(&a, &b)| a * b).sum();
            }
            Label {
                size,
                a: 1,
                b: 0,
                c: 1,
            } => {
                c[..size]
                    .iter_mut()
                    .zip(a)
                    .for_each(|(c, &a)| *c += a * b[0]);
            }
            Label {
                size,
                a: 0,
                b: 1,
                c: 1,
            } => {
                c[..size]
                    .iter_mut()
                    .zip(b)
                    .for_each(|(c, &b)| *c += a[0] * b);
            }
            Label {
                size,
                a: by_a,
                b: by_b,
                c: by_c,
            } => {
                for i in 0..size {
                    c[i * by_c] += a[i * by_a] * b[i * by_b];
                }
            }
        }
    });
}

/// c\[i · n + j\] += Σ_s a(s, i) · b(s, j) over `batch` samples s: C (`m × n`, row-major) += AᵀB.
///
/// # Panics
/// A slice is shorter than its strides reach.
pub fn batch_outer<T: Real>(
    c: &mut [T],
    m: usize,
    n: usize,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    batch: usize,
) {
    let label = |size, a, b, c| Label { size, a, b, c };
    let labels = [
        label(m, a.col, 0, n),
        label(n, 0, b.col, 1),
        label(batch, a.row, b.row, 0),
    ];
    shared_contract(&labels, a.data, b.data, c, Write::Add);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::panel::tests::within_reason;

    fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
        (0..len)
            .map(|i| T::of(((i * 37 + seed * 11) % 41) as f64 / 20.0 - 1.0))
            .collect()
    }

    /// Labels of an einsum: for each its size and in which of a, b, c it is; strides are those of dense arrays
    /// whose axes come in the order of the labels.
    fn dense(sizes: &[(usize, [bool; 3])]) -> (Vec<Label>, [usize; 3]) {
        let mut lens = [1; 3];
        let mut labels = Vec::new();
        for &(size, within) in sizes.iter().rev() {
            let mut strides = [0; 3];
            for k in 0..3 {
                if within[k] {
                    strides[k] = lens[k];
                    lens[k] *= size;
                }
            }
            labels.push(Label {
                size,
                a: strides[0],
                b: strides[1],
                c: strides[2],
            });
        }
        labels.reverse();
        (labels, lens)
    }

    fn agrees<T: Real>(sizes: &[(usize, [bool; 3])]) {
        let (labels, [a_len, b_len, c_len]) = dense(sizes);
        let (a, b) = (numbers::<T>(a_len, 1), numbers::<T>(b_len, 2));
        for write in [Write::Set, Write::Add] {
            let mut c = numbers::<T>(c_len, 3);
            let mut expected: Vec<f64> = match write {
                Write::Set => vec![0.0; c_len],
                Write::Add => c.iter().map(|&c| Real::to_f64(c)).collect(),
            };
            // A sum of n terms in any order is within n ε Σ|term| (Higham 2002, §4.2).
            let mut terms = vec![(1.0, 1.0); c_len];
            walk(&labels, UNIT, &mut |at| {
                let term = Real::to_f64(a[at.a]) * Real::to_f64(b[at.b]);
                expected[at.c] += term;
                let (count, magnitude) = terms[at.c];
                terms[at.c] = (count + 1.0, magnitude + term.abs());
            });
            shared_contract(&labels, &a, &b, &mut c, write);
            for ((c, expected), (count, magnitude)) in c.into_iter().zip(expected).zip(terms) {
                let tolerance = Real::to_f64(T::epsilon()) * count * magnitude;
                assert!(
                    (Real::to_f64(c) - expected).abs() <= tolerance,
                    "{labels:?} {write:?}: {c} for {expected}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(within_reason(ProptestConfig::default()))]

        #[test]
        fn any_einsum(sizes in prop::collection::vec((0..7usize, any::<[bool; 3]>()), 0..5)) {
            agrees::<f32>(&sizes);
            agrees::<f64>(&sizes);
        }
    }

    #[test]
    fn products_large_and_small() {
        let (row, column, depth) = (
            [true, false, true],
            [false, true, true],
            [true, true, false],
        );
        let sizes = [
            (3, 4, 5),
            (17, 16, 18),
            (33, 17, 40),
            (128, 96, 100),
            (1, 300, 50),
            (300, 40, 1),
            (64, 1, 64),
        ];
        // Under Miri one product in loops and one by the library.
        for &(m, k, n) in &sizes[..if cfg!(miri) { 2 } else { 7 }] {
            agrees::<f64>(&[(m, row), (k, depth), (n, column)]);
            agrees::<f32>(&[(k, depth), (n, column), (m, row)]);
            // Two depths that are one, a batch of products, and a sum over an axis of one operand.
            agrees::<f64>(&[(m, row), (k, depth), (4, depth), (n, column)]);
            agrees::<f64>(&[(3, [true; 3]), (m, row), (k, depth), (n, column)]);
            agrees::<f64>(&[(m, row), (k, depth), (n, column), (2, [true, false, false])]);
        }
    }

    #[test]
    fn a_batch_of_samples() {
        let (batch, m, n) = (37, 20, 9);
        let (a, b) = (
            numbers::<f64>(batch * (m + 2), 1),
            numbers::<f64>(batch * n, 2),
        );
        let mut c = vec![1.0; m * n];
        let (left, right) = (
            Matrix {
                data: &a[1..],
                row: m + 2,
                col: 1,
            },
            Matrix {
                data: &b,
                row: n,
                col: 1,
            },
        );
        batch_outer(&mut c, m, n, left, right, batch);
        for i in 0..m {
            for j in 0..n {
                let sum: f64 = (0..batch)
                    .map(|s| a[1 + s * (m + 2) + i] * b[s * n + j])
                    .sum();
                assert!((c[i * n + j] - 1.0 - sum).abs() < 1e-12);
            }
        }
    }

    #[test]
    #[should_panic(expected = "shared_contract: b")]
    fn a_short_slice_is_refused() {
        shared_contract(
            &[Label {
                size: 3,
                a: 1,
                b: 1,
                c: 0,
            }],
            &[1.0; 3],
            &[1.0; 2],
            &mut [0.0],
            Write::Set,
        );
    }
}
