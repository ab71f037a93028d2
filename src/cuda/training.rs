//! Training on a GPU: data, parameters and averages stay there, and many steps are one launch.
//!
//! Enters: what the host decides for each step. Leaves: a record of each step. Must hold: how steps are divided among
//! launches changes no bit.

use std::sync::Arc;

use cudarc::driver::{DeviceRepr, ValidAsZeroBits};

use super::buffers::Buffer;
use super::gpu::Gpu;
use super::kernel::{Arguments, Kernel};
use super::launch::Shape;
use super::run::int;
use crate::device::DeviceError;
use crate::directions::Directions;
use crate::program::{Factor, Program, Tangents};

/// What the host decides for one step: `Step` of `kernels/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Step {
    /// Where the batch starts in the order that comes with the steps.
    pub(crate) start: i32,
    /// Its samples.
    pub(crate) batch: i32,
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

/// What one step saw: `Record` of `kernels/train.cuh`.
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

/// `Training` of `kernels/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Training {
    data: u64,
    order: u64,
    steps: u64,
    records: u64,
    x: u64,
    v: u64,
    directions: u64,
    room: u64,
    params: u64,
    good: u64,
    first: u64,
    second: u64,
    mean: u64,
    parts: u64,
    count: i32,
    kind: i32,
    noise: i32,
    jitter: f32,
    rule: Rule,
    clip: f32,
    averaging: f32,
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
    pub(crate) directions: Option<(Directions, usize)>,
    /// The noise level of denoising score matching, 0 for other losses.
    pub(crate) sigma: f32,
}

/// The buffers of a run.
#[derive(Default)]
struct Buffers {
    scalars: Vec<Buffer<f32>>,
    params: Buffer<f32>,
    good: Buffer<f32>,
    mean: Buffer<f32>,
    arrived: Buffer<u32>,
    order: Buffer<i32>,
    steps: Buffer<Step>,
    records: Buffer<Record>,
}

/// A training run on a GPU.
pub(crate) struct TrainingRun {
    gpu: Arc<Gpu>,
    kernel: Arc<Kernel>,
    blocks: usize,
    params: usize,
    arguments: Arguments,
    training: Training,
    buffers: Buffers,
    /// The largest size of a loss so far.
    largest: f32,
}

impl TrainingRun {
    /// Takes the parameters and the data, rows of `dim` features, to the device.
    pub(crate) fn new<P: Program>(
        gpu: &Arc<Gpu>,
        setting: &Setting,
        params: &[f32],
        data: &[f32],
        dim: usize,
    ) -> Result<Self, DeviceError> {
        let layout = const { &P::LAYOUT };
        let code = const { &P::DEVICE };
        let Some(code) = code else {
            return Err(DeviceError::NoProgram {
                entry: std::any::type_name::<P>(),
            });
        };
        let batch = setting.batch;
        let count = setting.directions.map_or(0, |directions| directions.1);
        let tangents = match layout.tangents {
            Tangents::Exact(count) => count,
            _ => count,
        };
        let limits = gpu.limits();
        let shape = Shape::choose(code, limits, batch, tangents);
        let kernel = gpu.training_kernel(code, shape)?;
        let blocks = kernel.blocks(batch, limits.processors);
        let slots = blocks.min(shape.tiles(batch));
        let stream = &gpu.stream;
        let mut buffers = Buffers::default();
        let mut room = |len: usize| -> Result<u64, DeviceError> {
            let mut buffer = Buffer::default();
            let address = buffer.lend(stream, len)?;
            buffers.scalars.push(buffer);
            Ok(address)
        };
        let (x, noise) = (
            room(batch * dim)?,
            room(if setting.sigma > 0.0 { batch * dim } else { 0 })?,
        );
        let directions = room(batch * dim * count)?;
        let reflections = match setting.directions {
            Some((Directions::Orthonormal, count)) => room(batch * count.min(dim) * (dim + 1))?,
            _ => 0,
        };
        let width = layout.deferred_rows(Factor::Samples);
        let (shared, acc, slot_sums, deferred, workspace, parts) = (
            room(layout.shared)?,
            room(layout.acc)?,
            room(layout.acc * slots)?,
            room(batch * width)?,
            room(shape.workspace() * slots)?,
            room(blocks)?,
        );
        let (first, second) = (room(params.len())?, room(params.len())?);
        let data_address = {
            let mut buffer = Buffer::default();
            let address = buffer.fill(stream, data)?;
            buffers.scalars.push(buffer);
            address
        };
        let arguments = Arguments {
            params: buffers.params.fill(stream, params)?,
            x,
            v: noise,
            directions,
            shared,
            acc,
            slots: slot_sums,
            out: 0,
            deferred,
            workspace,
            arrived: buffers.arrived.lend(stream, 1)?,
            batch: 0,
            count: int(count)?,
            weight: 1.0 / count.max(1) as f32,
            sigma: setting.sigma,
        };
        let training = Training {
            data: data_address,
            x,
            v: noise,
            directions,
            room: reflections,
            params: arguments.params,
            good: buffers.good.fill(stream, params)?,
            first,
            second,
            mean: buffers.mean.fill(stream, params)?,
            parts,
            kind: setting.directions.map_or(0, |(kind, _)| number(kind)),
            noise: i32::from(setting.sigma > 0.0),
            jitter: setting.jitter,
            rule: setting.rule,
            clip: setting.clip,
            averaging: setting.averaging,
            ..Training::default()
        };
        Ok(TrainingRun {
            gpu: gpu.clone(),
            kernel,
            blocks,
            params: params.len(),
            arguments,
            training,
            buffers,
            largest: -1.0,
        })
    }

    /// Makes steps, whose batches are stretches of `order`; a record of each, up to the first that was not sound.
    pub(crate) fn steps(
        &mut self,
        steps: &[Step],
        order: &[i32],
    ) -> Result<Vec<Record>, DeviceError> {
        let stream = &self.gpu.stream;
        let mut records = vec![Record::default(); steps.len() + 1];
        records[0].largest = self.largest;
        let training = Training {
            order: self.buffers.order.fill(stream, order)?,
            steps: self.buffers.steps.fill(stream, steps)?,
            records: self.buffers.records.fill(stream, &records)?,
            count: int(steps.len())?,
            ..self.training
        };
        // SAFETY: the buffers have the sizes that the program reads and writes, and outlive the copy below, which waits
        // for it.
        unsafe {
            self.kernel
                .launch_training(stream, self.blocks, &self.arguments, &training)?;
        }
        let mut records = self.buffers.records.read(stream, records.len())?;
        records.remove(0);
        if let Some(halt) = records.iter().position(|record| record.halted != 0) {
            records.truncate(halt + 1);
        }
        if let Some(last) = records.last() {
            self.largest = last.largest;
        }
        Ok(records)
    }

    /// The parameters.
    pub(crate) fn params(&self) -> Result<Vec<f32>, DeviceError> {
        self.buffers.params.read(&self.gpu.stream, self.params)
    }

    /// The parameters at which the loss was last sound.
    pub(crate) fn good(&self) -> Result<Vec<f32>, DeviceError> {
        self.buffers.good.read(&self.gpu.stream, self.params)
    }

    /// The mean of the parameters.
    pub(crate) fn mean(&self) -> Result<Vec<f32>, DeviceError> {
        self.buffers.mean.read(&self.gpu.stream, self.params)
    }
}

/// A distribution as `kernels/directions.cuh` numbers it.
fn number(kind: Directions) -> i32 {
    match kind {
        Directions::Rademacher => 1,
        Directions::Normal => 2,
        Directions::Sphere => 3,
        Directions::Orthonormal => 4,
    }
}
