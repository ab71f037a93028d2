//! The outer product over lanes.

use scorematch_kernels::panel::{LANES, Panels, Rows, rank_k_update};
use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

use crate::calls::{ARRAY_LEN, Random, holds, is_endless, whole_vectors};
use crate::{instruction_sets, outcome, rounds};

struct Call<'a, T> {
    c: &'a mut [T],
    strides: [usize; 2],
    sizes: [usize; 2],
    pairs: &'a [(Rows<'a, T>, Rows<'a, T>)],
    panels: Panels,
}

impl<T: Real> ForVector<T> for Call<'_, T> {
    type Out = usize;

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> usize {
        let ([row, col], [m, n]) = (self.strides, self.sizes);
        rank_k_update::<V>(self.c, row, col, m, n, self.pairs, self.panels);
        V::LANES
    }
}

/// Whether the call was valid.
fn agrees<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let (m, n, count) = (
        random.size(),
        random.size(),
        random.size().min(random.size()),
    );
    let lanes = random.of_these(&[LANES, LANES, LANES, 0, 1, 7, 8, 9, usize::MAX]);
    let panels = Panels { count, lanes };
    let [a_row, b_row] = [random.stride(1), random.stride(1)];
    let (row, col) = if random.one_in(2) {
        (random.stride(n), random.stride(1))
    } else {
        (random.stride(1), random.stride(m))
    };
    let c_axes = [(m, row), (n, col)];
    let c_at = random.part(&c_axes);
    let mut fits = holds(c_at.len(), &c_axes);
    let (a, b) = (random.rows::<T>(ARRAY_LEN), random.rows::<T>(ARRAY_LEN));
    let before = random.scalars::<T>(ARRAY_LEN);
    let places: Vec<_> = (0..random.below(4))
        .map(|_| {
            let [a_panel, b_panel] = [
                random.stride(m.wrapping_mul(a_row)),
                random.stride(n.wrapping_mul(b_row)),
            ];
            let (a_axes, b_axes) = (
                [(count, a_panel), (m, a_row)],
                [(count, b_panel), (n, b_row)],
            );
            let (a_at, b_at) = (random.part(&a_axes), random.part(&b_axes));
            fits &= holds(a_at.len(), &a_axes) && holds(b_at.len(), &b_axes);
            (a_panel, b_panel, a_at, b_at)
        })
        .collect();
    let fits = fits || places.is_empty();
    if fits && is_endless(&[m, n, count, places.len()]) {
        return false;
    }
    let pairs: Vec<_> = places
        .iter()
        .map(|(a_panel, b_panel, a_at, b_at)| {
            let a = Rows {
                rows: &a[a_at.clone()],
                panel: *a_panel,
                row: a_row,
            };
            (
                a,
                Rows {
                    rows: &b[b_at.clone()],
                    panel: *b_panel,
                    row: b_row,
                },
            )
        })
        .collect();
    let mut c = before.clone();
    let call = Call {
        c: &mut c[c_at.clone()],
        strides: [row, col],
        sizes: [m, n],
        pairs: &pairs,
        panels,
    };
    let what = format!(
        "{isa} {seed}: {m} × {n} × {panels:?}, {c_axes:?} in {c_at:?}, {a_row} {b_row} {places:?}"
    );
    let vector = match outcome(|| T::dispatch(isa, call)) {
        Ok(vector) => vector,
        Err(message) => {
            assert!(!fits, "{what}: {message}");
            assert!(c == before, "{what}: a refused call has written");
            return false;
        }
    };
    assert!(fits, "{what}: was not refused");
    let mut expected = before;
    let lanes = whole_vectors(lanes, vector);
    let count = if m == 0 || n == 0 { 0 } else { count };
    for (a, b) in &pairs {
        for q in 0..count {
            for i in 0..m {
                for j in 0..n {
                    let (a, b) = (
                        &a.rows[q * a.panel + i * a_row],
                        &b.rows[q * b.panel + j * b_row],
                    );
                    let products = a.iter().zip(b).take(lanes);
                    expected[c_at.start + i * row + j * col] +=
                        products.map(|(&a, &b)| a * b).sum::<T>();
                }
            }
        }
    }
    for (at, (c, expected)) in c.iter().zip(&expected).enumerate() {
        assert!(c == expected, "{what}: element {at} is {c}, not {expected}");
    }
    true
}

#[test]
fn an_outer_product_is_right_or_refused() {
    let mut right = 0;
    for isa in instruction_sets() {
        for seed in 0..rounds() {
            right += usize::from(agrees::<f32>(isa, seed)) + usize::from(agrees::<f64>(isa, !seed));
        }
    }
    assert!(right as u64 > rounds() / 4, "{right} calls were valid");
}
