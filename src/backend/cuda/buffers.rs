//! Memory on the device that is kept for the next call.

use cudarc::driver::{CudaSlice, CudaStream, DevicePtr, DeviceRepr, ValidAsZeroBits};
#[cfg(feature = "nccl")]
use cudarc::driver::{DriverError, result};

use super::library::driver_error;
use crate::error::DeviceError;

/// A range of memory that grows to the requested size.
pub(super) struct Buffer<T> {
    slice: Option<CudaSlice<T>>,
}

impl<T> Buffer<T> {
    /// cudarc frees memory in the current context, which may be that of another GPU.
    fn let_go(&mut self) {
        if let Some(slice) = self.slice.take() {
            // The next call reports this error.
            let _ = slice.context().bind_to_thread();
        }
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Buffer { slice: None }
    }
}

impl<T: DeviceRepr + ValidAsZeroBits> Buffer<T> {
    /// The address of memory for `len` values, 0 for none; new memory holds zeros.
    pub(super) fn borrow(
        &mut self,
        stream: &std::sync::Arc<CudaStream>,
        len: usize,
    ) -> Result<u64, DeviceError> {
        if len == 0 {
            return Ok(0);
        }
        if self.slice.as_ref().is_none_or(|slice| slice.len() < len) {
            self.let_go();
            let new = stream.alloc_zeros(len);
            self.slice = Some(new.map_err(|e| driver_error("give memory", &e))?);
        }
        let address = self.slice.as_ref().map(|slice| slice.device_ptr(stream).0);
        Ok(address.unwrap_or_default())
    }

    /// The address of these values on the device, 0 for none.
    pub(super) fn fill(
        &mut self,
        stream: &std::sync::Arc<CudaStream>,
        values: &[T],
    ) -> Result<u64, DeviceError> {
        let address = self.borrow(stream, values.len())?;
        if let Some(slice) = self.slice.as_mut().filter(|_| !values.is_empty()) {
            stream
                .memcpy_htod(values, &mut slice.slice_mut(..values.len()))
                .map_err(|e| driver_error("take values", &e))?;
        }
        Ok(address)
    }

    /// The first `len` values.
    pub(super) fn read(
        &self,
        stream: &std::sync::Arc<CudaStream>,
        len: usize,
    ) -> Result<Vec<T>, DeviceError> {
        match &self.slice {
            Some(slice) if len > 0 => stream
                .clone_dtoh(&slice.slice(..len))
                .map_err(|e| driver_error("hand back values", &e)),
            _ => Ok(Vec::new()),
        }
    }
}

/// The buffers of a launch over a batch.
#[derive(Default)]
pub(super) struct RunBuffers {
    pub(super) params: Buffer<f32>,
    pub(super) x: Buffer<f32>,
    pub(super) v: Buffer<f32>,
    pub(super) directions: Buffer<f32>,
    pub(super) shared: Buffer<f32>,
    pub(super) acc: Buffer<f32>,
    pub(super) partials: Buffer<f32>,
    pub(super) out: Buffer<f32>,
    pub(super) deferred: Buffer<f32>,
    pub(super) workspace: Buffer<f32>,
    pub(super) arrived: Buffer<u32>,
}

/// Memory that other GPUs of this process can reach, of zeros at first: NCCL lets them read and write where it adds up, and
/// the memory of a stream's pool, which a [`Buffer`] has, is closed to them.
#[cfg(feature = "nccl")]
pub(super) struct Open {
    address: u64,
    stream: std::sync::Arc<CudaStream>,
}

#[cfg(feature = "nccl")]
impl Open {
    pub(super) fn new(
        stream: &std::sync::Arc<CudaStream>,
        len: usize,
    ) -> Result<Self, DeviceError> {
        let bytes = len.max(1) * size_of::<f32>();
        let make = || -> Result<Self, DriverError> {
            stream.context().bind_to_thread()?;
            // SAFETY: the range has the length that is cleared, and is freed once, below.
            unsafe {
                let open = Open {
                    address: result::malloc_sync(bytes)?,
                    stream: stream.clone(),
                };
                result::memset_d8_async(open.address, 0, bytes, stream.cu_stream())?;
                Ok(open)
            }
        };
        make().map_err(|e| driver_error("give memory", &e))
    }

    pub(super) fn address(&self) -> u64 {
        self.address
    }
}

#[cfg(feature = "nccl")]
impl Drop for Open {
    fn drop(&mut self) {
        // An earlier call has reported this error, or the process ends.
        if self.stream.context().bind_to_thread().is_ok() {
            // SAFETY: it was made above and is freed once; the driver waits for what uses it.
            let _ = unsafe { result::free_sync(self.address) };
        }
    }
}
