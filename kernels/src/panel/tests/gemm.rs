//! The panel product against a plain loop, and the promise about bits.

use proptest::prelude::*;

use super::{Case, case, config, instruction_sets, rows, scalars};
use crate::panel::*;
use crate::simd::{ForVector, InstructionSet, Real, Vector};

struct ProductOf<'a, T> {
    case: Case,
    w: &'a [T],
    x: &'a [[T; LANES]],
    y: &'a mut [[T; LANES]],
    panels: std::ops::Range<usize>,
    write: Write,
}

impl<T: Real> ForVector<T> for ProductOf<'_, T> {
    type Out = ();
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Case { m, k, .. } = self.case;
        let (row, col, _) = self.case.matrix();
        let (x_panel, x_row, _) = self.case.panel(k);
        let (y_panel, y_row, _) = self.case.panel(m);
        let first = self.panels.start;
        gemm::<V>(
            Matrix {
                data: self.w,
                row,
                col,
            },
            m,
            k,
            Rows {
                rows: &self.x[first * x_panel..],
                panel: x_panel,
                row: x_row,
            },
            RowsMut {
                rows: &mut self.y[first * y_panel..],
                panel: y_panel,
                row: y_row,
            },
            Panels {
                count: self.panels.len(),
                lanes: self.case.lanes,
            },
            self.write,
        );
    }
}

/// Lanes that the product computes.
fn written<T: Real>(isa: InstructionSet, case: Case) -> usize {
    match isa {
        // Whole rows, whichever lanes are asked for.
        InstructionSet::Portable => LANES,
        InstructionSet::Avx2 | InstructionSet::Avx512 | InstructionSet::Neon => {
            case.written::<T>(isa)
        }
    }
}

fn product_agrees<T: Real>(isa: InstructionSet, case: Case) {
    let Case {
        m, k, panels, seed, ..
    } = case;
    let (w_row, w_col, w_len) = case.matrix();
    let (x_panel, x_row, x_len) = case.panel(k);
    let (y_panel, y_row, y_len) = case.panel(m);
    let w = scalars::<T>(seed, w_len);
    let x = rows::<T>(seed ^ 1, x_len);
    let before = rows::<T>(seed ^ 2, y_len);
    for write in [Write::Set, Write::Add] {
        let mut y = before.clone();
        T::dispatch(
            isa,
            ProductOf {
                case,
                w: &w,
                x: &x,
                y: &mut y,
                panels: 0..panels,
                write,
            },
        );
        let mut expected: Vec<[f64; LANES]> =
            before.iter().map(|row| row.map(Real::to_f64)).collect();
        for q in 0..panels {
            for o in 0..m {
                for lane in 0..written::<T>(isa, case) {
                    let sum: f64 = (0..k)
                        .map(|i| {
                            Real::to_f64(w[o * w_row + i * w_col])
                                * Real::to_f64(x[q * x_panel + i * x_row][lane])
                        })
                        .sum();
                    let y = &mut expected[q * y_panel + o * y_row][lane];
                    *y = if write == Write::Set { sum } else { *y + sum };
                }
            }
        }
        let tolerance = Real::to_f64(T::epsilon()) * (k as f64 + 2.0);
        for (i, (y, expected)) in y.iter().zip(&expected).enumerate() {
            for (y, expected) in y.iter().zip(expected) {
                assert!(
                    (Real::to_f64(*y) - expected).abs() <= tolerance,
                    "{isa} {write:?} row {i}: {y} for {expected}"
                );
            }
        }
        // One panel at a time gives the same bits.
        let mut alone = before.clone();
        for q in 0..panels {
            T::dispatch(
                isa,
                ProductOf {
                    case,
                    w: &w,
                    x: &x,
                    y: &mut alone,
                    panels: q..q + 1,
                    write,
                },
            );
        }
        assert_eq!(y, alone, "{isa} {write:?}");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn product_is_a_product(case in case()) {
        for isa in instruction_sets() {
            product_agrees::<f32>(isa, case);
            product_agrees::<f64>(isa, case);
        }
    }
}

/// The copy of a crowded row block, the blocks of k and the groups of panels need more than the sizes above.
#[test]
fn product_of_large_sizes() {
    let case = |(m, k, panels), transposed, lanes| Case {
        m,
        k,
        panels,
        slack: 0,
        transposed,
        lanes,
        seed: 3,
    };
    if cfg!(miri) {
        // The least that come to them.
        for sizes in [(33, 1, 8), (1, 129, 9)] {
            product_agrees::<f64>(InstructionSet::Portable, case(sizes, true, LANES));
        }
        return;
    }
    for sizes in [(257, 33, 9), (7, 600, 17)] {
        for (isa, transposed) in instruction_sets().flat_map(|isa| [(isa, false), (isa, true)]) {
            for lanes in [LANES, 7] {
                product_agrees::<f32>(isa, case(sizes, transposed, lanes));
                product_agrees::<f64>(isa, case(sizes, transposed, lanes));
            }
        }
    }
}
