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
pub use crate::model::AnySpec;
pub use crate::program::*;
pub use crate::statements::{
    BatchStatement, Chunk, TileStatement, numbers, run_batch, run_chunks, run_tile,
};
pub use crate::whole_file::write_whole;

/// Numbers that may not be finite, in JSON.
pub mod number {
    pub use crate::number::{deserialize, serialize};
}
