//! The choice between steps of the host and steps where the backend keeps the run.

use scorematch_kernels::simd::Real;

use super::Steps;
use super::host::HostSteps;
use super::resident::ResidentSteps;
use crate::error::Result;
use crate::model::Model;
use crate::program::Spec;
use crate::train::Settings;

/// The steps of a run of this model, from its parameters as they are now.
///
/// # Errors
/// A setting out of its range.
pub(in crate::train) fn of<S: Spec, T: Real>(
    model: &Model<S, T>,
    settings: &Settings,
) -> Result<Box<dyn Steps<S, T>>> {
    Ok(match model.backend().resident() {
        Some(place) => Box::new(ResidentSteps::new(place, model, settings)),
        None => Box::new(HostSteps::new(model, settings)?),
    })
}
