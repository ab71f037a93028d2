//! Sums over the samples of panels.

use super::{LANES, Panels, Rows, assert_reach};
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
    panels: impl Into<Panels>,
) {
    let panels = panels.into();
    V::apart(
        #[inline(always)]
        |(c, a): (&mut [V::Scalar], Rows<'_, V::Scalar>)| {
            add_sums::<V>(c, 1, n, a, panels);
        },
        (c, a),
    );
}

/// c\[u · count + t0 + t\] += Σ_p Σ_lane rows\[(t · panels + p) · n + u\]\[lane\]: values of `n` features a direction, summed
/// over samples into the columns of a shared `[n, count]`.
///
/// # Panics
/// `c` has no such columns, or `rows` holds fewer values.
#[inline(always)]
pub fn add_columns<V: Vector>(
    c: &mut [V::Scalar],
    count: usize,
    t0: usize,
    rows: &[[V::Scalar; LANES]],
    tangents: usize,
    n: usize,
    panels: impl Into<Panels>,
) {
    let panels = panels.into();
    V::apart(
        #[inline(always)]
        |(c, rows): (&mut [V::Scalar], &[[V::Scalar; LANES]])| {
            for t in 0..tangents {
                let rows = &rows[t * panels.count * n..];
                let a = Rows {
                    rows,
                    panel: n,
                    row: 1,
                };
                add_sums::<V>(&mut c[t0 + t..], count, n, a, panels);
            }
        },
        (c, rows),
    );
}

/// c\[i · stride\] += Σ_q Σ_lane a\[q\]\[i\]\[lane\]; as many features at a time as a vector has lanes.
#[inline(always)]
fn add_sums<V: Vector>(
    c: &mut [V::Scalar],
    stride: usize,
    n: usize,
    a: Rows<'_, V::Scalar>,
    panels: Panels,
) {
    let (used, panels) = (panels.vectors::<V>(), panels.count);
    assert_reach("sums: a", a.rows.len(), &[(panels, a.panel), (n, a.row)]);
    assert_reach("sums: c", c.len(), &[(n, stride)]);
    for first in (0..n).step_by(V::LANES) {
        let features = (n - first).min(V::LANES);
        let mut vectors = [V::constant(0.0); LANES];
        for q in 0..panels {
            for (i, vector) in vectors[..features].iter_mut().enumerate() {
                let row = &a.rows[q * a.panel + (first + i) * a.row];
                for s in 0..used {
                    *vector = *vector + V::load(row, s);
                }
            }
        }
        let mut sums = [V::Scalar::default(); LANES];
        V::sums(&vectors[..V::LANES]).store(&mut sums, 0);
        for (i, sum) in sums[..features].iter().enumerate() {
            let c = &mut c[(first + i) * stride];
            *c += *sum;
        }
    }
}
