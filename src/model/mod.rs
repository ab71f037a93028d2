//! A model: a compiled energy, its parameters, and what a person asks of them.
//!
//! Enters: arrays `[batch, dim]` at the public boundary, checked here for shape and finite values. Leaves:
//! energies, derivatives, losses and gradients. Must hold: nothing here or below panics on user data.

mod check;
mod energy_model;
mod evaluate;
mod objective;
mod parameters;

use std::fmt;
use std::marker::PhantomData;

use rand::Rng;
use scorematch_kernels::pool::{self, ThreadPool};
use scorematch_kernels::simd::{InstructionSet, InstructionSetError, Real};

use crate::backend::{Backend, Batch, Call};
use crate::buffer::Buffer;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::program::{Scalars, Spec};

pub use energy_model::EnergyModel;
pub use evaluate::Curvature;

/// The energy `S` with parameters of type `T`, `f32` or `f64`.
///
/// Methods take `&self` and may be called from several threads at once. They run on
/// [`threads`](Model::threads) threads; the same machine gives the same bits for any number of them.
pub struct Model<S: Spec, T: Real = f32> {
    params: Buffer<T>,
    /// `None`: [`pool::default_threads`].
    threads: Option<usize>,
    /// `None`: [`InstructionSet::detect`].
    isa: Option<InstructionSet>,
    device: Device,
    /// That of the device.
    backend: Box<dyn Backend<T>>,
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
        parameters::draw(S::PARAMS, &mut model.params, rng);
        model
    }

    /// A model whose parameters are all 0.
    #[must_use]
    pub fn zeros() -> Self {
        let device = Device::cpu();
        Model {
            params: Buffer::zeros(S::PARAM_LEN),
            threads: None,
            isa: None,
            backend: device.backend().expect("the CPU computes in both types"),
            device,
            spec: PhantomData,
        }
    }

    /// The declared shape of one sample; a row of the arrays that the model is given is its row-major flattening.
    #[must_use]
    pub fn shape(&self) -> &'static [usize] {
        S::X_SHAPE
    }

    /// Features of a sample, D: the product of the declared shape.
    #[must_use]
    pub fn dim(&self) -> usize {
        S::DIM
    }

    /// The name in the declaration.
    #[must_use]
    pub fn name(&self) -> &'static str {
        S::NAME
    }

    /// Whether the energy is free of kinks; see [`Spec::SMOOTH`].
    #[must_use]
    pub fn is_smooth(&self) -> bool {
        S::SMOOTH
    }

    /// All parameters: contiguous, in order of declaration, on a 64-byte boundary.
    #[must_use]
    pub fn params(&self) -> &[T] {
        &self.params
    }

    /// All parameters, to be changed.
    pub fn params_mut(&mut self) -> &mut [T] {
        &mut self.params
    }

    /// Threads that a call uses at most, the calling one included. Unless set, as many as the environment variable
    /// `SCOREMATCH_THREADS` says, else as many as the system lets the process use at once.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(pool::default_threads)
    }

    /// What [`Model::set_threads`] was given last; `None` for the default.
    pub(crate) fn threads_set(&self) -> Option<usize> {
        self.threads
    }

    /// Sets the number of threads; 0 is the default. No call uses more than 64, or than there are cores where these are
    /// more: a greater number counts as that. A thread that the system does not start is one fewer. Calls that meet share
    /// no threads: one has those of the process, the others run on their own.
    pub fn set_threads(&mut self, threads: usize) {
        self.threads = (threads > 0).then(|| threads.min(pool::most_threads()));
    }

    /// Sets the instruction set, which [`InstructionSet::detect`] chooses otherwise.
    ///
    /// # Errors
    /// [`Error::InstructionSet`]: this machine lacks it.
    pub fn set_instruction_set(&mut self, isa: InstructionSet) -> Result<()> {
        if !isa.is_supported() {
            return Err(InstructionSetError::Unsupported(isa).into());
        }
        self.isa = Some(isa);
        Ok(())
    }

    /// What the model computes on; the CPU unless set.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Sets what the model computes on. Parameters stay where they are; each call hands them over.
    ///
    /// # Errors
    /// [`Error::Device`]: a GPU, and parameters that are not `f32`.
    pub fn set_device(&mut self, device: Device) -> Result<()> {
        self.backend = device.backend()?;
        self.device = device;
        Ok(())
    }

    /// The threads, and their instruction set.
    pub(crate) fn pool(&self) -> Result<ThreadPool> {
        Ok(ThreadPool {
            isa: self.isa()?,
            threads: self.threads(),
        })
    }

    /// What runs the model's programs.
    pub(crate) fn backend(&self) -> &dyn Backend<T> {
        &*self.backend
    }

    /// Changes places with other parameters.
    ///
    /// # Panics
    /// There are not as many.
    pub(crate) fn exchange_params(&mut self, others: &mut Buffer<T>) {
        assert_eq!(others.len(), S::PARAM_LEN, "one value a parameter");
        std::mem::swap(&mut self.params, others);
    }

    /// The instruction set in use.
    fn isa(&self) -> Result<InstructionSet> {
        self.isa
            .map_or_else(|| InstructionSet::detect().map_err(Error::from), Ok)
    }

    /// A call of one of this model's programs.
    fn call<'b>(&self, batch: Batch<'b, T>, scalars: Scalars<T>) -> Result<Call<'_, 'b, T>> {
        Ok(Call {
            pool: self.pool()?,
            params: &self.params,
            scalars,
            batch,
        })
    }
}

impl<S: Spec, T: Real> Clone for Model<S, T> {
    fn clone(&self) -> Self {
        Model {
            params: self.params.clone(),
            threads: self.threads,
            isa: self.isa,
            device: self.device.clone(),
            backend: self.backend.another(),
            spec: PhantomData,
        }
    }
}

impl<S: Spec, T: Real> fmt::Debug for Model<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}<{}>(x: {:?}", S::NAME, T::NAME, S::X_SHAPE)?;
        for info in S::PARAMS {
            write!(f, ", {}: {:?}", info.name, info.shape)?;
        }
        write!(f, ")")
    }
}
