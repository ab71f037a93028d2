//! The settings that determine what a run computes, as values: all settings of a [`Trainer`](super::Trainer) except
//! rows, files, callbacks and the machine. Invariant: two runs with equal settings on the same rows and machine give
//! the same bits.

use serde::{Deserialize, Serialize};

use super::batches::Batching;
use super::{Adam, Estimator, Objective, Optimizer, Schedule, Shuffle};
use crate::data::{Guard, Standardization};
use crate::error::{Error, Result};
use crate::setting::{at_least, positive, within};

/// Draws of noise for each held-out row at most: more of them would end no evaluation.
const MOST_DRAWS: usize = 1_000_000;

/// The settings of a run. [`Trainer`](super::Trainer) has a method for each, whose documentation has the details.
///
/// Settings can be compared, and stored together with a trained model. A setting that is absent from a file has its
/// default:
///
/// ```
/// use scorematch::train::{Settings, Trainer};
///
/// let stored = r#"{ "objective": "ssm:4", "optimizer": { "adam": { "learning_rate": 0.003 } }, "seed": 7 }"#;
/// let settings: Settings = serde_json::from_str(stored).expect("the settings are well formed");
/// let trainer = Trainer::<f32>::from(settings.clone()).batch(64);
/// assert_eq!(trainer.settings().seed, 7);
/// assert_ne!(trainer.settings(), &settings);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The objective that is minimised; [`Objective::esm`] by default.
    pub objective: Objective,
    /// The update rule; [`Adam`] with its defaults by default.
    pub optimizer: Optimizer,
    /// The factor on the learning rate over the run; constant 1 by default.
    pub schedule: Schedule,
    /// The length of the run; 100 epochs by default.
    pub length: Length,
    /// Samples per step; 128 by default.
    pub batch: usize,
    /// Whether each epoch ends with a shorter batch of the remaining rows.
    pub keep_short_last: bool,
    /// How the rows are shuffled; all together by default.
    pub shuffle: Shuffle,
    /// The seed of the order of the data, the jitter and the directions; 0 by default.
    pub seed: u64,
    /// Standard deviation of the noise that is added to every sample, in the units of the model's input; 0 by default.
    pub jitter: f64,
    /// The largest gradient norm: longer gradients are scaled down to it.
    pub clip: Option<f64>,
    /// Decay of the moving average of the parameters, in [0, 1).
    pub ema: Option<f64>,
    /// Number of steps between evaluations on held-out rows.
    pub evaluate_every: Option<u64>,
    /// Standard deviation of the noise on held-out rows, in the units of the model's input; that of training by
    /// default.
    pub held_out_noise: Option<f64>,
    /// Draws of noise per held-out row; by default the smallest number that gives 1024 noisy rows, at most 16.
    pub held_out_draws: Option<usize>,
    /// How the losses of held-out rows are combined; [`Estimator::Mean`] by default.
    pub held_out_estimator: Option<Estimator>,
    /// The number of standard errors of the difference by which an evaluation must be better to be an improvement; 1 by
    /// default.
    pub min_improvement: Option<f64>,
    /// The number of consecutive evaluations without improvement after which the run ends.
    pub patience: Option<u64>,
    /// The units of training.
    pub units: Units,
    /// How data that misleads a model is handled.
    pub data_guard: Guard,
    /// Number of steps between calls of the observer.
    pub observe_every: Option<u64>,
}

/// The length of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Length {
    /// A number of passes over the data, see [`Trainer::epochs`](super::Trainer::epochs).
    Epochs(u64),
    /// A number of updates.
    Steps(u64),
}

/// The units of training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Units {
    /// The units of the data.
    #[default]
    Data,
    /// Units in which each column of the data has zero mean and unit standard deviation.
    Fitted,
    /// The given units: one mean and one standard deviation per column.
    Given(Standardization),
    /// The given units, which the rows already have.
    Converted(Standardization),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            objective: Objective::esm(),
            optimizer: Adam::default().into(),
            schedule: Schedule::constant(),
            length: Length::Epochs(100),
            batch: 128,
            keep_short_last: false,
            shuffle: Shuffle::Rows,
            seed: 0,
            jitter: 0.0,
            clip: None,
            ema: None,
            evaluate_every: None,
            held_out_noise: None,
            held_out_draws: None,
            held_out_estimator: None,
            min_improvement: None,
            patience: None,
            units: Units::Data,
            data_guard: Guard::default(),
            observe_every: None,
        }
    }
}

impl Settings {
    /// The number of steps of a run on so many training rows, at least one.
    #[must_use]
    pub fn steps(&self, rows: usize) -> u64 {
        match self.length {
            Length::Steps(steps) => steps,
            Length::Epochs(epochs) => self.batching().steps(epochs, rows),
        }
    }

    /// How a run takes its batches.
    pub(super) fn batching(&self) -> Batching {
        Batching {
            size: self.batch,
            keep_short_last: self.keep_short_last,
            shuffle: self.shuffle,
            jitter: self.jitter,
            seed: self.seed,
        }
    }

