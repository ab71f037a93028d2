//! Settings of the trainer and of the machine as flags.

use std::str::FromStr;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use scorematch::data::Guard;
use scorematch::train::{
    Adam, AdamW, Estimator, Length, Objective, Optimizer, Schedule, Settings as Training, Sgd,
};

use super::Settings;

/// What is computed: flags of a new run alone.
#[derive(Args, Clone, Debug, Default)]
pub struct ObjectiveFlags {
    /// The objective: esm, ssm:4, ssm_vr:2:sphere, dsm:0.1
    #[arg(long, help_heading = "Training")]
    pub objective: Option<Objective>,
    /// The update rule
    #[arg(long, value_enum, help_heading = "Training")]
    pub optimizer: Option<Rule>,
    /// Samples a step
    #[arg(long, help_heading = "Training")]
    pub batch: Option<usize>,
    /// End each epoch with a shorter batch of the rows that are left
    #[arg(long, help_heading = "Training")]
    pub keep_short_last: bool,
    /// Of the parameters, the split, the order of the data, the jitter and the directions
    #[arg(long, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64), help_heading = "Training")]
    pub seed: Option<u64>,
    /// Standard deviation of the noise that blurs rounded data, in the units of training
    #[arg(long, help_heading = "Training")]
    pub jitter: Option<f64>,
    /// Decay of a moving average of the parameters, which is what is judged and kept
    #[arg(long, help_heading = "Training")]
    pub ema: Option<f64>,
    /// Steps between evaluations of held-out rows; a fiftieth of the run by default
    #[arg(long, value_name = "STEPS", help_heading = "Held-out rows")]
    pub evaluate_every: Option<u64>,
    /// Standard deviation of the noise on held-out rows; that of training by default
    #[arg(long, value_name = "STD", help_heading = "Held-out rows")]
    pub held_out_noise: Option<f64>,
    /// Draws of noise for each held-out row
    #[arg(long, value_name = "N", help_heading = "Held-out rows")]
    pub held_out_draws: Option<usize>,
    /// How the losses of held-out rows are combined: mean, trimmed:0.05, median_of_means:5
    #[arg(long, value_name = "HOW", value_parser = estimator, help_heading = "Held-out rows")]
    pub held_out_estimator: Option<Estimator>,
    /// Standard errors by which an evaluation must be better to count
    #[arg(long, value_name = "N", help_heading = "Held-out rows")]
    pub min_improvement: Option<f64>,
    /// What to do about rows that repeat, values on few levels and outliers
    #[arg(long, value_enum, help_heading = "Data")]
    pub data_guard: Option<DataGuard>,
}

/// How far and how fast: flags of a new run and of one that is resumed.
#[derive(Args, Clone, Debug, Default)]
pub struct ProgressFlags {
    /// Length of the run in updates
    #[arg(long, conflicts_with = "epochs", help_heading = "Training")]
    pub steps: Option<u64>,
    /// Length of the run in passes over the data
    #[arg(long, help_heading = "Training")]
    pub epochs: Option<u64>,
    /// Learning rate at its height
    #[arg(long, help_heading = "Training")]
    pub learning_rate: Option<f64>,
    /// How the learning rate falls over the run
    #[arg(long, value_enum, help_heading = "Training")]
    pub schedule: Option<Decay>,
    /// The last learning rate of a cosine, as a fraction of the full one
    #[arg(long, help_heading = "Training")]
    pub floor: Option<f64>,
    /// Steps over which the learning rate rises at the start
    #[arg(long, value_name = "STEPS", help_heading = "Training")]
    pub warm_up: Option<u64>,
    /// Scale longer gradients down to this norm
    #[arg(long, value_name = "NORM", help_heading = "Training")]
    pub clip: Option<f64>,
    /// Decay of the mean gradient (Adam)
    #[arg(long, help_heading = "Training")]
    pub beta1: Option<f64>,
    /// Decay of the mean square (Adam)
    #[arg(long, help_heading = "Training")]
    pub beta2: Option<f64>,
    /// Added to the root of the mean square (Adam)
    #[arg(long, help_heading = "Training")]
    pub epsilon: Option<f64>,
    /// Decay of the parameters (AdamW)
    #[arg(long, help_heading = "Training")]
    pub weight_decay: Option<f64>,
    /// Decay of the summed gradients (SGD)
    #[arg(long, help_heading = "Training")]
    pub momentum: Option<f64>,
    /// Nesterov's form of the momentum (SGD)
    #[arg(long, help_heading = "Training")]
    pub nesterov: Option<bool>,
    /// End after so many evaluations without improvement
    #[arg(long, value_name = "EVALUATIONS", help_heading = "Held-out rows")]
    pub patience: Option<u64>,
}

