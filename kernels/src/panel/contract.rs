//! Contractions of values without a batch axis.
//!
//! Enters: dense slices with strides. Leaves: the contraction. Must hold: everything that the strides reach lies
//! in its slice (asserted). Products whose elements coincide are summed by one thread.

use super::labels::{Label, Merged, UNIT, walk};
use super::multiply::{MatrixMut, Part, coincide, multiply};
use super::{Matrix, Write, assert_reach};
use crate::pool::ThreadPool;
use crate::simd::Real;

/// Multiply-adds of a product from which packing pays.
const LARGE: usize = 4096;

/// c\[Σ lᵢ·cᵢ\] = Σ a\[Σ lᵢ·aᵢ\] · b\[Σ lᵢ·bᵢ\] over all values of the labels (or += of it). Where strides make elements of
/// c coincide, such an element gets the sum of all that is written to it.
///
/// # Panics
/// A slice is shorter than the labels reach, or labels without strides have more values than can be counted.
pub fn shared_contract<T: Real, const N: usize>(
    pool: ThreadPool,
    labels: [Label; N],
    a: &[T],
    b: &[T],
    c: &mut [T],
    write: Write,
) {
    assert_reach(
        "shared_contract: a",
        a.len(),
        &labels.map(|l| (l.size, l.a)),
    );
    assert_reach(
        "shared_contract: b",
        b.len(),
        &labels.map(|l| (l.size, l.b)),
    );
    let kept = labels.map(|l| if l.c > 0 { (l.size, l.c) } else { (1, 0) });
    assert_reach(
        "shared_contract: c",
        c.len(),
        if N > 0 { &kept } else { &[(1, 0)] },
    );
    let mut outer = Merged::of(labels);
    // Rows run in a and c, columns in b and c, depth in a and b; the largest of each kind.
    let rows = outer.take(|l| l.a > 0 && l.b == 0 && l.c > 0);
    let columns = outer.take(|l| l.a == 0 && l.b > 0 && l.c > 0);
    let depth = outer.take(|l| l.a > 0 && l.b > 0 && l.c == 0);
    let empty = labels.iter().any(|l| l.size == 0);
    let products = rows.size.saturating_mul(columns.size);
    // Each thread of a product writes its own elements.
    let large = products.saturating_mul(depth.size) >= LARGE
        && rows.size.min(columns.size) > 1
        && !coincide([rows.size, columns.size], [rows.c, columns.c]);
    // One product writes all of c at once, each element once.
    let alone = large && !empty && outer.labels().is_empty();
    if write == Write::Set && !alone {
        let zeroed = labels.map(|l| if l.c > 0 { l } else { UNIT });
        if !zeroed.iter().any(|l| l.size == 0) {
            walk(&zeroed, UNIT, &mut |at| c[at.c] = T::zero());
        }
    }
    if empty {
        return;
    }
    if !large {
        for label in [rows, columns, depth] {
            outer.put(label);
        }
        loops(outer, a, b, c);
        return;
    }
    let sizes = [rows.size, depth.size, columns.size];
    let write = if alone { write } else { Write::Add };
    walk(outer.labels(), UNIT, &mut |at| {
        let (a, b) = (
            Matrix {
                data: &a[at.a..],
                row: rows.a,
                col: depth.a,
            },
            Matrix {
                data: &b[at.b..],
                row: depth.b,
                col: columns.b,
            },
        );
        let c = MatrixMut {
            data: &mut c[at.c..],
            row: rows.c,
            col: columns.c,
        };
        multiply(pool, sizes, a, b, c, Part::All, write);
    });
}

/// Plain loops; the loop along contiguous memory is innermost.
fn loops<T: Real, const N: usize>(mut outer: Merged<N>, a: &[T], b: &[T], c: &mut [T]) {
    let steps = |l: &Label| [l.a, l.b, l.c].iter().filter(|&&stride| stride > 1).count();
    let inner =
        (0..outer.len).min_by_key(|&i| (steps(&outer.all[i]), usize::MAX - outer.all[i].size));
    let inner = inner.map_or(UNIT, |i| outer.remove(i));
    walk(outer.labels(), UNIT, &mut |at| {
        let (a, b, c) = (&a[at.a..], &b[at.b..], &mut c[at.c..]);
        match inner {
            Label {
                size,
                a: 1,
                b: 1,
                c: 0,
            } => {
                c[0] += sum(&a[..size], &b[..size], |a, b| a * b);
            }
            Label {
                size,
                a: 1,
                b: 0,
                c: 0,
            } => {
                c[0] += sum(&a[..size], &a[..size], |a, _| a) * b[0];
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

/// Σ f(a, b) over the pairs of two slices, in sixteen sums side by side.
fn sum<T: Real>(a: &[T], b: &[T], f: impl Fn(T, T) -> T) -> T {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    let mut sums = [T::zero(); 16];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f(*a, *b);
        }
    }
    let rest: T = a_rest.iter().zip(b_rest).map(|(a, b)| f(*a, *b)).sum();
    sums.into_iter().sum::<T>() + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::panel::tests::within_reason;
    use crate::simd::InstructionSet;

    fn pool() -> ThreadPool {
        ThreadPool {
            isa: InstructionSet::detect().expect("the instruction set can be had"),
            threads: 2,
        }
    }

    fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
        (0..len)
            .map(|i| T::of(((i * 37 + seed * 11) % 41) as f64 / 20.0 - 1.0))
            .collect()
    }

    /// Labels of an einsum: for each its size and in which of a, b, c it is; strides are those of dense arrays
    /// whose axes come in the order of the labels.
    fn dense(sizes: &[(usize, [bool; 3])]) -> ([Label; 5], [usize; 3]) {
        let mut lens = [1; 3];
        let mut labels = [UNIT; 5];
        for (label, &(size, within)) in labels
            .iter_mut()
            .zip(sizes)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            let mut strides = [0; 3];
            for k in 0..3 {
                if within[k] {
                    strides[k] = lens[k];
                    lens[k] *= size;
                }
            }
            *label = Label {
                size,
                a: strides[0],
                b: strides[1],
                c: strides[2],
            };
        }
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
            shared_contract(pool(), labels, &a, &b, &mut c, write);
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
    #[should_panic(expected = "shared_contract: b")]
    fn a_short_slice_is_refused() {
        shared_contract(
            pool(),
            [Label {
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
