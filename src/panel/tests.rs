//! What every form must do: the kernels against plain loops in double precision, over sizes that fit no block.

use proptest::prelude::*;

use super::*;
use crate::simd::{ForVector, Form, Real, Vector};

/// The forms of this machine.
fn forms() -> impl Iterator<Item = Form> {
    Form::ALL.into_iter().filter(|form| form.is_supported())
}

/// Numbers in ±1 that depend on `seed` and the position alone.
fn noise(seed: u64, i: usize) -> f64 {
    let mut z = seed.wrapping_add((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn scalars<T: Real>(seed: u64, len: usize) -> Vec<T> {
    (0..len).map(|i| T::of(noise(seed, i))).collect()
}

fn rows<T: Real>(seed: u64, len: usize) -> Vec<[T; LANES]> {
    (0..len).map(|i| std::array::from_fn(|lane| T::of(noise(seed, i * LANES + lane)))).collect()
}

/// Sizes, the strides' slack and the orientation of a call.
#[derive(Clone, Copy, Debug)]
struct Case {
    m: usize,
    k: usize,
    panels: usize,
    /// Rows and scalars left between neighbours.
    slack: usize,
    transposed: bool,
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let size = || prop::sample::select(vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 33, 96, 100, 257]);
    (size(), size(), 0..12usize, 0..3usize, any::<bool>(), any::<u64>()).prop_map(
        |(m, k, panels, slack, transposed, seed)| Case { m, k, panels, slack, transposed, seed },
    )
}

impl Case {
    /// Strides (row, column) of an `m × k` matrix, and the length that holds it.
    fn matrix(&self) -> (usize, usize, usize) {
        let Case { m, k, slack, .. } = *self;
        let (row, col) = if self.transposed { (1 + slack / 2, m * (1 + slack / 2) + slack) } else { (k + slack, 1) };
        (row, col, m * row + k * col + 1)
    }

    /// Strides (panel, row) of `n` features, and the length that holds them.
    fn panel(&self, n: usize) -> (usize, usize, usize) {
        let row = 1 + self.slack;
        if self.transposed {
            // Panels innermost, as where a feature axis is contracted across the panels of a tile.
            (1, self.panels.max(1) * row, n * self.panels.max(1) * row + self.panels)
        } else {
            (n * row + self.slack, row, self.panels * (n * row + self.slack))
        }
    }
}

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
        product::<V>(
            Matrix { data: self.w, row, col },
            m,
            k,
            Rows { rows: &self.x[first * x_panel..], panel: x_panel, row: x_row },
            RowsMut { rows: &mut self.y[first * y_panel..], panel: y_panel, row: y_row },
            self.panels.len(),
            self.write,
        );
    }
}

fn product_agrees<T: Real>(form: Form, case: Case) {
    let Case { m, k, panels, seed, .. } = case;
    let (w_row, w_col, w_len) = case.matrix();
    let (x_panel, x_row, x_len) = case.panel(k);
    let (y_panel, y_row, y_len) = case.panel(m);
    let w = scalars::<T>(seed, w_len);
    let x = rows::<T>(seed ^ 1, x_len);
    let before = rows::<T>(seed ^ 2, y_len);
    for write in [Write::Set, Write::Add] {
        let mut y = before.clone();
        T::dispatch(form, ProductOf { case, w: &w, x: &x, y: &mut y, panels: 0..panels, write });
        let mut expected: Vec<[f64; LANES]> = before.iter().map(|row| row.map(Real::to_f64)).collect();
        for q in 0..panels {
            for o in 0..m {
                for lane in 0..LANES {
                    let sum: f64 = (0..k)
                        .map(|i| Real::to_f64(w[o * w_row + i * w_col]) * Real::to_f64(x[q * x_panel + i * x_row][lane]))
                        .sum();
                    let y = &mut expected[q * y_panel + o * y_row][lane];
                    *y = if write == Write::Set { sum } else { *y + sum };
                }
            }
        }
        let tolerance = Real::to_f64(T::epsilon()) * (k as f64 + 2.0);
        for (i, (y, expected)) in y.iter().zip(&expected).enumerate() {
            for (y, expected) in y.iter().zip(expected) {
                assert!((Real::to_f64(*y) - expected).abs() <= tolerance, "{form} {write:?} row {i}: {y} for {expected}");
            }
        }
        // One panel at a time gives the same bits.
        let mut alone = before.clone();
        for q in 0..panels {
            T::dispatch(form, ProductOf { case, w: &w, x: &x, y: &mut alone, panels: q..q + 1, write });
        }
        assert_eq!(y, alone, "{form} {write:?}");
    }
}

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
        let a = Rows { rows: self.a, panel: a_panel, row: a_row };
        let b = Rows { rows: self.b, panel: b_panel, row: b_row };
        outer::<V>(self.c, c_row, c_col, m, k, a, b, panels);
    }
}

