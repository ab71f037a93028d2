//! The trainer: the settings of a run before it starts.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ndarray::{Array2, CowArray, Ix2};
use scorematch_kernels::simd::Real;

use super::{
    CallbackResult, Estimator, Length, Objective, Optimizer, Schedule, Settings, Shuffle, StepInfo,
    Units,
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
/// Equal settings, seed, data and machine give the same parameters to the last bit, for any number of threads.
/// [`Trainer::settings`] returns the settings alone, as values that can be stored and compared.
#[must_use = "a trainer does nothing until `fit` is called"]
pub struct Trainer<'a, T: Real> {
    pub(super) settings: Settings,
    /// The held-out rows, on which the run is evaluated.
    pub(super) held_out: Option<Array2<T>>,
    pub(super) checkpoint: Option<PathBuf>,
    /// The file of the state of the run.
    pub(super) state: Option<PathBuf>,
    pub(super) save_every: Duration,
    pub(super) progress: bool,
    pub(super) stop_on_signals: bool,
    pub(super) stop_flag: Option<Arc<AtomicBool>>,
    pub(super) threads: Option<usize>,
    pub(super) device: Option<Device>,
    pub(super) on_step: Option<OnStep<'a>>,
}

/// A callback after every step.
pub(super) type OnStep<'a> = Box<dyn FnMut(&StepInfo) -> Result<ControlFlow<()>> + 'a>;

