//! The functions of training that this crate compiles once per scalar type: see `model::instances`.

use ndarray::ArrayView2;
use scorematch_kernels::simd::{ForScalar, Real};

use super::callback::Observer;
use super::run;
use super::stepping::{Step, Stepping};
use super::{Report, Trainer};
use crate::error::Result;
use crate::model::AnyModel;
use crate::objective::Loss;

/// The functions for scalars of type `T`.
pub(super) trait Instances<T: Real> {
    /// [`Trainer::fit_with`], or [`Trainer::fit`] if there is no observer.
    fn fit(
        &self,
        trainer: &mut Trainer<'_, T>,
        model: &mut AnyModel<T>,
        data: ArrayView2<'_, T>,
        observer: Observer<'_, T>,
    ) -> Result<Report>;

    /// [`Stepper::step`](super::Stepper::step).
    fn step(
        &self,
        stepper: &mut Stepping<T>,
        model: &mut AnyModel<T>,
        batch: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
        factor: f64,
    ) -> Result<Step>;
}

/// The functions for scalars of type `T`.
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
    fn fit(
        &self,
        trainer: &mut Trainer<'_, T>,
        model: &mut AnyModel<T>,
        data: ArrayView2<'_, T>,
        observer: Observer<'_, T>,
    ) -> Result<Report> {
        run::run(trainer, model, data, observer)
    }

    fn step(
        &self,
        stepper: &mut Stepping<T>,
        model: &mut AnyModel<T>,
        batch: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
        factor: f64,
    ) -> Result<Step> {
        stepper.step(model, batch.into(), loss, factor)
    }
}