fn outer_agrees<T: Real>(form: Form, case: Case) {
    let Case { m, k: n, panels, seed, .. } = case;
    let (c_row, c_col, c_len) = case.matrix();
    let (a_panel, a_row, a_len) = case.panel(m);
    let (b_panel, b_row, b_len) = case.panel(n);
    let a = rows::<T>(seed, a_len);
    let b = rows::<T>(seed ^ 1, b_len);
    let before = scalars::<T>(seed ^ 2, c_len);
    let mut c = before.clone();
    T::dispatch(form, OuterOf { case, c: &mut c, a: &a, b: &b });
    let mut expected: Vec<f64> = before.iter().map(|&c| Real::to_f64(c)).collect();
    for i in 0..m {
        for j in 0..n {
            for q in 0..panels {
                let (a, b) = (&a[q * a_panel + i * a_row], &b[q * b_panel + j * b_row]);
                expected[i * c_row + j * c_col] +=
                    a.iter().zip(b).map(|(&a, &b)| Real::to_f64(a) * Real::to_f64(b)).sum::<f64>();
            }
        }
    }
    let tolerance = Real::to_f64(T::epsilon()) * (16.0 * panels as f64 + 2.0);
    for (i, (&c, expected)) in c.iter().zip(expected).enumerate() {
        assert!((Real::to_f64(c) - expected).abs() <= tolerance, "{form} element {i}: {c} for {expected}");
    }
}

struct LaneSums<'a, T>(&'a mut [T], Rows<'a, T>, usize);

impl<T: Real> ForVector<T> for LaneSums<'_, T> {
    type Out = ();
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let n = self.0.len();
        add_lane_sums::<V>(self.0, n, self.1, self.2);
    }
}

fn lane_sums_agree<T: Real>(form: Form, case: Case) {
    let Case { k: n, panels, seed, .. } = case;
    let (panel, row, len) = case.panel(n);
    let a = rows::<T>(seed, len);
    let mut c = vec![T::one(); n];
    T::dispatch(form, LaneSums(&mut c, Rows { rows: &a, panel, row }, panels));
    for (i, &c) in c.iter().enumerate() {
        let sum: f64 = (0..panels).flat_map(|q| &a[q * panel + i * row]).map(|&x| Real::to_f64(x)).sum();
        let tolerance = Real::to_f64(T::epsilon()) * (16.0 * panels as f64 + 2.0);
        assert!((Real::to_f64(c) - 1.0 - sum).abs() <= tolerance, "{form} element {i}: {c} for {}", sum + 1.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn product_is_a_product(case in case()) {
        for form in forms() {
            product_agrees::<f32>(form, case);
            product_agrees::<f64>(form, case);
        }
    }

    #[test]
    fn outer_is_an_outer_product(case in case()) {
        for form in forms() {
            outer_agrees::<f32>(form, case);
            outer_agrees::<f64>(form, case);
        }
    }

    #[test]
    fn lane_sums_are_sums(case in case()) {
        for form in forms() {
            lane_sums_agree::<f32>(form, case);
            lane_sums_agree::<f64>(form, case);
        }
    }
}

/// The copy of a crowded strip and the blocks of k need more than the small sizes above.
#[test]
fn product_of_large_sizes() {
    for form in forms() {
        for transposed in [false, true] {
            let case = Case { m: 257, k: 600, panels: 17, slack: 0, transposed: false, seed: 3 };
            product_agrees::<f32>(form, Case { transposed, ..case });
            product_agrees::<f64>(form, Case { transposed, ..case });
        }
    }
}

#[test]
#[should_panic(expected = "outer: c")]
fn a_short_slice_is_refused() {
    let case = Case { m: 4, k: 4, panels: 1, slack: 0, transposed: false, seed: 0 };
    let a = rows::<f32>(0, 4);
    f32::dispatch(Form::Portable, OuterOf { case, c: &mut [0.0; 15], a: &a, b: &a });
}
