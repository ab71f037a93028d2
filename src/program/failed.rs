//! A spec without programs, so that code that uses a model whose declaration has mistakes does not fail too.

use scorematch_kernels::simd::{Real, Vector};

use super::{Compiled, Layout, ParamInfo, Program, Programs, Spec, Tangents, Tile, Uses};

/// What stands in for a model whose declaration has mistakes.
#[derive(Debug)]
pub enum Failed {}

impl Spec for Failed {
    const NAME: &'static str = "a model with mistakes in its declaration";
    const X_SHAPE: &'static [usize] = &[1];
    const DIM: usize = 1;
    const PARAMS: &'static [ParamInfo] = &[];
    const PARAM_LEN: usize = 0;
    const SMOOTH: bool = true;

    fn programs<T: Real>() -> &'static Programs<T> {
        const {
            &Programs {
                energy: Compiled::of::<Failed>(),
                score: Compiled::of::<Failed>(),
                laplacian: Compiled::of::<Failed>(),
                hvp: Compiled::of::<Failed>(),
                curvature: Compiled::of::<Failed>(),
                losses: &[],
            }
        }
    }
}

impl Program for Failed {
    const LAYOUT: Layout = Layout {
        shared: 0,
        scratch_rows: 0,
        stream_reads: &[],
        stream_sums: &[],
        acc: 0,
        panels: 1,
        chunk: 1,
        tangents: Tangents::None,
        out_rows: 0,
        uses: Uses {
            v: false,
            omega: false,
        },
        deferred: &[],
    };

    fn tile<V: Vector>(_: &mut Tile<'_, V::Scalar>) {}
}
