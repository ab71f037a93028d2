//! A run of a program over a batch: inputs to the device, one launch, results back.

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;

use super::buffers::Buffer;
use super::gpu::{Gpu, Purpose};
use super::kernel::Arguments;
use super::launch::Shape;
use crate::device::DeviceError;
use crate::directions;
use crate::engine::Call;
use crate::objective::{Noise, Slices};
use crate::program::Compiled;
use crate::program::{Factor, Tangents};

/// What a program leaves.
pub(crate) struct Results {
    /// Outputs `[B, out_rows]`, for given tangents `[B, M·out_rows]`.
    pub(crate) out: Vec<f32>,
    /// Sums over the batch as the epilogue left them: the gradient, the loss, and what else was summed.
    pub(crate) sums: Vec<f32>,
}

/// The buffers of a launch.
#[derive(Default)]
pub(super) struct Buffers {
    params: Buffer<f32>,
    x: Buffer<f32>,
    v: Buffer<f32>,
    directions: Buffer<f32>,
    shared: Buffer<f32>,
    acc: Buffer<f32>,
    slots: Buffer<f32>,
    out: Buffer<f32>,
    deferred: Buffer<f32>,
    workspace: Buffer<f32>,
    arrived: Buffer<u32>,
}

/// Runs a program on a GPU.
pub(crate) fn run<T: Real>(
    program: Compiled<T>,
    gpu: &Gpu,
    call: &Call<'_, '_, T>,
) -> Result<Results, DeviceError> {
    let layout = program.layout;
    let Some(code) = program.device else {
        return Err(DeviceError::NoProgram {
            entry: (program.name)(),
        });
    };
    let batch = &call.batch;
    let (samples, dim) = batch.x.dim();
    let count = match (layout.tangents, &batch.slices) {
        (Tangents::Given, Some(slices)) => slices.count(),
        _ => 0,
    };
    let tangents = match layout.tangents {
        Tangents::Exact(count) => count,
        _ => count,
    };
    let shape = Shape::choose(code, gpu.limits(), samples, tangents);
    let kernel = gpu.kernel(Purpose::Once, code, shape)?;
    let blocks = kernel.blocks(samples, gpu.limits().processors);
    let slots = blocks.min(shape.tiles(samples));

    gpu.with_buffers(|buffers| {
        let stream = &gpu.stream;
        let width = layout.deferred_rows(Factor::Samples);
        let outs = samples * layout.out_rows * count.max(1);
        let noise = match &batch.v {
            Some(Noise::Given(v)) => dense(*v),
            Some(Noise::Drawn { seed, step }) => {
                let drawn =
                    directions::noise::<T>(call.team.form, *seed, *step, batch.first, samples, dim);
                dense(drawn.view())
            }
            None => Vec::new(),
        };
        let arguments = Arguments {
            params: buffers.params.fill(stream, &single(call.params))?,
            x: buffers.x.fill(stream, &dense(batch.x))?,
            v: buffers.v.fill(stream, &noise)?,
            directions: buffers.directions.fill(stream, &slices(call, count))?,
            shared: buffers.shared.lend(stream, layout.shared)?,
            acc: buffers.acc.lend(stream, layout.acc)?,
            slots: buffers.slots.lend(stream, layout.acc * slots)?,
            out: buffers.out.lend(stream, outs)?,
            deferred: buffers.deferred.lend(stream, samples * width)?,
            workspace: buffers.workspace.lend(stream, shape.workspace() * slots)?,
            arrived: buffers.arrived.lend(stream, 1)?,
            batch: int(samples)?,
            count: int(count)?,
            whole: int(samples)?,
            weight: Real::to_f64(call.scalars.weight) as f32,
            sigma: Real::to_f64(call.scalars.sigma) as f32,
        };
        // SAFETY: the buffers have the sizes of the program's layout and outlive the copies below, which wait for it.
        unsafe { kernel.launch(stream, blocks, &arguments)? };
        Ok(Results {
            out: buffers.out.read(stream, outs)?,
            sums: buffers.acc.read(stream, layout.acc)?,
        })
    })
}

/// The directions of a batch, `[M, B, D]`, in single precision; none where none are given.
fn slices<T: Real>(call: &Call<'_, '_, T>, count: usize) -> Vec<f32> {
    let batch = &call.batch;
    match &batch.slices {
        Some(Slices::Given(given)) if count > 0 => single(given.iter()),
        Some(Slices::Drawn(draw)) if count > 0 => {
            let (samples, dim) = batch.x.dim();
            single(
                draw.samples::<T>(call.team.form, batch.first, samples, dim)
                    .iter(),
            )
        }
        _ => Vec::new(),
    }
}

/// Rows one after another, in single precision.
fn dense<T: Real>(rows: ArrayView2<'_, T>) -> Vec<f32> {
    single(rows.iter())
}

fn single<'a, T: Real>(values: impl IntoIterator<Item = &'a T>) -> Vec<f32> {
    values
        .into_iter()
        .map(|&x| Real::to_f64(x) as f32)
        .collect()
}

/// A number as the device counts.
pub(super) fn int(number: usize) -> Result<i32, DeviceError> {
    i32::try_from(number).map_err(|_| DeviceError::Driver {
        action: "count the samples or directions of a batch",
        message: format!("{number} is more than {}", i32::MAX),
    })
}
