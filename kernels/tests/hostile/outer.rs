//! The outer product over lanes.

use scorematch_kernels::panel::{LANES, Panels, Rows, outer};
use scorematch_kernels::simd::{ForVector, Form, Real, Vector};

use crate::calls::{Draw, ROOM, holds, is_endless, whole_vectors};
use crate::{forms, outcome, rounds};

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
        outer::<V>(self.c, row, col, m, n, self.pairs, self.panels);
        V::LANES
    }
}

/// Whether the call was valid.
fn agrees<T: Real>(form: Form, seed: u64) -> bool {
    let mut draw = Draw::of(seed);
    let (m, n, count) = (draw.size(), draw.size(), draw.size().min(draw.size()));
    let lanes = draw.of_these(&[LANES, LANES, LANES, 0, 1, 7, 8, 9, usize::MAX]);
    let panels = Panels { count, lanes };
    let [a_row, b_row] = [draw.stride(1), draw.stride(1)];
    let (row, col) = if draw.one_in(2) {
        (draw.stride(n), draw.stride(1))
    } else {
        (draw.stride(1), draw.stride(m))
    };
    let c_axes = [(m, row), (n, col)];
    let c_at = draw.part(&c_axes);
    let mut fits = holds(c_at.len(), &c_axes);
    let (a, b) = (draw.rows::<T>(ROOM), draw.rows::<T>(ROOM));
    let before = draw.scalars::<T>(ROOM);
    let places: Vec<_> = (0..draw.below(4))
        .map(|_| {
            let [a_panel, b_panel] = [
                draw.stride(m.wrapping_mul(a_row)),
                draw.stride(n.wrapping_mul(b_row)),
            ];
            let (a_axes, b_axes) = (
                [(count, a_panel), (m, a_row)],
                [(count, b_panel), (n, b_row)],
            );
            let (a_at, b_at) = (draw.part(&a_axes), draw.part(&b_axes));
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
        "{form} {seed}: {m} × {n} × {panels:?}, {c_axes:?} in {c_at:?}, {a_row} {b_row} {places:?}"
    );
    let vector = match outcome(|| T::dispatch(form, call)) {
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
    for form in forms() {
        for seed in 0..rounds() {
            right +=
                usize::from(agrees::<f32>(form, seed)) + usize::from(agrees::<f64>(form, !seed));
        }
    }
    assert!(right as u64 > rounds() / 4, "{right} calls were valid");
}
