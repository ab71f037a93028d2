//! Steps of a run that is resident on the backend, many per call. The parameters are on the host after each call, so
//! the run proceeds between calls as with steps on the host.

use std::time::Instant;

use scorematch_kernels::simd::Real;

use super::{Asked, Made, Steps, Unsound};
use crate::backend::{self, Planned, Record, Resident, Samples, Setting, StepState};
use crate::directions::{Purpose, step_key};
use crate::error::Result;
use crate::model::AnyModel;
use crate::train::batches::Batches;
use crate::train::{Settings, non_finite};

/// A run that is resident where the backend computes.
pub(super) struct ResidentSteps<T: Real> {
    place: Box<dyn Resident<T>>,
    /// The run on the backend, once it has begun.
    run: Option<Box<dyn backend::Steps<T>>>,
    /// The state after the last call. Of its averages and its largest loss the backend has the current values once the run
    /// has begun.
    state: StepState<T>,
    /// Number of updates.
    steps: u64,
}

impl<T: Real> ResidentSteps<T> {
    pub(super) fn new(place: Box<dyn Resident<T>>, state: StepState<T>, made: u64) -> Self {
        Self {
            place,
            run: None,
            state,
            steps: made,
        }
    }
}

impl<T: Real> Steps<T> for ResidentSteps<T> {
    fn make(
        &mut self,
        model: &mut AnyModel<T>,
        batches: &mut Batches<T>,
        asked: &Asked<'_>,
        seen: &mut Vec<Record>,
    ) -> Result<Made> {
        let run = match &mut self.run {
            Some(run) => run,
            none => none.insert(begin(
                &*self.place,
                model,
                &self.state,
                batches,
                asked.settings,
            )?),
        };
        let started = Instant::now();
        let (steps, order) = plan(batches, asked, run.most())?;
        let records = run.make(&steps, &order)?;
        let (params, mean) = (run.params()?, run.mean()?);
        self.state.last_finite = run.last_finite()?;
        if let Some(kept) = &mut self.state.mean {
            *kept = mean;
        }
        model.params_mut().copy_from_slice(&params);
        let sound = records.iter().take_while(|record| record.sound).count();
        self.steps += sound as u64;
        seen.extend_from_slice(&records[..sound]);
        let seconds = started.elapsed().as_secs_f64() / records.len().max(1) as f64;
        let Some(unsound) = records.get(sound) else {
            return Ok(Made {
                seconds,
                unsound: None,
            });
        };

        let (what, value) = if unsound.gradient_norm.is_finite() || !unsound.loss.is_finite() {
            ("the loss", unsound.loss)
        } else {
            ("the norm of the gradient", unsound.gradient_norm)
        };
        let before: usize = steps[..sound].iter().map(|step| step.rows).sum();
        let Planned { step, rows, .. } = steps[sound];
        let rows = order[before..before + rows].to_vec();
        let isa = model.pool()?.isa;
        let samples = batches.samples_of(step, &rows, isa);
        let samples = Samples::Written(&samples).to_rows(isa);
        let seed = Purpose::Directions.seed(asked.settings.seed, 0);
        let loss = asked.settings.objective.loss(seed, step);
        let cause = non_finite::find(model, samples.view(), &loss, value.is_finite());
        Steps::<T>::restore(self, model);
        Ok(Made {
            seconds,
            unsound: Some(Unsound {
                rows,
                what: what.to_owned(),
                value,
                cause,
            }),
        })
    }

    fn averaged(&self) -> Option<&[T]> {
        self.state.mean.as_deref()
    }

    fn last_finite_step(&self) -> u64 {
        self.steps.saturating_sub(1)
    }

    fn restore(&self, model: &mut AnyModel<T>) {
        model.params_mut().copy_from_slice(&self.state.last_finite);
    }

    fn state(&self, params: &[T]) -> Result<StepState<T>> {
        let mut state = self.state.clone();
        state.params = params.to_vec();
        if let Some(run) = &self.run {
            [state.first, state.second] = run.averages()?;
            state.largest_loss = run.largest_loss();
        }
        Ok(state)
    }
}

/// Copies the state and the data to the backend.
fn begin<T: Real>(
    place: &dyn Resident<T>,
    model: &AnyModel<T>,
    state: &StepState<T>,
    batches: &Batches<T>,
    settings: &Settings,
) -> Result<Box<dyn backend::Steps<T>>> {
    let program = settings.objective.program(model.spec())?;
    let setting = Setting {
        batch: batches.size(),
        optimizer: settings.optimizer,
        clip: settings.clip,
        ema: settings.ema,
        jitter: settings.jitter,
        directions: settings.objective.directions(),
        sigma: settings.objective.noise(),
    };
    place.begin(program, &setting, state, batches.store().array()?)
}

/// The next steps, at most as many as are requested and at most `most`, and the rows of their batches, concatenated.
fn plan<T: Real>(
    batches: &mut Batches<T>,
    asked: &Asked<'_>,
    most: u64,
) -> Result<(Vec<Planned>, Vec<usize>)> {
    let settings = asked.settings;
    let key = |purpose: Purpose, step| step_key(purpose.seed(settings.seed, 0), step);
    let (mut steps, mut order) = (Vec::new(), Vec::new());
    for step in asked.first..asked.first + asked.most.min(most) {
        batches.advance()?;
        let rows = batches.rows();
        steps.push(Planned {
            step,
            rows: rows.len(),
            factor: settings.schedule.factor(step, asked.total),
            jitter_key: key(Purpose::Jitter, step),
            loss_key: key(Purpose::Directions, step),
        });
        order.extend_from_slice(rows);
    }
    Ok((steps, order))
}
