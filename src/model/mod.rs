//! A model: a compiled energy, its parameters, and what a person asks of them.
//!
//! Enters: arrays `[batch, dim]` at the public boundary, checked here for shape and finite values. Leaves:
//! energies, derivatives, losses and gradients. Must hold: nothing here or below panics on user data.

mod any;
mod any_spec;
mod energy_model;
mod evaluate;
mod instances;
mod loss;
mod parameters;

use std::fmt;
use std::marker::PhantomData;

use rand::Rng;
use scorematch_kernels::simd::{InstructionSet, Real};

use crate::device::Device;
use crate::error::Result;
use crate::program::{CompiledSpec, Spec};

pub(crate) use any::AnyModel;
pub use any::Curvature;
pub use any_spec::AnySpec;
pub use energy_model::EnergyModel;

/// The energy `S` with parameters of type `T`, `f32` or `f64`.
///
/// Methods take `&self` and may be called from several threads at once. They run on
/// [`threads`](Model::threads) threads; the same machine gives the same bits for any number of them.
#[repr(transparent)]
pub struct Model<S: Spec, T: Real = f32> {
    any: AnyModel<T>,
    spec: PhantomData<fn() -> S>,
}

impl<S: Spec, T: Real> Model<S, T> {
    /// A model whose parameters are drawn from their declared distributions.
    ///
    /// Draws are made in double precision in the order of declaration, so `f32` and `f64` models start
    /// from the same point.
    #[must_use]
    pub fn init(rng: &mut impl Rng) -> Self {
        let mut model = Self::zeros();
        model.draw(rng);
        model
    }

    /// Draws every parameter from its declared distribution, as [`Model::init`].
    fn draw(&mut self, rng: &mut impl Rng) {
        let infos = self.any.spec().params;
        parameters::draw(infos, self.params_mut(), rng);
    }

    /// A model whose parameters are all 0.
    #[must_use]
    pub fn zeros() -> Self {
        Model {
            any: instances::zeros(CompiledSpec::of::<S>()),
            spec: PhantomData,
        }
    }

    /// The model without its type.
    pub(crate) fn any(&self) -> &AnyModel<T> {
        &self.any
    }

    /// The model without its type, to be changed.
    pub(crate) fn any_mut(&mut self) -> &mut AnyModel<T> {
        &mut self.any
    }

    /// A model with a type that is right for it: that of its spec, or [`AnySpec`].
    pub(crate) fn of_any(any: &AnyModel<T>) -> &Self {
        // SAFETY: a model is transparent: it is laid out as what it holds.
        unsafe { &*std::ptr::from_ref(any).cast() }
    }

    /// The declared shape of one sample; a row of the arrays that the model is given is its row-major flattening.
    #[must_use]
    pub fn shape(&self) -> &'static [usize] {
        self.any.spec().x_shape
    }

    /// Features of a sample, D: the product of the declared shape.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.any.spec().dim
    }

    /// The name in the declaration.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.any.spec().name
    }

    /// Whether the energy is free of kinks; see [`Spec::SMOOTH`].
    #[must_use]
    pub fn is_smooth(&self) -> bool {
        self.any.spec().smooth
    }

    /// All parameters: contiguous, in order of declaration, on a 64-byte boundary.
    #[must_use]
    pub fn params(&self) -> &[T] {
        self.any.params()
    }

    /// All parameters, to be changed.
    pub fn params_mut(&mut self) -> &mut [T] {
        self.any.params_mut()
    }

    /// Threads that a call uses at most, the calling one included. Unless set, as many as the environment variable
    /// `SCOREMATCH_THREADS` says, else as many as the system lets the process use at once.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.any.threads()
    }

    /// Sets the number of threads; 0 is the default. No call uses more than 64, or than there are cores where these are
    /// more: a greater number counts as that. A thread that the system does not start is one fewer. Calls that meet share
    /// no threads: one has those of the process, the others run on their own.
    pub fn set_threads(&mut self, threads: usize) {
        self.any.set_threads(threads);
    }

    /// Sets the instruction set, which [`InstructionSet::detect`] chooses otherwise.
    ///
    /// # Errors
    /// [`Error::InstructionSet`](crate::Error::InstructionSet): this machine lacks it.
    pub fn set_instruction_set(&mut self, isa: InstructionSet) -> Result<()> {
        self.any.set_instruction_set(isa)
    }

    /// What the model computes on; the CPU unless set.
    #[must_use]
    pub fn device(&self) -> &Device {
        self.any.device()
    }

    /// Sets what the model computes on. Parameters stay where they are; each call hands them over.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device): a GPU, and parameters that are not `f32`.
    pub fn set_device(&mut self, device: Device) -> Result<()> {
        instances::set_device(&mut self.any, device)
    }
}

impl<S: Spec, T: Real> Clone for Model<S, T> {
    fn clone(&self) -> Self {
        Model {
            any: instances::another(&self.any),
            spec: PhantomData,
        }
    }
}

impl<S: Spec, T: Real> fmt::Debug for Model<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.any.fmt(f)
    }
}
