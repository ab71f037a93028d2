//! One run: what it begins with, and the loop over steps.

mod ending;
mod judge;

use std::time::{Duration, Instant};

use ndarray::{Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use super::batches::{Batches, Batching};
use super::callback::Observer;
#[cfg(feature = "cuda")]
use super::device::DeviceSteps;
use super::held_out::Evaluator;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::stopping::Best;
use super::trace::MOST_ENTRIES;
use super::{Divergence, Length, Report, Step, StepInfo, Stepper, Stop, Trainer, Units};
use crate::data::{Standardization, check_finite};
use crate::directions::Purpose;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;
use crate::whole_file::check_destination;

/// How often a run that lasts saves what it has.
const SAVE_EVERY: Duration = Duration::from_secs(30);

/// A run under way.
pub(super) struct Run<'r, 'a, S: Spec, T: Real> {
    pub(super) trainer: &'r mut Trainer<'a, T>,
    pub(super) total: u64,
    pub(super) batches: Batches<T>,
    evaluator: Option<Evaluator<T>>,
    pub(super) stepper: Stepper<S, T>,
    /// Steps on a GPU, once they have begun.
    #[cfg(feature = "cuda")]
    pub(super) device: Option<DeviceSteps>,
    best: Best<T>,
    /// The last parameters while the model holds their average.
    last_parameters: Vec<T>,
    /// Whether a callback asked to end the run.
    ended_by_callback: bool,
    saved: Instant,
    pub(super) report: Report,
}

impl<'r, 'a, S: Spec, T: Real> Run<'r, 'a, S, T> {
    /// Checks the arrays against the model and takes them to the units of training.
    pub(super) fn prepare(
        trainer: &'r mut Trainer<'a, T>,
        model: &Model<S, T>,
        data: ArrayView2<T>,
    ) -> Result<Self> {
        check("the data", data, S::DIM)?;
        let held_out = trainer.held_out.as_ref().map(|rows| rows.view());
        if let Some(held_out) = held_out {
            check("the held-out data", held_out, S::DIM)?;
        }
        if let Some(path) = &trainer.checkpoint {
            check_destination(path)?;
        }
        let standardization = match &trainer.settings.units {
            Units::Data => None,
            Units::Fitted => Some(Standardization::fit(data)?),
            Units::Given(units) => Some(of_width(units, S::DIM)?),
        };
        let in_units = |what: &str, x: ArrayView2<T>| -> Result<Array2<T>> {
            let Some(standardization) = &standardization else {
                return Ok(x.to_owned());
            };
            let z = standardization.apply(x)?;
            check_finite(&format!("{what} in the units of training"), z.view())?;
            Ok(z)
        };
        let evaluator = held_out
            .map(|x| Evaluator::new::<S>(&trainer.settings, in_units("the held-out data", x)?))
            .transpose()?;
        let data = in_units("the data", data)?;
        let noise = trainer
            .settings
            .jitter
            .hypot(trainer.settings.objective.noise());
        let findings = trainer
            .settings
            .data_guard
            .findings(data.view(), noise, &[])?;
        for finding in &findings {
            log::warn!("{} {}: {finding}", S::NAME, trainer.settings.objective);
        }
        let batching = Batching {
            size: trainer.settings.batch,
            keep_short_last: trainer.settings.keep_short_last,
            jitter: trainer.settings.jitter,
            seed: trainer.settings.seed,
        };
        let batches = Batches::new(data, batching);
        let mut stepper = Stepper::new(model, trainer.settings.optimizer)?;
        if let Some(norm) = trainer.settings.clip {
            stepper = stepper.clip(norm)?;
        }
        if let Some(decay) = trainer.settings.ema {
            stepper = stepper.ema(decay)?;
        }
        let total = match trainer.settings.length {
            Length::Steps(steps) => steps,
            Length::Epochs(epochs) => batches.steps(epochs),
        };
        let entries = total.min(MOST_ENTRIES as u64) as usize;
        let report = Report {
            objective: trainer.settings.objective,
            losses: Vec::with_capacity(entries),
            step_ends: Vec::with_capacity(entries),
            stride: 1,
            steps: 0,
            last_loss: None,
            evaluation: evaluator.as_ref().map(|evaluator| evaluator.evaluation),
            held_out: Vec::new(),
            best: None,
            training_rows: None,
            stop: Stop::Finished,
            kept: 0,
            seconds: 0.0,
            seconds_per_step: 0.0,
            standardization,
            findings,
        };
        Ok(Self {
            trainer,
            total,
            batches,
            evaluator,
            stepper,
            #[cfg(feature = "cuda")]
            device: None,
            best: Best::none(),
            last_parameters: Vec::new(),
            ended_by_callback: false,
            saved: Instant::now(),
            report,
        })
    }

    /// Steps until the run is over, and why it is.
    pub(super) fn steps(
        &mut self,
        model: &mut Model<S, T>,
        mut observer: Observer<'_, S, T>,
    ) -> Result<Stop> {
        let interrupt =
            Interrupt::listen(self.trainer.stop_on_signals, self.trainer.stop_flag.clone());
        let name = format!("{} {}", S::NAME, self.trainer.settings.objective);
        let mut progress = Progress::start(self.trainer.progress, self.total, &name);
        let every = self.trainer.settings.evaluate_every.unwrap_or(u64::MAX);
        let observe_every = match (&observer, self.trainer.settings.observe_every) {
            (Some(_), Some(every)) => every,
            _ => u64::MAX,
        };
        let stop = loop {
            let step = self.report.steps();
            let due = |every: u64| step.is_multiple_of(every) || step == self.total;
            let (evaluate, observe) = (due(every), due(observe_every));
            let held_out = if evaluate {
                self.judge(model, &mut progress)?
            } else {
                None
            };
            // The parameters after the last update have not been tried yet.
            let last = (step == self.total).then(|| self.last_update(model, Stop::Finished));
            if (held_out.is_some() || observe) && !matches!(last, Some(Stop::Diverged(_))) {
                self.observe(model, &mut observer, held_out)?;
            }
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
            #[cfg(feature = "cuda")]
            let divergence = if model.device().is_cpu() {
                self.step(model, &mut progress)?
            } else {
                // No further than to the next evaluation or call of the observer.
                let next = |every: u64| (step / every + 1).saturating_mul(every);
                let until = next(every).min(next(observe_every)).min(self.total);
                self.launch(model, &mut progress, until - step)?
            };
            #[cfg(not(feature = "cuda"))]
            let divergence = self.step(model, &mut progress)?;
            if let Some(divergence) = divergence {
                break Stop::Diverged(divergence);
            }
            self.save_meanwhile(model);
        };
        progress.finish();
        Ok(stop)
    }

    /// One step; where it diverged, if it did.
    fn step(
        &mut self,
        model: &mut Model<S, T>,
        progress: &mut Progress,
    ) -> Result<Option<Divergence>> {
        let step = self.report.steps();
        let started = Instant::now();
        self.batches.advance(model.team()?);
        let loss = self.trainer.settings.objective.loss(
            Purpose::Directions.seed(self.trainer.settings.seed, 0),
            step,
        );
        let factor = self.trainer.settings.schedule.factor(step, self.total);
        let outcome = self
            .stepper
            .step(model, self.batches.samples(), &loss, factor);
        self.report.seconds += started.elapsed().as_secs_f64();
        let seen = match outcome {
            Ok(seen) => seen,
            Err(Error::Diverged {
                what, value, cause, ..
            }) => {
                let rows = self.batches.rows().to_vec();
                let cause = cause.map(|cause| *cause);
                return Ok(Some(self.divergence(step, rows, what, value, cause)));
            }
            Err(error) => return Err(self.true_cause(error)),
        };
        self.tell(seen, progress)?;
        Ok(None)
    }

    /// The data was finite before the run, so that a sample that is not was made so by the jitter.
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

    /// Notes what the next step saw, and tells whoever listens.
    pub(super) fn tell(&mut self, seen: Step, progress: &mut Progress) -> Result<()> {
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
        progress.step(&info);
        if let Some(on_step) = &mut self.trainer.on_step {
            self.ended_by_callback |= on_step(&info)?.is_break();
        }
        Ok(())
    }
}

/// Given units, if there is one for each of the model's columns.
fn of_width(units: &Standardization, dim: usize) -> Result<Standardization> {
    if units.dim() == dim {
        return Ok(units.clone());
    }
    Err(Error::InvalidSetting {
        setting: "the standardization",
        found: format!("of {} columns", units.dim()),
        expected: format!("the model has {dim}: give a mean and a deviation for each"),
    })
}

/// That `[rows, columns]` has rows, the model's columns and finite values only.
fn check<T: Real>(what: &'static str, x: ArrayView2<T>, dim: usize) -> Result<()> {
    if x.nrows() == 0 {
        return Err(Error::EmptyBatch { what });
    }
    if x.ncols() != dim {
        let expected = format!("[rows, {dim}], one column for each feature of the model");
        return Err(Error::Shape {
            what,
            expected,
            found: x.shape().to_vec(),
        });
    }
    check_finite(what, x)
}
