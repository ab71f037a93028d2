//! Dense matrices: transposes, and the factorisation with its gradient.

use scorematch_kernels::panel::{lower_suffices, lq, lq_gradient, turn};
use scorematch_kernels::simd::{Form, Real};
use scorematch_kernels::team::Team;

use crate::calls::{Draw, is_endless};
use crate::{forms, outcome, rounds};

/// Sizes of a matrix, some of whose product wraps to a few elements.
fn sizes(draw: &mut Draw) -> [usize; 2] {
    let sizes = if draw.one_in(3) {
        // (2⁶⁴⁻ˢ + j) · 2ˢ = j · 2ˢ.
        let s = draw.below(7);
        let rows = (1usize << (63 - s))
            .wrapping_mul(2)
            .wrapping_add(draw.below(4));
        [rows, 1 << s]
    } else {
        [draw.size(), draw.size()]
    };
    if draw.one_in(2) {
        sizes
    } else {
        [sizes[1], sizes[0]]
    }
}

/// The number of elements, or of those that a product which wraps has.
fn len(draw: &mut Draw, [rows, cols]: [usize; 2]) -> usize {
    let asked = rows.wrapping_mul(cols);
    match draw.below(10) {
        0 => draw.below(300),
        _ => asked.min(5000),
    }
}

fn is_of(len: usize, [rows, cols]: [usize; 2]) -> bool {
    rows as u128 * cols as u128 == len as u128
}

fn turned<T: Real>(form: Form, seed: u64) -> bool {
    let mut draw = Draw::of(seed);
    let sizes @ [rows, cols] = sizes(&mut draw);
    let (from_len, to_len) = (len(&mut draw, sizes), len(&mut draw, sizes));
    let fits = is_of(from_len, sizes) && is_of(to_len, sizes);
    let (from, before) = (
        draw.scalars::<T>(from_len + 1),
        draw.scalars::<T>(to_len + 2),
    );
    let team = Team {
        form,
        threads: draw.of_these(&[0, 1, 3]),
    };
    let mut to = before.clone();
    let what = format!("{team:?} {seed}: {rows} × {cols} in {from_len} {to_len}");
    let from = &from[1..];
    if let Err(message) = outcome(|| turn(team, sizes, from, &mut to[1..=to_len])) {
        assert!(!fits, "{what}: {message}");
        assert!(message.contains("turn"), "{what}: {message}");
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
    for form in forms() {
        for seed in 0..rounds() {
            right +=
                usize::from(turned::<f32>(form, seed)) + usize::from(turned::<f64>(form, !seed));
        }
    }
    assert!(right as u64 > rounds() / 4, "{right} calls were valid");
}

fn factored<T: Real>(form: Form, seed: u64) -> bool {
    let mut draw = Draw::of(seed);
    let sizes @ [rows, cols] = sizes(&mut draw);
    let r = rows.min(cols);
    let lens = [sizes, [rows, r], [r, cols]].map(|sizes| (len(&mut draw, sizes), sizes));
    let fits = lens.iter().all(|&(len, sizes)| is_of(len, sizes));
    let [a_len, l_len, q_len] = lens.map(|(len, _)| len);
    if fits && (is_endless(&[rows, cols, r]) || rows.max(cols) > 40) {
        return false;
    }
    let a = draw.scalars::<T>(a_len);
    let (mut l, mut q) = (vec![T::nan(); l_len], vec![T::nan(); q_len]);
    let team = Team {
        form,
        threads: draw.of_these(&[0, 1, 3]),
    };
    let room = &mut vec![f64::NAN; draw.below(9)];
    let what = format!("{team:?} {seed}: {rows} × {cols} in {a_len} {l_len} {q_len}");
    if let Err(message) = outcome(|| lq(team, room, sizes, &a, Some(&mut l), Some(&mut q))) {
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
    let gradient = draw.scalars::<T>(l_len);
    let given = outcome(|| lq_gradient(team, room, [rows, r], &l, &gradient, whole));
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
fn completed<T: Real>(form: Form, seed: u64) -> bool {
    let mut draw = Draw::of(seed);
    let sizes @ [rows, r] = sizes(&mut draw);
    let lens = [0; 3].map(|_| len(&mut draw, sizes));
    let fits = rows >= r && lens.iter().all(|&len| is_of(len, sizes));
    let [l, gradient, mut whole] = lens.map(|len| draw.scalars::<T>(len));
    let team = Team {
        form,
        threads: draw.of_these(&[0, 1, 3]),
    };
    let room = &mut vec![f64::NAN; draw.below(9)];
    let what = format!("{team:?} {seed}: {rows} × {r} in {lens:?}");
    let given = outcome(|| lq_gradient(team, room, sizes, &l, &gradient, &mut whole));
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
    for form in forms() {
        for seed in 0..rounds() / 8 {
            right[0] += usize::from(factored::<f32>(form, seed))
                + usize::from(factored::<f64>(form, !seed));
            right[1] += usize::from(completed::<f32>(form, seed))
                + usize::from(completed::<f64>(form, !seed));
        }
    }
    assert!(
        right.iter().all(|&right| right as u64 > rounds() / 40),
        "{right:?} calls were valid"
    );
}
