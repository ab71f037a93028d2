//! Training on GPUs: data, parameters and averages stay there; on one GPU many steps are one launch, several make each
//! step together.
//!
//! Enters: what the host decides for each step. Leaves: a record of each step. Must hold: how steps are divided among
//! launches changes no bit, and several GPUs hold the same bits.

use std::sync::Arc;

use cudarc::driver::{DeviceRepr, ValidAsZeroBits};

use super::gpu::{Gpu, Purpose};
#[cfg(feature = "nccl")]
use super::joint::Joint;
use super::rank::Rank;
use crate::device::DeviceError;
use crate::directions::Directions;
use crate::program::Compiled;

/// What the host decides for one step: `Step` of `kernels/cuda/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Step {
    /// Where the batch starts in the order that comes with the steps.
    pub(crate) start: i32,
    /// Its samples.
    pub(crate) batch: i32,
    /// Which they are of the whole batch: the first, and how many there are in all.
    pub(crate) first: i32,
    pub(crate) whole: i32,
    /// Keys of the step's random numbers.
    pub(crate) jitter_key: [u32; 2],
    pub(crate) loss_key: [u32; 2],
    /// Adam: rate / (1 − β₁ᵗ); gradient descent: the rate.
    pub(crate) rate: f32,
    /// Adam: 1/√(1 − β₂ᵗ).
    pub(crate) root: f32,
    /// Adam: 1 − rate·decay.
    pub(crate) keep: f32,
}

impl Step {
    /// The share of a step that GPU `rank` of `ranks` has; none where there are fewer samples than GPUs.
    fn share(self, rank: usize, ranks: usize) -> Step {
        // Two numbers of 32 bits multiply to one of 64, and the quotient is no greater than the first.
        let cut = |k: usize| (self.whole as u64 * k as u64 / ranks as u64) as i32;
        Step {
            start: self.start + cut(rank),
            batch: cut(rank + 1) - cut(rank),
            first: cut(rank),
            ..self
        }
    }
}

/// What one step saw: `Record` of `kernels/cuda/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Record {
    pub(crate) loss: f32,
    /// ‖∇loss‖ before clipping.
    pub(crate) norm: f32,
    /// The largest size of a loss so far, negative for none.
    largest: f32,
    /// Whether this step was not sound, and made no update.
    pub(crate) halted: i32,
}

/// `Training` of `kernels/cuda/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Training {
    pub(super) data: u64,
    pub(super) order: u64,
    pub(super) steps: u64,
    pub(super) records: u64,
    pub(super) x: u64,
    pub(super) v: u64,
    pub(super) directions: u64,
    pub(super) room: u64,
    pub(super) params: u64,
    pub(super) good: u64,
    pub(super) first: u64,
    pub(super) second: u64,
    pub(super) mean: u64,
    pub(super) parts: u64,
    pub(super) count: i32,
    pub(super) kind: i32,
    pub(super) noise: i32,
    pub(super) jitter: f32,
    pub(super) rule: Rule,
    pub(super) clip: f32,
    pub(super) averaging: f32,
}

/// The rule of the updates.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rule {
    /// Adam with or without decay (0), gradient descent (1), the same in Nesterov's form (2).
    pub(crate) kind: i32,
    /// β₁, or the momentum.
    pub(crate) beta1: f32,
    pub(crate) rest1: f32,
    pub(crate) beta2: f32,
    pub(crate) rest2: f32,
    pub(crate) epsilon: f32,
}

// SAFETY: these are the device's structures, in the order of their fields; zeros are values of all of them.
unsafe impl DeviceRepr for Step {}
// SAFETY: as above.
unsafe impl DeviceRepr for Record {}
// SAFETY: as above.
unsafe impl DeviceRepr for Training {}
// SAFETY: as above.
unsafe impl ValidAsZeroBits for Step {}
// SAFETY: as above.
unsafe impl ValidAsZeroBits for Record {}

