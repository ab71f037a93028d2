//! The trainer: what a person sets before a run.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ndarray::Array2;
use scorematch_kernels::simd::Real;

use super::held_out::Judging;
use super::{Adam, CallbackResult, Estimator, Objective, Optimizer, Schedule};
use crate::data::{Guard, Standardization};
use crate::device::Device;
use crate::error::Result;

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
    pub(super) keep_short_last: bool,
    pub(super) seed: u64,
    pub(super) jitter: f64,
    pub(super) clip: Option<f64>,
    pub(super) ema: Option<f64>,
    pub(super) validation: Option<Validation<T>>,
    pub(super) judging: Judging,
    pub(super) patience: Option<u64>,
    pub(super) units: Units,
    pub(super) data_guard: Guard,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) progress: bool,
    pub(super) keyboard: bool,
    pub(super) stop_flag: Option<Arc<AtomicBool>>,
    pub(super) threads: Option<usize>,
    pub(super) device: Option<Device>,
    pub(super) on_step: Option<OnStep<'a>>,
    pub(super) observe_every: Option<u64>,
}

/// What hears of every step.
pub(super) type OnStep<'a> = Box<dyn FnMut(&StepInfo) -> Result<ControlFlow<()>> + 'a>;

/// How long a run is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    Epochs(u64),
    Steps(u64),
}

/// The units of training.
#[derive(Clone, Debug)]
pub(super) enum Units {
    /// Those of the data.
    Own,
    /// Zero mean and unit deviation of the data.
    Fitted,
    Given(Standardization),
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
    /// The epoch in which the batch begins, from 0.
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
            keep_short_last: false,
            seed: 0,
            jitter: 0.0,
            clip: None,
            ema: None,
            validation: None,
            judging: Judging::default(),
            patience: None,
            units: Units::Own,
            data_guard: Guard::default(),
            checkpoint: None,
            progress: true,
            keyboard: true,
            stop_flag: None,
            threads: None,
            device: None,
            on_step: None,
            observe_every: None,
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

    /// Length of the run in passes over the data, ⌈epochs·rows / batch⌉ steps; replaces [`Trainer::steps`].
    ///
    /// Every row is used this many times, and to fill the last batch some rows are used once more.
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

    /// Samples a step; as many as the data has rows, if that is less.
    ///
    /// All batches have this size. Each epoch takes all rows in a new order; rows at its end that are too few for a batch
    /// come first in the next epoch. So a batch holds no row twice, and no row is ever used more than once more often than
    /// another. See [`Trainer::keep_short_last`].
    pub fn batch(self, batch: usize) -> Self {
        Self { batch, ..self }
    }

