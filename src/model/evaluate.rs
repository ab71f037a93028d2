//! Energies and derivatives of a batch.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use scorematch_kernels::simd::Real;

use super::{Model, check};
use crate::backend::Batch;
use crate::error::Result;
use crate::objective::{Noise, Projections};
use crate::program::{Compiled, Scalars, Spec};

/// First and second derivatives of the energy along directions, `[M, B]` each.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Curvature<T> {
    /// v·∇ₓE.
    pub slope: Array2<T>,
    /// vᵀ∇²ₓE v.
    pub curvature: Array2<T>,
}

impl<S: Spec, T: Real> Model<S, T> {
    /// The energies E(x) of samples `[B, D]`: `[B]`, up to the constant ln Z. Samples are given as `&x` or as `x.view()`,
    /// here and wherever an array is read.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape), [`Error::EmptyBatch`](crate::Error::EmptyBatch),
    /// [`Error::NonFinite`](crate::Error::NonFinite) for `x`; [`Error::InstructionSet`](crate::Error::InstructionSet).
    pub fn energy<'x>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array1<T>> {
        let x = x.into();
        check::samples(x, S::DIM)?;
        Ok(self
            .outputs(Compiled::of::<S::Energy>(), Batch::of(x.into()), 1)?
            .remove_axis(Axis(1)))
    }

    /// The scores −∇ₓE of samples `[B, D]`: `[B, D]`.
    ///
    /// # Errors
    /// As [`Model::energy`].
    pub fn score<'x>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array2<T>> {
        let x = x.into();
        check::samples(x, S::DIM)?;
        self.outputs(Compiled::of::<S::Score>(), Batch::of(x.into()), S::DIM)
    }

    /// The exact Laplacians ΔE = tr ∇²ₓE of samples `[B, D]`: `[B]`.
    ///
    /// # Errors
    /// As [`Model::energy`].
    pub fn laplacian<'x>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array1<T>> {
        let x = x.into();
        check::samples(x, S::DIM)?;
        Ok(self
            .outputs(Compiled::of::<S::Laplacian>(), Batch::of(x.into()), 1)?
            .remove_axis(Axis(1)))
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
        let (x, v) = (x.into(), v.into());
        check::samples(x, S::DIM)?;
        check::vectors("v", v, x.dim())?;
        self.outputs(
            Compiled::of::<S::Hvp>(),
            Batch {
                v: Some(Noise::Given(v.reborrow())),
                ..Batch::of(x.reborrow().into())
            },
            S::DIM,
        )
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
        let (x, projections) = (x.into(), directions.into());
        check::samples(x, S::DIM)?;
        check::projections(&projections, x.dim())?;
        self.curvature_of(Batch {
            projections: Some(projections.reborrow()),
            ..Batch::of(x.reborrow().into())
        })
    }

    /// [`Model::curvature`] of a checked batch.
    pub(super) fn curvature_of(&self, batch: Batch<'_, T>) -> Result<Curvature<T>> {
        let directions = batch.projections.as_ref().map_or(0, Projections::count);
        let both = self.outputs(Compiled::of::<S::Curvature>(), batch, 2 * directions)?;
        Ok(Curvature {
            slope: both
                .slice(s![.., ..;2])
                .t()
                .as_standard_layout()
                .into_owned(),
            curvature: both
                .slice(s![.., 1..;2])
                .t()
                .as_standard_layout()
                .into_owned(),
        })
    }

    /// What a program writes for a checked batch: `[B, width]`.
    pub(super) fn outputs(
        &self,
        program: Compiled<T>,
        batch: Batch<'_, T>,
        width: usize,
    ) -> Result<Array2<T>> {
        let mut out = Array2::from_elem((batch.x.nrows(), width), T::zero());
        let scalars = Scalars {
            weight: T::one(),
            sigma: T::zero(),
        };
        let call = self.call(batch, scalars)?;
        self.backend.evaluate(program, &call, out.view_mut())?;
        Ok(out)
    }
}
