//! One run: the loop over steps.

mod at_work;
mod ending;
mod judge;
mod prepare;
mod state;

use std::time::Instant;

use scorematch_kernels::simd::Real;

use self::at_work::AtWork;
use super::batches::Batches;
use super::callback::Observer;
use super::held_out::Evaluator;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::steps::{Asked, Steps};
use super::stopping::Best;
use super::store::Rows;
use super::{Divergence, Report, StepInfo, Stop, Trainer};
use crate::backend::Record;
use crate::error::{Error, Result};
use crate::model::AnyModel;

/// Where a run starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At step 0, with the parameters of the model.
    New,
    /// At the step of the state that the trainer saved.
    Resumed,
}

/// [`Trainer::fit`] or [`Trainer::resume`], with an observer.
pub(super) fn run<T: Real>(
    trainer: &mut Trainer<'_, T>,
    model: &mut AnyModel<T>,
    data: Rows<'_, T>,
    start: Start,
    observer: Observer<'_, T>,
) -> Result<Report> {
    trainer.settings.check(trainer.held_out.is_some())?;
    let objective = trainer.settings.objective;
    if objective.uses_curvature() && !model.spec().smooth {
        log::warn!(
            "{} has kinks, where its second derivatives are not defined: {} leaves out what \
             happens there",
            model.spec().name,
            objective
        );
    }
    let at_work = AtWork::new(model, trainer.threads, trainer.device.clone())?;
    let model = &mut *at_work.model;
    let mut run = Run::prepare(trainer, model, &data)?;
    match start {
        Start::New => run.save_state(model)?,
        Start::Resumed => run.resume(model)?,
    }
    match run.steps(model, observer) {
        Ok(stop) => run.finish(model, stop.in_data(&data)),
        Err(error) => Err(run.abandon(model, error)),
    }
}

/// A run in progress.
pub(super) struct Run<'r, 'a, T: Real> {
    pub(super) trainer: &'r mut Trainer<'a, T>,
    pub(super) total: u64,
    pub(super) batches: Batches<T>,
    evaluator: Option<Evaluator<T>>,
    pub(super) steps: Box<dyn Steps<T>>,
    /// The records of the steps of one call; kept to reuse its memory.
    seen: Vec<Record>,
    best: Best<T>,
    /// The last parameters, while the model has their average.
    last_parameters: Vec<T>,
    /// Whether a callback has ended the run.
    ended_by_callback: bool,
    saved: Instant,
    /// The step at which held-out rows were evaluated and the observer was called last.
    told: Option<u64>,
    /// The fingerprints of the rows and of the held-out rows, for the state; empty if none is saved.
    fingerprints: (String, Option<String>),
    pub(super) report: Report,
}

impl<'r, 'a, T: Real> Run<'r, 'a, T> {
    /// Makes steps until the run ends, and returns why it ended.
    pub(super) fn steps(
        &mut self,
        model: &mut AnyModel<T>,
        mut observer: Observer<'_, T>,
    ) -> Result<Stop> {
        let interrupt =
            Interrupt::listen(self.trainer.stop_on_signals, self.trainer.stop_flag.clone());
        let name = format!("{} {}", model.spec().name, self.trainer.settings.objective);
        let mut progress = Progress::start(self.trainer.progress, self.total, &name);
        let every = self.trainer.settings.evaluate_every.unwrap_or(u64::MAX);
        let observe_every = match (&observer, self.trainer.settings.observe_every) {
            (Some(_), Some(every)) => every,
            _ => u64::MAX,
        };
        let stop = loop {
            let step = self.report.steps();
            let due = |every: u64| step.is_multiple_of(every) || step == self.total;
            let told = self.told == Some(step);
            let (evaluate, observe) = (!told && due(every), !told && due(observe_every));
            let held_out = if evaluate {
                self.judge(model, &mut progress)?
            } else {
                None
            };
            // No loss has been computed yet at the parameters after the last update.
            let last = (step == self.total).then(|| self.last_update(model, Stop::Finished));
            if (held_out.is_some() || observe) && !matches!(last, Some(Stop::Diverged(_))) {
                self.observe(model, &mut observer, held_out)?;
            }
            self.told = Some(step);
            if let Some(stop) = last {
                break stop;
            }
            if self.ended_by_callback {
                break self.last_update(model, Stop::Callback);
            }
            if self
                .trainer
                .settings
                .patience
                .is_some_and(|patience| self.best.stale >= patience)
            {
                break self.last_update(model, Stop::Patience);
            }
            if interrupt.raised() {
                break self.last_update(model, Stop::Interrupted);
            }
            // Make steps up to the next evaluation or the next call of the observer.
            let next = |every: u64| (step / every + 1).saturating_mul(every);
            let until = next(every).min(next(observe_every)).min(self.total);
            let divergence = self.make(model, &mut progress, until - step)?;
            if let Some(divergence) = divergence {
                break Stop::Diverged(divergence);
            }
            self.save_meanwhile(model);
        };
        progress.finish();
        Ok(stop)
    }

    /// Makes at least one step and at most `most`; returns the divergence if a step diverged.
    fn make(
        &mut self,
        model: &mut AnyModel<T>,
        progress: &mut Progress,
        most: u64,
    ) -> Result<Option<Divergence>> {
        let asked = Asked {
            settings: &self.trainer.settings,
            first: self.report.steps(),
            most,
            total: self.total,
        };
        self.seen.clear();
        let made = self
            .steps
            .make(model, &mut self.batches, &asked, &mut self.seen)
            .map_err(|error| self.true_cause(error))?;
        for place in 0..self.seen.len() {
            self.report.seconds += made.seconds;
            self.tell(self.seen[place], progress)?;
        }
        let Some(unsound) = made.unsound else {
            return Ok(None);
        };
        self.report.seconds += made.seconds;
        Ok(Some(self.divergence(self.report.steps(), unsound)))
    }

    /// The error to report. The data was finite before the run, so a sample that is not finite is an effect of the
    /// jitter.
    fn true_cause(&self, error: Error) -> Error {
        let jitter = self.trainer.settings.jitter;
        match error {
            Error::NonFinite {
                row, column, value, ..
            } if jitter > 0.0 => Error::InvalidSetting {
                setting: "the jitter",
                found: format!("{jitter:e}"),
                expected: format!(
                    "at step {} it took row {} of the data, column {column} (both from 0), to {value}: the jitter must be \
                     far below {:e}, the largest number of {}; deviations of the data, or less, are usual",
                    self.report.steps(),
                    self.batches.rows().get(row).copied().unwrap_or(row),
                    T::max_value(),
                    T::NAME,
                ),
            },
            error => error,
        }
    }

    /// Records the next step, and calls the progress bar and the callback.
    fn tell(&mut self, seen: Record, progress: &mut Progress) -> Result<()> {
        let step = self.report.steps();
        let factor = self.trainer.settings.schedule.factor(step, self.total);
        self.report.note(seen.loss);
        let info = StepInfo {
            step,
            epoch: self.batches.place(step).0,
            loss: seen.loss,
            gradient_norm: seen.gradient_norm,
            learning_rate: self.trainer.settings.optimizer.learning_rate() * factor,
            seconds: self.report.seconds,
        };
        self.report.last_step = Some(info);
        progress.step(&info);
        if let Some(on_step) = &mut self.trainer.on_step {
            self.ended_by_callback |= on_step(&info)?.is_break();
        }
        Ok(())
    }
}
