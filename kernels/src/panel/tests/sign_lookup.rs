//! Sign lookup against a plain loop, in every instruction set that has it.

use proptest::prelude::*;

use super::{Case, case, config, instruction_sets, rows, scalars};
use crate::panel::*;
use crate::simd::{InstructionSet, Real};

fn agrees<T: Real>(isa: InstructionSet, case: Case) {
    let Some(kernels) = SignLookup::<T>::of(isa) else {
        return;
    };
    let Case {
        m,
        k,
        panels,
        lanes,
        seed,
        ..
    } = case;
    let n = k.max(1);
    let (panel, row, len) = case.panel(m);
    let values = rows::<T>(seed, len);
    let signs: Vec<[T; LANES]> = rows::<T>(seed ^ 1, panels * n)
        .into_iter()
        .map(|row| row.map(|x| T::of(if x < T::zero() { -1.0 } else { 1.0 })))
        .collect();
    let width = n.div_ceil(LANES);
    // What was there before is not seen.
    let mut words = rows::<T>(seed ^ 2, panels * width);
    for (rows, words) in signs.chunks(n).zip(words.chunks_mut(width)) {
        (kernels.pack)(rows, words);
    }
    let before = scalars::<T>(seed ^ 3, m * n);
    for write in [Write::Set, Write::Add] {
        let mut c = before.clone();
        (kernels.rank_k_update)(SignedRankKUpdate {
            c: &mut c,
            n,
            values: Rows {
                rows: &values,
                panel,
                row,
            },
            words: &words,
            panels: Panels {
                count: panels,
                lanes,
            },
            write,
        });
        let tolerance = Real::to_f64(T::epsilon()) * (16.0 * panels as f64 + 2.0);
        for (at, &c) in c.iter().enumerate() {
            let (i, j) = (at / n, at % n);
            let mut expected = match write {
                Write::Set => 0.0,
                Write::Add => Real::to_f64(before[at]),
            };
            for q in 0..panels {
                let (a, s) = (&values[q * panel + i * row], &signs[q * n + j]);
                let products = a.iter().zip(s).take(case.written::<T>(isa));
                expected += products
                    .map(|(&a, &s)| Real::to_f64(a) * Real::to_f64(s))
                    .sum::<f64>();
            }
            assert!(
                (Real::to_f64(c) - expected).abs() <= tolerance,
                "{isa} {write:?} element {i}, {j}: {c} for {expected}"
            );
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn signed_outer_is_an_outer_product(case in case()) {
        for isa in instruction_sets() {
            agrees::<f32>(isa, case);
            agrees::<f64>(isa, case);
        }
    }
}

/// An instruction set that has lookups does not silently go without them.
#[test]
fn wide_instruction_sets_have_them() {
    let of = |isa: InstructionSet| {
        (
            SignLookup::<f32>::of(isa).is_some(),
            SignLookup::<f64>::of(isa).is_some(),
        )
    };
    for isa in instruction_sets() {
        let expected = match isa {
            InstructionSet::Avx512 => (true, true),
            InstructionSet::Avx2 => (true, false),
            InstructionSet::Neon | InstructionSet::Portable => (false, false),
        };
        assert_eq!(of(isa), expected, "{isa}");
    }
}
