//! Source to kernels on the very device, by NVRTC. Nothing is kept on disk.

use std::ffi::CString;
use std::sync::Arc;

use cudarc::driver::{CudaFunction, CudaModule};
use cudarc::nvrtc::{Ptx, result, sys};
use scorematch_compiler::emit::{Reference, Size};
use scorematch_kernels::cuda as sources;

use super::{Gpu, Result, failed};

/// The text that every program follows.
pub(super) fn kernels() -> String {
    sources::text(&sources::PROGRAM)
}

/// Compiled kernels.
#[derive(Debug)]
pub struct Module(Arc<CudaModule>);

impl Module {
    /// The kernels of programs of one size.
    ///
    /// # Errors
    /// NVRTC or the driver refuses them; the message has the log.
    pub fn of(gpu: &Gpu, programs: &[&Reference], size: &Size) -> Result<Module> {
        let sources: String = programs.iter().map(|p| p.source.as_str()).collect();
        // The definition tells NVRTC's stand-in what kernels take.
        let source = format!("{}#define REFERENCE\n{sources}", kernels());
        let options = [
            format!("-DSAMPLES={}", size.samples),
            format!("-DDIRECTIONS={}", size.chunk),
        ];
        Module::compile(gpu, &source, &options)
    }

    /// What a source with these options defines.
    pub(super) fn compile(gpu: &Gpu, source: &str, options: &[String]) -> Result<Module> {
        let mut options = options.to_vec();
        options.push(format!("--gpu-architecture={}", gpu.architecture));
        let binary = translate(source, &options)?;
        let module = gpu.stream.context().load_module(Ptx::from_binary(binary));
        Ok(Module(module.map_err(failed("load the kernels"))?))
    }

    /// The kernel of that name.
    pub(super) fn kernel(&self, name: &str) -> Result<CudaFunction> {
        let found = self.0.load_function(name);
        found.map_err(|e| format!("the compiled source has no kernel {name}: {e}"))
    }
}

/// Machine code, or what the compiler says.
fn translate(source: &str, options: &[String]) -> Result<Vec<u8>> {
    let said = |e: result::NvrtcError| format!("NVRTC: {e:?}");
    let source = CString::new(source).map_err(|e| e.to_string())?;
    let program = result::create_program(&source, None).map_err(said)?;
    // SAFETY: the program was made just now and is destroyed once, below; the buffer has the size that the library names.
    unsafe {
        let binary = match result::compile_program(program, options) {
            Ok(()) => {
                let mut size = 0;
                let asked = sys::nvrtcGetCUBINSize(program, &mut size).result();
                let mut binary = vec![0u8; size];
                asked
                    .and_then(|()| sys::nvrtcGetCUBIN(program, binary.as_mut_ptr().cast()).result())
                    .map(|()| binary)
                    .map_err(said)
            }
            Err(error) => Err(result::get_program_log(program).map_or_else(
                |_| said(error),
                |log| log.iter().map(|c| *c as u8 as char).collect(),
            )),
        };
        result::destroy_program(program).map_err(said)?;
        binary
    }
}
