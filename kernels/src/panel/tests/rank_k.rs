//! The outer product against a plain loop.

use proptest::prelude::*;

use super::{Case, case, config, instruction_sets, rows, scalars};
use crate::panel::*;
use crate::simd::{ForVector, InstructionSet, Real, Vector};

struct OuterOf<'a, T> {
    case: Case,
    c: &'a mut [T],
    a: &'a [[T; LANES]],
    b: &'a [[T; LANES]],
}

impl<T: Real> ForVector<T> for OuterOf<'_, T> {
    type Out = ();
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Case { m, k, panels, .. } = self.case;
        let (c_row, c_col, _) = self.case.matrix();
        let (a_panel, a_row, _) = self.case.panel(m);
        let (b_panel, b_row, _) = self.case.panel(k);
        // An even number of panels comes as two pairs.
        let halves = if panels % 2 == 0 { 2 } else { 1 };
        let pairs: Vec<_> = (0..halves)
            .map(|half| {
                let first = half * panels / halves;
                let part = |rows, panel: usize, row| Rows {
                    rows: <[_]>::split_at(rows, first * panel).1,
                    panel,
                    row,
                };
                (part(self.a, a_panel, a_row), part(self.b, b_panel, b_row))
            })
            .collect();
        let panels = Panels {
            count: panels / halves,
            lanes: self.case.lanes,
        };
        rank_k_update::<V>(self.c, c_row, c_col, m, k, &pairs, panels);
    }
}

fn outer_agrees<T: Real>(isa: InstructionSet, case: Case) {
    let Case {
        m,
        k: n,
        panels,
        seed,
        ..
    } = case;
    let (c_row, c_col, c_len) = case.matrix();
    let (a_panel, a_row, a_len) = case.panel(m);
    let (b_panel, b_row, b_len) = case.panel(n);
    let a = rows::<T>(seed, a_len);
    let b = rows::<T>(seed ^ 1, b_len);
    let before = scalars::<T>(seed ^ 2, c_len);
    let mut c = before.clone();
    T::dispatch(
        isa,
        OuterOf {
            case,
            c: &mut c,
            a: &a,
            b: &b,
        },
    );
    let mut expected: Vec<f64> = before.iter().map(|&c| Real::to_f64(c)).collect();
    for i in 0..m {
        for j in 0..n {
            for q in 0..panels {
                let (a, b) = (&a[q * a_panel + i * a_row], &b[q * b_panel + j * b_row]);
                expected[i * c_row + j * c_col] += a
                    .iter()
                    .zip(b)
                    .take(case.written::<T>(isa))
                    .map(|(&a, &b)| Real::to_f64(a) * Real::to_f64(b))
                    .sum::<f64>();
            }
        }
    }
    let tolerance = Real::to_f64(T::epsilon()) * (16.0 * panels as f64 + 2.0);
    for (i, (&c, expected)) in c.iter().zip(expected).enumerate() {
        assert!(
            (Real::to_f64(c) - expected).abs() <= tolerance,
            "{isa} element {i}: {c} for {expected}"
        );
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn outer_is_an_outer_product(case in case()) {
        for isa in instruction_sets() {
            outer_agrees::<f32>(isa, case);
            outer_agrees::<f64>(isa, case);
        }
    }
}

#[test]
#[should_panic(expected = "rank_k_update: c")]
fn a_short_slice_is_refused() {
    let case = Case {
        m: 4,
        k: 4,
        panels: 1,
        slack: 0,
        transposed: false,
        lanes: LANES,
        seed: 0,
    };
    let a = rows::<f32>(0, 4);
    f32::dispatch(
        InstructionSet::Portable,
        OuterOf {
            case,
            c: &mut [0.0; 15],
            a: &a,
            b: &a,
        },
    );
}
