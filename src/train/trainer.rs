//! The trainer: what a run is told before it begins.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ndarray::{Array2, CowArray, Ix2};
use scorematch_kernels::simd::Real;

use super::{
    CallbackResult, Estimator, Length, Objective, Optimizer, Schedule, Settings, StepInfo, Units,
};
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
/// let report = Trainer::new(Objective::esm())
///     .optimizer(Adam::new(3e-3))
///     .schedule(Schedule::cosine().warm_up(100))
///     .epochs(500)
///     .batch(128)
///     .jitter(0.05)
///     .standardize(true)
///     .validation(&parts.held_out, 50)
///     .fit(model, &parts.train)?;
/// println!("{report}");
/// # Ok(())
/// # }
/// ```
///
/// The same settings, seed, data and machine give the same parameters to the last bit, whatever the
/// number of threads. The settings alone, as values to store and compare, are [`Trainer::settings`].
#[must_use = "a trainer does nothing until `fit` is called"]
pub struct Trainer<'a, T: Real> {
    pub(super) settings: Settings,
    /// Rows that a run is judged on.
    pub(super) held_out: Option<Array2<T>>,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) progress: bool,
    pub(super) stop_on_signals: bool,
    pub(super) stop_flag: Option<Arc<AtomicBool>>,
    pub(super) threads: Option<usize>,
    pub(super) device: Option<Device>,
    pub(super) on_step: Option<OnStep<'a>>,
}

/// What hears of every step.
pub(super) type OnStep<'a> = Box<dyn FnMut(&StepInfo) -> Result<ControlFlow<()>> + 'a>;

impl<T: Real> From<Settings> for Trainer<'_, T> {
    /// A trainer with these settings, and nothing else switched on but the progress bar.
    fn from(settings: Settings) -> Self {
        Self {
            settings,
            held_out: None,
            checkpoint: None,
            progress: true,
            stop_on_signals: false,
            stop_flag: None,
            threads: None,
            device: None,
            on_step: None,
        }
    }
}

impl<'a, T: Real> Trainer<'a, T> {
    /// A trainer with Adam's defaults, a constant learning rate, 100 epochs, batches of 128, seed 0, and
    /// nothing else switched on but the progress bar.
    pub fn new(objective: Objective) -> Self {
        Self::from(Settings {
            objective,
            ..Settings::default()
        })
    }

    /// What the run will compute, as values.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The update rule: [`Adam`](super::Adam), [`AdamW`](super::AdamW) or [`Sgd`](super::Sgd).
    pub fn optimizer(mut self, optimizer: impl Into<Optimizer>) -> Self {
        self.settings.optimizer = optimizer.into();
        self
    }

