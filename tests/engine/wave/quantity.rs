//! The programs that write outputs.

use scorematch::__private::*;

use super::CHUNK;
use super::units::{Units, dot, square_norms};

pub(super) const ENERGY: usize = 0;
pub(super) const SCORE: usize = 1;
pub(super) const LAPLACIAN: usize = 2;
pub(super) const HVP: usize = 3;
pub(super) const CURVATURE: usize = 4;

/// A program that writes outputs.
pub(crate) enum Quantity<const D: usize, const H: usize, const KIND: usize> {}

impl<const D: usize, const H: usize, const KIND: usize> Program for Quantity<D, H, KIND> {
    const LAYOUT: Layout = Layout {
        shared: H,
        scratch_rows: if KIND == CURVATURE { D + CHUNK * D } else { D },
        stream_reads: &[],
        stream_sums: &[],
        acc: 0,
        panels: 2,
        chunk: CHUNK,
        tangents: if KIND == CURVATURE {
            Tangents::Given
        } else {
            Tangents::None
        },
        out_rows: if KIND == SCORE || KIND == HVP {
            D
        } else if KIND == CURVATURE {
            2
        } else {
            1
        },
        uses: Uses {
            v: KIND == HVP,
            omega: false,
        },
        deferred: &[],
    };

    fn prologue<V: Vector>(common: &mut Common<'_, V::Scalar>) {
        square_norms::<D, H, V::Scalar>(common.params, common.shared);
    }

    #[inline(always)]
    fn tile<V: Vector>(tile: &mut Tile<'_, V::Scalar>) {
        let unit = Units::<D, H, V>::new(tile.params);
        let pn = tile.panels;
        let zero = V::constant(0.0);
        let (gradients, seeds) = tile.scratch.split_at_mut(pn * D);
        for p in 0..pn {
            let (x, gradient) = (&tile.x[p * D..][..D], &mut gradients[p * D..][..D]);
            for i in 0..V::PER_ROW {
                let (mut waves, mut trace) = (zero, unit.k() * V::constant(D as f64));
                unit.gradient(x, gradient, i);
                for h in 0..H {
                    let wave = unit.a(h) * unit.z(h, x, i).sin();
                    waves = waves + wave;
                    trace = trace - wave * V::splat(tile.shared[h]);
                }
                match KIND {
                    ENERGY => (V::constant(0.5) * unit.k() * dot(x, x, i) + waves)
                        .store(&mut tile.out[p], i),
                    LAPLACIAN => trace.store(&mut tile.out[p], i),
                    SCORE => {
                        for (out, gradient) in tile.out[p * D..].iter_mut().zip(&*gradient) {
                            (-V::load(gradient, i)).store(out, i);
                        }
                    }
                    HVP => unit.hvp(x, &tile.v[p * D..][..D], &mut tile.out[p * D..][..D], i),
                    _ => {}
                }
            }
        }
        if KIND == CURVATURE {
            for t0 in (0..tile.tangents).step_by(CHUNK) {
                let tn = CHUNK.min(tile.tangents - t0);
                (tile.directions)(t0, tn, &mut seeds[..tn * pn * D]);
                for (q, v) in seeds[..tn * pn * D].chunks_exact(D).enumerate() {
                    let (p, out) = (q % pn, &mut tile.out[(t0 * pn + q) * 2..][..2]);
                    for i in 0..V::PER_ROW {
                        dot::<V>(v, &gradients[p * D..][..D], i).store(&mut out[0], i);
                        unit.curvature(&tile.x[p * D..][..D], v, i)
                            .store(&mut out[1], i);
                    }
                }
            }
        }
    }
}
