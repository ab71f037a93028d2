//! A GPU with all that the reference needs of it.

use std::sync::Arc;

use cudarc::driver::sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
use cudarc::driver::{CudaContext, CudaSlice, CudaStream, DevicePtr};
use cudarc::{cublas, driver, nvrtc};

use super::blas::Blas;
use super::{Result, failed};

/// A GPU in use: one stream, and cuBLAS on it.
pub struct Gpu {
    pub(super) stream: Arc<CudaStream>,
    pub(super) blas: Blas,
    /// What code is compiled for, `sm_90a`.
    pub(super) architecture: String,
    /// Multiprocessors.
    pub(super) processors: usize,
}

impl Gpu {
    /// The GPU of that number. Products are of TF32 numbers if that is asked for, else of float32.
    ///
    /// # Errors
    /// A library is not found, or the driver refuses.
    pub fn open(index: usize, tf32: bool) -> Result<Gpu> {
        missing()?;
        let context = CudaContext::new(index).map_err(failed("open"))?;
        // SAFETY: there is one stream, and buffers are read and written on it alone.
        unsafe { context.disable_event_tracking() };
        let (major, minor) = context
            .compute_capability()
            .map_err(failed("tell its compute capability"))?;
        let processors = context
            .attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)
            .map_err(failed("count its multiprocessors"))?;
        let stream = context.new_stream().map_err(failed("open a stream"))?;
        Ok(Gpu {
            blas: Blas::new(&stream, tf32)?,
            stream,
            architecture: format!("sm_{major}{minor}{}", if major == 9 { "a" } else { "" }),
            processors: processors.max(1) as usize,
        })
    }
}

impl Gpu {
    /// Where memory starts. Its owner keeps it for as long as the address is used.
    pub(super) fn address<T>(&self, slice: &CudaSlice<T>) -> u64 {
        slice.device_ptr(&self.stream).0
    }
}

/// Which library is not there, if one is not.
fn missing() -> Result<()> {
    // SAFETY: loading a library runs its initialisers only.
    let found = unsafe {
        [
            (
                "libcuda.so.1",
                "NVIDIA's driver",
                driver::sys::is_culib_present(),
            ),
            (
                "libnvrtc.so.13",
                "NVRTC of CUDA 13",
                nvrtc::sys::is_culib_present(),
            ),
            (
                "libcublas.so.13",
                "cuBLAS of CUDA 13",
                cublas::sys::is_culib_present(),
            ),
        ]
    };
    match found.iter().find(|library| !library.2) {
        None => Ok(()),
        Some((file, what, _)) => Err(format!(
            "the reference needs {file}, which is not found; install {what}, or name its folder in LD_LIBRARY_PATH"
        )),
    }
}