/// What does not change from step to step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Samples of a batch at most.
    pub(crate) batch: usize,
    pub(crate) rule: Rule,
    /// The norm to clip at, 0 for none.
    pub(crate) clip: f32,
    /// 1 less the decay of the parameters' mean, 0 for none.
    pub(crate) averaging: f32,
    /// Standard deviation of the noise added to the data.
    pub(crate) jitter: f32,
    /// Directions of a sliced loss, and their number.
    pub(crate) directions: Option<(usize, Directions)>,
    /// The noise level of denoising score matching, 0 for other losses.
    pub(crate) sigma: f32,
}

/// A training run on a GPU, or on several.
pub(crate) struct TrainingRun {
    /// What joins them; it goes before them, so that none waits for another that is gone.
    #[cfg(feature = "nccl")]
    joint: Option<Joint>,
    /// What each holds.
    ranks: Vec<Rank>,
    /// The largest size of a loss so far.
    largest: f32,
}

impl TrainingRun {
    /// Takes the parameters and the data, rows of `dim` features, to the devices.
    pub(crate) fn new(
        program: Compiled<f32>,
        gpus: &[Arc<Gpu>],
        setting: &Setting,
        params: &[f32],
        data: &[f32],
        dim: usize,
    ) -> Result<Self, DeviceError> {
        let purpose = match gpus.len() {
            1 => Purpose::Steps,
            _ => Purpose::Share,
        };
        let batch = setting.batch.div_ceil(gpus.len().max(1));
        let ranks = gpus
            .iter()
            .map(|gpu| Rank::new(program, gpu, purpose, setting, batch, params, data, dim))
            .collect::<Result<_, _>>()?;
        Ok(TrainingRun {
            #[cfg(feature = "nccl")]
            joint: match gpus.len() {
                1 => None,
                _ => Some(Joint::new(gpus, params.len())?),
            },
            ranks,
            largest: -1.0,
        })
    }

    /// Makes steps, whose batches are stretches of `order`; a record of each, up to the first that was not sound.
    pub(crate) fn steps(
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
        // SAFETY: the ranks took these last, and were made for what is asked of them.
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
        if let Some(joint) = &self.joint {
            // SAFETY: the caller's promise; the ranks were made for shares.
            return unsafe { joint.steps(&self.ranks, trainings, count) };
        }
        debug_assert!(trainings.iter().all(|t| t.count as usize == count));
        for (rank, training) in self.ranks.iter().zip(trainings) {
            // SAFETY: the caller's promise; the one rank was made for steps.
            unsafe { rank.steps(training)? };
        }
        Ok(())
    }

    /// The parameters.
    pub(crate) fn params(&self) -> Result<Vec<f32>, DeviceError> {
        self.same("parameter", Rank::params)
    }

    /// The parameters at which the loss was last sound.
    pub(crate) fn good(&self) -> Result<Vec<f32>, DeviceError> {
        self.same("last sound parameter", Rank::good)
    }

    /// The mean of the parameters.
    pub(crate) fn mean(&self) -> Result<Vec<f32>, DeviceError> {
        self.same("mean parameter", Rank::mean)
    }

    /// What every GPU holds: the same bits, or it is an error.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_each_other_and_cover_the_batch() {
        for batch in [0, 1, 2, 3, 7, 64, i32::MAX] {
            for ranks in 1..=5 {
                let step = Step {
                    start: 0,
                    batch,
                    whole: batch,
                    ..Step::default()
                };
                let mut next = 0;
                for rank in 0..ranks {
                    let share = step.share(rank, ranks);
                    assert_eq!((share.start, share.first, share.whole), (next, next, batch));
                    let most = (batch as usize).div_ceil(ranks);
                    assert!((0..=most).contains(&(share.batch as usize)));
                    next += share.batch;
                }
                assert_eq!(next, batch);
            }
        }
    }
}
