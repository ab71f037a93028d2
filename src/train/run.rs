//! One run: the loop over steps, and which parameters it leaves the model with.

use std::time::{Duration, Instant};

use ndarray::{Array2, ArrayView2};

use super::batches::{Batches, Purpose};
#[cfg(feature = "cuda")]
use super::device::DeviceSteps;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::trainer::{Length, StepInfo, Trainer};
use super::{Divergence, HeldOut, Report, Step, Stepper, Stop};
use crate::checkpoint;
use crate::data::{Standardization, check_finite};
use crate::error::{Error, Result};
use crate::loss::Loss;
use crate::model::Model;
use crate::program::Spec;
use crate::simd::Real;

/// How often a run that lasts saves what it has.
const SAVE_EVERY: Duration = Duration::from_secs(30);

/// A run under way.
pub(super) struct Run<'r, 'a, T> {
    pub(super) trainer: &'r mut Trainer<'a, T>,
    pub(super) total: u64,
    pub(super) batches: Batches<T>,
    held_out: Option<Array2<T>>,
    pub(super) stepper: Stepper<T>,
    /// Steps on a GPU, once they have begun.
    #[cfg(feature = "cuda")]
    pub(super) device: Option<DeviceSteps>,
    best: Best<T>,
    saved: Instant,
    pub(super) report: Report,
}

/// The parameters that did best on held-out rows.
struct Best<T> {
    parameters: Vec<T>,
    /// Evaluations since.
    stale: u64,
}

impl<'r, 'a, T: Real> Run<'r, 'a, T> {
    /// Checks the arrays against the model and takes them to the units of training.
    pub(super) fn prepare<S: Spec>(
        trainer: &'r mut Trainer<'a, T>,
        model: &Model<S, T>,
        data: ArrayView2<T>,
    ) -> Result<Self> {
        check("the data", data, S::DIM)?;
        let held_out = trainer
            .validation
            .as_ref()
            .map(|validation| validation.held_out.view());
        if let Some(held_out) = held_out {
            check("the held-out data", held_out, S::DIM)?;
        }
        if let Some(path) = &trainer.checkpoint {
            checkpoint::check_destination(path)?;
        }
        let standardization = trainer
            .standardize
            .then(|| Standardization::fit(data))
            .transpose()?;
        let in_units = |what: &str, x: ArrayView2<T>| -> Result<Array2<T>> {
            let Some(standardization) = &standardization else {
                return Ok(x.to_owned());
            };
            let z = standardization.apply(x)?;
            check_finite(&format!("{what}, in units of training,"), z.view())?;
            Ok(z)
        };
        let held_out = held_out
            .map(|x| in_units("the held-out data", x))
            .transpose()?;
        let batches = Batches::new(
            in_units("the data", data)?,
            trainer.batch,
            trainer.jitter,
            trainer.seed,
        );
        let mut stepper = Stepper::new(model, trainer.optimizer)?;
        if let Some(norm) = trainer.clip {
            stepper = stepper.clip(norm)?;
        }
        if let Some(decay) = trainer.ema {
            stepper = stepper.ema(decay)?;
        }
        let report = Report {
            objective: trainer.objective,
            losses: Vec::new(),
            step_ends: Vec::new(),
            held_out: Vec::new(),
            best: None,
            stop: Stop::Finished,
            kept: 0,
            seconds: 0.0,
            seconds_per_step: 0.0,
            standardization,
        };
        let total = match trainer.length {
            Length::Steps(steps) => steps,
            Length::Epochs(epochs) => epochs.saturating_mul(batches.per_epoch()),
        };
        let best = Best {
            parameters: Vec::new(),
            stale: 0,
        };
        Ok(Self {
            trainer,
            total,
            batches,
            held_out,
            stepper,
            #[cfg(feature = "cuda")]
            device: None,
            best,
            saved: Instant::now(),
            report,
        })
    }

