//! One program over one batch: buffers, calls, and the graph that they are captured in.

use std::rc::Rc;

use cudarc::driver::sys::CUgraphInstantiate_flags;
use cudarc::driver::sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
use cudarc::driver::{CudaFunction, CudaGraph, CudaSlice, LaunchConfig, PushKernelArg};
use scorematch_compiler::emit::{Call, CublasGemm, Kernel, Reference};
use scorematch_compiler::lower::Lowered;

use super::batch::{Arguments, Batch, Lengths, place};
use super::training::{Around, BEGIN, END, Given};
use super::{Gpu, Module, Result, Training, failed};

/// Threads of a block, as `kernels/cuda/thread_group.cuh` has it.
const THREADS: usize = 256;
/// Blocks of so many threads that a multiprocessor holds at once, at most.
const RESIDENT: usize = 8;

/// A call that is ready to be made.
enum Ready {
    Kernel {
        function: CudaFunction,
        blocks: usize,
        cooperative: bool,
        direction: i32,
    },
    Product {
        gemm: CublasGemm,
        addresses: [u64; 3],
    },
    /// What stands around a program in training.
    Around {
        function: CudaFunction,
        given: Box<Given>,
    },
}

/// A program on a batch.
pub struct Run {
    // Before the buffers, which it works on.
    graph: Option<CudaGraph>,
    gpu: Rc<Gpu>,
    calls: Vec<Ready>,
    arguments: Arguments,
    /// Outputs and sums, with their lengths: no room is empty.
    out: (CudaSlice<f32>, usize),
    sums: (CudaSlice<f32>, usize),
    params: CudaSlice<f32>,
    _others: Vec<CudaSlice<f32>>,
    _around: Option<Around>,
    _arrived: CudaSlice<u32>,
}

impl Run {
    /// Takes the batch to the device. The module has the kernels of the reference, which is the program's for so many samples.
    ///
    /// # Errors
    /// The batch lacks something, the driver refuses, or a product leaves its buffers.
    pub fn new(
        gpu: &Rc<Gpu>,
        module: &Module,
        program: &Lowered,
        reference: &Reference,
        batch: &Batch<'_>,
    ) -> Result<Run> {
        batch.check(program)?;
        let stream = &gpu.stream;
        let mut others = Vec::new();
        let mut given = |values: &[f32]| -> Result<u64> {
            if values.is_empty() {
                return Ok(0);
            }
            let slice = stream.clone_htod(values);
            let slice = slice.map_err(failed("take values"))?;
            let address = gpu.address(&slice);
            others.push(slice);
            Ok(address)
        };
        let params = stream.clone_htod(batch.params);
        let params = params.map_err(failed("take values"))?;
        let [x, v, directions] = [given(batch.x)?, given(batch.v)?, given(batch.directions)?];
        // Room holds anything: a program writes what it reads.
        let allocate = |len: usize| -> Result<CudaSlice<f32>> {
            // SAFETY: as said.
            let slice = unsafe { stream.alloc(len.max(1)) };
            slice.map_err(failed("give memory"))
        };
        let outs = batch.outputs(program);
        let (out, sums) = (allocate(outs)?, allocate(program.sums)?);
        let (shared, workspace) = (allocate(program.shared)?, allocate(reference.workspace)?);
        let arrived = stream.alloc_zeros::<u32>(1);
        let arrived = arrived.map_err(failed("give memory"))?;
        let at = |slice: &CudaSlice<f32>| gpu.address(slice);
        let arguments = Arguments {
            params: at(&params),
            x,
            v,
            directions,
            shared: at(&shared),
            acc: at(&sums),
            out: at(&out),
            workspace: at(&workspace),
            arrived: gpu.address(&arrived),
            batch: batch.samples as i32,
            whole: batch.samples as i32,
            count: batch.count as i32,
            weight: 1.0 / batch.count.max(1) as f32,
            sigma: batch.sigma,
            ..Arguments::default()
        };
        others.extend([shared, workspace]);
        let lengths = Lengths {
            params: batch.params.len(),
            shared: program.shared,
            sums: program.sums,
            scratch: reference.workspace,
        };
        let calls = reference.calls.iter().map(|call| match call {
            Call::Kernel(kernel) => prepare(gpu, module, kernel),
            Call::Gemm(gemm) => Ok(Ready::Product {
                addresses: place(gemm, &arguments, &lengths)?,
                gemm: gemm.clone(),
            }),
        });
        Ok(Run {
            graph: None,
            calls: calls.collect::<Result<_>>()?,
            gpu: gpu.clone(),
            arguments,
            out: (out, outs),
            sums: (sums, program.sums),
            params,
            _others: others,
            _around: None,
            _arrived: arrived,
        })
    }

