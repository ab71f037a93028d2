//! The trainer: what a person sets before a run.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ndarray::{Array2, ArrayRef2};

use super::run::Run;
use super::{Adam, Objective, Optimizer, Report, Schedule};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;
use crate::setting::{at_least, positive, within};
use crate::simd::Real;

/// Trains a model on the rows of an array.
///
/// ```no_run
/// # use scorematch::data::Split;
/// # use scorematch::train::{Adam, Objective, Schedule, Trainer};
/// # use scorematch::{Model, Result, Spec};
/// # fn example<S: Spec>(model: &mut Model<S, f32>, parts: Split<f32>) -> Result<()> {
/// let report = Trainer::new(Objective::Esm)
///     .optimizer(Adam::new(3e-3))
///     .schedule(Schedule::cosine().warm_up(100))
///     .epochs(500)
///     .batch(128)
///     .jitter(0.05)
///     .standardize(true)
///     .validation(parts.held_out, 50)
///     .fit(model, &parts.train)?;
/// println!("{report}");
/// # Ok(())
/// # }
/// ```
///
/// The same settings, seed, data and machine give the same parameters to the last bit, whatever the
/// number of threads.
pub struct Trainer<'a, T> {
    pub(super) objective: Objective,
    pub(super) optimizer: Optimizer,
    pub(super) schedule: Schedule,
    pub(super) length: Length,
    pub(super) batch: usize,
    pub(super) seed: u64,
    pub(super) jitter: f64,
    pub(super) clip: Option<f64>,
    pub(super) ema: Option<f64>,
    pub(super) validation: Option<Validation<T>>,
    pub(super) patience: Option<u64>,
    pub(super) standardize: bool,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) progress: bool,
    pub(super) keyboard: bool,
    pub(super) stop_flag: Option<Arc<AtomicBool>>,
    pub(super) threads: Option<usize>,
    pub(super) device: Option<Device>,
    pub(super) on_step: Option<OnStep<'a>>,
}

/// What hears of every step.
pub(super) type OnStep<'a> = Box<dyn FnMut(&StepInfo) + 'a>;

/// How long a run is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    Epochs(u64),
    Steps(u64),
}

/// Rows that a run is judged on.
#[derive(Clone, Debug)]
pub(super) struct Validation<T> {
    pub(super) held_out: Array2<T>,
    pub(super) every: u64,
}

/// One step, as [`Trainer::on_step`] hears of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepInfo {
    /// The step, from 0.
    pub step: u64,
    /// The epoch, from 0.
    pub epoch: u64,
    /// The batch's loss before the update.
    pub loss: f64,
    /// ‖∇loss‖ before clipping.
    pub gradient_norm: f64,
    /// The learning rate of the update.
    pub rate: f64,
    /// Seconds of training so far.
    pub seconds: f64,
}

impl<'a, T: Real> Trainer<'a, T> {
    /// A trainer with Adam's defaults, a constant rate, 100 epochs, batches of 128, seed 0, and
    /// nothing else switched on but the progress bar and Ctrl-C.
    pub fn new(objective: Objective) -> Self {
        Self {
            objective,
            optimizer: Adam::default().into(),
            schedule: Schedule::constant(),
            length: Length::Epochs(100),
            batch: 128,
            seed: 0,
            jitter: 0.0,
            clip: None,
            ema: None,
            validation: None,
            patience: None,
            standardize: false,
            checkpoint: None,
            progress: true,
            keyboard: true,
            stop_flag: None,
            threads: None,
            device: None,
            on_step: None,
        }
    }

    /// The update rule: [`Adam`], [`AdamW`](super::AdamW) or [`Sgd`](super::Sgd).
    pub fn optimizer(self, optimizer: impl Into<Optimizer>) -> Self {
        Self {
            optimizer: optimizer.into(),
            ..self
        }
    }

    /// The learning rate over the run.
    pub fn schedule(self, schedule: Schedule) -> Self {
        Self { schedule, ..self }
    }

    /// Length of the run in passes over the data; replaces [`Trainer::steps`].
    pub fn epochs(self, epochs: u64) -> Self {
        Self {
            length: Length::Epochs(epochs),
            ..self
        }
    }

    /// Length of the run in updates; replaces [`Trainer::epochs`].
    pub fn steps(self, steps: u64) -> Self {
        Self {
            length: Length::Steps(steps),
            ..self
        }
    }

    /// Samples a step. Batches are drawn without replacement within an epoch; the last of an epoch
    /// may be shorter.
    pub fn batch(self, batch: usize) -> Self {
        Self { batch, ..self }
    }

    /// The seed of the order of the data, the jitter and the directions.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Adds normal noise of this deviation to every sample, drawn anew each step, in the units of
    /// the model's input (after standardization).
    ///
    /// Measured data is rounded, so values repeat; ½‖∇E‖² − ΔE is unbounded below there, as a model
    /// that digs an ever narrower well at an atom lowers it without end. Noise of about the
    /// rounding step or more takes the atoms away; the model then describes the data smoothed by
    /// it.
    pub fn jitter(self, std: f64) -> Self {
        Self {
            jitter: std,
            ..self
        }
    }

    /// Scales gradients of a norm above this down to it.
    pub fn clip(self, norm: f64) -> Self {
        Self {
            clip: Some(norm),
            ..self
        }
    }