    /// Steps until the run is over, and why it is.
    pub(super) fn steps<S: Spec>(&mut self, model: &mut Model<S, T>) -> Result<Stop> {
        let interrupt = Interrupt::listen(self.trainer.keyboard, self.trainer.stop_flag.clone());
        let name = format!("{} {}", S::NAME, self.trainer.objective);
        let mut progress = Progress::start(self.trainer.progress, self.total, &name);
        let every = self
            .trainer
            .validation
            .as_ref()
            .map_or(u64::MAX, |validation| validation.every);
        let stop = loop {
            let step = self.report.steps();
            if step.is_multiple_of(every) || step == self.total {
                self.judge(model, &mut progress)?;
            }
            if step == self.total {
                break self.last_update(model, Stop::Finished);
            }
            if self
                .trainer
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
                // No further than to the next evaluation.
                let until = (step / every + 1).saturating_mul(every).min(self.total);
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
    fn step<S: Spec>(
        &mut self,
        model: &mut Model<S, T>,
        progress: &mut Progress,
    ) -> Result<Option<Divergence>> {
        let step = self.report.steps();
        let started = Instant::now();
        self.batches.advance(model.team()?);
        let loss = self
            .trainer
            .objective
            .loss(Purpose::Directions.seed(self.trainer.seed), step);
        let factor = self.trainer.schedule.factor(step, self.total);
        let outcome = self
            .stepper
            .step(model, self.batches.samples(), &loss, factor);
        self.report.seconds += started.elapsed().as_secs_f64();
        let seen = match outcome {
            Ok(seen) => seen,
            Err(Error::Diverged { what, value, .. }) => {
                let (epoch, batch) = self.batches.place(step);
                let rows = self.batches.rows().to_vec();
                return Ok(Some(Divergence {
                    step,
                    epoch,
                    batch,
                    rows,
                    what,
                    value,
                }));
            }
            Err(error) => return Err(self.true_cause(error)),
        };
        self.tell(seen, progress);
        Ok(None)
    }

    /// The data was finite before the run, so that a sample that is not was made so by the jitter.
    fn true_cause(&self, error: Error) -> Error {
        let jitter = self.trainer.jitter;
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
    pub(super) fn tell(&mut self, seen: Step, progress: &mut Progress) {
        let step = self.report.steps();
        let factor = self.trainer.schedule.factor(step, self.total);
        self.report.losses.push(seen.loss);
        self.report.step_ends.push(self.report.seconds);
        let info = StepInfo {
            step,
            epoch: self.batches.place(step).0,
            loss: seen.loss,
            gradient_norm: seen.gradient_norm,
            rate: self.trainer.optimizer.rate() * factor,
            seconds: self.report.seconds,
        };
        progress.step(&info);
        if let Some(on_step) = &mut self.trainer.on_step {
            on_step(&info);
        }
    }

    /// How a run ends that would end like this: a last update that overflowed has no later loss to tell of it.
    fn last_update<S: Spec>(&self, model: &mut Model<S, T>, stop: Stop) -> Stop {
        let value = model.params().iter().find(|value| !value.is_finite());
        let (Some(value), Some(step)) = (value, self.report.steps().checked_sub(1)) else {
            return stop;
        };
        let value = (*value).to_f64();
        self.stepper.restore(model);
        let (epoch, batch) = self.batches.place(step);
        let (rows, what) = (
            self.batches.rows().to_vec(),
            "a parameter after the update".to_owned(),
        );
        Stop::Diverged(Divergence {
            step,
            epoch,
            batch,
            rows,
            what,
            value,
        })
    }

    /// Evaluates the exact objective on held-out rows, if there are any, and keeps the parameters
    /// if they are the best.
    fn judge<S: Spec>(&mut self, model: &mut Model<S, T>, progress: &mut Progress) -> Result<()> {
        let Some(held_out) = &self.held_out else {
            return Ok(());
        };
        let current = model.params().to_vec();
        if let Some(mean) = self.stepper.averaged() {
            model.params_mut().copy_from_slice(mean);
        }
        let judged = HeldOut {
            step: self.report.steps(),
            seconds: self.report.seconds,
            loss: model.loss(held_out.view(), &Loss::Esm)?,
        };
        progress.judged(&judged);
        self.report.held_out.push(judged);
        let better = match self.report.best {
            Some(best) => judged.loss < best.loss,
            None => judged.loss.is_finite(),
        };
        if better {
            self.report.best = Some(judged);
            self.best = Best {
                parameters: model.params().to_vec(),
                stale: 0,
            };
        } else {
            self.best.stale += 1;
        }
        model.params_mut().copy_from_slice(&current);
        Ok(())
    }

    /// After an error: leaves the model with the parameters that an interrupted run would keep, and saves it. The error
    /// is given back; that of a save that fails too is logged.
    pub(super) fn abandon<S: Spec>(self, model: &mut Model<S, T>, error: Error) -> Error {
        let stop = self.last_update(model, Stop::Interrupted);
        if let Err(second) = self.finish(model, stop) {
            log::warn!("{second}");
        }
        error
    }

    /// Leaves the model with the parameters to keep, saves it, and reports.
    pub(super) fn finish<S: Spec>(mut self, model: &mut Model<S, T>, stop: Stop) -> Result<Report> {
        match &stop {
            // The stepper has gone back to its last good parameters; an average may hold later
            // ones.
            Stop::Diverged(_) if self.report.best.is_none() => {
                self.report.kept = self.stepper.good_step()
            }
            _ => self.report.kept = self.keep(model),
        }
        if let Stop::Diverged(divergence) = &stop {
            log::warn!("{} {}: {divergence}", S::NAME, self.trainer.objective);
        }
        if let Some(path) = &self.trainer.checkpoint {
            let units = self.report.standardization.as_ref();
            match (
                checkpoint::save(path, model, units, self.report.kept),
                &stop,
            ) {
                // It has diverged from the start, which the report says better.
                (Err(error @ Error::Checkpoint { .. }), Stop::Diverged(_)) => log::warn!("{error}"),
                (saved, _) => saved?,
            }
        }
        self.report.stop = stop;
        self.report.seconds_per_step = median_step(&self.report.step_ends);
        Ok(self.report)
    }

    /// Gives the model the parameters that the run would leave it with now, and tells their step.
    fn keep<S: Spec>(&self, model: &mut Model<S, T>) -> u64 {
        if let Some(best) = self.report.best {
            model.params_mut().copy_from_slice(&self.best.parameters);
            return best.step;
        }
        if let Some(mean) = self.stepper.averaged() {
            model.params_mut().copy_from_slice(mean);
        }
        self.report.steps()
    }

    /// Saves now and then; a save that fails is told and does not end the run.
    fn save_meanwhile<S: Spec>(&mut self, model: &Model<S, T>) {
        let Some(path) = &self.trainer.checkpoint else {
            return;
        };
        if self.saved.elapsed() < SAVE_EVERY {
            return;
        }
        let mut kept = model.clone();
        let step = self.keep(&mut kept);
        if let Err(error) =
            checkpoint::save(path, &kept, self.report.standardization.as_ref(), step)
        {
            log::warn!("{error}; training goes on");
        }
        self.saved = Instant::now();
    }
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

/// The median time of a step, from the times at which steps ended.
fn median_step(ends: &[f64]) -> f64 {
    let starts = std::iter::once(0.0).chain(ends.iter().copied());
    let mut seconds: Vec<f64> = ends
        .iter()
        .zip(starts)
        .map(|(end, start)| end - start)
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or(0.0)
}
