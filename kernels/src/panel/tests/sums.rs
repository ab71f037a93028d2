//! Sums over lanes against a plain loop.

use proptest::prelude::*;

use super::{Case, case, config, instruction_sets, rows};
use crate::panel::*;
use crate::simd::{ForVector, InstructionSet, Real, Vector};

struct LaneSums<'a, T>(&'a mut [T], Rows<'a, T>, Panels);

impl<T: Real> ForVector<T> for LaneSums<'_, T> {
    type Out = ();
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let n = self.0.len();
        add_lane_sums::<V>(self.0, n, self.1, self.2);
    }
}

fn lane_sums_agree<T: Real>(isa: InstructionSet, case: Case) {
    let Case {
        k: n, panels, seed, ..
    } = case;
    let (panel, row, len) = case.panel(n);
    let a = rows::<T>(seed, len);
    let mut c = vec![T::one(); n];
    T::dispatch(
        isa,
        LaneSums(
            &mut c,
            Rows {
                rows: &a,
                panel,
                row,
            },
            Panels {
                count: panels,
                lanes: case.lanes,
            },
        ),
    );
    for (i, &c) in c.iter().enumerate() {
        let sum: f64 = (0..panels)
            .flat_map(|q| a[q * panel + i * row].iter().take(case.written::<T>(isa)))
            .map(|&x| Real::to_f64(x))
            .sum();
        let tolerance = Real::to_f64(T::epsilon()) * (16.0 * panels as f64 + 2.0);
        assert!(
            (Real::to_f64(c) - 1.0 - sum).abs() <= tolerance,
            "{isa} element {i}: {c} for {}",
            sum + 1.0
        );
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn lane_sums_are_sums(case in case()) {
        for isa in instruction_sets() {
            lane_sums_agree::<f32>(isa, case);
            lane_sums_agree::<f64>(isa, case);
        }
    }
}
