//! The programs that sum a loss and its gradient.

use scorematch::__private::*;

use super::units::{Units, dot, square_norms};
use super::{CHUNK, Wave};

pub(super) const ESM: usize = 0;
pub(super) const SSM: usize = 1;
pub(super) const SSM_VR: usize = 2;
pub(super) const DSM: usize = 3;

/// A program that sums a loss and its gradient.
pub(crate) enum Objective<const D: usize, const H: usize, const KIND: usize> {}

impl<const D: usize, const H: usize, const KIND: usize> Program for Objective<D, H, KIND> {
    const LAYOUT: Layout = Layout {
        shared: H,
        scratch_rows: 2 * D + 3 * H + CHUNK * D,
        stream_reads: &[],
        stream_sums: &[],
        acc: Wave::<D, H>::REST + H * D,
        panels: 2,
        chunk: CHUNK,
        tangents: match KIND {
            ESM => Tangents::Exact(0),
            DSM => Tangents::None,
            _ => Tangents::Given,
        },
        out_rows: 0,
        uses: Uses {
            v: KIND == DSM,
            omega: true,
        },
        deferred: Wave::<D, H>::DEFERRED,
    };

    fn prologue<V: Vector>(common: &mut Common<'_, V::Scalar>) {
        square_norms::<D, H, V::Scalar>(common.params, common.shared);
    }

    #[inline(always)]
    fn tile<V: Vector>(tile: &mut Tile<'_, V::Scalar>) {
        let unit = Units::<D, H, V>::new(tile.params);
        let pn = tile.panels;
        let (zero, two) = (V::constant(0.0), V::constant(2.0));
        let (gradients, rest) = tile.scratch.split_at_mut(pn * D);
        let (gradient_bars, rest) = rest.split_at_mut(pn * D);
        let (u_bars, rest) = rest.split_at_mut(pn * H);
        let (squares, rest) = rest.split_at_mut(pn * H);
        let (p_bar, seeds) = rest.split_at_mut(pn * H);
        let weight = V::splat(tile.scalars.weight);
        let sigma = V::splat(tile.scalars.sigma);
        let mut loss = zero;
        let mut k_bar = zero;
        u_bars.fill([V::Scalar::of(0.0); LANES]);
        squares.fill([V::Scalar::of(0.0); LANES]);
        for p in 0..pn {
            let x = &tile.x[p * D..][..D];
            for i in 0..V::PER_ROW {
                let omega = V::load(&tile.omega[p], i);
                unit.gradient(x, &mut gradients[p * D..][..D], i);
                for j in 0..D {
                    let g = V::load(&gradients[p * D + j], i);
                    let (term, bar) = match KIND {
                        SSM => (zero, zero),
                        DSM => {
                            let miss = sigma * g - V::load(&tile.v[p * D + j], i);
                            (miss * miss, omega * sigma * miss)
                        }
                        _ => (g * g, omega * g),
                    };
                    loss = loss + V::constant(0.5) * omega * term;
                    bar.store(&mut gradient_bars[p * D + j], i);
                }
                if KIND == ESM {
                    loss = loss - omega * unit.k() * V::constant(D as f64);
                    k_bar = k_bar - omega * V::constant(D as f64);
                    for h in 0..H {
                        V::splat(tile.shared[h]).store(&mut squares[p * H + h], i);
                    }
                }
            }
        }
        for t0 in (0..tile.tangents).step_by(CHUNK) {
            let tn = CHUNK.min(tile.tangents - t0);
            (tile.directions)(t0, tn, &mut seeds[..tn * pn * D]);
            for (q, v) in seeds[..tn * pn * D].chunks_exact(D).enumerate() {
                let p = q % pn;
                let (x, gradient) = (&tile.x[p * D..][..D], &gradients[p * D..][..D]);
                for i in 0..V::PER_ROW {
                    let share = V::load(&tile.omega[p], i) * weight;
                    let slope = if KIND == SSM {
                        dot::<V>(v, gradient, i)
                    } else {
                        zero
                    };
                    loss =
                        loss + share * (V::constant(0.5) * slope * slope - unit.k() * dot(v, v, i));
                    let slope_bar = share * slope;
                    k_bar = k_bar - share * dot(v, v, i);
                    for j in 0..D {
                        // v·g with its cotangent, seen as a cotangent of g.
                        let bar = &mut gradient_bars[p * D + j];
                        (V::load(bar, i) + slope_bar * V::load(&v[j], i)).store(bar, i);
                    }
                    for h in 0..H {
                        let slice = unit.product(h, v, i);
                        let square = &mut squares[p * H + h];
                        (V::load(square, i) + weight * slice * slice).store(square, i);
                        let wave = unit.a(h) * unit.z(h, x, i).sin();
                        (two * share * wave * slice).store(&mut p_bar[h], i);
                    }
                }
                let w_bar = &mut tile.acc[Wave::<D, H>::REST..][..H * D];
                let projections = Rows {
                    rows: &p_bar[..H],
                    panel: 0,
                    row: 1,
                };
                rank_k_update::<V>(
                    w_bar,
                    D,
                    1,
                    H,
                    D,
                    &[(
                        projections,
                        Rows {
                            rows: v,
                            panel: 0,
                            row: 1,
                        },
                    )],
                    1,
                );
            }
        }
        for p in 0..pn {
            let x = &tile.x[p * D..][..D];
            let bars = &gradient_bars[p * D..][..D];
            for i in 0..V::PER_ROW {
                let omega = V::load(&tile.omega[p], i);
                k_bar = k_bar + dot(bars, x, i);
                for h in 0..H {
                    let (z, a) = (unit.z(h, x, i), unit.a(h));
                    let square = V::load(&squares[p * H + h], i);
                    let u_bar = unit.product(h, bars, i);
                    loss = loss + omega * a * z.sin() * square;
                    let a_bar = u_bar * z.cos() + omega * z.sin() * square;
                    let z_bar = a * (omega * square * z.cos() - u_bar * z.sin());
                    let sums = &mut tile.acc;
                    sums[Wave::<D, H>::A + h] += a_bar.sum();
                    sums[Wave::<D, H>::B + h] += z_bar.sum();
                    if KIND == ESM {
                        sums[Wave::<D, H>::NORMS + h] += (omega * a * z.sin()).sum();
                    }
                    z_bar.store(&mut tile.deferred[p * H + h], i);
                    (a * z.cos()).store(&mut u_bars[p * H + h], i);
                }
            }
        }
        let w_bar = &mut tile.acc[Wave::<D, H>::REST..][..H * D];
        let u = Rows {
            rows: u_bars,
            panel: H,
            row: 1,
        };
        rank_k_update::<V>(
            w_bar,
            D,
            1,
            H,
            D,
            &[(
                u,
                Rows {
                    rows: gradient_bars,
                    panel: D,
                    row: 1,
                },
            )],
            pn,
        );
        tile.acc[0] += k_bar.sum();
        tile.acc[Wave::<D, H>::LEN] += loss.sum();
    }

    fn epilogue<V: Vector>(common: &mut Common<'_, V::Scalar>) {
        let Common { params, acc, .. } = common;
        for h in 0..H {
            for j in 0..D {
                let at = Wave::<D, H>::W + h * D + j;
                let norm = acc[Wave::<D, H>::NORMS + h];
                acc[at] = acc[at]
                    + acc[Wave::<D, H>::REST + h * D + j]
                    + V::Scalar::of(2.0) * norm * params[at];
            }
        }
    }
}
