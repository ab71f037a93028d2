//! Dense matrices: transposes, and the factorisation with its gradient.

use scorematch_kernels::panel::{lower_suffices, lq, lq_gradient, transpose};
use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::{InstructionSet, Real};

use crate::calls::{Random, is_endless};
use crate::{instruction_sets, outcome, rounds};

/// Sizes of a matrix, some of whose product wraps to a few elements.
fn sizes(random: &mut Random) -> [usize; 2] {
    let sizes = if random.one_in(3) {
        // (2⁶⁴⁻ˢ + j) · 2ˢ = j · 2ˢ.
        let s = random.below(7);
        let rows = (1usize << (63 - s))
            .wrapping_mul(2)
            .wrapping_add(random.below(4));
        [rows, 1 << s]
    } else {
        [random.size(), random.size()]
    };
    if random.one_in(2) {
        sizes
    } else {
        [sizes[1], sizes[0]]
    }
}

/// The number of elements, or of those that a product which wraps has.
fn len(random: &mut Random, [rows, cols]: [usize; 2]) -> usize {
    let asked = rows.wrapping_mul(cols);
    match random.below(10) {
        0 => random.below(300),
        _ => asked.min(5000),
    }
}

fn is_of(len: usize, [rows, cols]: [usize; 2]) -> bool {
    rows as u128 * cols as u128 == len as u128
}

fn transposes<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let sizes @ [rows, cols] = sizes(&mut random);
    let (from_len, to_len) = (len(&mut random, sizes), len(&mut random, sizes));
    let fits = is_of(from_len, sizes) && is_of(to_len, sizes);
    let (from, before) = (
        random.scalars::<T>(from_len + 1),
        random.scalars::<T>(to_len + 2),
    );
    let pool = ThreadPool {
        isa,
        threads: random.of_these(&[0, 1, 3]),
    };
    let mut to = before.clone();
    let what = format!("{pool:?} {seed}: {rows} × {cols} in {from_len} {to_len}");
    let from = &from[1..];
    if let Err(message) = outcome(|| transpose(pool, sizes, from, &mut to[1..=to_len])) {
        assert!(!fits, "{what}: {message}");
        assert!(message.contains("transpose"), "{what}: {message}");
        return false;
    }
    assert!(fits, "{what}: was not refused");
    assert!(
        to[0] == before[0] && to[to_len + 1] == before[to_len + 1],
        "{what}"
    );
    for (at, x) in to[1..=to_len].iter().enumerate() {
        assert!(*x == from[at % rows * cols + at / rows], "{what}: {at}");
    }
    true
}

#[test]
fn a_transpose_is_right_or_refused() {
    let mut right = 0;
    for isa in instruction_sets() {
        for seed in 0..rounds() {
            right += usize::from(transposes::<f32>(isa, seed))
                + usize::from(transposes::<f64>(isa, !seed));
        }
    }
    assert!(right as u64 > rounds() / 4, "{right} calls were valid");
}

fn factored<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let sizes @ [rows, cols] = sizes(&mut random);
    let r = rows.min(cols);
    let lens = [sizes, [rows, r], [r, cols]].map(|sizes| (len(&mut random, sizes), sizes));
    let fits = lens.iter().all(|&(len, sizes)| is_of(len, sizes));
    let [a_len, l_len, q_len] = lens.map(|(len, _)| len);
    if fits && (is_endless(&[rows, cols, r]) || rows.max(cols) > 40) {
        return false;
    }
    let a = random.scalars::<T>(a_len);
    let (mut l, mut q) = (vec![T::nan(); l_len], vec![T::nan(); q_len]);
    let pool = ThreadPool {
        isa,
        threads: random.of_these(&[0, 1, 3]),
    };
    let workspace = &mut vec![f64::NAN; random.below(9)];
    let what = format!("{pool:?} {seed}: {rows} × {cols} in {a_len} {l_len} {q_len}");
    if let Err(message) = outcome(|| lq(pool, workspace, sizes, &a, Some(&mut l), Some(&mut q))) {
        assert!(!fits, "{what}: {message}");
        assert!(message.contains("lq"), "{what}: {message}");
        return false;
    }
    assert!(fits, "{what}: was not refused");
    for (at, a) in a.iter().enumerate() {
        let (i, j) = (at / cols, at % cols);
        let found: T = (0..r).map(|k| l[i * r + k] * q[k * cols + j]).sum();
        let error = Real::to_f64(found - *a).abs();
        assert!(error < 1e4 * Real::to_f64(T::epsilon()), "{what}: {error}");
    }
    let lens = [(l_len, [rows, r]); 3];
    let whole = &mut vec![T::nan(); l_len];
    let gradient = random.scalars::<T>(l_len);
    let given = outcome(|| lq_gradient(pool, workspace, [rows, r], &l, &gradient, whole));
    assert!(
        given.is_ok() && lens.iter().all(|&(len, sizes)| is_of(len, sizes)),
        "{what}"
    );
    assert!(
        lower_suffices(&l, [rows, r]) || *whole == gradient,
        "{what}"
    );
    true
}

/// The gradient's completion of any L: no panic but for slices that are no matrices.
fn completed<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let sizes @ [rows, r] = sizes(&mut random);
    let lens = [0; 3].map(|_| len(&mut random, sizes));
    let fits = rows >= r && lens.iter().all(|&len| is_of(len, sizes));
    let [l, gradient, mut whole] = lens.map(|len| random.scalars::<T>(len));
    let pool = ThreadPool {
        isa,
        threads: random.of_these(&[0, 1, 3]),
    };
    let workspace = &mut vec![f64::NAN; random.below(9)];
    let what = format!("{pool:?} {seed}: {rows} × {r} in {lens:?}");
    let given = outcome(|| lq_gradient(pool, workspace, sizes, &l, &gradient, &mut whole));
    assert_eq!(given.is_ok(), fits, "{what}: {given:?}");
    if let Err(message) = &given {
        assert!(message.contains("lq_gradient"), "{what}: {message}");
    }
    let suffices = outcome(|| lower_suffices(&l, sizes));
    assert!(suffices.is_ok() || !fits, "{what}: {suffices:?}");
    if fits && suffices == Ok(false) {
        assert!(whole == gradient, "{what}");
    }
    fits
}

#[test]
fn factors_are_right_or_refused() {
    let mut right = [0; 2];
    for isa in instruction_sets() {
        for seed in 0..rounds() / 8 {
            right[0] +=
                usize::from(factored::<f32>(isa, seed)) + usize::from(factored::<f64>(isa, !seed));
            right[1] += usize::from(completed::<f32>(isa, seed))
                + usize::from(completed::<f64>(isa, !seed));
        }
    }
    assert!(
        right.iter().all(|&right| right as u64 > rounds() / 40),
        "{right:?} calls were valid"
    );
}
