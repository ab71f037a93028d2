//! What of a model is compiled in this crate: see [`instances!`].

use ndarray::{Array1, Array2, ArrayView2};

use super::{AnyModel, Curvature};
use crate::device::Device;
use crate::error::Result;
use crate::instances::instances;
use crate::objective::{Loss, Projections};
use crate::program::CompiledSpec;

instances! {
    fn zeros(spec: CompiledSpec<T>) -> AnyModel<T> = AnyModel::zeros;
    fn another(model: &AnyModel<T>) -> AnyModel<T> = AnyModel::clone;
    fn set_device(model: &mut AnyModel<T>, device: Device) -> Result<()> = AnyModel::set_device;
    fn energy(model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array1<T>> = AnyModel::energy;
    fn score(model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array2<T>> = AnyModel::score;
    fn laplacian(model: &AnyModel<T>, x: ArrayView2<'_, T>) -> Result<Array1<T>> = AnyModel::laplacian;
    fn hvp(model: &AnyModel<T>, x: ArrayView2<'_, T>, v: ArrayView2<'_, T>) -> Result<Array2<T>> = AnyModel::hvp;
    fn curvature(
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        directions: Projections<'_, T>,
    ) -> Result<Curvature<T>> = AnyModel::curvature;
    fn losses(
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
    ) -> Result<Array1<f64>> = AnyModel::losses;
    fn loss_gradient(
        model: &AnyModel<T>,
        x: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
        gradient: &mut [T],
    ) -> Result<f64> = AnyModel::loss_gradient;
}
