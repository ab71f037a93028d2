//! One GPU: its context, what it can do, and the programs that were compiled for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cudarc::driver::sys::CUdevice_attribute as Attribute;
use cudarc::driver::{CudaContext, CudaStream};

use super::buffers::RunBuffers;
use super::compile::{KernelRole, Variant};
use super::kernel::Kernel;
use super::launch::{Limits, Shape};
use super::library::{driver_error, driver_version, nvrtc_version, require_driver, require_nvrtc};
use crate::error::DeviceError;
use crate::program::DeviceCode;

/// A GPU in use.
pub(crate) struct Gpu {
    index: usize,
    name: String,
    /// The architecture that code is compiled for, such as `sm_90a`.
    architecture: String,
    limits: Limits,
    tf32: bool,
    pub(super) stream: Arc<CudaStream>,
    /// Programs by their source and shape.
    kernels: Arc<Mutex<HashMap<(&'static str, Shape, Variant), Arc<Kernel>>>>,
    /// Buffers that no call is using.
    spare: Arc<Mutex<Vec<RunBuffers>>>,
}

impl Gpu {
    /// The GPU of that number.
    pub(crate) fn open(index: usize) -> Result<Self, DeviceError> {
        require_driver()?;
        let found = count()?;
        if index >= found {
            return Err(DeviceError::NoDevice { index, found });
        }
        require_nvrtc()?;
        let (driver, nvrtc) = (driver_version()?, nvrtc_version()?);
        if driver.major < nvrtc.major {
            return Err(DeviceError::DriverTooOld {
                found: driver.to_string(),
                needed: nvrtc.to_string(),
            });
        }
        let failed = |action| move |e| driver_error(action, &e);
        let context = CudaContext::new(index).map_err(failed("open the GPU"))?;
        // SAFETY: there is one stream, and buffers are read and written on it alone.
        unsafe { context.disable_event_tracking() };
        let attribute = |attribute| {
            let value = context.attribute(attribute);
            value.map_err(failed("describe the GPU"))
        };
        let (major, minor) = context
            .compute_capability()
            .map_err(failed("describe the GPU"))?;
        let name = context.name().map_err(failed("name the GPU"))?;
        if major < 8 {
            return Err(DeviceError::Unsupported {
                index,
                name,
                found: format!("{major}.{minor}"),
            });
        }
        let limits = Limits {
            shared: attribute(Attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)?
                as usize,
            processors: attribute(Attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)? as usize,
        };
        Ok(Gpu {
            index,
            name,
            architecture: format!("sm_{major}{minor}"),
            limits,
            tf32: false,
            stream: context.new_stream().map_err(failed("open a stream"))?,
            kernels: Arc::default(),
            spare: Arc::default(),
        })
    }

    /// The same GPU with less accurate products.
    pub(crate) fn with_tf32(&self) -> Self {
        Gpu {
            index: self.index,
            name: self.name.clone(),
            architecture: self.architecture.clone(),
            limits: self.limits,
            tf32: true,
            stream: self.stream.clone(),
            kernels: self.kernels.clone(),
            spare: self.spare.clone(),
        }
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// The architecture that code is compiled for.
    #[cfg(feature = "nccl")]
    pub(super) fn architecture(&self) -> &str {
        &self.architecture
    }

    /// Whether the same program makes the same bits on both.
    #[cfg(feature = "nccl")]
    pub(super) fn is_like(&self, other: &Gpu) -> bool {
        let kind = |gpu: &Gpu| (gpu.name.clone(), gpu.architecture.clone(), gpu.limits);
        kind(self) == kind(other)
    }

    /// Runs `work` with buffers that no other call uses.
    pub(super) fn with_buffers<R>(&self, work: impl FnOnce(&mut RunBuffers) -> R) -> R {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffers = spare().pop().unwrap_or_default();
        let result = work(&mut buffers);
        spare().push(buffers);
        result
    }

    /// A program in a shape, compiled where it was not before.
    pub(super) fn kernel(
        &self,
        role: KernelRole,
        code: &DeviceCode,
        shape: Shape,
    ) -> Result<Arc<Kernel>, DeviceError> {
        let variant = Variant {
            tf32: self.tf32,
            role,
        };
        let key = (code.source, shape, variant);
        let lock = || self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kernel) = lock().get(&key) {
            return Ok(kernel.clone());
        }
        let context = self.stream.context();
        let kernel = Kernel::load(context, code, shape, &self.architecture, variant)?;
        let kernel = Arc::new(kernel);
        lock().insert(key, kernel.clone());
        Ok(kernel)
    }
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "cuda:{} ({}, {})",
            self.index, self.name, self.architecture
        )
    }
}

/// The number of GPUs that the driver finds. The driver must have been found.
pub(super) fn count() -> Result<usize, DeviceError> {
    use cudarc::driver::sys::CUresult;
    match CudaContext::device_count() {
        Ok(count) => Ok(count.max(0) as usize),
        Err(error) if error.0 == CUresult::CUDA_ERROR_NO_DEVICE => Ok(0),
        Err(error) => Err(driver_error("count the GPUs", &error)),
    }
}