    /// Judges, and leaves the model with, an exponential moving average of the parameters with this
    /// decay.
    pub fn ema(self, decay: f64) -> Self {
        Self {
            ema: Some(decay),
            ..self
        }
    }

    /// Evaluates the exact objective on these rows before the run, every `every` steps and after
    /// the run, and leaves the model with the parameters that did best. Same units as the data; no
    /// jitter is added.
    pub fn validation(self, held_out: Array2<T>, every: u64) -> Self {
        Self {
            validation: Some(Validation { held_out, every }),
            ..self
        }
    }

    /// Ends the run when this many evaluations in a row bring no improvement. Needs
    /// [`Trainer::validation`].
    pub fn patience(self, evaluations: u64) -> Self {
        Self {
            patience: Some(evaluations),
            ..self
        }
    }

    /// Trains in units of zero mean and unit deviation of the data's columns; held-out rows are
    /// taken to the same units. The units are in the report and the checkpoint.
    pub fn standardize(self, standardize: bool) -> Self {
        Self {
            standardize,
            ..self
        }
    }

    /// Saves the model here when the run ends, however it ends (an error of [`Trainer::fit`] included), and twice a minute
    /// meanwhile. See [`checkpoint::save`](crate::checkpoint::save).
    pub fn checkpoint(self, path: impl Into<PathBuf>) -> Self {
        Self {
            checkpoint: Some(path.into()),
            ..self
        }
    }

    /// Whether to draw a progress bar; it is drawn on stderr, and only where that is a terminal.
    pub fn progress(self, progress: bool) -> Self {
        Self { progress, ..self }
    }

    /// Whether Ctrl-C (SIGINT, SIGTERM, SIGHUP) ends the run after its step, as if it were
    /// finished, instead of the process. A second one ends the process. Signals that are ignored
    /// when the first run begins, as under `nohup`, stay so, and those that the program handles
    /// stay its own; a logged warning names them. Turn it off in a program that handles signals
    /// itself.
    pub fn ctrl_c(self, listen: bool) -> Self {
        Self {
            keyboard: listen,
            ..self
        }
    }

    /// Ends the run after its step once this flag is set.
    pub fn stop_flag(self, flag: Arc<AtomicBool>) -> Self {
        Self {
            stop_flag: Some(flag),
            ..self
        }
    }

    /// What to compute on; the model's own device unless set, see [`Model::set_device`].
    pub fn device(mut self, device: Device) -> Self {
        self.device = Some(device);
        self
    }

    /// The model's number of threads from here on; unset, whatever the model has.
    pub fn threads(self, threads: usize) -> Self {
        Self {
            threads: Some(threads),
            ..self
        }
    }

    /// Calls this after every step.
    pub fn on_step(self, on_step: impl FnMut(&StepInfo) + 'a) -> Self {
        Self {
            on_step: Some(Box::new(on_step)),
            ..self
        }
    }

    /// Trains the model on `[N, D]` samples.
    ///
    /// Divergence and interruption are no errors: the report says why the run ended
    /// ([`Report::stop`]), and the model is left with the best held-out parameters if there are
    /// held-out rows, else with the last good ones.
    ///
    /// # Errors
    /// A setting out of its range; data of another width than the model, without rows or with a
    /// value that is not finite; a column that cannot be standardized; a checkpoint that cannot be
    /// written. In the run: jitter that takes a sample out of the range of `T`; a device that fails.
    /// The model is then left, and saved if a checkpoint is set, with the parameters that an interrupted run
    /// would have left it with.
    pub fn fit<S: Spec>(&mut self, model: &mut Model<S, T>, data: &ArrayRef2<T>) -> Result<Report> {
        self.check()?;
        if self.objective.uses_curvature() && !S::SMOOTH {
            log::warn!(
                "{} has kinks, where its second derivatives are not defined: {} leaves out what \
                 happens there",
                S::NAME,
                self.objective
            );
        }
        if let Some(threads) = self.threads {
            model.set_threads(threads);
        }
        if let Some(device) = &self.device {
            model.set_device(device.clone())?;
        }
        let mut run = Run::prepare(self, model, data.view())?;
        match run.steps(model) {
            Ok(stop) => run.finish(model, stop),
            Err(error) => Err(run.abandon(model, error)),
        }
    }

    fn check(&self) -> Result<()> {
        self.objective.check()?;
        self.optimizer.check()?;
        self.schedule.check()?;
        within("the jitter", self.jitter, 0.0, f64::INFINITY)?;
        if let Some(norm) = self.clip {
            positive("the gradient norm to clip at", norm)?;
        }
        let (Length::Epochs(length) | Length::Steps(length)) = self.length;
        at_least(1, "the length of the run", length)?;
        at_least(1, "the batch", self.batch as u64)?;
        if let Some(validation) = &self.validation {
            at_least(1, "the interval between evaluations", validation.every)?;
        }
        let Some(patience) = self.patience else {
            return Ok(());
        };
        at_least(1, "the patience", patience)?;
        if self.validation.is_none() {
            return Err(Error::InvalidSetting {
                setting: "the patience",
                found: patience.to_string(),
                expected: "it counts evaluations on held-out rows: give some with `validation`"
                    .to_owned(),
            });
        }
        Ok(())
    }
}
