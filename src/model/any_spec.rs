//! Models whose spec is a value: the type of their spec says nothing.

use rand::Rng;
use scorematch_kernels::simd::Real;

use super::{Model, instances};
use crate::program::{CompiledSpec, Failed, ParamInfo, Programs, Spec};

/// The spec of a model whose spec is known when the program runs: `Model<AnySpec, T>` has the methods of a model of the
/// [`CompiledSpec`] that it was made of. The constants of this type describe no model.
#[derive(Debug)]
pub enum AnySpec {}

impl Spec for AnySpec {
    const NAME: &'static str = "a model of any spec";
    const X_SHAPE: &'static [usize] = Failed::X_SHAPE;
    const DIM: usize = Failed::DIM;
    const PARAMS: &'static [ParamInfo] = Failed::PARAMS;
    const PARAM_LEN: usize = Failed::PARAM_LEN;
    const SMOOTH: bool = Failed::SMOOTH;

    fn programs<T: Real>() -> &'static Programs<T> {
        Failed::programs()
    }
}

impl<T: Real> Model<AnySpec, T> {
    /// A model of this spec whose parameters are all 0.
    #[must_use]
    pub fn zeros_of(spec: CompiledSpec<T>) -> Self {
        Model {
            any: instances::zeros(spec),
            spec: std::marker::PhantomData,
        }
    }

    /// [`Model::init`], of this spec.
    #[must_use]
    pub fn init_of(spec: CompiledSpec<T>, rng: &mut impl Rng) -> Self {
        let mut model = Self::zeros_of(spec);
        model.draw(rng);
        model
    }

    /// What the model is of.
    #[must_use]
    pub fn compiled_spec(&self) -> CompiledSpec<T> {
        *self.any.spec()
    }
}
