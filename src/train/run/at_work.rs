//! The model of a run, on the run's threads and device.

use scorematch_kernels::simd::Real;

use crate::device::Device;
use crate::error::Result;
use crate::model::AnyModel;

/// A model that computes on a run's threads and device, and gets back its own when this is dropped: also where the run
/// fails or a callback panics.
pub(super) struct AtWork<'m, T: Real> {
    pub(super) model: &'m mut AnyModel<T>,
    threads: Option<usize>,
    /// The model's own device, while it has another.
    device: Option<Device>,
}

impl<'m, T: Real> AtWork<'m, T> {
    /// Each is the model's own unless given.
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
            // It was the model's device, so that the model can have it.
            let _ = self.model.set_device(device);
        }
    }
}