    /// The learning rate over the run.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.settings.schedule = schedule;
        self
    }

    /// Length of the run in passes over the data, ⌈epochs·rows / batch⌉ steps; replaces [`Trainer::steps`].
    ///
    /// Every row is used this many times, and to fill the last batch some rows are used once more.
    pub fn epochs(mut self, epochs: u64) -> Self {
        self.settings.length = Length::Epochs(epochs);
        self
    }

    /// Length of the run in updates; replaces [`Trainer::epochs`].
    pub fn steps(mut self, steps: u64) -> Self {
        self.settings.length = Length::Steps(steps);
        self
    }

    /// Samples a step; as many as the data has rows, if that is less.
    ///
    /// All batches have this size. Each epoch takes all rows in a new order; rows at its end that are too few for a batch
    /// come first in the next epoch. So a batch holds no row twice, and no row is ever used more than once more often than
    /// another. See [`Trainer::keep_short_last`].
    pub fn batch(mut self, batch: usize) -> Self {
        self.settings.batch = batch;
        self
    }

    /// Whether the rows that are left at the end of an epoch are a shorter batch of that epoch. An epoch then has
    /// ⌈rows / batch⌉ steps and ends with one of them.
    ///
    /// The update after a short batch is as large as any other, so that its few rows count for more and their noise stays in
    /// the parameters: with 16 rows left of 10 000, the trained model was measurably another.
    pub fn keep_short_last(mut self, keep: bool) -> Self {
        self.settings.keep_short_last = keep;
        self
    }

    /// The seed of the order of the data, the jitter and the directions.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Adds normal noise of this deviation to every sample, drawn anew each step, in the units of
    /// the model's input (after standardization).
    ///
    /// Measured data is rounded, so values repeat; ½‖∇E‖² − ΔE is unbounded below there, as a model
    /// that digs an ever narrower well at an atom lowers it without end. Noise of about the
    /// rounding step or more takes the atoms away; the model then describes the data smoothed by
    /// it.
    pub fn jitter(mut self, std: f64) -> Self {
        self.settings.jitter = std;
        self
    }

    /// Scales gradients of a norm above this down to it.
    pub fn clip(mut self, norm: f64) -> Self {
        self.settings.clip = Some(norm);
        self
    }

    /// Judges, and leaves the model with, an exponential moving average of the parameters with this
    /// decay.
    pub fn ema(mut self, decay: f64) -> Self {
        self.settings.ema = Some(decay);
        self
    }

    /// Evaluates the model on these rows `[rows, D]` before the run, every `every` steps and after the run, and
    /// leaves it with the parameters that did best. Same units as the data, one row or more. `held_out` is an array, or
    /// `&held_out`, which is copied.
    ///
    /// What is evaluated is J = mean of ½‖∇E‖² − ΔE, exact whatever the model trains on, under the noise
    /// that it trains with (see [`Trainer::held_out_noise`]). [`Objective::dsm`] of an energy with
    /// kinks, whose ΔE says nothing about them, is evaluated by its own loss.
    /// [`Report::evaluation`](super::Report::evaluation) tells all of it.
    pub fn validation<'x>(mut self, held_out: impl Into<CowArray<'x, T, Ix2>>, every: u64) -> Self {
        self.settings.evaluate_every = Some(every);
        self.held_out(held_out)
    }

    /// The rows of [`Trainer::validation`], as often as [`Settings::evaluate_every`] says: for a trainer that was made
    /// from settings.
    pub fn held_out<'x>(mut self, held_out: impl Into<CowArray<'x, T, Ix2>>) -> Self {
        self.held_out = Some(held_out.into().into_owned());
        self
    }

    /// The deviation of the normal noise under which held-out rows are evaluated, in the units of the
    /// model's input; 0 for none. Unless set it is that of training: the jitter, and for
    /// [`Objective::dsm`] √(jitter² + σ²). Needs [`Trainer::validation`].
    ///
    /// On rounded data J without noise ranks models backwards, for the reason that
    /// [`Trainer::jitter`] gives: it falls for those that dig wells at the values of the grid. J under
    /// different noise is on different scales; give runs with different jitter one `held_out_noise` to
    /// compare them.
    pub fn held_out_noise(mut self, std: f64) -> Self {
        self.settings.held_out_noise = Some(std);
        self
    }

    /// Draws of noise for each held-out row, whose loss is the mean over them. All evaluations of a run
    /// have the same draws, a function of the seed. Unless set there are as many as make 1024 noisy
    /// rows, 16 at most. An evaluation takes time in proportion; without noise there is one. Needs
    /// [`Trainer::validation`].
    pub fn held_out_draws(mut self, draws: usize) -> Self {
        self.settings.held_out_draws = Some(draws);
        self
    }

    /// How the losses of held-out rows become the number that is reported and compared;
    /// [`Estimator::Mean`] unless set. Needs [`Trainer::validation`].
    pub fn held_out_estimator(mut self, estimator: Estimator) -> Self {
        self.settings.held_out_estimator = Some(estimator);
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
        self.settings.min_improvement = Some(standard_errors);
        self
    }

    /// Ends the run when this many evaluations in a row bring no improvement, see
    /// [`Trainer::min_improvement`]. Needs [`Trainer::validation`].
    pub fn patience(mut self, evaluations: u64) -> Self {
        self.settings.patience = Some(evaluations);
        self
    }

    /// Trains in units of zero mean and unit deviation of the data's columns; held-out rows are
    /// taken to the same units. The units are in the report and the checkpoint.
    ///
    /// Data that was measured in float64 loses its low digits in an array of float32, before it gets
    /// here: standardize such data first, and cast it after that. Replaces
    /// [`Trainer::standardization`].
    pub fn standardize(mut self, standardize: bool) -> Self {
        self.settings.units = if standardize {
            Units::Fitted
        } else {
            Units::Data
        };
        self
    }

    /// Trains in these units, one for each column of the data, in place of fitted ones: of robust
    /// fits, of a larger data set, or with constant columns left as they are
    /// ([`Standardizer`](crate::data::Standardizer)). Replaces [`Trainer::standardize`].
    pub fn standardization(mut self, units: Standardization) -> Self {
        self.settings.units = Units::Given(units);
        self
    }

    /// What to do about data that misleads a model: rows that repeat, values on few levels, outliers
    /// ([`examine`](crate::data::examine)). Unset, each finding is logged once as a warning and is in
    /// the report. The jitter, and the noise of denoising score matching, count as noise.
    pub fn data_guard(mut self, data_guard: Guard) -> Self {
        self.settings.data_guard = data_guard;
        self
    }

    /// Saves the model here when the run ends, however it ends (an error of [`Trainer::fit`] included), and twice a minute
    /// meanwhile; not if nothing was trained because the loss is not finite at the parameters that the run starts from. See
    /// [`checkpoint::save`](crate::checkpoint::save).
    pub fn checkpoint(mut self, path: impl Into<PathBuf>) -> Self {
        self.checkpoint = Some(path.into());
        self
    }

    /// Whether to draw a progress bar; it is drawn on stderr, and only where that is a terminal. Builds without the feature
    /// `progress` draw none.
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = progress;
        self
    }

    /// Whether a signal (Ctrl-C; on Unix SIGINT, SIGTERM and SIGHUP) ends the run after its step, as if it were
    /// finished, instead of the process; not unless set, and then the library touches no signal.
    ///
    /// A second signal ends the process. Handlers are installed once and stay; while nothing trains, they end the process
    /// as the signal does by default. Signals that are ignored when the first such run begins, as under `nohup`, stay so,
    /// and those that the program handles stay its own; a logged warning names them. A program that handles signals itself
    /// gives a [`Trainer::stop_flag`].
    pub fn stop_on_signals(mut self, stop: bool) -> Self {
        self.stop_on_signals = stop;
        self
    }

    /// Ends the run after its step once this flag is set.
    pub fn stop_flag(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop_flag = Some(flag);
        self
    }

    /// What the run computes on; the model's own device unless set, which it has again afterwards. See
    /// [`Model::set_device`](crate::Model::set_device).
    pub fn device(mut self, device: Device) -> Self {
        self.device = Some(device);
        self
    }

    /// Threads of the run, the calling one included; 0 for the default of
    /// [`Model::set_threads`](crate::Model::set_threads). Unless set, whatever the model has; it has its own again
    /// afterwards.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Calls this after every step; [`ControlFlow::Break`] ends the run.
    ///
    /// On a GPU many steps are one launch: they are told of when the launch is over, and a break takes
    /// effect then. [`Trainer::fit_with`] tells of the model too.
    pub fn on_step<C: CallbackResult>(
        mut self,
        mut on_step: impl FnMut(&StepInfo) -> C + 'a,
    ) -> Self {
        self.on_step = Some(Box::new(move |info| on_step(info).control_flow()));
        self
    }

    /// Has [`Trainer::fit_with`] call its closure before the run, every `steps` steps and after the
    /// last step, besides the evaluations on held-out rows.
    ///
    /// On a GPU a launch ends there, after which the parameters are copied to the host; intervals of
    /// hundreds of steps cost little. With [`Trainer::ema`] each call copies the parameters three times.
    pub fn observe_every(mut self, steps: u64) -> Self {
        self.settings.observe_every = Some(steps);
        self
    }
}

impl<T: Real> fmt::Debug for Trainer<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held_out = self.held_out.as_ref().map(|rows| rows.dim());
        f.debug_struct("Trainer")
            .field("settings", &self.settings)
            .field("held_out", &held_out)
            .field("checkpoint", &self.checkpoint)
            .field("progress", &self.progress)
            .field("stop_on_signals", &self.stop_on_signals)
            .field("threads", &self.threads)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}
