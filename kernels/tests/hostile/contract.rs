//! Contractions of values without a batch axis.

use scorematch_kernels::panel::{Label, Write, shared_contract};
use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::{InstructionSet, Real};

use crate::calls::{ARRAY_LEN, Random, holds, is_endless};
use crate::{instruction_sets, outcome, rounds};

/// The contraction by plain loops, sums of what meets in one element.
fn expected<T: Real>(labels: &[Label], a: &[T], b: &[T], c: &mut [T], write: Write) {
    let mut indices = vec![[0; 3]];
    for l in labels {
        let values = indices.iter().flat_map(|at: &[usize; 3]| {
            (0..l.size).map(move |i| [at[0] + i * l.a, at[1] + i * l.b, at[2] + i * l.c])
        });
        indices = values.collect();
    }
    if write == Write::Set {
        // Also those that a sum without terms leaves.
        let kept: Vec<_> = labels.iter().filter(|l| l.c > 0).copied().collect();
        let mut written = vec![0];
        for l in kept {
            written = written
                .iter()
                .flat_map(|at| (0..l.size).map(move |i| at + i * l.c))
                .collect();
        }
        for at in written {
            c[at] = T::zero();
        }
    }
    for [at_a, at_b, at_c] in indices {
        c[at_c] += a[at_a] * b[at_b];
    }
}

/// Whether the call was valid.
fn agrees<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let mut lens = [1usize; 3];
    let labels: [Label; 4] = std::array::from_fn(|_| {
        let size = if random.one_in(2) { 1 } else { random.size() };
        let strides: [usize; 3] = std::array::from_fn(|k| {
            if random.one_in(3) {
                return 0;
            }
            let stride = random.stride(lens[k]);
            lens[k] = lens[k].wrapping_mul(size);
            stride
        });
        Label {
            size,
            a: strides[0],
            b: strides[1],
            c: strides[2],
        }
    });
    let axes = [
        labels.map(|l| (l.size, l.a)),
        labels.map(|l| (l.size, l.b)),
        labels.map(|l| if l.c > 0 { (l.size, l.c) } else { (1, 0) }),
    ];
    let [a_at, b_at, c_at] = axes.map(|axes| random.part(&axes));
    let fits =
        holds(a_at.len(), &axes[0]) && holds(b_at.len(), &axes[1]) && holds(c_at.len(), &axes[2]);
    if fits && is_endless(&labels.map(|l| l.size)) {
        return false;
    }
    let (a, b, before) = (
        random.scalars::<T>(ARRAY_LEN),
        random.scalars::<T>(ARRAY_LEN),
        random.scalars::<T>(ARRAY_LEN),
    );
    let write = random.of_these(&[Write::Set, Write::Add]);
    let pool = ThreadPool {
        isa,
        threads: random.of_these(&[0, 1, 2, 5]),
    };
    let mut c = before.clone();
    let what = format!("{pool:?} {seed}: {labels:?} in {a_at:?} {b_at:?} {c_at:?}");
    let call = || {
        let (a, b, c) = (&a[a_at.clone()], &b[b_at.clone()], &mut c[c_at.clone()]);
        shared_contract(pool, labels, a, b, c, write);
    };
    if let Err(message) = outcome(call) {
        assert!(!fits, "{what}: {message}");
        assert!(c == before, "{what}: a refused call has written");
        return false;
    }
    assert!(fits, "{what}: was not refused");
    let mut right = before;
    expected(&labels, &a[a_at], &b[b_at], &mut right[c_at], write);
    assert!(c == right, "{what}");
    true
}

#[test]
fn a_contraction_is_right_or_refused() {
    let mut right = 0;
    for isa in instruction_sets() {
        for seed in 0..rounds() {
            right += usize::from(agrees::<f32>(isa, seed)) + usize::from(agrees::<f64>(isa, !seed));
        }
    }
    assert!(right as u64 > rounds() / 4, "{right} calls were valid");
}

/// Elements of the result that coincide hold the sum of all that is written to them, also where threads share the work.
#[test]
fn elements_that_coincide_are_summed() {
    let mut random = Random::of(3);
    let (m, k, n) = (130, 40, 70);
    let (a, b) = (random.scalars::<f32>(m * k), random.scalars::<f32>(k * n));
    let isa = InstructionSet::detect().expect("an instruction set of this machine");
    for (row, col) in [
        (1, 1),
        (1, 2),
        (2, 1),
        (3, 1),
        (16, 1),
        (1, 16),
        (32, 1),
        (n, 1),
        (n - 1, 1),
        (6, 4),
    ] {
        let labels = [
            Label {
                size: m,
                a: k,
                b: 0,
                c: row,
            },
            Label {
                size: n,
                a: 0,
                b: 1,
                c: col,
            },
            Label {
                size: k,
                a: 1,
                b: n,
                c: 0,
            },
        ];
        let len = (m - 1) * row + (n - 1) * col + 1;
        for write in [Write::Set, Write::Add] {
            let before = random.scalars::<f32>(len);
            let mut right = before.clone();
            expected(&labels, &a, &b, &mut right, write);
            for round in 0..40 {
                let mut c = before.clone();
                let pool = ThreadPool {
                    isa,
                    threads: 1 + round % 4,
                };
                shared_contract(pool, labels, &a, &b, &mut c, write);
                assert!(c == right, "{row}, {col}, {write:?}, {pool:?}");
            }
        }
    }
}