    /// Puts a training step around the program, from `rows` on; before anything is captured. The batch must have come with
    /// room for what is drawn.
    ///
    /// # Errors
    /// NVRTC or the driver refuses.
    pub fn train(&mut self, training: &Training, rows: &[f32]) -> Result<()> {
        let around = Around::new(&self.gpu, training, &self.arguments, rows)?;
        let call = |name: &str| -> Result<Ready> {
            Ok(Ready::Around {
                function: around.module.kernel(name)?,
                given: Box::new(around.given),
            })
        };
        self.calls.insert(0, call(BEGIN)?);
        self.calls.push(call(END)?);
        self._around = Some(around);
        Ok(())
    }

    /// Makes every call, one after another.
    ///
    /// # Errors
    /// A library refuses.
    pub fn calls(&self) -> Result<()> {
        let stream = &self.gpu.stream;
        for call in &self.calls {
            match call {
                Ready::Kernel {
                    function,
                    blocks,
                    cooperative,
                    direction,
                } => {
                    let config = LaunchConfig {
                        grid_dim: (*blocks as u32, 1, 1),
                        block_dim: (THREADS as u32, 1, 1),
                        shared_mem_bytes: 0,
                    };
                    let mut builder = stream.launch_builder(function);
                    builder.arg(&self.arguments).arg(direction);
                    // SAFETY: the arguments are the kernel's, the buffers have the sizes of the plan and live in `self`.
                    let launched = unsafe {
                        match cooperative {
                            true => builder.launch_cooperative(config),
                            false => builder.launch(config),
                        }
                    };
                    launched.map_err(failed("launch a kernel"))?;
                }
                Ready::Around { function, given } => {
                    let config = LaunchConfig {
                        grid_dim: (self.gpu.processors as u32, 1, 1),
                        block_dim: (THREADS as u32, 1, 1),
                        // A number for each warp.
                        shared_mem_bytes: (4 * THREADS / 32) as u32,
                    };
                    let mut builder = stream.launch_builder(function);
                    builder.arg(&self.arguments).arg(&**given);
                    // SAFETY: as above.
                    let launched = unsafe { builder.launch_cooperative(config) };
                    launched.map_err(failed("launch a kernel"))?;
                }
                // SAFETY: as above.
                Ready::Product { gemm, addresses } => unsafe {
                    self.gpu.blas.product(gemm, *addresses)?;
                },
            }
        }
        Ok(())
    }

    /// Captures the calls in a graph. They must have been made once, so that no library has anything left to load.
    ///
    /// # Errors
    /// The driver or cuBLAS refuses.
    pub fn capture(&mut self) -> Result<()> {
        let stream = &self.gpu.stream;
        stream.synchronize().map_err(failed("finish"))?;
        stream
            .begin_capture(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)
            .map_err(failed("begin a graph"))?;
        let made = self.calls();
        let graph = stream.end_capture(CUgraphInstantiate_flags(0));
        made?;
        let graph = graph.map_err(failed("end a graph"))?;
        if let Some(graph) = &graph {
            graph.upload().map_err(failed("take a graph"))?;
        }
        self.graph = graph;
        Ok(())
    }

    /// Launches the graph.
    ///
    /// # Errors
    /// There is none, or the driver refuses.
    pub fn replay(&self) -> Result<()> {
        let graph = self.graph.as_ref();
        let graph = graph.ok_or("there is no graph yet; capture it before it is launched")?;
        graph.launch().map_err(failed("launch a graph"))
    }

    /// Waits for what was asked for.
    ///
    /// # Errors
    /// Something of it failed.
    pub fn finish(&self) -> Result<()> {
        self.gpu.stream.synchronize().map_err(failed("finish"))
    }

    /// Puts zeros in the place of what the program left.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn forget(&mut self) -> Result<()> {
        for (slice, _) in [&mut self.out, &mut self.sums] {
            let cleared = self.gpu.stream.memset_zeros(slice);
            cleared.map_err(failed("clear values"))?;
        }
        Ok(())
    }

    /// What the program left: its outputs, and its sums over the batch.
    ///
    /// # Errors
    /// Something failed before.
    pub fn results(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        let read = |(slice, len): &(CudaSlice<f32>, usize)| -> Result<Vec<f32>> {
            let values = self.gpu.stream.clone_dtoh(slice);
            let mut values = values.map_err(failed("hand back values"))?;
            values.truncate(*len);
            Ok(values)
        };
        Ok((read(&self.out)?, read(&self.sums)?))
    }

    /// The parameters, which training changes.
    ///
    /// # Errors
    /// Something failed before.
    pub fn params(&self) -> Result<Vec<f32>> {
        let values = self.gpu.stream.clone_dtoh(&self.params);
        values.map_err(failed("hand back values"))
    }
}

fn prepare(gpu: &Gpu, module: &Module, kernel: &Kernel) -> Result<Ready> {
    let most = gpu.processors * if kernel.cooperative { 1 } else { RESIDENT };
    Ok(Ready::Kernel {
        function: module.kernel(&kernel.name)?,
        blocks: kernel.threads.div_ceil(THREADS).clamp(1, most),
        cooperative: kernel.cooperative,
        direction: kernel.direction as i32,
    })
}