    /// Whether the rows that are left at the end of an epoch are a shorter batch of that epoch. An epoch then has
    /// ⌈rows / batch⌉ steps and ends with one of them.
    ///
    /// The update after a short batch is as large as any other, so that its few rows count for more and their noise stays in
    /// the parameters: with 16 rows left of 10 000, the trained model was measurably another.
    pub fn keep_short_last(self, keep: bool) -> Self {
        Self {
            keep_short_last: keep,
            ..self
        }
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

    /// Evaluates the model on these rows before the run, every `every` steps and after the run, and
    /// leaves it with the parameters that did best. Same units as the data, one row or more.
    ///
    /// What is evaluated is J = mean of ½‖∇E‖² − ΔE, exact whatever the model trains on, under the noise
    /// that it trains with (see [`Trainer::held_out_noise`]). [`Objective::Dsm`] of an energy with
    /// kinks, whose ΔE says nothing about them, is evaluated by its own loss.
    /// [`Report::evaluation`] tells all of it.
    pub fn validation(self, held_out: Array2<T>, every: u64) -> Self {
        Self {
            validation: Some(Validation { held_out, every }),
            ..self
        }
    }

    /// The deviation of the normal noise under which held-out rows are evaluated, in the units of the
    /// model's input; 0 for none. Unless set it is that of training: the jitter, and for
    /// [`Objective::Dsm`] √(jitter² + σ²). Needs [`Trainer::validation`].
    ///
    /// On rounded data J without noise ranks models backwards, for the reason that
    /// [`Trainer::jitter`] gives: it falls for those that dig wells at the values of the grid. J under
    /// different noise is on different scales; give runs with different jitter one `held_out_noise` to
    /// compare them.
    pub fn held_out_noise(mut self, std: f64) -> Self {
        self.judging.noise = Some(std);
        self
    }

    /// Draws of noise for each held-out row, whose loss is the mean over them. All evaluations of a run
    /// have the same draws, a function of the seed. Unless set there are as many as make 1024 noisy
    /// rows, 16 at most. An evaluation takes time in proportion; without noise there is one. Needs
    /// [`Trainer::validation`].
    pub fn held_out_draws(mut self, draws: usize) -> Self {
        self.judging.draws = Some(draws);
        self
    }

    /// How the losses of held-out rows become the number that is reported and compared;
    /// [`Estimator::Mean`] unless set. Needs [`Trainer::validation`].
    pub fn held_out_estimator(mut self, estimator: Estimator) -> Self {
        self.judging.estimator = Some(estimator);
        self
    }

    /// An evaluation is an improvement if its loss lies below the best before it by more than this many
    /// standard errors of their difference; 1 unless set. Only improvements reset the
    /// [`patience`](Trainer::patience), and the last of them is what the model is left with. Needs
    /// [`Trainer::validation`].
    ///
    /// Evaluations have the same rows and noise, so the standard error is that of the differences row by
    /// row. At 1 a single row is never an improvement, however much it gains; at 0 every decrease is
    /// one. With a single held-out row, which has no standard error, every decrease is one too.
    pub fn min_improvement(mut self, standard_errors: f64) -> Self {
        self.judging.min_improvement = Some(standard_errors);
        self
    }

    /// Ends the run when this many evaluations in a row bring no improvement, see
    /// [`Trainer::min_improvement`]. Needs [`Trainer::validation`].
    pub fn patience(self, evaluations: u64) -> Self {
        Self {
            patience: Some(evaluations),
            ..self
        }
    }

    /// Trains in units of zero mean and unit deviation of the data's columns; held-out rows are
    /// taken to the same units. The units are in the report and the checkpoint.
    ///
    /// Data that was measured in float64 loses its low digits in an array of float32, before it gets
    /// here: standardize such data first, and cast it after that. Replaces
    /// [`Trainer::standardization`].
    pub fn standardize(self, standardize: bool) -> Self {
        let units = if standardize {
            Units::Fitted
        } else {
            Units::Own
        };
        Self { units, ..self }
    }

    /// Trains in these units, one for each column of the data, in place of fitted ones: of robust
    /// fits, of a larger data set, or with constant columns left as they are
    /// ([`Standardizer`](crate::data::Standardizer)). Replaces [`Trainer::standardize`].
    pub fn standardization(self, units: Standardization) -> Self {
        Self {
            units: Units::Given(units),
            ..self
        }
    }

    /// What to do about data that misleads a model: rows that repeat, values on few levels, outliers
    /// ([`examine`](crate::data::examine)). Unset, each finding is logged once as a warning and is in
    /// the report. The jitter, and the noise of denoising score matching, count as noise.
    pub fn data_guard(self, data_guard: Guard) -> Self {
        Self { data_guard, ..self }
    }

    /// Saves the model here when the run ends, however it ends (an error of [`Trainer::fit`] included), and twice a minute
    /// meanwhile; not if nothing was trained because the loss is not finite at the parameters that the run starts from. See
    /// [`checkpoint::save`](crate::checkpoint::save).
    pub fn checkpoint(self, path: impl Into<PathBuf>) -> Self {
        Self {
            checkpoint: Some(path.into()),
            ..self
        }
    }

    /// Whether to draw a progress bar; it is drawn on stderr, and only where that is a terminal. Builds without the feature
    /// `progress` draw none.
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

    /// Calls this after every step; [`ControlFlow::Break`] ends the run.
    ///
    /// On a GPU many steps are one launch: they are told of when the launch is over, and a break takes
    /// effect then. [`Trainer::fit_with`] tells of the model too.
    pub fn on_step<C: CallbackResult>(self, mut on_step: impl FnMut(&StepInfo) -> C + 'a) -> Self {
        Self {
            on_step: Some(Box::new(move |info| on_step(info).control_flow())),
            ..self
        }
    }

    /// Has [`Trainer::fit_with`] call its closure before the run, every `steps` steps and after the
    /// last step, besides the evaluations on held-out rows.
    ///
    /// On a GPU a launch ends there, after which the parameters are copied to the host; intervals of
    /// hundreds of steps cost little. With [`Trainer::ema`] each call copies the parameters three times.
    pub fn observe_every(self, steps: u64) -> Self {
        Self {
            observe_every: Some(steps),
            ..self
        }
    }
}
