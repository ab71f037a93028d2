//! A run of a program over a batch: inputs to the device, one launch, results back.

use super::arguments::{Arguments, int};
use super::compile::KernelRole;
use super::gpu::Gpu;
use super::launch::Shape;
use crate::backend::Call;
use crate::directions;
use crate::error::DeviceError;
use crate::objective::{Noise, Projections};
use crate::program::{Compiled, Factor, Tangents};

/// The results of a program.
pub(super) struct Results {
    /// Outputs `[B, out_rows]`, for given tangents `[B, M·out_rows]`.
    pub(super) out: Vec<f32>,
    /// Sums over the batch as the epilogue left them: the gradient, the loss, and other sums.
    pub(super) sums: Vec<f32>,
}

/// Runs a program on a GPU.
pub(super) fn run(
    program: Compiled<f32>,
    gpu: &Gpu,
    call: &Call<'_, '_, f32>,
) -> Result<Results, DeviceError> {
    let layout = program.layout;
    let Some(code) = program.device else {
        return Err(DeviceError::NoProgram {
            entry: (program.name)(),
        });
    };
    let batch = &call.batch;
    let (samples, dim) = batch.x.dim();
    let count = match (layout.tangents, &batch.projections) {
        (Tangents::Given, Some(projections)) => projections.count(),
        (Tangents::Given, None) | (Tangents::None | Tangents::Exact(_), _) => 0,
    };
    let tangents = match layout.tangents {
        Tangents::Exact(count) => count,
        Tangents::Given | Tangents::None => count,
    };
    let shape = Shape::choose(code, gpu.limits(), samples, tangents);
    let kernel = gpu.kernel(KernelRole::Once, code, shape)?;
    let blocks = kernel.blocks(samples, gpu.limits().processors);
    let partials = blocks.min(shape.tiles(samples));

    gpu.with_buffers(|buffers| {
        let stream = &gpu.stream;
        let width = layout.deferred_rows(Factor::Samples);
        let outs = samples * layout.out_rows * count.max(1);
        let noise = match &batch.v {
            Some(Noise::Given(v)) => dense(v),
            Some(Noise::Drawn { seed, step }) => {
                let drawn = directions::noise::<f32>(
                    call.pool.isa,
                    *seed,
                    *step,
                    batch.first,
                    samples,
                    dim,
                );
                dense(&drawn)
            }
            None => Vec::new(),
        };
        let arguments = Arguments {
            params: buffers.params.fill(stream, call.params)?,
            x: buffers
                .x
                .fill(stream, &dense(&batch.x.to_rows(call.pool.isa)))?,
            v: buffers.v.fill(stream, &noise)?,
            directions: buffers.directions.fill(stream, &projections(call, count))?,
            shared: buffers.shared.borrow(stream, layout.shared)?,
            acc: buffers.acc.borrow(stream, layout.acc)?,
            partials: buffers.partials.borrow(stream, layout.acc * partials)?,
            out: buffers.out.borrow(stream, outs)?,
            deferred: buffers.deferred.borrow(stream, samples * width)?,
            workspace: buffers
                .workspace
                .borrow(stream, shape.workspace() * partials)?,
            arrived: buffers.arrived.borrow(stream, 1)?,
            batch: int(samples)?,
            count: int(count)?,
            whole: int(samples)?,
            weight: call.scalars.weight,
            sigma: call.scalars.sigma,
        };
        // SAFETY: the buffers have the sizes of the program's layout and outlive the copies below, which wait for it.
        unsafe { kernel.launch(stream, blocks, &arguments)? };
        Ok(Results {
            out: buffers.out.read(stream, outs)?,
            sums: buffers.acc.read(stream, layout.acc)?,
        })
    })
}

/// The directions of a batch, `[M, B, D]`; none where none are given.
fn projections(call: &Call<'_, '_, f32>, count: usize) -> Vec<f32> {
    let batch = &call.batch;
    match &batch.projections {
        Some(Projections::Given(given)) if count > 0 => dense(given),
        Some(Projections::Drawn(draw)) if count > 0 => {
            let (samples, dim) = batch.x.dim();
            dense(&draw.samples::<f32>(call.pool.isa, batch.first, samples, dim))
        }
        Some(Projections::Given(_) | Projections::Drawn(_)) | None => Vec::new(),
    }
}

/// Rows one after another.
fn dense<'a>(rows: impl IntoIterator<Item = &'a f32>) -> Vec<f32> {
    rows.into_iter().copied().collect()
}
