//! A model of whichever spec: a [`Model`](super::Model) without the type that names its spec.
//!
//! Must hold: functions that take long to compile take this type. They are compiled in this crate, once for each scalar type
//! ([`instances`](crate::instances)), and not in the crate of every user.

mod check;
mod evaluate;
mod loss;

use std::fmt;

use scorematch_kernels::pool::{self, ThreadPool};
use scorematch_kernels::simd::{InstructionSet, InstructionSetError, Real};

use crate::backend::{Backend, Batch, Call};
use crate::buffer::Buffer;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::program::{CompiledSpec, Scalars};

pub use evaluate::Curvature;

/// A compiled energy with parameters of type `T`. [`Model`](super::Model) has methods of the same names, and their
/// descriptions.
pub(crate) struct AnyModel<T: Real> {
    spec: CompiledSpec<T>,
    params: Buffer<T>,
    /// `None`: [`pool::default_threads`].
    threads: Option<usize>,
    /// `None`: [`InstructionSet::detect`].
    isa: Option<InstructionSet>,
    device: Device,
    /// That of the device.
    backend: Box<dyn Backend<T>>,
}

impl<T: Real> AnyModel<T> {
    pub(crate) fn zeros(spec: CompiledSpec<T>) -> Self {
        let device = Device::cpu();
        AnyModel {
            params: Buffer::zeros(spec.param_len),
            spec,
            threads: None,
            isa: None,
            backend: device.backend().expect("the CPU computes in both types"),
            device,
        }
    }

    /// What the model is of.
    pub(crate) fn spec(&self) -> &CompiledSpec<T> {
        &self.spec
    }

    pub(crate) fn params(&self) -> &[T] {
        &self.params
    }

    pub(crate) fn params_mut(&mut self) -> &mut [T] {
        &mut self.params
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads.unwrap_or_else(pool::default_threads)
    }

    /// What [`AnyModel::set_threads`] was given last; `None` for the default.
    pub(crate) fn threads_set(&self) -> Option<usize> {
        self.threads
    }

    pub(crate) fn set_threads(&mut self, threads: usize) {
        self.threads = (threads > 0).then(|| threads.min(pool::most_threads()));
    }

    pub(crate) fn set_instruction_set(&mut self, isa: InstructionSet) -> Result<()> {
        if !isa.is_supported() {
            return Err(InstructionSetError::Unsupported(isa).into());
        }
        self.isa = Some(isa);
        Ok(())
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    pub(crate) fn set_device(&mut self, device: Device) -> Result<()> {
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
        assert_eq!(others.len(), self.spec.param_len, "one value a parameter");
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

impl<T: Real> Clone for AnyModel<T> {
    fn clone(&self) -> Self {
        AnyModel {
            spec: self.spec,
            params: self.params.clone(),
            threads: self.threads,
            isa: self.isa,
            device: self.device.clone(),
            backend: self.backend.another(),
        }
    }
}

impl<T: Real> fmt::Debug for AnyModel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CompiledSpec {
            name,
            x_shape,
            params,
            ..
        } = self.spec;
        write!(f, "{name}<{}>(x: {x_shape:?}", T::NAME)?;
        for info in params {
            write!(f, ", {}: {:?}", info.name, info.shape)?;
        }
        write!(f, ")")
    }
}
