//! The loop over the parameter buffer and the buffers of the same length, one vector at a time.

use scorematch_kernels::simd::{Real, Vector};

/// state ← f(inputs, state) for every element, one vector at a time. All slices have the same length.
#[inline(always)]
pub(super) fn over_rows<V: Vector, const R: usize, const W: usize>(
    inputs: [&[V::Scalar]; R],
    state: [&mut [V::Scalar]; W],
    f: impl Fn([V; R], [V; W]) -> [V; W],
) {
    let len = inputs[0].len();
    assert!(
        inputs.iter().all(|values| values.len() == len)
            && state.iter().all(|values| values.len() == len),
        "one state entry a parameter"
    );
    let inputs = inputs.map(|values| values.as_chunks::<16>());
    let mut state = state.map(|values| values.as_chunks_mut::<16>());
    for q in 0..len / 16 {
        for i in 0..V::PER_ROW {
            let read = inputs.map(|(rows, _)| V::load(&rows[q], i));
            let mut old = [V::constant(0.0); W];
            for (old, (rows, _)) in old.iter_mut().zip(&state) {
                *old = V::load(&rows[q], i);
            }
            let new = f(read, old);
            for (new, (rows, _)) in new.iter().zip(&mut state) {
                new.store(&mut rows[q], i);
            }
        }
    }
    // The rest is shorter than a row: the same arithmetic runs on a padded copy.
    if len.is_multiple_of(16) {
        return;
    }
    let inputs = inputs.map(|(_, tail)| padded(tail));
    let mut rows = [[V::Scalar::of(1.0); 16]; W];
    for (row, (_, tail)) in rows.iter_mut().zip(&state) {
        *row = padded(tail);
    }
    for i in 0..V::PER_ROW {
        let mut old = [V::constant(0.0); W];
        for (old, row) in old.iter_mut().zip(&rows) {
            *old = V::load(row, i);
        }
        let new = f(inputs.map(|row| V::load(&row, i)), old);
        for (new, row) in new.iter().zip(&mut rows) {
            new.store(row, i);
        }
    }
    for (row, (_, tail)) in rows.iter().zip(&mut state) {
        tail.copy_from_slice(&row[..tail.len()]);
    }
}

/// Fewer than 16 values as a row, padded with ones.
fn padded<T: Real>(values: &[T]) -> [T; 16] {
    let mut row = [T::one(); 16];
    row[..values.len()].copy_from_slice(values);
    row
}
