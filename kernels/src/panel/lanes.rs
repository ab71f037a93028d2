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
    V::outline(
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
    V::outline(
        #[inline(always)]
        |(c, rows): (&mut [V::Scalar], &[[V::Scalar; LANES]])| {
            for t in 0..tangents {
                let before = t.saturating_mul(panels.count).saturating_mul(n);
                let rows = &rows[before..];
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
        // Past the end the last feature is repeated; its sum is dropped.
        let rows: [usize; LANES] = std::array::from_fn(|i| (first + i).min(n - 1) * a.row);
        // SAFETY: the first assertion: rows of panels, and no more vectors than they have.
        let vectors = unsafe {
            if used == V::PER_ROW {
                // A count that the compiler knows.
                added::<V>(&a, rows, panels, V::PER_ROW)
            } else {
                added::<V>(&a, rows, panels, used)
            }
        };
        let sums = V::sums(&vectors[..V::LANES]);
        if stride == 1 && features == V::LANES {
            let c = c[first..][..V::LANES].as_mut_ptr();
            // SAFETY: LANES elements, as just cut.
            unsafe { (V::read(c) + sums).write(c) };
        } else {
            let mut lanes = [V::Scalar::default(); LANES];
            sums.store(&mut lanes, 0);
            for (i, sum) in lanes[..features].iter().enumerate() {
                c[(first + i) * stride] += *sum;
            }
        }
    }
}

/// Of LANES rows, the sums of their first `used` vectors over panels.
#[inline(always)]
unsafe fn added<V: Vector>(
    a: &Rows<'_, V::Scalar>,
    rows: [usize; LANES],
    panels: usize,
    used: usize,
) -> [V; LANES] {
    let mut sums = [V::constant(0.0); LANES];
    for q in 0..panels {
        let panel = a.rows.as_ptr().wrapping_add(q * a.panel);
        for (sum, row) in sums[..V::LANES].iter_mut().zip(rows) {
            let row = panel.wrapping_add(row).cast::<V::Scalar>();
            for s in 0..used {
                // SAFETY: the caller's.
                *sum = *sum + unsafe { V::read(row.wrapping_add(s * V::LANES)) };
            }
        }
    }
    sums
}
