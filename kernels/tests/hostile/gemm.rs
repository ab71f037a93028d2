//! The panel product.

use scorematch_kernels::panel::{LANES, Matrix, Panels, Rows, RowsMut, Write, gemm};
use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

use crate::calls::{ARRAY_LEN, Random, holds, is_endless, whole_vectors};
use crate::{instruction_sets, outcome, rounds};

struct Call<'a, T> {
    w: Matrix<'a, T>,
    sizes: [usize; 2],
    x: Rows<'a, T>,
    y: RowsMut<'a, T>,
    panels: Panels,
    write: Write,
}

impl<T: Real> ForVector<T> for Call<'_, T> {
    type Out = usize;

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> usize {
        let [m, k] = self.sizes;
        gemm::<V>(self.w, m, k, self.x, self.y, self.panels, self.write);
        V::LANES
    }
}

/// Whether the call was valid.
fn agrees<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let (m, k, count) = (
        random.size(),
        random.size(),
        random.size().min(random.size()),
    );
    let lanes = random.of_these(&[LANES, LANES, LANES, 0, 1, 7, 8, 9, usize::MAX]);
    let panels = Panels { count, lanes };
    let write = random.of_these(&[Write::Set, Write::Add]);
    let (row, col) = if random.one_in(2) {
        (random.stride(k), random.stride(1))
    } else {
        (random.stride(1), random.stride(m))
    };
    let [x_row, y_row] = [random.stride(1), random.stride(1)];
    let [x_panel, y_panel] = [
        random.stride(k.wrapping_mul(x_row)),
        random.stride(m.wrapping_mul(y_row)),
    ];
    let axes = [
        [(m, row), (k, col)],
        [(count, x_panel), (k, x_row)],
        [(count, y_panel), (m, y_row)],
    ];
    let [w_at, x_at, y_at] = axes.map(|axes| random.part(&axes));
    let fits =
        holds(w_at.len(), &axes[0]) && holds(x_at.len(), &axes[1]) && holds(y_at.len(), &axes[2]);
    if fits && is_endless(&[m, k, count]) {
        return false;
    }
    let (w, x, before) = (
        random.scalars::<T>(ARRAY_LEN),
        random.rows::<T>(ARRAY_LEN),
        random.rows::<T>(ARRAY_LEN),
    );
    let mut y = before.clone();
    let call = Call {
        w: Matrix {
            data: &w[w_at.clone()],
            row,
            col,
        },
        sizes: [m, k],
        x: Rows {
            rows: &x[x_at.clone()],
            panel: x_panel,
            row: x_row,
        },
        y: RowsMut {
            rows: &mut y[y_at.clone()],
            panel: y_panel,
            row: y_row,
        },
        panels,
        write,
    };
    let what =
        format!("{isa} {seed}: {m} × {k} × {panels:?}, {axes:?} in {w_at:?} {x_at:?} {y_at:?}");
    let vector = match outcome(|| T::dispatch(isa, call)) {
        Ok(vector) => vector,
        Err(message) => {
            assert!(!fits, "{what}: {message}");
            assert!(y == before, "{what}: a refused call has written");
            return false;
        }
    };
    assert!(fits, "{what}: was not refused");
    let computed = match isa {
        // Whole rows, whichever lanes are asked for.
        InstructionSet::Portable => LANES,
        _ => whole_vectors(lanes, vector),
    };
    let mut writers = vec![0; ARRAY_LEN];
    let mut expected = before.clone();
    for q in 0..if m == 0 { 0 } else { count } {
        for o in 0..m {
            let at = y_at.start + q * y_panel + o * y_row;
            writers[at] += 1;
            for lane in 0..computed {
                let mut sum = match write {
                    Write::Set => T::zero(),
                    Write::Add => expected[at][lane],
                };
                for i in 0..k {
                    sum += w[w_at.start + o * row + i * col]
                        * x[x_at.start + q * x_panel + i * x_row][lane];
                }
                expected[at][lane] = sum;
            }
        }
    }
    for (at, (y, expected)) in y.iter().zip(&expected).enumerate() {
        // Elements of y that coincide hold one of several sums.
        assert!(
            writers[at] > 1 || y == expected,
            "{what}: row {at} is {y:?}, not {expected:?}"
        );
    }
    true
}

#[test]
fn a_product_is_right_or_refused() {
    let mut right = 0;
    for isa in instruction_sets() {
        for seed in 0..rounds() {
            right += usize::from(agrees::<f32>(isa, seed)) + usize::from(agrees::<f64>(isa, !seed));
        }
    }
    assert!(right as u64 > rounds() / 4, "{right} calls were valid");
}
