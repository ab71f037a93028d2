//! Steps on a GPU: many a launch, told to the run one by one. Enters: a run's settings and data in the units of
//! training. Leaves: what each step saw, and after every launch the parameters on the host, so that all that a run does
//! between steps is as it is on the CPU.

use std::time::{Duration, Instant};

use ndarray::ArrayView2;

use super::batches::{Batches, Purpose};
use super::trainer::Trainer;
use super::{Objective, Optimizer};
use crate::cuda::{Gpu, Record, Rule, Session, Setting, Step};
use crate::directions::step_key;
use crate::error::Result;
use crate::program::Spec;
use crate::simd::Real;
use std::sync::Arc;

/// How long a launch may take: what waits for it, as Ctrl-C does, waits as long.
const LAUNCH: Duration = Duration::from_millis(100);
/// Steps of a launch at most.
const MOST_STEPS: u64 = 1024;

/// A run's steps on a GPU.
pub(super) struct DeviceSteps {
    session: Session,
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
    /// Takes parameters and data to the GPU.
    pub(super) fn new<S: Spec, T: Real>(
        gpu: &Arc<Gpu>,
        trainer: &Trainer<'_, T>,
        params: &[T],
        data: ArrayView2<'_, T>,
    ) -> Result<Self> {
        let setting = Setting {
            batch: trainer.batch.min(data.nrows()),
            rule: rule(&trainer.optimizer),
            clip: trainer.clip.unwrap_or(0.0) as f32,
            averaging: trainer.ema.map_or(0.0, |decay| (1.0 - decay) as f32),
            jitter: trainer.jitter as f32,
            directions: match trainer.objective {
                Objective::Ssm { directions, kind } | Objective::SsmVr { directions, kind } => {
                    Some((kind, directions))
                }
                _ => None,
            },
            sigma: match trainer.objective {
                Objective::Dsm { sigma } => sigma as f32,
                _ => 0.0,
            },
        };
        let (params, data) = (
            single(params),
            single(&data.iter().copied().collect::<Vec<_>>()),
        );
        let open = match trainer.objective {
            Objective::Esm => Session::new::<S::Esm>,
            Objective::Ssm { .. } => Session::new::<S::Ssm>,
            Objective::SsmVr { .. } => Session::new::<S::SsmVr>,
            Objective::Dsm { .. } => Session::new::<S::Dsm>,
        };
        Ok(DeviceSteps {
            session: open(gpu, &setting, &params, &data, S::DIM)?,
            optimizer: trainer.optimizer,
            seed: trainer.seed,
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
        let count = self.next.min(most);
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
                jitter_key: step_key(Purpose::Jitter.seed(self.seed), step),
                loss_key: step_key(Purpose::Directions.seed(self.seed), step),
                ..numbers
            });
            order.extend(rows.iter().map(|&row| row as i32));
        }
        let started = Instant::now();
        let records = self.session.steps(&steps, &order)?;
        if started.elapsed() < LAUNCH / 2 && count == self.next {
            self.next = (2 * self.next).min(MOST_STEPS);
        }
        let last = stretches[records.len().max(1) - 1].clone();
        let rows = order[last].iter().map(|&row| row as usize).collect();
        Ok(Launched { records, rows })
    }

    /// The session, for its parameters.
    pub(super) fn session(&self) -> &Session {
        &self.session
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
    let rate = optimizer.rate() * factor;
    let (adam, decay) = match optimizer {
        Optimizer::Adam(adam) => (adam, 0.0),
        Optimizer::AdamW(adamw) => (&adamw.adam, adamw.decay),
        Optimizer::Sgd(_) => {
            return Step {
                rate: rate as f32,
                ..Step::default()
            };
        }
    };
    let count = (step + 1) as f64;
    Step {
        rate: (rate / (1.0 - adam.beta1.powf(count))) as f32,
        root: (1.0 - adam.beta2.powf(count)).sqrt().recip() as f32,
        keep: (1.0 - rate * decay) as f32,
        ..Step::default()
    }
}

fn single<T: Real>(values: &[T]) -> Vec<f32> {
    values.iter().map(|&x| Real::to_f64(x) as f32).collect()
}
