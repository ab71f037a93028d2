//! Energies and derivatives of a batch.

use ndarray::{Array1, Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use super::{Curvature, Model, instances};
use crate::error::Result;
use crate::objective::Projections;
use crate::program::Spec;

impl<S: Spec, T: Real> Model<S, T> {
    /// The energies E(x) of samples `[B, D]`: `[B]`, up to the constant ln Z. Samples are given as `&x` or as `x.view()`,
    /// here and wherever an array is read.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape), [`Error::EmptyBatch`](crate::Error::EmptyBatch),
    /// [`Error::NonFinite`](crate::Error::NonFinite) for `x`; [`Error::InstructionSet`](crate::Error::InstructionSet).
    pub fn energy<'x>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array1<T>> {
        instances::energy(&self.any, x.into())
    }

    /// The scores −∇ₓE of samples `[B, D]`: `[B, D]`.
    ///
    /// # Errors
    /// As [`Model::energy`].
    pub fn score<'x>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array2<T>> {
        instances::score(&self.any, x.into())
    }

    /// The exact Laplacians ΔE = tr ∇²ₓE of samples `[B, D]`: `[B]`.
    ///
    /// # Errors
    /// As [`Model::energy`].
    pub fn laplacian<'x>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array1<T>> {
        instances::laplacian(&self.any, x.into())
    }

    /// The products ∇²ₓE·v of samples `[B, D]` and a vector for each, `[B, D]`: `[B, D]`.
    ///
    /// # Errors
    /// As [`Model::energy`], for `x` and `v`.
    pub fn hvp<'x, 'v>(
        &self,
        x: impl Into<ArrayView2<'x, T>>,
        v: impl Into<ArrayView2<'v, T>>,
    ) -> Result<Array2<T>> {
        instances::hvp(&self.any, x.into(), v.into())
    }

    /// Slopes v·∇ₓE and curvatures vᵀ∇²ₓE v of samples `[B, D]` along M directions for each: `[M, B]`.
    ///
    /// # Errors
    /// As [`Model::energy`], for `x` and given directions;
    /// [`Error::InvalidSetting`](crate::Error::InvalidSetting) for no directions.
    pub fn curvature<'x, 'v>(
        &self,
        x: impl Into<ArrayView2<'x, T>>,
        directions: impl Into<Projections<'v, T>>,
    ) -> Result<Curvature<T>> {
        instances::curvature(&self.any, x.into(), directions.into())
    }
}
