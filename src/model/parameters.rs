//! Parameters by name: looked up, read, set and drawn.

use ndarray::{ArrayView, ArrayViewD, ArrayViewMut, ArrayViewMutD, Dimension, IxDyn};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use scorematch_kernels::simd::Real;
use strsim::osa_distance;

use super::Model;
use crate::error::{Error, Result};
use crate::program::{Init, ParamInfo, Spec};

impl<S: Spec, T: Real> Model<S, T> {
    /// The parameters in order of declaration: the name of each and its values in the declared shape. All of them as one
    /// slice are [`Model::params`].
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, ArrayViewD<'_, T>)> {
        let params = self.params();
        self.any().spec().params.iter().map(move |info| {
            let values = &params[info.offset..info.offset + info.len()];
            (info.name, in_shape(info, values))
        })
    }

    /// The parameters in order of declaration, to be changed.
    pub fn parameters_mut(&mut self) -> impl Iterator<Item = (&'static str, ArrayViewMutD<'_, T>)> {
        let infos = self.any().spec().params;
        let mut rest = self.params_mut();
        infos.iter().map(move |info| {
            // Parameters lie behind one another, in order of declaration.
            let (values, behind) = std::mem::take(&mut rest).split_at_mut(info.len());
            rest = behind;
            (info.name, in_shape_mut(info, values))
        })
    }

    /// A parameter, in its declared shape.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`].
    pub fn get(&self, name: &str) -> Result<ArrayViewD<'_, T>> {
        let info = self.info(name)?;
        let values = &self.params()[info.offset..info.offset + info.len()];
        Ok(in_shape(info, values))
    }

    /// Sets a parameter to values of its declared shape, `&array` or a view. They may be anything, also NaN: what is
    /// computed from them says so.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`], [`Error::ParameterShape`].
    pub fn set<'v, D: Dimension>(
        &mut self,
        name: &str,
        values: impl Into<ArrayView<'v, T, D>>,
    ) -> Result<()> {
        let (info, values) = (self.info(name)?, values.into());
        if values.shape() != info.shape {
            return Err(Error::ParameterShape {
                name: info.name,
                expected: info.shape,
                found: values.shape().to_vec(),
            });
        }
        let place = &mut self.params_mut()[info.offset..info.offset + info.len()];
        in_shape_mut(info, place).assign(&values.into_dyn());
        Ok(())
    }

    /// The parameter of that name.
    fn info(&self, name: &str) -> Result<&'static ParamInfo> {
        let parameters = self.any().spec().params;
        let found = parameters.iter().find(|info| info.name == name);
        found.ok_or_else(|| Error::UnknownParameter {
            model: self.name(),
            name: name.to_owned(),
            nearest: nearest(name, parameters),
            all: parameters.iter().map(|info| info.name).collect(),
        })
    }
}

/// The values of a parameter in its shape.
fn in_shape<'a, T>(info: &ParamInfo, values: &'a [T]) -> ArrayViewD<'a, T> {
    ArrayView::from_shape(IxDyn(info.shape), values).expect("the slice has the length of the shape")
}

fn in_shape_mut<'a, T>(info: &ParamInfo, values: &'a mut [T]) -> ArrayViewMutD<'a, T> {
    ArrayViewMut::from_shape(IxDyn(info.shape), values)
        .expect("the slice has the length of the shape")
}

/// The parameter whose name differs least, if by no more than a third of its letters.
fn nearest(name: &str, parameters: &[ParamInfo]) -> Option<&'static str> {
    parameters
        .iter()
        .map(|info| (osa_distance(name, info.name), info.name))
        .min()
        .filter(|(edits, near)| *edits <= near.len().div_ceil(3))
        .map(|(_, near)| near)
}

/// Draws every parameter from its declared distribution.
pub(super) fn draw<T: Real>(parameters: &[ParamInfo], params: &mut [T], rng: &mut impl Rng) {
    for info in parameters {
        for value in &mut params[info.offset..info.offset + info.len()] {
            *value = T::of(match info.init {
                Init::Constant(constant) => constant,
                Init::Normal { std } => std * rng.sample::<f64, _>(StandardNormal),
                Init::Uniform { bound } => bound * (2.0 * rng.random::<f64>() - 1.0),
            });
        }
    }
}
