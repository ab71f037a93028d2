//! Memory on the device that is kept for the next call.

use cudarc::driver::{CudaSlice, CudaStream, DevicePtr, DeviceRepr, ValidAsZeroBits};

use super::library::driver_error;
use crate::device::DeviceError;

/// A stretch of memory that grows to what is asked of it.
pub(super) struct Buffer<T> {
    slice: Option<CudaSlice<T>>,
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Buffer { slice: None }
    }
}

impl<T: DeviceRepr + ValidAsZeroBits> Buffer<T> {
    /// The address of room for `len` values, 0 for none; new room holds zeros.
    pub(super) fn lend(
        &mut self,
        stream: &std::sync::Arc<CudaStream>,
        len: usize,
    ) -> Result<u64, DeviceError> {
        if len == 0 {
            return Ok(0);
        }
        if self.slice.as_ref().is_none_or(|slice| slice.len() < len) {
            self.slice = None;
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
        let address = self.lend(stream, values.len())?;
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
