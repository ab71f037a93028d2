//! The state of a training run on one GPU.
//!
//! Enters: parameters, data, and for every launch the steps with the rows of their batches. Leaves: records of the steps,
//! parameters and averages. All of it stays on the device between launches.

use std::sync::Arc;

#[cfg(feature = "nccl")]
use cudarc::driver::CudaStream;

use super::arguments::{Arguments, Record, Rule, Step, Training, int};
use super::buffers::Buffer;
#[cfg(feature = "nccl")]
use super::buffers::Open;
use super::compile::KernelRole;
use super::gpu::Gpu;
use super::kernel::Kernel;
use super::launch::Shape;
use crate::backend::{Setting, StepState};
use crate::directions::DirectionDistribution;
use crate::error::DeviceError;
use crate::program::{Compiled, Factor, Tangents};

/// The buffers of a run.
#[derive(Default)]
struct TrainingBuffers {
    scalars: Vec<Buffer<f32>>,
    #[cfg(feature = "nccl")]
    sums: Option<Open>,
    params: Buffer<f32>,
    last_finite: Buffer<f32>,
    first: Buffer<f32>,
    second: Buffer<f32>,
    mean: Buffer<f32>,
    arrived: Buffer<u32>,
    order: Buffer<i32>,
    steps: Buffer<Step>,
    records: Buffer<Record>,
}

/// One GPU's part of a training run.
pub(super) struct Rank {
    gpu: Arc<Gpu>,
    kernel: Arc<Kernel>,
    blocks: usize,
    params: usize,
    arguments: Arguments,
    training: Training,
    buffers: TrainingBuffers,
}