    /// Checks that every setting is in its range. `held_out`: whether there are held-out rows.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] with the setting and its range.
    pub(super) fn check(&self, held_out: bool) -> Result<()> {
        self.objective.check()?;
        self.optimizer.check()?;
        self.schedule.check()?;
        self.shuffle.check()?;
        within("the jitter", self.jitter, 0.0, f64::INFINITY)?;
        if let Some(norm) = self.clip {
            positive("the gradient norm to clip at", norm)?;
        }
        if let Some(decay) = self.ema {
            within("the decay of the moving average", decay, 0.0, 1.0)?;
        }
        let (Length::Epochs(length) | Length::Steps(length)) = self.length;
        at_least(1, "the length of the run", length)?;
        at_least(1, "the batch", self.batch as u64)?;
        if let Some(every) = self.observe_every {
            at_least(1, "the interval between calls of the observer", every)?;
        }
        self.check_held_out(held_out)
    }

    /// Checks the settings of held-out rows: each must be in its range, and there must be held-out rows if any is set.
    fn check_held_out(&self, held_out: bool) -> Result<()> {
        let text = |setting: Option<f64>| setting.map(|value| value.to_string());
        let count = |setting: Option<u64>| setting.map(|value| value.to_string());
        let settings = [
            (
                "the interval between evaluations",
                count(self.evaluate_every),
            ),
            ("the noise on held-out rows", text(self.held_out_noise)),
            (
                "the number of draws for each held-out row",
                count(self.held_out_draws.map(|draws| draws as u64)),
            ),
            (
                "the estimator over held-out rows",
                self.held_out_estimator
                    .map(|estimator| estimator.to_string()),
            ),
            ("the least improvement", text(self.min_improvement)),
            ("the patience", count(self.patience)),
        ];
        let [every, noise, draws, _, least, patience] = settings.each_ref().map(|(name, _)| *name);
        if let Some(value) = self.evaluate_every {
            at_least(1, every, value)?;
        }
        if let Some(value) = self.held_out_noise {
            within(noise, value, 0.0, f64::INFINITY)?;
        }
        if let Some(value) = self.held_out_draws {
            at_least(1, draws, value as u64)?;
            if value > MOST_DRAWS {
                return Err(Error::InvalidSetting {
                    setting: draws,
                    found: value.to_string(),
                    expected: format!("it must be at most {MOST_DRAWS}"),
                });
            }
        }
        if let Some(value) = self.min_improvement {
            within(least, value, 0.0, f64::INFINITY)?;
        }
        if let Some(value) = self.patience {
            at_least(1, patience, value)?;
        }
        if held_out && self.evaluate_every.is_none() {
            return Err(Error::InvalidSetting {
                setting: every,
                found: "not given".to_owned(),
                expected: "say after how many steps held-out rows are evaluated, with `validation`"
                    .to_owned(),
            });
        }
        for (setting, found) in settings {
            match found {
                Some(found) if !held_out => {
                    return Err(Error::InvalidSetting {
                        setting,
                        found,
                        expected:
                            "it is of no use without held-out rows: give some with `validation`"
                                .to_owned(),
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{AdamW, Sgd, Trainer};

    /// Settings that all differ from their defaults.
    fn changed() -> Settings {
        let units = Standardization::new(vec![0.1, -7.0], vec![1.0 / 3.0, 1e5]).unwrap();
        Trainer::<f64>::new(Objective::ssm_vr(3))
            .optimizer(AdamW::new(3e-3, 0.1).betas(0.8, 0.99))
            .schedule(Schedule::cosine().floor(0.1).warm_up(7))
            .steps(12)
            .batch(5)
            .keep_short_last(true)
            .shuffle(Shuffle::Blocks { rows: 8, window: 3 })
            .seed(u64::MAX)
            .jitter(0.1)
            .clip(2.0)
            .ema(0.9)
            .validation(ndarray::Array2::zeros((3, 2)), 4)
            .held_out_noise(0.3)
            .held_out_draws(2)
            .held_out_estimator(Estimator::Trimmed(0.1))
            .min_improvement(0.5)
            .patience(6)
            .standardization(units)
            .data_guard(Guard::Error)
            .observe_every(9)
            .settings()
            .clone()
    }

    #[test]
    fn stored_and_read_to_the_last_bit() {
        let text = serde_json::to_string(&changed()).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), changed());
        assert!(text.contains("\"ssm_vr:3\"") && text.contains("\"learning_rate\":0.003"));
        assert_eq!(
            serde_json::from_str::<Settings>("{}").unwrap(),
            Settings::default()
        );
    }

    /// Fails if a setting is added to [`Settings`] but not to `changed`.
    #[test]
    fn no_setting_is_left_out_of_these_tests() {
        let object = |settings: &Settings| serde_json::to_value(settings).unwrap();
        let (changed, default) = (object(&changed()), object(&Settings::default()));
        for (name, value) in default.as_object().unwrap() {
            assert_ne!(&changed[name], value, "{name}");
        }
    }

    #[test]
    fn files_that_are_not_settings() {
        for (text, expected) in [
            (r#"{"learning_rate":0.1}"#, "unknown field"),
            (r#"{"objective":"ssm:0"}"#, "must be at least 1"),
            (
                r#"{"units":{"given":{"mean":[0],"std":[0]}}}"#,
                "deviations",
            ),
        ] {
            let error = serde_json::from_str::<Settings>(text).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        let sgd = Settings {
            optimizer: Sgd::new(0.1, 0.9).nesterov(true).into(),
            ..Settings::default()
        };
        let text = serde_json::to_string(&sgd.optimizer).unwrap();
        assert_eq!(
            serde_json::from_str::<Optimizer>(&text).unwrap(),
            sgd.optimizer
        );
    }
}
