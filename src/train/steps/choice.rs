//! The choice between steps of the host and steps where the backend keeps the run.

use scorematch_kernels::simd::Real;

use super::Steps;
use super::host::HostSteps;
use super::resident::ResidentSteps;
use crate::error::Result;
use crate::model::AnyModel;
use crate::train::Settings;

/// The steps of a run of this model, from its parameters as they are now.
///
/// # Errors
/// A setting out of its range.
pub(in crate::train) fn of<T: Real>(
    model: &AnyModel<T>,
    settings: &Settings,
) -> Result<Box<dyn Steps<T>>> {
    Ok(match model.backend().resident() {
        Some(place) => Box::new(ResidentSteps::new(place, model, settings)),
        None => Box::new(HostSteps::new(model, settings)?),
    })
}
