//! Energies and derivatives of a batch.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use scorematch_kernels::simd::Real;

use super::{AnyModel, check};
use crate::backend::Batch;
use crate::error::Result;
use crate::objective::{Noise, Projections};
use crate::program::{Compiled, Scalars};

/// First and second derivatives of the energy along directions, `[M, B]` each.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Curvature<T> {
    /// v·∇ₓE.
    pub slope: Array2<T>,
    /// vᵀ∇²ₓE v.
    pub curvature: Array2<T>,
}

impl<T: Real> AnyModel<T> {
    pub(crate) fn energy(&self, x: ArrayView2<'_, T>) -> Result<Array1<T>> {
        check::samples(x, self.spec.dim)?;
        Ok(self
            .outputs(self.spec.programs.energy, Batch::of(x.into()), 1)?
            .remove_axis(Axis(1)))
    }

    pub(crate) fn score(&self, x: ArrayView2<'_, T>) -> Result<Array2<T>> {
        check::samples(x, self.spec.dim)?;
        self.outputs(self.spec.programs.score, Batch::of(x.into()), self.spec.dim)
    }

    pub(crate) fn laplacian(&self, x: ArrayView2<'_, T>) -> Result<Array1<T>> {
        check::samples(x, self.spec.dim)?;
        Ok(self
            .outputs(self.spec.programs.laplacian, Batch::of(x.into()), 1)?
            .remove_axis(Axis(1)))
    }

    pub(crate) fn hvp(&self, x: ArrayView2<'_, T>, v: ArrayView2<'_, T>) -> Result<Array2<T>> {
        check::samples(x, self.spec.dim)?;
        check::vectors("v", v, x.dim())?;
        self.outputs(
            self.spec.programs.hvp,
            Batch {
                v: Some(Noise::Given(v.reborrow())),
                ..Batch::of(x.reborrow().into())
            },
            self.spec.dim,
        )
    }

    pub(crate) fn curvature(
        &self,
        x: ArrayView2<'_, T>,
        projections: Projections<'_, T>,
    ) -> Result<Curvature<T>> {
        check::samples(x, self.spec.dim)?;
        check::projections(&projections, x.dim())?;
        self.curvature_of(Batch {
            projections: Some(projections.reborrow()),
            ..Batch::of(x.reborrow().into())
        })
    }

    /// [`AnyModel::curvature`] of a checked batch.
    pub(super) fn curvature_of(&self, batch: Batch<'_, T>) -> Result<Curvature<T>> {
        let directions = batch.projections.as_ref().map_or(0, Projections::count);
        let both = self.outputs(self.spec.programs.curvature, batch, 2 * directions)?;
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
