//! Training on GPUs: data, parameters and averages stay there; on one GPU many steps are one launch, several make each
//! step together.
//!
//! Enters: what the host decides for each step. Leaves: a record of each step. Must hold: how steps are divided among
//! launches changes no bit, and several GPUs hold the same bits.

use std::sync::Arc;

use super::arguments::{Record, Rule, Step, Training};
use super::compile::KernelRole;
#[cfg(feature = "nccl")]
use super::device_group::DeviceGroup;
use super::gpu::Gpu;
use super::rank::Rank;
use crate::backend::{Setting, StepState};
use crate::error::DeviceError;
use crate::program::Compiled;

/// A training run on a GPU, or on several.
pub(super) struct TrainingRun {
    /// The device group of several GPUs. It is dropped before the ranks, so that no GPU waits for one that is gone.
    #[cfg(feature = "nccl")]
    group: Option<DeviceGroup>,
    /// The state of each GPU.
    ranks: Vec<Rank>,
    /// The largest size of a loss so far, negative for none.
    largest: f32,
}

impl TrainingRun {
    /// Takes the state of a run and the data, rows of `dim` features, to the devices.
    pub(super) fn new(
        program: Compiled<f32>,
        gpus: &[Arc<Gpu>],
        setting: &Setting,
        rule: Rule,
        state: &StepState<f32>,
        data: &[f32],
        dim: usize,
    ) -> Result<Self, DeviceError> {
        let role = match gpus.len() {
            1 => KernelRole::Steps,
            _ => KernelRole::Share,
        };
        let batch = setting.batch.div_ceil(gpus.len().max(1));
        let ranks = gpus
            .iter()
            .map(|gpu| Rank::new(program, gpu, role, setting, rule, batch, state, data, dim))
            .collect::<Result<_, _>>()?;
        Ok(TrainingRun {
            #[cfg(feature = "nccl")]
            group: match gpus.len() {
                1 => None,
                _ => Some(DeviceGroup::new(gpus, state.params.len())?),
            },
            ranks,
            largest: state.largest_loss.map_or(-1.0, |loss| loss as f32),
        })
    }

    /// Makes steps, whose batches are ranges of `order`; a record of each, up to the first that was not sound.
    pub(super) fn steps(
        &mut self,
        steps: &[Step],
        order: &[i32],
    ) -> Result<Vec<Record>, DeviceError> {
        let mut records = vec![Record::default(); steps.len() + 1];
        records[0].largest = self.largest;
        let count = self.ranks.len();
        let trainings = self
            .ranks
            .iter_mut()
            .enumerate()
            .map(|(k, rank)| {
                let own: Vec<Step> = steps.iter().map(|step| step.share(k, count)).collect();
                rank.take(&own, order, &records)
            })
            .collect::<Result<Vec<_>, _>>()?;
        // SAFETY: the ranks took these last, and were made for these steps.
        unsafe { self.launch(&trainings, steps.len())? };
        let mut records = self.ranks[0].records(records.len())?;
        records.remove(0);
        if let Some(halt) = records.iter().position(|record| record.halted != 0) {
            records.truncate(halt + 1);
        }
        if let Some(last) = records.last() {
            self.largest = last.largest;
        }
        Ok(records)
    }

    /// # Safety
    /// The ranks took these last.
    unsafe fn launch(&self, trainings: &[Training], count: usize) -> Result<(), DeviceError> {
        #[cfg(feature = "nccl")]
        if let Some(group) = &self.group {
            // SAFETY: the caller's promise; the ranks were made for shares.
            return unsafe { group.steps(&self.ranks, trainings, count) };
        }
        debug_assert!(trainings.iter().all(|t| t.count as usize == count));
        for (rank, training) in self.ranks.iter().zip(trainings) {
            // SAFETY: the caller's promise; the one rank was made for steps.
            unsafe { rank.steps(training)? };
        }
        Ok(())
    }

    /// The parameters.
    pub(super) fn params(&self) -> Result<Vec<f32>, DeviceError> {
        self.same("parameter", Rank::params)
    }

    /// The last finite parameters: those at which the loss was last finite.
    pub(super) fn last_finite(&self) -> Result<Vec<f32>, DeviceError> {
        self.same("last finite parameter", Rank::last_finite)
    }

    /// The mean of the parameters.
    pub(super) fn mean(&self) -> Result<Vec<f32>, DeviceError> {
        self.same("mean parameter", Rank::mean)
    }

    /// The first averages of the update rule.
    pub(super) fn first(&self) -> Result<Vec<f32>, DeviceError> {
        self.same("mean gradient", Rank::first)
    }

    /// The second averages of the update rule; zeros if it has none.
    pub(super) fn second(&self) -> Result<Vec<f32>, DeviceError> {
        self.same("mean square", Rank::second)
    }

    /// The largest size of a loss so far.
    pub(super) fn largest_loss(&self) -> Option<f32> {
        (self.largest >= 0.0).then_some(self.largest)
    }

    /// A value that every GPU holds. Different bits on two GPUs are an error.
    fn same(
        &self,
        what: &'static str,
        read: impl Fn(&Rank) -> Result<Vec<f32>, DeviceError>,
    ) -> Result<Vec<f32>, DeviceError> {
        let first = read(&self.ranks[0])?;
        for other in &self.ranks[1..] {
            let values = read(other)?;
            let mut pairs = first.iter().zip(&values);
            if let Some(at) = pairs.position(|(a, b)| a.to_bits() != b.to_bits()) {
                let told = |rank: &Rank, value: f32| {
                    let bits = value.to_bits();
                    format!("{value:e} ({bits:#010x}) on cuda:{}", rank.gpu().index())
                };
                return Err(DeviceError::RanksDiffer {
                    what,
                    at,
                    first: told(&self.ranks[0], first[at]),
                    other: told(other, values[at]),
                });
            }
        }
        Ok(first)
    }
}
