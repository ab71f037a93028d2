//! What of a model is compiled in this crate, once for each scalar type, behind a table of functions.
//!
//! A generic function is compiled in every crate that calls it. A user's crate asks [`instances`] instead, and compiles the
//! model's programs alone. Trainers and checkpoints have such tables too.

use ndarray::{Array1, Array2, ArrayView2};
use scorematch_kernels::simd::{ForScalar, Real};

use super::{AnyModel, Curvature};
use crate::device::Device;
use crate::error::Result;
use crate::objective::{Loss, Projections};
use crate::program::CompiledSpec;

/// The functions over scalars `T`, as [`Model`](super::Model) describes them.
pub(super) trait Instances<T: Real> {
    fn zeros(&self, spec: CompiledSpec<T>) -> AnyModel<T>;

    fn another(&self, model: &AnyModel<T>) -> AnyModel<T>;

    fn set_device(&self, model: &mut AnyModel<T>, device: Device) -> Result<()>;

    fn energy(&self, model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array1<T>>;

    fn score(&self, model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array2<T>>;

    fn laplacian(&self, model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array1<T>>;

    fn hvp(
        &self,
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        v: ArrayView2<'_, T>,
    ) -> Result<Array2<T>>;

    fn curvature(
        &self,
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        directions: Projections<'_, T>,
    ) -> Result<Curvature<T>>;

    fn losses(
        &self,
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
    ) -> Result<Array1<f64>>;

    fn loss_gradient(
        &self,
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
        gradient: &mut [T],
    ) -> Result<f64>;
}

/// The functions over scalars `T`.
pub(super) fn instances<T: Real>() -> &'static dyn Instances<T> {
    T::choose(Table)
}

struct Table;

impl ForScalar for Table {
    type Out<T: Real> = &'static dyn Instances<T>;

    #[inline(never)]
    fn single(self) -> &'static dyn Instances<f32> {
        &Table
    }

    #[inline(never)]
    fn double(self) -> &'static dyn Instances<f64> {
        &Table
    }
}

impl<T: Real> Instances<T> for Table {
    fn zeros(&self, spec: CompiledSpec<T>) -> AnyModel<T> {
        AnyModel::zeros(spec)
    }

    fn another(&self, model: &AnyModel<T>) -> AnyModel<T> {
        model.clone()
    }

    fn set_device(&self, model: &mut AnyModel<T>, device: Device) -> Result<()> {
        model.set_device(device)
    }

    fn energy(&self, model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array1<T>> {
        model.energy(x)
    }

    fn score(&self, model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array2<T>> {
        model.score(x)
    }

    fn laplacian(&self, model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array1<T>> {
        model.laplacian(x)
    }

    fn hvp(
        &self,
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        v: ArrayView2<'_, T>,
    ) -> Result<Array2<T>> {
        model.hvp(x, v)
    }

    fn curvature(
        &self,
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        directions: Projections<'_, T>,
    ) -> Result<Curvature<T>> {
        model.curvature(x, directions)
    }

    fn losses(
        &self,
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
    ) -> Result<Array1<f64>> {
        model.losses(x, loss)
    }

    fn loss_gradient(
        &self,
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
        gradient: &mut [T],
    ) -> Result<f64> {
        model.loss_gradient(x, loss, gradient)
    }
}