/// What it runs on and what it writes: these change no number.
#[derive(Args, Clone, Debug, Default)]
pub struct MachineFlags {
    /// Threads; 0 for all cores
    #[arg(long, help_heading = "Machine")]
    pub threads: Option<usize>,
    /// What to compute on: cpu, a GPU as cuda:0, or several that train together as cuda:0,1
    #[arg(long, help_heading = "Machine")]
    pub device: Option<String>,
    /// Seconds between two checkpoints
    #[arg(long, value_name = "SECONDS", help_heading = "Machine")]
    pub checkpoint_every: Option<f64>,
    /// Write an event file for TensorBoard too
    #[arg(long, help_heading = "Machine")]
    pub tensorboard: bool,
    /// Draw no progress bar
    #[arg(long, help_heading = "Machine")]
    pub no_progress: bool,
    /// Write no report.html and no pictures
    #[arg(long, help_heading = "Machine")]
    pub no_report: bool,
}

/// An update rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rule {
    /// Adam
    Adam,
    /// Adam with decoupled weight decay
    Adamw,
    /// Gradient descent with momentum
    Sgd,
}

/// How the learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Decay {
    /// Not at all
    Constant,
    /// Along half a cosine
    Cosine,
}

/// What to do about findings in the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DataGuard {
    /// Say so
    Warn,
    /// End before training
    Error,
    /// Do not look
    Silent,
}

fn estimator(text: &str) -> Result<Estimator> {
    fn number<N: FromStr>(name: &str, text: &str) -> Result<N> {
        let unreadable = || anyhow::anyhow!("{name} takes a number behind the colon, not {text:?}");
        text.parse().map_err(|_| unreadable())
    }
    Ok(match text.split_once(':') {
        None if text == "mean" => Estimator::Mean,
        Some((name @ "trimmed", part)) => Estimator::Trimmed(number(name, part)?),
        Some((name @ "median_of_means", groups)) => Estimator::MedianOfMeans(number(name, groups)?),
        _ => bail!("write mean, trimmed:0.05 or median_of_means:5"),
    })
}

/// Replaces a value by one that is given.
fn set<V: Clone>(value: &mut V, given: &Option<V>) {
    if let Some(given) = given {
        value.clone_from(given);
    }
}

/// Replaces an optional value by one that is given.
fn set_some<V: Clone>(value: &mut Option<V>, given: &Option<V>) {
    if given.is_some() {
        value.clone_from(given);
    }
}

impl ObjectiveFlags {
    /// Puts the flags that are given over settings.
    pub fn apply(&self, settings: &mut Training) {
        let ObjectiveFlags {
            objective,
            optimizer,
            batch,
            keep_short_last,
            seed,
            jitter,
            ema,
            evaluate_every,
            held_out_noise,
            held_out_draws,
            held_out_estimator,
            min_improvement,
            data_guard,
        } = self;
        set(&mut settings.objective, objective);
        let learning_rate = settings.optimizer.learning_rate();
        match (optimizer, settings.optimizer) {
            (None, _)
            | (Some(Rule::Adam), Optimizer::Adam(_))
            | (Some(Rule::Adamw), Optimizer::AdamW(_))
            | (Some(Rule::Sgd), Optimizer::Sgd(_)) => {}
            (Some(Rule::Adam), _) => settings.optimizer = Adam::new(learning_rate).into(),
            (Some(Rule::Adamw), _) => settings.optimizer = AdamW::new(learning_rate, 0.01).into(),
            (Some(Rule::Sgd), _) => settings.optimizer = Sgd::new(learning_rate, 0.9).into(),
        }
        set(&mut settings.batch, batch);
        settings.keep_short_last |= keep_short_last;
        set(&mut settings.seed, seed);
        set(&mut settings.jitter, jitter);
        set_some(&mut settings.ema, ema);
        set_some(&mut settings.evaluate_every, evaluate_every);
        set_some(&mut settings.held_out_noise, held_out_noise);
        set_some(&mut settings.held_out_draws, held_out_draws);
        set_some(&mut settings.held_out_estimator, held_out_estimator);
        set_some(&mut settings.min_improvement, min_improvement);
        if let Some(guard) = data_guard {
            settings.data_guard = match guard {
                DataGuard::Warn => Guard::Warn,
                DataGuard::Error => Guard::Error,
                DataGuard::Silent => Guard::Silent,
            };
        }
    }
}

