//! Steps on the host, one per call: the batch, its loss and gradient, the update.

use std::time::Instant;

use scorematch_kernels::simd::Real;

use super::{Asked, Made, Steps, Unsound};
use crate::backend::{Record, Samples, StepState};
use crate::directions::Purpose;
use crate::error::{Error, Result};
use crate::model::AnyModel;
use crate::train::Settings;
use crate::train::batches::Batches;
use crate::train::stepping::Stepping;

/// A stepper that takes the batches of a run.
pub(super) struct HostSteps<T: Real> {
    stepper: Stepping<T>,
}

impl<T: Real> HostSteps<T> {
    pub(super) fn new(settings: &Settings, state: StepState<T>, made: u64) -> Result<Self> {
        let mut stepper = Stepping::new(&state.params, settings.optimizer)?;
        if let Some(norm) = settings.clip {
            stepper.clip(norm)?;
        }
        if let Some(decay) = settings.ema {
            stepper.ema(decay)?;
        }
        stepper.continue_from(state, made);
        Ok(Self { stepper })
    }
}

impl<T: Real> Steps<T> for HostSteps<T> {
    fn make(
        &mut self,
        model: &mut AnyModel<T>,
        batches: &mut Batches<T>,
        asked: &Asked<'_>,
        seen: &mut Vec<Record>,
    ) -> Result<Made> {
        let (settings, step) = (asked.settings, asked.first);
        let started = Instant::now();
        let isa = model.pool()?.isa;
        batches.advance()?;
        let samples = batches.samples(isa)?;
        let seed = Purpose::Directions.seed(settings.seed, 0);
        let loss = settings.objective.loss(seed, step);
        let factor = settings.schedule.factor(step, asked.total);
        let samples = Samples::Written(&samples);
        let outcome = self.stepper.step(model, samples, &loss, factor);
        let seconds = started.elapsed().as_secs_f64();
        let unsound = match outcome {
            Ok(step) => {
                seen.push(Record {
                    loss: step.loss,
                    gradient_norm: step.gradient_norm,
                    sound: true,
                });
                None
            }
            Err(Error::Diverged {
                what, value, cause, ..
            }) => Some(Unsound {
                rows: batches.rows().to_vec(),
                what,
                value,
                cause: cause.map(|cause| *cause),
            }),
            Err(error) => return Err(error),
        };
        Ok(Made { seconds, unsound })
    }

    fn averaged(&self) -> Option<&[T]> {
        self.stepper.averaged()
    }

    fn last_finite_step(&self) -> u64 {
        self.stepper.last_finite_step()
    }

    fn restore(&self, model: &mut AnyModel<T>) {
        self.stepper.restore(model);
    }

    fn state(&self, params: &[T]) -> Result<StepState<T>> {
        Ok(self.stepper.state(params))
    }
}
