//! What a backend is asked for.

use std::fmt;
use std::sync::Arc;

use ndarray::ArrayViewMut2;
use scorematch_kernels::simd::Real;

use super::call::Call;
use super::phases::Phases;
use super::training::Resident;
use crate::error::Result;
use crate::program::Compiled;

/// Runs programs over scalars `T`, and keeps the buffers of a run for the next one.
///
/// Calls may come from several threads at once. A call that fails leaves the backend as it was.
pub(crate) trait Backend<T: Real>: Send + Sync {
    /// Runs a program that writes outputs: `out` is `[B, out_rows]`, for given tangents `[B, M·out_rows]`.
    ///
    /// # Errors
    /// What the device reports.
    fn evaluate(
        &self,
        program: Compiled<T>,
        call: &Call<'_, '_, T>,
        out: ArrayViewMut2<'_, T>,
    ) -> Result<()>;

    /// Runs a program that sums over the batch. Calls `read` once, with the sums as the epilogue left them and how long
    /// the parts of the run took.
    ///
    /// # Errors
    /// What the device reports; `read` is not called then.
    fn accumulate(
        &self,
        program: Compiled<T>,
        call: &Call<'_, '_, T>,
        read: &mut dyn FnMut(&[T], Phases),
    ) -> Result<()>;

    /// Where a training run can stay, if it can: its parameters, averages and data. Where it cannot, every update is the
    /// host's, from the sums of [`Backend::accumulate`].
    fn resident(&self) -> Option<Box<dyn Resident<T>>>;

    /// A backend at the same place, with buffers of its own.
    fn another(&self) -> Box<dyn Backend<T>>;
}

/// A place to compute, as a person names it. It opens backends.
pub(crate) trait Place: fmt::Debug + fmt::Display + Send + Sync {
    /// A backend for `f32`.
    fn single(&self) -> Box<dyn Backend<f32>>;

    /// A backend for `f64`; `None` where the place computes in `f32` only.
    fn double(&self) -> Option<Box<dyn Backend<f64>>>;

    /// The same place with products of TF32 numbers; `None` where there are no such products.
    fn tf32(&self) -> Option<Arc<dyn Place>>;

    /// Whether it is the CPU.
    fn is_cpu(&self) -> bool;
}

/// GPUs by their numbers: `cuda:0,1`.
pub(super) fn gpus(indices: impl IntoIterator<Item = usize>) -> String {
    let texts: Vec<String> = indices.into_iter().map(|index| index.to_string()).collect();
    format!("cuda:{}", texts.join(","))
}
