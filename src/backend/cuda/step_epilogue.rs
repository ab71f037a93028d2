//! The step epilogue: the kernel that ends a step that several GPUs share. It depends on no model, so the build script
//! of the kernels compiles it ahead of time where it finds nvcc. Elsewhere, and for a GPU that this code does not
//! serve, NVRTC compiles the same source.

use cudarc::driver::{CudaFunction, CudaStream, LaunchConfig, PushKernelArg};
use cudarc::nvrtc::Ptx;
use scorematch_kernels::cuda as sources;

use super::arguments::{Arguments, Training};
use super::compile::machine_code;
use super::gpu::Gpu;
use super::launch::THREADS;
use super::library::driver_error;
use crate::error::DeviceError;

const ENTRY: &str = "end_shared_step";
/// A number for each warp.
const SHARED: usize = THREADS / 32 * size_of::<f32>();

/// The kernel on one GPU.
pub(super) struct StepEpilogue(CudaFunction);

impl StepEpilogue {
    pub(super) fn load(gpu: &Gpu) -> Result<Self, DeviceError> {
        let context = gpu.stream.context();
        let ahead = match sources::STEP_EPILOGUE_AHEAD {
            [] => None,
            code => context
                .load_module(Ptx::from_binary(code.to_vec()))
                .map_err(|e| log::debug!("the kernel compiled ahead is not used: {e:?}"))
                .ok(),
        };
        let module = match ahead {
            Some(module) => module,
            None => {
                let source = sources::text(&sources::STEP_EPILOGUE);
                let code = machine_code(ENTRY, &source, &[], gpu.architecture())?;
                context
                    .load_module(Ptx::from_binary(code))
                    .map_err(|e| driver_error("load a compiled program", &e))?
            }
        };
        module
            .load_function(ENTRY)
            .map(StepEpilogue)
            .map_err(|e| driver_error("find a program in its module", &e))
    }

    /// Blocks of a launch for so many parameters: at most one a processor, so that all are resident.
    pub(super) fn blocks(gpu: &Gpu, params: usize) -> usize {
        params
            .div_ceil(THREADS)
            .clamp(1, gpu.limits().processors.max(1))
    }

    /// Ends step `i`.
    ///
    /// # Safety
    /// The addresses are those of buffers of a training run of `params` parameters, with room for a sum of each block,
    /// and live until it is done.
    pub(super) unsafe fn launch(
        &self,
        stream: &CudaStream,
        blocks: usize,
        arguments: &Arguments,
        training: &Training,
        i: i32,
        params: i32,
    ) -> Result<(), DeviceError> {
        let config = LaunchConfig {
            grid_dim: (blocks as u32, 1, 1),
            block_dim: (THREADS as u32, 1, 1),
            shared_mem_bytes: SHARED as u32,
        };
        let mut builder = stream.launch_builder(&self.0);
        builder.arg(arguments).arg(training).arg(&i).arg(&params);
        // SAFETY: the caller's promise; the four arguments are those that the kernel takes.
        unsafe { builder.launch_cooperative(config) }
            .map_err(|e| driver_error("launch a program", &e))?;
        Ok(())
    }
}
