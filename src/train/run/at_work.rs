//! The model of a run, with the threads and the device of the run.

use scorematch_kernels::simd::Real;

use crate::device::Device;
use crate::error::Result;
use crate::model::AnyModel;

/// A model with the threads and the device of a run. When this value is dropped, the model has its own again; also if
/// the run fails or a callback panics.
pub(super) struct AtWork<'m, T: Real> {
    pub(super) model: &'m mut AnyModel<T>,
    threads: Option<usize>,
    /// The model's own device, while the model has another one.
    device: Option<Device>,
}

impl<'m, T: Real> AtWork<'m, T> {
    /// `threads` and `device` are the model's own if they are `None`.
    pub(super) fn new(
        model: &'m mut AnyModel<T>,
        threads: Option<usize>,
        device: Option<Device>,
    ) -> Result<Self> {
        let mut at_work = Self {
            threads: model.threads_set(),
            device: None,
            model,
        };
        if let Some(threads) = threads {
            at_work.model.set_threads(threads);
        }
        if let Some(device) = device {
            let own = at_work.model.device().clone();
            at_work.model.set_device(device)?;
            at_work.device = Some(own);
        }
        Ok(at_work)
    }
}

impl<T: Real> Drop for AtWork<'_, T> {
    fn drop(&mut self) {
        self.model.set_threads(self.threads.unwrap_or(0));
        if let Some(device) = self.device.take() {
            // The model had this device before, so setting it again succeeds.
            let _ = self.model.set_device(device);
        }
    }
}
