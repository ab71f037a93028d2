//! What of checkpoints is compiled in this crate, once for each scalar type: see `model::instances`.

use std::path::Path;

use scorematch_kernels::simd::{ForScalar, Real};

use super::{Names, file};
use crate::data::Standardization;
use crate::error::Result;
use crate::model::AnyModel;

/// The functions over scalars `T`.
pub(super) trait Instances<T: Real> {
    /// [`Trained::save_with`](super::Trained::save_with).
    fn save(
        &self,
        path: &Path,
        model: &AnyModel<T>,
        standardization: Option<&Standardization>,
        step: u64,
        names: &Names,
    ) -> Result<()>;

    /// [`Trained::load_with`](super::Trained::load_with), into a model of that spec: the units and the step.
    fn load(
        &self,
        path: &Path,
        model: &mut AnyModel<T>,
        names: &Names,
    ) -> Result<(Option<Standardization>, u64)>;
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
    fn save(
        &self,
        path: &Path,
        model: &AnyModel<T>,
        standardization: Option<&Standardization>,
        step: u64,
        names: &Names,
    ) -> Result<()> {
        file::write(path, model, standardization, step, names)
    }

    fn load(
        &self,
        path: &Path,
        model: &mut AnyModel<T>,
        names: &Names,
    ) -> Result<(Option<Standardization>, u64)> {
        file::read(path, model, names)
    }
}
