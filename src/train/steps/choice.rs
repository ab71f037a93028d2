//! The choice between steps on the host and steps that a resident backend computes.

use scorematch_kernels::simd::Real;

use super::Steps;
use super::host::HostSteps;
use super::resident::ResidentSteps;
use crate::backend::StepState;
use crate::error::Result;
use crate::model::AnyModel;
use crate::train::Settings;

/// The steps of a run of this model from a state after `made` steps, whose parameters the model has.
///
/// # Errors
/// A setting is out of its range.
pub(in crate::train) fn of<T: Real>(
    model: &AnyModel<T>,
    settings: &Settings,
    state: StepState<T>,
    made: u64,
) -> Result<Box<dyn Steps<T>>> {
    Ok(match model.backend().resident() {
        Some(place) => Box::new(ResidentSteps::new(place, state, made)),
        None => Box::new(HostSteps::new(settings, state, made)?),
    })
}
