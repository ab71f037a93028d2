//! What emitted code names: the seam to the runtime, and the kernels that it calls. And the few things of the library
//! that the command line uses and no other crate should.

pub use scorematch_kernels::panel::{
    LANES, Label, Matrix, Panels, Rows, RowsMut, Write, add_columns, add_lane_sums, chunk, clear,
    gemm, lower_suffices, lq, lq_gradient, rank_k_update, shared_contract, split, transpose,
    vectors,
};
pub use scorematch_kernels::pool::ThreadPool;
pub use scorematch_kernels::simd::{Real, ScalarVector, Vector};

pub use crate::environment::check_environment;
pub use crate::program::*;
pub use crate::statements::{
    BatchStatement, Chunk, TileStatement, numbers, run_batch, run_chunks, run_tile,
};
pub use crate::whole_file::write_whole;

/// Numbers that may not be finite, in JSON.
pub mod number {
    pub use crate::number::{deserialize, serialize};
}

/// What stands in for a model whose declaration has mistakes, so that code that uses the model does not fail too.
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
