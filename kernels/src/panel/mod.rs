//! Panels: 16 samples side by side, and the products over them.
//!
//! A row is one feature of 16 samples, `[T; 16]`. A value with n features is n rows; a tile of several
//! panels holds `panels · n` rows. The kernels here read and write rows with strides, so that any axis of a
//! value may be the one that is contracted. Enters: slices of rows and of parameters. Must hold: every
//! element that the sizes and strides reach lies in its slice (asserted). Leaves: the same bits for the
//! same instruction set, whatever ran before.

mod cholesky;
mod contract;
mod gather;
mod gemm;
mod labels;
mod lanes;
mod lq;
mod lq_gradient;
mod multiply;
mod rank_k;
mod reflections;
mod register_block;
mod sign_lookup;
mod split;
mod transpose;

pub use contract::shared_contract;
pub use gather::{gather, scatter};
use gemm::gemm_into;
pub use gemm::{Gemm, gemm};
pub(crate) use gemm::{gemm_in, gemm_of_rows_in};
pub use labels::Label;
pub use lanes::{add_columns, add_lane_sums};
pub use lq::lq;
pub use lq_gradient::{lower_suffices, lq_gradient};
pub(crate) use rank_k::rank_k_update_in;
pub use rank_k::{RankKUpdate, rank_k_update};
pub use sign_lookup::{SignLookup, SignedRankKUpdate};
#[cfg(any(isa = "avx2", isa = "avx512"))]
pub(crate) use sign_lookup::{pack_in, signed_rank_k_update_in};
pub use split::{chunk, clear, split};
pub use transpose::{reads_transposes, transpose};

#[cfg(test)]
mod tests;

use crate::simd::Vector;

/// Samples of a panel.
pub const LANES: usize = 16;

/// The panels of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panels {
    /// How many.
    pub count: usize,
    /// Lanes of each that are asked for, from the first on. A kernel may leave the others out, in whole vectors: what is
    /// not written there keeps its value, and sums over lanes do not see it.
    pub lanes: usize,
}

impl From<usize> for Panels {
    /// So many with all their lanes.
    fn from(count: usize) -> Self {
        Panels {
            count,
            lanes: LANES,
        }
    }
}

impl Panels {
    /// Vectors of a row that hold the lanes.
    #[inline(always)]
    pub(crate) fn vectors<V: Vector>(self) -> usize {
        vectors::<V>(self.lanes)
    }
}

/// Vectors of a row that hold the first so many lanes.
#[inline(always)]
pub fn vectors<V: Vector>(lanes: usize) -> usize {
    match V::PER_ROW {
        1 => 1,
        whole => lanes.div_ceil(V::LANES).min(whole),
    }
}

/// Rows to read: feature `u` of panel `p` is `rows[p · panel + u · row]`.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T> {
    /// The slice that the strides walk in, from its first row.
    pub rows: &'a [[T; LANES]],
    /// Rows from a panel to the next.
    pub panel: usize,
    /// Rows from a feature to the next.
    pub row: usize,
}

/// Rows to write: feature `u` of panel `p` is `rows[p · panel + u · row]`.
#[derive(Debug)]
pub struct RowsMut<'a, T> {
    /// The slice that the strides walk in, from its first row.
    pub rows: &'a mut [[T; LANES]],
    /// Rows from a panel to the next.
    pub panel: usize,
    /// Rows from a feature to the next.
    pub row: usize,
}

/// A matrix with strides: element (i, j) is `data[i · row + j · col]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    /// The slice that the strides walk in, from element (0, 0).
    pub data: &'a [T],
    /// Scalars from a row to the next.
    pub row: usize,
    /// Scalars from a column to the next.
    pub col: usize,
}

/// Whether a result replaces the values in the output or is added to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// They are replaced.
    Set,
    /// The result is added to them.
    Add,
}

/// Asserts that a slice of `len` is a dense matrix of these sizes.
#[track_caller]
#[inline]
fn assert_dense(what: &str, len: usize, [rows, cols]: [usize; 2]) {
    assert!(
        rows.checked_mul(cols) == Some(len),
        "{what} is {rows} × {cols}, and its slice has {len} elements"
    );
}

/// Asserts that a slice of `len` holds every index `Σ i · stride`, each i below its size.
#[track_caller]
#[inline]
fn assert_reach(what: &str, len: usize, axes: &[(usize, usize)]) {
    if axes.iter().any(|&(size, _)| size == 0) {
        return;
    }
    let last = axes.iter().try_fold(0, |sum: usize, &(size, stride)| {
        sum.checked_add((size - 1).checked_mul(stride)?)
    });
    assert!(
        last.is_some_and(|last| last < len),
        "{what}: sizes and strides {axes:?} reach past its length {len}"
    );
}
