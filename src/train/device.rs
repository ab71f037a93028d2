//! Steps on a GPU, or on several: many a launch, told to the run one by one. Enters: a run's settings and data in the
//! units of training. Leaves: what each step saw, and after every launch the parameters on the host, so that all that a
//! run does between steps is as it is on the CPU.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;

use super::batches::Batches;
use super::progress::Progress;
use super::run::Run;
use super::{Divergence, Optimizer, Settings, non_finite};
use crate::cuda::{Gpu, Record, Rule, Setting, Step, TrainingRun};
use crate::directions::{Purpose, step_key};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;

/// How long a launch may take: what waits for it, as Ctrl-C does, waits as long.
const LAUNCH: Duration = Duration::from_millis(100);
/// Steps of a launch at most.
const MOST_STEPS: u64 = 1024;

/// A run's steps on GPUs.
pub(super) struct DeviceSteps {
    run: TrainingRun,
    optimizer: Optimizer,
    seed: u64,
    /// Steps of the next launch.
    next: u64,
}

/// What a launch did.
pub(super) struct Launched {
    /// A record of each step, the last of which may be unsound.
    pub(super) records: Vec<Record>,
    /// The rows of the last step's batch.
    pub(super) rows: Vec<usize>,
}

impl DeviceSteps {
    /// Takes parameters and data to the GPUs.
    pub(super) fn new<S: Spec, T: Real>(
        gpus: &[Arc<Gpu>],
        settings: &Settings,
        params: &[T],
        data: ArrayView2<'_, T>,
    ) -> Result<Self> {
        let setting = Setting {
            batch: settings.batch.min(data.nrows()),
            rule: rule(&settings.optimizer),
            clip: settings.clip.unwrap_or(0.0) as f32,
            averaging: settings.ema.map_or(0.0, |decay| (1.0 - decay) as f32),
            jitter: settings.jitter as f32,
            directions: settings.objective.directions(),
            sigma: settings.objective.noise() as f32,
        };
        let (params, data) = (
            single(params),
            single(&data.iter().copied().collect::<Vec<_>>()),
        );
        let objective = settings.objective.name();
        let program = S::loss::<f32>(objective).ok_or(Error::ObjectiveNotCompiled {
            model: S::NAME,
            objective,
        })?;
        Ok(DeviceSteps {
            run: TrainingRun::new(program, gpus, &setting, &params, &data, S::DIM)?,
            optimizer: settings.optimizer,
            seed: settings.seed,
            next: 1,
        })
    }

    /// Makes steps from `first` on, `most` at most, at `factor(step)` times the learning rate.
    pub(super) fn launch<T: Real>(
        &mut self,
        batches: &mut Batches<T>,
        first: u64,
        most: u64,
        factor: impl Fn(u64) -> f64,
    ) -> Result<Launched> {
        // Places in the order are numbers of 32 bits on the device.
        let room = i32::MAX as u64 / batches.size() as u64;
        let count = self.next.min(most).min(room.max(1));
        let (mut steps, mut order) = (Vec::new(), Vec::new());
        let mut stretches = Vec::new();
        for step in first..first + count {
            batches.advance_rows();
            let rows = batches.rows();
            stretches.push(order.len()..order.len() + rows.len());
            let numbers = numbers(&self.optimizer, step, factor(step));
            steps.push(Step {
                start: order.len() as i32,
                batch: rows.len() as i32,
                whole: rows.len() as i32,
                jitter_key: step_key(Purpose::Jitter.seed(self.seed, 0), step),
                loss_key: step_key(Purpose::Directions.seed(self.seed, 0), step),
                ..numbers
            });
            order.extend(rows.iter().map(|&row| row as i32));
        }
        let started = Instant::now();
        let records = self.run.steps(&steps, &order)?;
        if started.elapsed() < LAUNCH / 2 && count == self.next {
            self.next = (2 * self.next).min(MOST_STEPS);
        }
        let last = stretches[records.len().max(1) - 1].clone();
        let rows = order[last].iter().map(|&row| row as usize).collect();
        Ok(Launched { records, rows })
    }

    /// The run on the device, for its parameters.
    pub(super) fn run(&self) -> &TrainingRun {
        &self.run
    }
}

