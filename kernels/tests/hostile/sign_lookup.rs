//! The outer product with signs.

use scorematch_kernels::panel::{LANES, Panels, Rows, SignLookup, SignedRankKUpdate, Write};
use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

use crate::calls::{ARRAY_LEN, Random, holds, is_endless, whole_vectors};
use crate::{instruction_sets, outcome, rounds};

struct Kernels;

impl<T: Real> ForVector<T> for Kernels {
    type Out = Option<(SignLookup<T>, usize)>;

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> Self::Out {
        V::SIGN_LOOKUP.map(|kernels| (kernels, V::LANES))
    }
}

/// Whether the call was valid.
fn agrees<T: Real>(isa: InstructionSet, seed: u64) -> Option<bool> {
    let (kernels, vector) = T::dispatch(isa, Kernels)?;
    let mut random = Random::of(seed);
    let (m, mut n, mut count) = (
        random.size().min(70),
        random.size(),
        random.size().min(random.size()),
    );
    let wraps = random.one_in(8);
    if wraps {
        // Rows of words whose number wraps to a few.
        let s = random.below(4);
        n = LANES << s;
        count = (1usize << (63 - s))
            .wrapping_mul(2)
            .wrapping_add(random.below(3));
    }
    let lanes = random.of_these(&[LANES, LANES, 0, 1, 7, 8, 9, usize::MAX]);
    let write = random.of_these(&[Write::Set, Write::Add]);
    let c_len = if random.one_in(8) {
        random.below(ARRAY_LEN - 40)
    } else {
        m.saturating_mul(n).min(ARRAY_LEN - 40)
    };
    let c_at = random.below(40);
    let m = c_len.checked_div(n).unwrap_or(0);
    let row = random.stride(1);
    let panel = if wraps {
        0
    } else {
        random.stride(m.wrapping_mul(row))
    };
    let axes = [(count, panel), (m, row)];
    let values_at = random.part(&axes);
    let width = n.div_ceil(LANES);
    let asked = count.wrapping_mul(width).min(ARRAY_LEN - 40);
    let words_len = if random.one_in(8) {
        random.below(asked + 9)
    } else {
        asked
    };
    let fits = n > 0
        && c_len == m * n
        && holds(values_at.len(), &axes)
        && count as u128 * width as u128 <= words_len as u128;
    if fits && is_endless(&[m, n, count]) {
        return Some(false);
    }
    let values = random.rows::<T>(ARRAY_LEN);
    let before = random.scalars::<T>(ARRAY_LEN);
    let signs: Vec<[T; LANES]> = (0..if fits { count * n } else { 0 })
        .map(|_| std::array::from_fn(|_| T::of(f64::from(u8::from(random.one_in(2))) * 2.0 - 1.0)))
        .collect();
    let mut words = random.rows::<T>(words_len);
    if fits {
        for (rows, words) in signs.chunks(n).zip(words.chunks_mut(width)) {
            (kernels.pack)(rows, words);
        }
    }
    let mut c = before.clone();
    let call = SignedRankKUpdate {
        c: &mut c[c_at..c_at + c_len],
        n,
        values: Rows {
            rows: &values[values_at.clone()],
            panel,
            row,
        },
        words: &words,
        panels: Panels { count, lanes },
        write,
    };
    let what =
        format!("{isa} {seed}: {m} × {n} × {count}, {axes:?} in {values_at:?} {c_len} {words_len}");
    if let Err(message) = outcome(|| (kernels.rank_k_update)(call)) {
        assert!(!fits, "{what}: {message}");
        assert!(c == before, "{what}: a refused call has written");
        return Some(false);
    }
    assert!(fits, "{what}: was not refused");
    let mut expected = before;
    for at in 0..c_len {
        let (i, j) = (at / n, at % n);
        let mut sum = if write == Write::Set {
            T::zero()
        } else {
            expected[c_at + at]
        };
        for q in 0..count {
            let (a, s) = (
                &values[values_at.start + q * panel + i * row],
                &signs[q * n + j],
            );
            sum += a
                .iter()
                .zip(s)
                .take(whole_vectors(lanes, vector))
                .map(|(&a, &s)| a * s)
                .sum::<T>();
        }
        expected[c_at + at] = sum;
    }
    assert!(c == expected, "{what}");
    Some(true)
}

#[test]
fn an_outer_product_with_signs_is_right_or_refused() {
    let mut right = [0, 0];
    for isa in instruction_sets() {
        for seed in 0..rounds() {
            let calls = [agrees::<f32>(isa, seed), agrees::<f64>(isa, !seed)];
            for valid in calls.into_iter().flatten() {
                right[usize::from(valid)] += 1;
            }
        }
    }
    assert!(
        right[1] * 8 >= right[0],
        "{right:?} calls were refused, valid"
    );
}

/// What packs the signs of a panel.
fn pack<T: Real>(isa: InstructionSet) {
    let Some((kernels, _)) = T::dispatch(isa, Kernels) else {
        return;
    };
    for rows in [0, 1, 15, 16, 17, 40] {
        for words in 0..5 {
            let (signs, mut filled) = (
                vec![[T::one(); LANES]; rows],
                vec![[T::one(); LANES]; words],
            );
            let packed = outcome(|| (kernels.pack)(&signs, &mut filled));
            assert_eq!(packed.is_ok(), rows.div_ceil(LANES) == words);
        }
    }
}

#[test]
fn signs_are_packed_into_the_room_they_need() {
    for isa in instruction_sets() {
        pack::<f32>(isa);
        pack::<f64>(isa);
    }
}
