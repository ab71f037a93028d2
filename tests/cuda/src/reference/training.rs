//! What stands around a program in a training step, as in the fused kernels: the batch and its draws before it, Adam's
//! update behind it.
//!
//! A graph is one step, launched again and again: the same rows, the same draws and Adam's first step each time. The
//! parameters go on, and the work is that of any step.

use cudarc::driver::{CudaSlice, DeviceRepr};
use scorematch_kernels::cuda as sources;

use super::batch::Arguments;
use super::compile::{Module, kernels};
use super::{Gpu, Result, failed};

/// A training step on the rows of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// Features of a sample.
    pub dim: usize,
    /// Parameters.
    pub params: usize,
    /// Whether Rademacher directions are drawn, and a normal vector for each sample.
    pub draws: [bool; 2],
    /// Standard deviation of the noise added to the rows.
    pub jitter: f32,
    /// Adam's rate.
    pub rate: f32,
}

/// `Step` of `kernels/cuda/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    start: i32,
    batch: i32,
    first: i32,
    whole: i32,
    jitter_key: [u32; 2],
    loss_key: [u32; 2],
    rate: f32,
    root: f32,
    keep: f32,
}

/// `Record` of `kernels/cuda/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    loss: f32,
    norm: f32,
    largest: f32,
    halted: i32,
}

/// `Training` of `kernels/cuda/train.cuh`. Addresses on the device.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given {
    data: u64,
    order: u64,
    steps: u64,
    records: u64,
    x: u64,
    v: u64,
    directions: u64,
    reflections: u64,
    params: u64,
    last_finite: u64,
    first: u64,
    second: u64,
    mean: u64,
    parts: u64,
    count: i32,
    kind: i32,
    noise: i32,
    jitter: f32,
    rule: i32,
    beta1: f32,
    rest1: f32,
    beta2: f32,
    rest2: f32,
    epsilon: f32,
    clip: f32,
    averaging: f32,
}

// SAFETY: these are the device's structures, in the order of their fields.
unsafe impl DeviceRepr for Step {}
// SAFETY: as above.
unsafe impl DeviceRepr for Record {}
// SAFETY: as above.
unsafe impl DeviceRepr for Given {}

/// The two kernels around a program.
pub(super) struct Around {
    pub(super) module: Module,
    pub(super) given: Given,
    _scalars: Vec<CudaSlice<f32>>,
    _order: CudaSlice<i32>,
    _step: CudaSlice<Step>,
    _records: CudaSlice<Record>,
}

/// Their names.
pub(super) const BEGIN: &str = "begin";
pub(super) const END: &str = "end";

const SOURCE: &str = "
extern \"C\" __global__ void __launch_bounds__(THREADS, 1) begin(Arguments a, Training t) {
    begin_step<DIM>(a, t, Grid(a.arrived), 0);
}
extern \"C\" __global__ void __launch_bounds__(THREADS, 1) end(Arguments a, Training t) {
    end_step(a, t, Grid(a.arrived), 0, PARAMS);
}
";

impl Around {
    /// For a program with these arguments, whose samples are `rows`.
    pub(super) fn new(
        gpu: &Gpu,
        training: &Training,
        arguments: &Arguments,
        rows: &[f32],
    ) -> Result<Around> {
        let Training { dim, params, .. } = *training;
        let source = format!(
            "{}#define TRAINING\n{}{SOURCE}",
            kernels(),
            sources::text(&sources::TRAINING)
        );
        let options = [format!("-DDIM={dim}"), format!("-DPARAMS={params}")];
        let module = Module::compile(gpu, &source, &options)?;
        let stream = &gpu.stream;
        let mut scalars = Vec::new();
        let mut keep = |slice: CudaSlice<f32>| {
            let address = gpu.address(&slice);
            scalars.push(slice);
            address
        };
        let data = keep(stream.clone_htod(rows).map_err(failed("take values"))?);
        // Adam's averages, the parameters before, parts of the norm.
        let mut zeros = |len: usize| -> Result<u64> {
            let slice = stream.alloc_zeros(len);
            Ok(keep(slice.map_err(failed("give memory"))?))
        };
        let (first, second, last_finite) = (zeros(params)?, zeros(params)?, zeros(params)?);
        let parts = zeros(gpu.processors)?;
        let (beta1, beta2) = (0.9f32, 0.999f32);
        let step = Step {
            batch: arguments.batch,
            whole: arguments.batch,
            jitter_key: [1, 2],
            loss_key: [3, 4],
            rate: training.rate / (1.0 - beta1),
            root: (1.0 - beta2).sqrt().recip(),
            keep: 1.0,
            ..Step::default()
        };
        // The largest loss so far: none.
        let record = Record {
            largest: -1.0,
            ..Record::default()
        };
        let order: Vec<i32> = (0..arguments.batch).collect();
        let order = stream.clone_htod(&order).map_err(failed("take values"))?;
        let step = stream.clone_htod(&[step]).map_err(failed("take values"))?;
        let records = stream.clone_htod(&[record, Record::default()]);
        let records = records.map_err(failed("take values"))?;
        let [directions, noise] = training.draws.map(i32::from);
        let given = Given {
            data,
            order: gpu.address(&order),
            steps: gpu.address(&step),
            records: gpu.address(&records),
            x: arguments.x,
            v: arguments.v,
            directions: arguments.directions,
            params: arguments.params,
            last_finite,
            first,
            second,
            parts,
            count: 1,
            // Rademacher has the number 1.
            kind: directions,
            noise,
            jitter: training.jitter,
            beta1,
            rest1: 1.0 - beta1,
            beta2,
            rest2: 1.0 - beta2,
            epsilon: 1e-8,
            ..Given::default()
        };
        Ok(Around {
            module,
            given,
            _scalars: scalars,
            _order: order,
            _step: step,
            _records: records,
        })
    }
}
