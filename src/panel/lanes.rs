//! Sums over the samples of panels.

use super::{Rows, assert_reach};
use crate::simd::Vector;

/// c\[i\] += Σ_q Σ_lane a\[q\]\[i\]\[lane\] for i < `n`: the gradient of a bias.
///
/// # Panics
/// `c` has fewer than `n` elements, or `a` is shorter than its strides reach.
#[inline(always)]
pub fn add_lane_sums<V: Vector>(
    c: &mut [V::Scalar],
    n: usize,
    a: Rows<'_, V::Scalar>,
    panels: usize,
) {
    assert_reach(
        "add_lane_sums: a",
        a.rows.len(),
        &[(panels, a.panel), (n, a.row)],
    );
    for (i, c) in c[..n].iter_mut().enumerate() {
        let mut sum = V::constant(0.0);
        for q in 0..panels {
            let row = &a.rows[q * a.panel + i * a.row];
            for s in 0..V::PER_ROW {
                sum = sum + V::load(row, s);
            }
        }
        *c += sum.sum();
    }
}
