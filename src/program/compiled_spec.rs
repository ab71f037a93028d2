//! A spec as a value.

use std::marker::PhantomData;

use scorematch_kernels::simd::{ForScalar, Real};

use super::{ParamInfo, Programs, Spec};

/// What a [`Spec`] says, as a value. Models and trainers take this, so that they are compiled once for a scalar type and not
/// once for every model.
#[derive(Clone, Copy, Debug)]
pub struct CompiledSpec<T: 'static> {
    /// [`Spec::NAME`].
    pub name: &'static str,
    /// [`Spec::X_SHAPE`].
    pub x_shape: &'static [usize],
    /// [`Spec::DIM`].
    pub dim: usize,
    /// [`Spec::PARAMS`].
    pub params: &'static [ParamInfo],
    /// [`Spec::PARAM_LEN`].
    pub param_len: usize,
    /// [`Spec::SMOOTH`].
    pub smooth: bool,
    /// [`Spec::programs`].
    pub programs: &'static Programs<T>,
}

impl<T: Real> CompiledSpec<T> {
    /// The spec `S` for scalars `T`.
    #[must_use]
    pub fn of<S: Spec>() -> Self {
        CompiledSpec {
            name: S::NAME,
            x_shape: S::X_SHAPE,
            dim: S::DIM,
            params: S::PARAMS,
            param_len: S::PARAM_LEN,
            smooth: S::SMOOTH,
            programs: T::choose(ProgramsOf(PhantomData::<S>)),
        }
    }
}

/// The programs of a spec, for either type.
struct ProgramsOf<S>(PhantomData<S>);

impl<S: Spec> ForScalar for ProgramsOf<S> {
    type Out<T: Real> = &'static Programs<T>;

    fn single(self) -> &'static Programs<f32> {
        S::single()
    }

    fn double(self) -> &'static Programs<f64> {
        S::programs()
    }
}
