//! A compiled program on the device, and its arguments.

use std::sync::Arc;

use cudarc::driver::sys::CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
use cudarc::driver::{
    CudaContext, CudaFunction, CudaStream, LaunchArgs, LaunchConfig, PushKernelArg,
};
use cudarc::nvrtc::Ptx;

use super::arguments::{Arguments, Training};
use super::compile::{KernelRole, Variant, compile};
use super::launch::{Shape, THREADS};
use super::library::driver_error;
use crate::error::DeviceError;
use crate::program::DeviceCode;

/// A program, ready to be launched in one shape.
pub(super) struct Kernel {
    function: CudaFunction,
    shape: Shape,
    /// Blocks that a multiprocessor holds at a time.
    resident: usize,
}

impl Kernel {
    /// Compiles the program, or takes it from the cache, and loads it.
    pub(super) fn load(
        context: &Arc<CudaContext>,
        code: &DeviceCode,
        shape: Shape,
        architecture: &str,
        variant: Variant,
    ) -> Result<Self, DeviceError> {
        let failed = |action| move |e| driver_error(action, &e);
        let binary = compile(code, shape, architecture, variant)?;
        let module = context
            .load_module(Ptx::from_binary(binary))
            .map_err(failed("load a compiled program"))?;
        let entry = match variant.role {
            KernelRole::Once => code.entry.to_owned(),
            KernelRole::Steps => code.entry.replacen("run", "train", 1),
            KernelRole::Share => code.entry.replacen("run", "share", 1),
        };
        let function = module
            .load_function(&entry)
            .map_err(failed("find a program in its module"))?;
        let shared = shape.shared_bytes();
        function
            .set_attribute(
                CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                shared as i32,
            )
            .map_err(failed("give a program its shared memory"))?;
        let resident = function
            .occupancy_max_active_blocks_per_multiprocessor(THREADS as u32, shared, None)
            .map_err(failed("tell how many blocks a processor holds"))?;
        Ok(Kernel {
            function,
            shape,
            resident: resident.max(1) as usize,
        })
    }

    /// Blocks of a launch: one a tile, and at least one a multiprocessor for the work that no tile does; no more than
    /// are resident at once, since they wait for each other.
    pub(super) fn blocks(&self, batch: usize, processors: usize) -> usize {
        let most = self.resident * processors;
        self.shape.tiles(batch).max(processors).min(most)
    }

    /// Launches it once over a batch.
    ///
    /// # Safety
    /// The addresses are those of buffers of the sizes that the program reads and writes, and live until it is done.
    pub(super) unsafe fn launch(
        &self,
        stream: &CudaStream,
        blocks: usize,
        arguments: &Arguments,
    ) -> Result<(), DeviceError> {
        let mut builder = stream.launch_builder(&self.function);
        builder.arg(arguments);
        // SAFETY: the caller's promise; the one argument is the structure that the kernel takes.
        unsafe { self.submit(&mut builder, blocks) }
    }

    /// Launches the steps of a training run.
    ///
    /// # Safety
    /// As [`Kernel::launch`], for a kernel that trains.
    pub(super) unsafe fn launch_training(
        &self,
        stream: &CudaStream,
        blocks: usize,
        arguments: &Arguments,
        training: &Training,
    ) -> Result<(), DeviceError> {
        let mut builder = stream.launch_builder(&self.function);
        builder.arg(arguments).arg(training);
        // SAFETY: the caller's promise; the two arguments are the structures that the kernel takes.
        unsafe { self.submit(&mut builder, blocks) }
    }

    /// Launches the kernel that begins step `i` of a training run on one of several GPUs.
    ///
    /// # Safety
    /// As [`Kernel::launch`], for a kernel of shares.
    #[cfg(feature = "nccl")]
    pub(super) unsafe fn launch_share(
        &self,
        stream: &CudaStream,
        blocks: usize,
        arguments: &Arguments,
        training: &Training,
        i: i32,
    ) -> Result<(), DeviceError> {
        let mut builder = stream.launch_builder(&self.function);
        builder.arg(arguments).arg(training).arg(&i);
        // SAFETY: the caller's promise; the three arguments are those that the kernel takes.
        unsafe { self.submit(&mut builder, blocks) }
    }

    /// # Safety
    /// The arguments are the kernel's.
    unsafe fn submit(
        &self,
        builder: &mut LaunchArgs<'_>,
        blocks: usize,
    ) -> Result<(), DeviceError> {
        let config = LaunchConfig {
            grid_dim: (blocks as u32, 1, 1),
            block_dim: (THREADS as u32, 1, 1),
            shared_mem_bytes: self.shape.shared_bytes() as u32,
        };
        // SAFETY: the caller's promise.
        unsafe { builder.launch_cooperative(config) }
            .map_err(|e| driver_error("launch a program", &e))?;
        Ok(())
    }
}