impl<S: Spec, T: Real> Run<'_, '_, S, T> {
    /// Some steps on the GPU; where they diverged, if they did. The parameters are the model's afterwards.
    pub(super) fn launch(
        &mut self,
        model: &mut Model<S, T>,
        progress: &mut Progress,
        most: u64,
    ) -> Result<Option<Divergence>> {
        let device = match (&mut self.device, model.device().gpus()) {
            (Some(device), _) => device,
            (None, []) => return Ok(None),
            (none, gpus) => {
                let data = self.batches.data();
                none.insert(DeviceSteps::new::<S, T>(
                    gpus,
                    &self.trainer.settings,
                    model.params(),
                    data,
                )?)
            }
        };
        let (first, total) = (self.report.steps(), self.total);
        let started = Instant::now();
        let schedule = self.trainer.settings.schedule;
        let launched = device.launch(&mut self.batches, first, most, |step| {
            schedule.factor(step, total)
        })?;
        let run = device.run();
        let own = |values: Vec<f32>| values.into_iter().map(|x| T::of(f64::from(x))).collect();
        let (params, good, mean): (Vec<T>, Vec<T>, Vec<T>) =
            (own(run.params()?), own(run.good()?), own(run.mean()?));
        let sound = launched.records.iter().filter(|r| r.halted == 0).count() as u64;
        model.params_mut().copy_from_slice(&params);
        self.stepper.take_over(sound, good, mean);
        let each = started.elapsed().as_secs_f64() / launched.records.len().max(1) as f64;
        for record in &launched.records {
            self.report.seconds += each;
            let seen = super::Step {
                loss: f64::from(record.loss),
                gradient_norm: f64::from(record.norm),
            };
            if record.halted == 0 {
                self.tell(seen, progress)?;
                continue;
            }
            let step = self.report.steps();
            let (what, value) = if seen.gradient_norm.is_finite() || !seen.loss.is_finite() {
                ("the loss", seen.loss)
            } else {
                ("the norm of the gradient", seen.gradient_norm)
            };
            let rows = launched.rows;
            let samples = self.batches.samples_of(step, &rows, model.team()?);
            let seed = Purpose::Directions.seed(self.trainer.settings.seed, 0);
            let loss = self.trainer.settings.objective.loss(seed, step);
            let cause = non_finite::find(model, samples.view(), &loss, value.is_finite());
            self.stepper.restore(model);
            return Ok(Some(self.divergence(
                step,
                rows,
                what.to_owned(),
                value,
                cause,
            )));
        }
        Ok(None)
    }
}

fn rule(optimizer: &Optimizer) -> Rule {
    match optimizer {
        Optimizer::Adam(adam) => of_adam(adam),
        Optimizer::AdamW(adamw) => of_adam(&adamw.adam),
        Optimizer::Sgd(sgd) => Rule {
            kind: if sgd.nesterov { 2 } else { 1 },
            beta1: sgd.momentum as f32,
            ..Rule::default()
        },
    }
}

fn of_adam(adam: &super::Adam) -> Rule {
    Rule {
        kind: 0,
        beta1: adam.beta1 as f32,
        rest1: (1.0 - adam.beta1) as f32,
        beta2: adam.beta2 as f32,
        rest2: (1.0 - adam.beta2) as f32,
        epsilon: adam.epsilon as f32,
    }
}

/// The numbers of the rule at a step, from 0.
fn numbers(optimizer: &Optimizer, step: u64, factor: f64) -> Step {
    let learning_rate = optimizer.learning_rate() * factor;
    let (adam, decay) = match optimizer {
        Optimizer::Adam(adam) => (adam, 0.0),
        Optimizer::AdamW(adamw) => (&adamw.adam, adamw.decay),
        Optimizer::Sgd(_) => {
            return Step {
                rate: learning_rate as f32,
                ..Step::default()
            };
        }
    };
    let count = (step + 1) as f64;
    Step {
        rate: (learning_rate / (1.0 - adam.beta1.powf(count))) as f32,
        root: (1.0 - adam.beta2.powf(count)).sqrt().recip() as f32,
        keep: (1.0 - learning_rate * decay) as f32,
        ..Step::default()
    }
}

fn single<T: Real>(values: &[T]) -> Vec<f32> {
    values.iter().map(|&x| Real::to_f64(x) as f32).collect()
}
