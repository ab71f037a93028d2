//! Steps of training that several GPUs make together.
//!
//! Enters: what each GPU holds, the same but for its share of every batch. Leaves: the same bits on all of them. Must
//! hold: a share's sums are made with the weights and the random numbers that its samples have in the whole batch, so
//! that they add up to the sums of one GPU; and every GPU ends a step with the same code on the same sums, so that
//! parameters and averages need not be sent, and a loss that is not sound halts all of them at the same step.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cudarc::driver::sys::{CUresult, cuStreamQuery};

use super::arguments::{Training, int};
use super::gpu::Gpu;
use super::library::driver_error;
use super::nccl::{self, Comms};
use super::rank::Rank;
use super::step_epilogue::StepEpilogue;
use crate::error::DeviceError;

/// One device group at a time. A launch fills its GPU and waits for launches on the other GPUs of its group, which
/// would wait for those of another group.
static TURN: Mutex<()> = Mutex::new(());

/// How long the host sleeps between two queries of the GPUs.
const GLANCE: Duration = Duration::from_micros(20);

/// The GPUs of these numbers, if they can train together.
pub(super) fn open(indices: &[usize]) -> Result<Vec<Arc<Gpu>>, DeviceError> {
    for (k, &index) in indices.iter().enumerate() {
        if indices[..k].contains(&index) {
            return Err(DeviceError::Repeated { index });
        }
    }
    let mut gpus: Vec<Arc<Gpu>> = Vec::new();
    for &index in indices {
        let gpu = Gpu::open(index)?;
        if let Some(first) = gpus.first().filter(|first| !first.is_like(&gpu)) {
            return Err(DeviceError::Unlike {
                first: format!("{first:?}"),
                other: format!("{gpu:?}"),
            });
        }
        gpus.push(Arc::new(gpu));
    }
    if gpus.len() > 1 {
        nccl::version()?;
    }
    Ok(gpus)
}

/// The GPUs of a run that train together.
pub(super) struct DeviceGroup {
    comms: Comms,
    step_epilogues: Vec<StepEpilogue>,
    /// Blocks that end a step.
    blocks: usize,
    params: usize,
}

impl DeviceGroup {
    pub(super) fn new(gpus: &[Arc<Gpu>], params: usize) -> Result<Self, DeviceError> {
        let step_epilogues = gpus.iter().map(|gpu| StepEpilogue::load(gpu));
        let numbers: Vec<usize> = gpus.iter().map(|gpu| gpu.index()).collect();
        Ok(DeviceGroup {
            step_epilogues: step_epilogues.collect::<Result<_, _>>()?,
            // The GPUs are alike, so that all sum the squares of the gradient in the same order.
            blocks: gpus
                .first()
                .map_or(1, |gpu| StepEpilogue::blocks(gpu, params)),
            params,
            comms: Comms::new(&numbers)?,
        })
    }

    /// Makes `count` steps, whose shares `trainings` has for each GPU, and waits for them.
    ///
    /// # Safety
    /// The addresses are those of buffers of the ranks, of the sizes that the kernels read and write.
    pub(super) unsafe fn steps(
        &self,
        ranks: &[Rank],
        trainings: &[Training],
        count: usize,
    ) -> Result<(), DeviceError> {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let sums: Vec<_> = ranks.iter().map(Rank::sums).collect();
        let params = int(self.params)?;
        for i in 0..int(count)? {
            for (rank, training) in ranks.iter().zip(trainings) {
                // SAFETY: the caller's promise.
                unsafe { rank.share(training, i)? };
            }
            // SAFETY: the gradient and the loss behind it are the first sums of each.
            unsafe { self.comms.add_up(&sums, self.params + 1)? };
            for ((rank, training), step_epilogue) in
                ranks.iter().zip(trainings).zip(&self.step_epilogues)
            {
                let (stream, arguments) = (rank.stream(), rank.arguments());
                // SAFETY: the caller's promise; a launch of shares has a block for each processor, or more, and room
                // for a sum of each.
                unsafe {
                    step_epilogue.launch(stream, self.blocks, arguments, training, i, params)?
                };
            }
        }
        wait(ranks)
    }
}

/// Waits until every GPU is done, or until one fails. The other GPUs would wait for its share forever.
fn wait(ranks: &[Rank]) -> Result<(), DeviceError> {
    let mut left: Vec<&Rank> = ranks.iter().collect();
    loop {
        let mut waiting = Vec::new();
        for rank in left {
            let stream = rank.stream();
            stream
                .context()
                .bind_to_thread()
                .map_err(|e| driver_error("go to a GPU", &e))?;
            // SAFETY: the stream is the rank's, and lives.
            match unsafe { cuStreamQuery(stream.cu_stream()) } {
                CUresult::CUDA_ERROR_NOT_READY => waiting.push(rank),
                code => code
                    .result()
                    .map_err(|e| driver_error("finish the steps of a GPU", &e))?,
            }
        }
        if waiting.is_empty() {
            return Ok(());
        }
        left = waiting;
        std::thread::sleep(GLANCE);
    }
}
