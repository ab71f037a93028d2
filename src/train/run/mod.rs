//! One run: its preparation, and the loop over steps.

mod at_work;
mod ending;
mod judge;
mod state;

use std::time::Instant;

use ndarray::{Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use self::at_work::AtWork;
use super::batches::{Batches, Batching};
use super::callback::Observer;
use super::fingerprint::fingerprint;
use super::held_out::Evaluator;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::steps::{self, Asked, Steps};
use super::stopping::Best;
use super::store::{Rows, Store};
use super::trace::MOST_ENTRIES;
use super::{Divergence, Length, Report, StepInfo, Stop, Trainer, Units};
use crate::backend::{Record, StepState};
use crate::data::{Standardization, check_finite};
use crate::error::{Error, Result};
use crate::model::AnyModel;
use crate::whole_file::check_destination;

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
    /// Checks the arrays against the model and converts them to the units of training.
    pub(super) fn prepare(
        trainer: &'r mut Trainer<'a, T>,
        model: &AnyModel<T>,
        data: &Rows<'_, T>,
    ) -> Result<Self> {
        let dim = model.spec().dim;
        match data {
            Rows::Array(data) => check("the data", *data, dim)?,
            Rows::File(file) => check_width("the data", [file.rows(), file.dim()], dim)?,
        }
        let held_out = trainer.held_out.as_ref().map(|rows| rows.view());
        if let Some(held_out) = held_out {
            check("the held-out data", held_out, dim)?;
        }
        for path in [&trainer.checkpoint, &trainer.state].into_iter().flatten() {
            check_destination(path)?;
        }
        let fingerprints = match trainer.state {
            Some(_) => (data.fingerprint(), held_out.map(fingerprint)),
            None => (String::new(), None),
        };
        let standardization = match &trainer.settings.units {
            Units::Data => None,
            Units::Fitted => Some(Standardization::fit(data.array()?)?),
            Units::Given(units) | Units::Converted(units) => Some(of_width(units, dim)?),
        };
        let convert = match &trainer.settings.units {
            Units::Data | Units::Converted(_) => None,
            Units::Fitted | Units::Given(_) => standardization.as_ref(),
        };
        let in_units = |what: &str, x: ArrayView2<T>| -> Result<Array2<T>> {
            let Some(units) = convert else {
                return Ok(x.to_owned());
            };
            let z = units.apply(x)?;
            check_finite(&format!("{what} in the units of training"), z.view())?;
            Ok(z)
        };
        let evaluator = held_out
            .map(|x| {
                Evaluator::new(
                    &trainer.settings,
                    model.spec().smooth,
                    in_units("the held-out data", x)?,
                )
            })
            .transpose()?;
        let store = match data {
            Rows::Array(data) => Store::memory(in_units("the data", *data)?),
            Rows::File(file) if convert.is_none() => {
                Store::file(file, trainer.settings.shuffle.block())?
            }
            Rows::File(_) => return Err(not_converted()),
        };
        let noise = trainer
            .settings
            .jitter
            .hypot(trainer.settings.objective.noise());
        // The rows of a file are not looked at together.
        let findings = match &store {
            Store::Memory { .. } => {
                let rows = store.array()?;
                trainer.settings.data_guard.findings(rows, noise, &[])?
            }
            Store::File(_) => Vec::new(),
        };
        for finding in &findings {
            log::warn!(
                "{} {}: {finding}",
                model.spec().name,
                trainer.settings.objective
            );
        }
        let batching = Batching {
            size: trainer.settings.batch,
            keep_short_last: trainer.settings.keep_short_last,
            shuffle: trainer.settings.shuffle,
            jitter: trainer.settings.jitter,
            seed: trainer.settings.seed,
        };
        let batches = Batches::new(store, batching);
        let keeps_mean = trainer.settings.ema.is_some();
        let begin = StepState::start(model.params(), &trainer.settings.optimizer, keeps_mean);
        let steps = steps::of(model, &trainer.settings, begin, 0)?;
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
            last_step: None,
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
            resumed: Vec::new(),
        };
        Ok(Self {
            trainer,
            total,
            batches,
            evaluator,
            steps,
            seen: Vec::new(),
            best: Best::none(),
            last_parameters: Vec::new(),
            ended_by_callback: false,
            saved: Instant::now(),
            told: None,
            fingerprints,
            report,
        })
    }

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

/// The given units, if they have one mean and deviation for each column of the model.
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

/// Checks that `[rows, columns]` has at least one row, the number of columns of the model, and finite values only.
fn check<T: Real>(what: &'static str, x: ArrayView2<T>, dim: usize) -> Result<()> {
    check_width(what, [x.nrows(), x.ncols()], dim)?;
    check_finite(what, x)
}

/// Checks the shape alone.
fn check_width(what: &'static str, shape: [usize; 2], dim: usize) -> Result<()> {
    if shape[0] == 0 {
        return Err(Error::EmptyBatch { what });
    }
    if shape[1] != dim {
        return Err(Error::Shape {
            what,
            expected: format!("[rows, {dim}], one column for each feature of the model"),
            found: shape.to_vec(),
        });
    }
    Ok(())
}

fn not_converted() -> Error {
    Error::InvalidSetting {
        setting: "the units of training",
        found: "others than those of the rows in the file".to_owned(),
        expected: "write rows in the units of training to the file, and name them with `converted`"
            .to_owned(),
    }
}