impl Rank {
    /// Takes the state of a run and the data, rows of `dim` features, to the device; batches are of `batch` samples at
    /// most there.
    #[expect(
        clippy::too_many_arguments,
        reason = "what a run is made of, each of them once"
    )]
    pub(super) fn new(
        program: Compiled<f32>,
        gpu: &Arc<Gpu>,
        role: KernelRole,
        setting: &Setting,
        rule: Rule,
        batch: usize,
        state: &StepState<f32>,
        data: &[f32],
        dim: usize,
    ) -> Result<Self, DeviceError> {
        let layout = program.layout;
        let Some(code) = program.device else {
            return Err(DeviceError::NoProgram {
                entry: (program.name)(),
            });
        };
        let sigma = setting.sigma as f32;
        let count = setting.directions.map_or(0, |directions| directions.0);
        let tangents = match layout.tangents {
            Tangents::Exact(count) => count,
            Tangents::Given | Tangents::None => count,
        };
        let limits = gpu.limits();
        let shape = Shape::choose(code, limits, batch, tangents);
        let kernel = gpu.kernel(role, code, shape)?;
        let blocks = kernel.blocks(batch, limits.processors);
        let partials = blocks.min(shape.tiles(batch));
        let stream = &gpu.stream;
        let mut buffers = TrainingBuffers::default();
        let mut allocate = |len: usize| -> Result<u64, DeviceError> {
            let mut buffer = Buffer::default();
            let address = buffer.borrow(stream, len)?;
            buffers.scalars.push(buffer);
            Ok(address)
        };
        let (x, noise) = (
            allocate(batch * dim)?,
            allocate(if sigma > 0.0 { batch * dim } else { 0 })?,
        );
        let directions = allocate(batch * dim * count)?;
        let reflections = match setting.directions {
            Some((count, DirectionDistribution::Orthonormal)) => {
                allocate(batch * count.min(dim) * (dim + 1))?
            }
            _ => 0,
        };
        let width = layout.deferred_rows(Factor::Samples);
        let (shared, partial_accumulators, deferred, workspace, parts) = (
            allocate(layout.shared)?,
            allocate(layout.acc * partials)?,
            allocate(batch * width)?,
            allocate(shape.workspace() * partials)?,
            allocate(blocks)?,
        );
        let acc = match role {
            #[cfg(feature = "nccl")]
            KernelRole::Share => buffers
                .sums
                .insert(Open::new(stream, layout.acc)?)
                .address(),
            _ => allocate(layout.acc)?,
        };
        let params = state.params.len();
        let data_address = {
            let mut buffer = Buffer::default();
            let address = buffer.fill(stream, data)?;
            buffers.scalars.push(buffer);
            address
        };
        let arguments = Arguments {
            params: buffers.params.fill(stream, &state.params)?,
            x,
            v: noise,
            directions,
            shared,
            acc,
            partials: partial_accumulators,
            out: 0,
            deferred,
            workspace,
            arrived: buffers.arrived.borrow(stream, 1)?,
            batch: 0,
            count: int(count)?,
            whole: 0,
            weight: 1.0 / count.max(1) as f32,
            sigma,
        };
        // The kernels address mean squares for every rule.
        let mut second = state.second.clone();
        second.resize(params, 0.0);
        let training = Training {
            data: data_address,
            x,
            v: noise,
            directions,
            reflections,
            params: arguments.params,
            last_finite: buffers.last_finite.fill(stream, &state.last_finite)?,
            first: buffers.first.fill(stream, &state.first)?,
            second: buffers.second.fill(stream, &second)?,
            mean: buffers
                .mean
                .fill(stream, state.mean.as_ref().unwrap_or(&state.params))?,
            parts,
            kind: setting.directions.map_or(0, |(_, kind)| number(kind)),
            noise: i32::from(sigma > 0.0),
            jitter: setting.jitter as f32,
            rule,
            clip: setting.clip.unwrap_or(0.0) as f32,
            averaging: setting.ema.map_or(0.0, |decay| (1.0 - decay) as f32),
            ..Training::default()
        };
        Ok(Rank {
            gpu: gpu.clone(),
            kernel,
            blocks,
            params,
            arguments,
            training,
            buffers,
        })
    }

    /// Takes steps there, whose batches are ranges of `order`, with a record of what was before them and one of
    /// each to fill.
    pub(super) fn take(
        &mut self,
        steps: &[Step],
        order: &[i32],
        records: &[Record],
    ) -> Result<Training, DeviceError> {
        let stream = &self.gpu.stream;
        Ok(Training {
            order: self.buffers.order.fill(stream, order)?,
            steps: self.buffers.steps.fill(stream, steps)?,
            records: self.buffers.records.fill(stream, records)?,
            count: int(steps.len())?,
            ..self.training
        })
    }

    /// Makes all the steps that were taken.
    ///
    /// # Safety
    /// It was made for [`KernelRole::Steps`], and `training` is what it took last.
    pub(super) unsafe fn steps(&self, training: &Training) -> Result<(), DeviceError> {
        let (stream, blocks) = (&self.gpu.stream, self.blocks);
        // SAFETY: the buffers have the sizes that the program reads and writes, and live until the records are read,
        // which waits for it.
        unsafe {
            self.kernel
                .launch_training(stream, blocks, &self.arguments, training)
        }
    }

    /// Begins step `i` of those that were taken. It leaves this GPU's part of the sums.
    ///
    /// # Safety
    /// It was made for [`KernelRole::Share`], and `training` is what it took last.
    #[cfg(feature = "nccl")]
    pub(super) unsafe fn share(&self, training: &Training, i: i32) -> Result<(), DeviceError> {
        let (stream, blocks) = (&self.gpu.stream, self.blocks);
        // SAFETY: as for the steps.
        unsafe {
            self.kernel
                .launch_share(stream, blocks, &self.arguments, training, i)
        }
    }

    /// Where the sums are, and the stream that makes them.
    #[cfg(feature = "nccl")]
    pub(super) fn sums(&self) -> (u64, &CudaStream) {
        (self.arguments.acc, &self.gpu.stream)
    }

    #[cfg(feature = "nccl")]
    pub(super) fn stream(&self) -> &CudaStream {
        &self.gpu.stream
    }

    #[cfg(feature = "nccl")]
    pub(super) fn arguments(&self) -> &Arguments {
        &self.arguments
    }

    pub(super) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// The first `len` records.
    pub(super) fn records(&self, len: usize) -> Result<Vec<Record>, DeviceError> {
        self.buffers.records.read(&self.gpu.stream, len)
    }

    /// The parameters.
    pub(super) fn params(&self) -> Result<Vec<f32>, DeviceError> {
        self.buffers.params.read(&self.gpu.stream, self.params)
    }

    /// The last finite parameters: those at which the loss was last finite.
    pub(super) fn last_finite(&self) -> Result<Vec<f32>, DeviceError> {
        self.buffers.last_finite.read(&self.gpu.stream, self.params)
    }

    /// The first averages of the update rule.
    pub(super) fn first(&self) -> Result<Vec<f32>, DeviceError> {
        self.buffers.first.read(&self.gpu.stream, self.params)
    }

    /// The second averages of the update rule.
    pub(super) fn second(&self) -> Result<Vec<f32>, DeviceError> {
        self.buffers.second.read(&self.gpu.stream, self.params)
    }

    /// The mean of the parameters.
    pub(super) fn mean(&self) -> Result<Vec<f32>, DeviceError> {
        self.buffers.mean.read(&self.gpu.stream, self.params)
    }
}

/// A distribution as `kernels/cuda/directions.cuh` numbers it.
fn number(kind: DirectionDistribution) -> i32 {
    match kind {
        DirectionDistribution::Rademacher => 1,
        DirectionDistribution::Normal => 2,
        DirectionDistribution::Sphere => 3,
        DirectionDistribution::Orthonormal => 4,
    }
}