impl ProgressFlags {
    /// Puts the flags that are given over settings.
    ///
    /// # Errors
    /// A flag is of another update rule than the run has.
    pub fn apply(&self, settings: &mut Training) -> Result<()> {
        let ProgressFlags {
            steps,
            epochs,
            learning_rate,
            schedule,
            floor,
            warm_up,
            clip,
            beta1,
            beta2,
            epsilon,
            weight_decay,
            momentum,
            nesterov,
            patience,
        } = self;
        if let Some(steps) = steps {
            settings.length = Length::Steps(*steps);
        }
        if let Some(epochs) = epochs {
            settings.length = Length::Epochs(*epochs);
        }
        match schedule {
            None => {}
            Some(Decay::Constant) => settings.schedule = Schedule::constant(),
            Some(Decay::Cosine) => settings.schedule = Schedule::cosine(),
        }
        if let Some(floor) = floor {
            settings.schedule = settings.schedule.floor(*floor);
        }
        if let Some(steps) = warm_up {
            settings.schedule = settings.schedule.warm_up(*steps);
        }
        set_some(&mut settings.clip, clip);
        set_some(&mut settings.patience, patience);
        let adam_flags = [beta1, beta2, epsilon].iter().any(|flag| flag.is_some());
        let sgd_flags = momentum.is_some() || nesterov.is_some();
        let of_adam = |adam: &mut Adam| {
            set(&mut adam.learning_rate, learning_rate);
            set(&mut adam.beta1, beta1);
            set(&mut adam.beta2, beta2);
            set(&mut adam.epsilon, epsilon);
        };
        match &mut settings.optimizer {
            Optimizer::Adam(adam) if !sgd_flags && weight_decay.is_none() => of_adam(adam),
            Optimizer::AdamW(adamw) if !sgd_flags => {
                of_adam(&mut adamw.adam);
                set(&mut adamw.decay, weight_decay);
            }
            Optimizer::Sgd(sgd) if !adam_flags && weight_decay.is_none() => {
                set(&mut sgd.learning_rate, learning_rate);
                set(&mut sgd.momentum, momentum);
                set(&mut sgd.nesterov, nesterov);
            }
            _ => bail!(
                "--beta1, --beta2 and --epsilon are of adam and adamw, --weight-decay is of adamw, --momentum and \
                 --nesterov are of sgd: choose the rule with --optimizer"
            ),
        }
        Ok(())
    }
}

impl MachineFlags {
    /// Puts the flags that are given over settings.
    pub fn apply(&self, settings: &mut Settings) {
        let MachineFlags {
            threads,
            device,
            checkpoint_every,
            tensorboard,
            no_progress: _,
            no_report: _,
        } = self;
        set(&mut settings.threads, threads);
        set(&mut settings.device, device);
        set(&mut settings.checkpoint_every, checkpoint_every);
        settings.tensorboard |= tensorboard;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        objective: ObjectiveFlags,
        #[command(flatten)]
        progress: ProgressFlags,
    }

    fn applied(arguments: &str) -> Result<Training> {
        let flags = Flags::try_parse_from(arguments.split(' '))?;
        let mut settings = Training::default();
        flags.objective.apply(&mut settings);
        flags.progress.apply(&mut settings)?;
        Ok(settings)
    }

    #[test]
    fn flags_win() {
        let settings = applied(
            "train --objective ssm:3 --optimizer sgd --momentum 0.5 --learning-rate 0.1 --steps 7 --schedule cosine \
             --warm-up 3 --held-out-estimator trimmed:0.1 --patience 4",
        )
        .unwrap();
        assert_eq!(settings.objective, Objective::ssm(3));
        assert_eq!(settings.optimizer, Sgd::new(0.1, 0.5).into());
        assert_eq!(settings.length, Length::Steps(7));
        assert_eq!(settings.schedule, Schedule::cosine().warm_up(3));
        assert_eq!(settings.held_out_estimator, Some(Estimator::Trimmed(0.1)));
        assert_eq!(settings.patience, Some(4));
    }

    #[test]
    fn flags_of_another_rule_are_told() {
        for text in [
            "t --optimizer sgd --beta1 0.5",
            "t --momentum 0.5",
            "t --weight-decay 0.1",
        ] {
            let message = applied(text).unwrap_err().to_string();
            assert!(message.contains("--optimizer"), "{message}");
        }
        assert!(applied("t --held-out-estimator trimmed:x").is_err());
        assert!(applied("t --seed 18446744073709551615").is_err());
    }
}