impl<T: Real> From<Settings> for Trainer<'_, T> {
    /// A trainer with these settings; of all other options only the progress bar is on.
    fn from(settings: Settings) -> Self {
        Self {
            settings,
            held_out: None,
            checkpoint: None,
            state: None,
            save_every: Duration::from_secs(30),
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
    /// A trainer with Adam and its defaults, a constant learning rate, 100 epochs, batches of 128 and seed 0. Of all
    /// other options only the progress bar is on.
    pub fn new(objective: Objective) -> Self {
        Self::from(Settings {
            objective,
            ..Settings::default()
        })
    }

    /// The settings that determine what the run computes.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The update rule: [`Adam`](super::Adam), [`AdamW`](super::AdamW) or [`Sgd`](super::Sgd).
    pub fn optimizer(mut self, optimizer: impl Into<Optimizer>) -> Self {
        self.settings.optimizer = optimizer.into();
        self
    }

    /// The schedule of the learning rate over the run.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.settings.schedule = schedule;
        self
    }

    /// Sets the length of the run in passes over the data: ⌈epochs·rows / batch⌉ steps. Replaces [`Trainer::steps`].
    ///
    /// Every row is used this many times. Some rows are used once more to fill the last batch.
    pub fn epochs(mut self, epochs: u64) -> Self {
        self.settings.length = Length::Epochs(epochs);
        self
    }

    /// Sets the length of the run in updates. Replaces [`Trainer::epochs`].
    pub fn steps(mut self, steps: u64) -> Self {
        self.settings.length = Length::Steps(steps);
        self
    }

    /// Sets the number of samples per step; it is limited to the number of rows.
    ///
    /// All batches have this size. Each epoch uses all rows in a new order. Rows at its end that are too few for a
    /// batch come first in the next epoch. Therefore no batch contains a row twice, and the numbers of times that two
    /// rows are used never differ by more than one. See [`Trainer::keep_short_last`].
    pub fn batch(mut self, batch: usize) -> Self {
        self.settings.batch = batch;
        self
    }

    /// Whether the rows that remain at the end of an epoch form a shorter batch of that epoch. An epoch then has
    /// ⌈rows / batch⌉ steps, and no batch spans two epochs.
    ///
    /// The update after a short batch is as large as any other, so its few rows have more weight and their noise
    /// remains in the parameters. With 16 rows remaining of 10 000, the trained model differed measurably.
    pub fn keep_short_last(mut self, keep: bool) -> Self {
        self.settings.keep_short_last = keep;
        self
    }

    /// Sets how the rows are shuffled; all together by default. The order decides the result, not whether the data is an
    /// array or a [`RowFile`](super::RowFile), which needs blocks to be read with little memory.
    pub fn shuffle(mut self, shuffle: Shuffle) -> Self {
        self.settings.shuffle = shuffle;
        self
    }

    /// The seed of the order of the data, the jitter and the directions.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Adds normal noise of this standard deviation to every sample, drawn anew in each step, in the units of the
    /// model's input (after standardization).
    ///
    /// Measured data is rounded, so values repeat. At repeated values ½‖∇E‖² − ΔE is unbounded below: a model lowers it
    /// without limit by an ever narrower well at such a value. Noise of about the rounding step or more removes the
    /// repetitions; the model then describes the data smoothed by this noise.
    pub fn jitter(mut self, std: f64) -> Self {
        self.settings.jitter = std;
        self
    }

    /// Scales every gradient of a larger norm down to this norm.
    pub fn clip(mut self, norm: f64) -> Self {
        self.settings.clip = Some(norm);
        self
    }

    /// Keeps an exponential moving average of the parameters with this decay. Evaluations use the average, and the
    /// trained model has it.
    pub fn ema(mut self, decay: f64) -> Self {
        self.settings.ema = Some(decay);
        self
    }

    /// Evaluates the model on these rows `[rows, D]` before the run, every `every` steps and after the run. At the end
    /// the model has the parameters with the best evaluation. The rows have the units of the data, and there is at
    /// least one. `held_out` is an array, or `&held_out`, which is copied.
    ///
    /// The evaluated loss is J = mean of ½‖∇E‖² − ΔE with the exact Laplacian, whatever the training objective, under
    /// the noise of training (see [`Trainer::held_out_noise`]). A run of [`Objective::dsm`] on an energy with kinks is
    /// evaluated by its own loss, because ΔE misses the curvature at the kinks.
    /// [`Report::evaluation`](super::Report::evaluation) describes the evaluation.
    pub fn validation<'x>(mut self, held_out: impl Into<CowArray<'x, T, Ix2>>, every: u64) -> Self {
        self.settings.evaluate_every = Some(every);
        self.held_out(held_out)
    }

    /// Sets the rows of [`Trainer::validation`], at the interval [`Settings::evaluate_every`]: for a trainer made from
    /// settings.
    pub fn held_out<'x>(mut self, held_out: impl Into<CowArray<'x, T, Ix2>>) -> Self {
        self.held_out = Some(held_out.into().into_owned());
        self
    }

    /// The standard deviation of the normal noise under which held-out rows are evaluated, in the units of the model's
    /// input; 0 for none. The default is that of training: the jitter, and for [`Objective::dsm`] √(jitter² + σ²). If
    /// the run is evaluated by the loss of [`Objective::dsm`] itself, which contains σ, the default is the jitter.
    /// Requires [`Trainer::validation`].
    ///
    /// On rounded data J without noise ranks models in reverse, for the reason given at [`Trainer::jitter`]: it is
    /// lower for models that have narrow wells at the rounded values. Values of J under different noise are not
    /// comparable; to compare runs with different jitter, set the same `held_out_noise` for all.
    pub fn held_out_noise(mut self, std: f64) -> Self {
        self.settings.held_out_noise = Some(std);
        self
    }

    /// Sets the number of draws of noise per held-out row. The loss of a row is the mean over its draws. All
    /// evaluations of a run use the same draws, which are a function of the seed. The default is the smallest number
    /// that gives 1024 noisy rows, at most 16. The time of an evaluation is proportional to this number; without noise
    /// there is one draw. Requires [`Trainer::validation`].
    pub fn held_out_draws(mut self, draws: usize) -> Self {
        self.settings.held_out_draws = Some(draws);
        self
    }

    /// How the losses of held-out rows are combined into the number that is reported and compared; [`Estimator::Mean`]
    /// by default. Requires [`Trainer::validation`].
    pub fn held_out_estimator(mut self, estimator: Estimator) -> Self {
        self.settings.held_out_estimator = Some(estimator);
        self
    }

    /// An evaluation is an improvement if its loss is smaller than the best before it by more than this many standard
    /// errors of their difference; 1 by default. Only improvements reset the [`patience`](Trainer::patience), and the
    /// trained model has the parameters of the last improvement. Requires [`Trainer::validation`].
    ///
    /// Evaluations use the same rows and noise, so the standard error is that of the paired differences. At 1, a gain
    /// at a single row is never an improvement, whatever its size; at 0, every decrease is one. With a single held-out
    /// row, which has no standard error, every decrease is an improvement.
    pub fn min_improvement(mut self, standard_errors: f64) -> Self {
        self.settings.min_improvement = Some(standard_errors);
        self
    }

    /// Ends the run after this many consecutive evaluations without improvement, see [`Trainer::min_improvement`].
    /// Requires [`Trainer::validation`].
    pub fn patience(mut self, evaluations: u64) -> Self {
        self.settings.patience = Some(evaluations);
        self
    }

    /// Trains in units in which the columns of the data have zero mean and unit standard deviation. Held-out rows are
    /// converted to the same units. The report and the checkpoint contain the units.
    ///
    /// Data measured in float64 loses its low digits when it is stored in a float32 array. Standardize such data first
    /// and cast it afterwards. Replaces [`Trainer::standardization`].
    pub fn standardize(mut self, standardize: bool) -> Self {
        self.settings.units = if standardize {
            Units::Fitted
        } else {
            Units::Data
        };
        self
    }

    /// Trains in these units, one mean and standard deviation per column of the data, instead of fitted ones. They can
    /// come from a robust fit, from a larger data set, or from a fit that does not scale constant columns
    /// ([`Standardizer`](crate::data::Standardizer)). Replaces [`Trainer::standardize`].
    pub fn standardization(mut self, units: Standardization) -> Self {
        self.settings.units = Units::Given(units);
        self
    }

    /// States that the rows of the data and the held-out rows have been converted to these units, which the report and the
    /// checkpoint then contain. Data measured in float64 keeps its low digits if it is converted in float64 and cast to
    /// float32 afterwards. Replaces [`Trainer::standardize`].
    ///
    /// ```
    /// # use ndarray::array;
    /// # use scorematch::data::{Guard, Standardization};
    /// # use scorematch::train::{Objective, Trainer};
    /// # scorematch::energy! { Bowl(x: [2]) { param k: [] = ones(); 0.5 * k * norm_sq(x) } }
    /// # fn main() -> scorematch::Result<()> {
    /// // Seconds since 1970, and a measurement.
    /// let x = array![[1_700_000_000.25, 3.0], [1_700_000_001.5, 4.0], [1_700_000_002.0, 3.5]];
    /// let units = Standardization::fit(&x)?;
    /// let z = units.apply(&x)?.mapv(|z| z as f32);
    /// let report = Trainer::new(Objective::esm())
    ///     .converted(units.clone())
    ///     .steps(10)
    /// #   .data_guard(Guard::Silent)
    ///     .fit(&mut Bowl::init(&mut rand::rng()), &z)?;
    /// assert_eq!(report.standardization, Some(units));
    /// # Ok(())
    /// # }
    /// ```
    pub fn converted(mut self, units: Standardization) -> Self {
        self.settings.units = Units::Converted(units);
        self
    }

    /// How data that misleads a model is handled: repeated rows, values on few levels, outliers
    /// ([`examine`](crate::data::examine)). By default each finding is logged once as a warning and included in the
    /// report. The noise of training is the jitter together with the noise of denoising score matching.
    pub fn data_guard(mut self, data_guard: Guard) -> Self {
        self.settings.data_guard = data_guard;
        self
    }

    /// Saves the model to this file when the run ends, also if an error ends it, and at the interval of
    /// [`Trainer::save_every`] during the run.
    /// Nothing is saved if the run diverges at its initial parameters, so that nothing was trained. See
    /// [`checkpoint::save`](crate::checkpoint::save).
    pub fn checkpoint(mut self, path: impl Into<PathBuf>) -> Self {
        self.checkpoint = Some(path.into());
        self
    }

    /// Saves the state of the run to this file: everything that its remaining steps depend on. It is saved before the
    /// first step, at the interval of [`Trainer::save_every`], and when the run ends, except by divergence, of which the
    /// last state before it remains. [`Trainer::resume`] continues from it.
    ///
    /// The file holds about five times the parameters. It is written whole or not at all, so a process that is killed at
    /// any moment loses the steps after the last save and nothing else.
    pub fn save_state(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(path.into());
        self
    }

    /// The time between two saves of the model ([`Trainer::checkpoint`]) and of the state ([`Trainer::save_state`]) during
    /// the run; 30 seconds by default, and after every step (on a GPU, every launch) if it is zero. It changes no bit of
    /// the result.
    pub fn save_every(mut self, interval: Duration) -> Self {
        self.save_every = interval;
        self
    }

    /// Whether to draw a progress bar on stderr; it is drawn only if stderr is a terminal. Builds without the feature
    /// `progress` draw none.
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = progress;
        self
    }

    /// Whether a signal (Ctrl-C; on Unix SIGINT, SIGTERM and SIGHUP) ends the run after the current step, as if it were
    /// finished, instead of ending the process. Off by default; the library then installs no signal handlers.
    ///
    /// A second signal ends the process. Handlers are installed once and remain installed; while no run is in progress,
    /// they end the process as the default action of the signal does. Signals that are ignored when the first such run
    /// begins, as under `nohup`, remain ignored, and signals that the program handles remain handled by the program; a
    /// logged warning names them. A program that handles signals itself can use [`Trainer::stop_flag`].
    pub fn stop_on_signals(mut self, stop: bool) -> Self {
        self.stop_on_signals = stop;
        self
    }

    /// Ends the run after the current step once this flag is set.
    pub fn stop_flag(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop_flag = Some(flag);
        self
    }

    /// The device of the run; the model's own by default. After the run the model has its own device again. See
    /// [`Model::set_device`](crate::Model::set_device).
    pub fn device(mut self, device: Device) -> Self {
        self.device = Some(device);
        self
    }

    /// The number of threads of the run, including the calling thread; 0 is the default of
    /// [`Model::set_threads`](crate::Model::set_threads). If this is not set, the run uses the threads of the model.
    /// After the run the model has its own number again.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Calls `on_step` after every step; [`ControlFlow::Break`] ends the run.
    ///
    /// On a GPU one launch makes many steps: `on_step` is called for them after the launch, and a break takes effect
    /// then. The callback of [`Trainer::fit_with`] also receives the model.
    pub fn on_step<C: CallbackResult>(
        mut self,
        mut on_step: impl FnMut(&StepInfo) -> C + 'a,
    ) -> Self {
        self.on_step = Some(Box::new(move |info| on_step(info).control_flow()));
        self
    }

    /// Makes [`Trainer::fit_with`] call its callback before the run, every `steps` steps and after the last step, in
    /// addition to the evaluations on held-out rows.
    ///
    /// On a GPU a launch ends at each call and the parameters are copied to the host; intervals of hundreds of steps
    /// cost little. With [`Trainer::ema`] each call copies the parameters three times.
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
            .field("state", &self.state)
            .field("save_every", &self.save_every)
            .field("progress", &self.progress)
            .field("stop_on_signals", &self.stop_on_signals)
            .field("threads", &self.threads)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}
