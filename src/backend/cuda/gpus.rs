//! GPUs as a backend: a batch on the first of them, training on all.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::{ArrayView2, ArrayViewMut2};

use super::arguments::{Step, int};
use super::gpu::Gpu;
use super::rules::{numbers, rule};
use super::run::run;
use super::training::TrainingRun;
use crate::backend::seam::gpus;
use crate::backend::{
    Backend, Call, Phases, Place, Planned, Record, Resident, Setting, StepState, Steps,
};
use crate::error::Result;
use crate::optimizer::Optimizer;
use crate::program::Compiled;

/// How long a launch may take: what waits for it, as Ctrl-C does, waits as long.
const LAUNCH: Duration = Duration::from_millis(100);
/// Steps of a launch at most.
const MOST_STEPS: u64 = 1024;

/// At least one GPU; the first computes alone all that is not training.
#[derive(Clone)]
pub(super) struct Cuda(pub(super) Vec<Arc<Gpu>>);

impl Place for Cuda {
    fn single(&self) -> Box<dyn Backend<f32>> {
        Box::new(self.clone())
    }

    fn double(&self) -> Option<Box<dyn Backend<f64>>> {
        None
    }

    fn tf32(&self) -> Option<Arc<dyn Place>> {
        let tf32 = self.0.iter().map(|gpu| Arc::new(gpu.with_tf32()));
        Some(Arc::new(Cuda(tf32.collect())))
    }

    fn is_cpu(&self) -> bool {
        false
    }
}

impl fmt::Debug for Cuda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cuda").field(&self.0).finish()
    }
}

impl fmt::Display for Cuda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indices = self.0.iter().map(|gpu| gpu.index());
        write!(f, "{} ({})", gpus(indices), self.0[0].name())
    }
}

impl Backend<f32> for Cuda {
    fn evaluate(
        &self,
        program: Compiled<f32>,
        call: &Call<'_, '_, f32>,
        mut out: ArrayViewMut2<'_, f32>,
    ) -> Result<()> {
        let results = run(program, &self.0[0], call)?;
        for (to, from) in out.iter_mut().zip(results.out) {
            *to = from;
        }
        Ok(())
    }

    fn accumulate(
        &self,
        program: Compiled<f32>,
        call: &Call<'_, '_, f32>,
        read: &mut dyn FnMut(&[f32], Phases),
    ) -> Result<()> {
        let results = run(program, &self.0[0], call)?;
        read(&results.sums, Phases::default());
        Ok(())
    }

    fn resident(&self) -> Option<Box<dyn Resident<f32>>> {
        Some(Box::new(self.clone()))
    }

    fn another(&self) -> Box<dyn Backend<f32>> {
        Box::new(self.clone())
    }
}

impl Resident<f32> for Cuda {
    fn begin(
        &self,
        program: Compiled<f32>,
        setting: &Setting,
        state: &StepState<f32>,
        data: ArrayView2<'_, f32>,
    ) -> Result<Box<dyn Steps<f32>>> {
        let rows: Vec<f32> = data.iter().copied().collect();
        let rule = rule(&setting.optimizer);
        let run = TrainingRun::new(program, &self.0, setting, rule, state, &rows, data.ncols())?;
        Ok(Box::new(Launches {
            run,
            optimizer: setting.optimizer,
            batch: setting.batch,
            params: state.params.len(),
            next: 1,
        }))
    }
}

/// The launches of a training run.
struct Launches {
    run: TrainingRun,
    optimizer: Optimizer,
    /// Rows of a batch at most.
    batch: usize,
    params: usize,
    /// Steps of the next launch.
    next: u64,
}

impl Steps<f32> for Launches {
    fn most(&self) -> u64 {
        // Places in the order are numbers of 32 bits on the device.
        let limit = i32::MAX as u64 / self.batch as u64;
        self.next.min(limit.max(1))
    }

    fn make(&mut self, planned: &[Planned], order: &[usize]) -> Result<Vec<Record>> {
        let mut start = 0;
        let mut steps = Vec::with_capacity(planned.len());
        for step in planned {
            let rows = int(step.rows)?;
            steps.push(Step {
                start,
                batch: rows,
                whole: rows,
                jitter_key: step.jitter_key,
                loss_key: step.loss_key,
                ..numbers(&self.optimizer, step.step, step.factor)
            });
            start += rows;
        }
        let order: Vec<i32> = order.iter().map(|&row| row as i32).collect();
        let started = Instant::now();
        let records = self.run.steps(&steps, &order)?;
        if started.elapsed() < LAUNCH / 2 && planned.len() as u64 == self.next {
            self.next = (2 * self.next).min(MOST_STEPS);
        }
        let records = records.iter().map(|record| Record {
            loss: f64::from(record.loss),
            gradient_norm: f64::from(record.norm),
            sound: record.halted == 0,
        });
        Ok(records.collect())
    }

    fn params(&self) -> Result<Vec<f32>> {
        Ok(self.run.params()?)
    }

    fn last_finite(&self) -> Result<Vec<f32>> {
        Ok(self.run.last_finite()?)
    }

    fn mean(&self) -> Result<Vec<f32>> {
        Ok(self.run.mean()?)
    }

    fn averages(&self) -> Result<[Vec<f32>; 2]> {
        let mut second = self.run.second()?;
        second.truncate(self.optimizer.mean_squares(self.params));
        Ok([self.run.first()?, second])
    }

    fn largest_loss(&self) -> Option<f64> {
        self.run.largest_loss().map(f64::from)
    }
}
