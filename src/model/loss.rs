//! Losses of a batch, and their gradients in the parameters.

use ndarray::{Array1, ArrayView2};
use scorematch_kernels::simd::Real;

use super::{Model, instances};
use crate::error::Result;
use crate::objective::Loss;
use crate::program::Spec;

impl<S: Spec, T: Real> Model<S, T> {
    /// The loss of samples `[B, D]`, the mean of [`Model::losses`].
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape), [`Error::EmptyBatch`](crate::Error::EmptyBatch),
    /// [`Error::NonFinite`](crate::Error::NonFinite) for `x`, given directions and given noise;
    /// [`Error::InvalidSetting`](crate::Error::InvalidSetting) for no directions or a σ that is not above 0;
    /// [`Error::InstructionSet`](crate::Error::InstructionSet).
    pub fn loss<'x>(&self, x: impl Into<ArrayView2<'x, T>>, loss: &Loss<'_, T>) -> Result<f64> {
        let losses = self.losses(x, loss)?;
        Ok(losses.iter().sum::<f64>() / losses.len() as f64)
    }

    /// The loss of each of the samples `[B, D]`, summed in double precision: `[B]`.
    ///
    /// # Errors
    /// As [`Model::loss`].
    pub fn losses<'x>(
        &self,
        x: impl Into<ArrayView2<'x, T>>,
        loss: &Loss<'_, T>,
    ) -> Result<Array1<f64>> {
        instances::losses(&self.any, x.into(), loss)
    }

    /// The loss of samples `[B, D]`, and its gradient in the parameters, written to `gradient`
    /// (the length and order of [`Model::params`]).
    ///
    /// # Errors
    /// As [`Model::loss`]; [`Error::Shape`](crate::Error::Shape) for `gradient`.
    pub fn loss_gradient<'x>(
        &self,
        x: impl Into<ArrayView2<'x, T>>,
        loss: &Loss<'_, T>,
        gradient: &mut [T],
    ) -> Result<f64> {
        instances::loss_gradient(&self.any, x.into(), loss, gradient)
    }
}
