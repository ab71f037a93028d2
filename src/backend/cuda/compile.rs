//! Compiles source to machine code for the device at hand, by NVRTC, and keeps it on disk.

use std::ffi::CString;

use cudarc::nvrtc::{result, sys};
use scorematch_kernels::cuda as sources;

use super::cache;
use super::launch::Shape;
use super::library::nvrtc_version;
use crate::error::DeviceError;
use crate::program::DeviceCode;

/// The variant of a program that is compiled, beside its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Variant {
    /// Products of TF32 numbers.
    pub(super) tf32: bool,
    pub(super) role: KernelRole,
}

/// The role of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum KernelRole {
    /// It runs the program over a batch.
    Once,
    /// It makes steps of training.
    Steps,
    /// It begins a step of training, of which other GPUs have shares.
    Share,
}

/// The machine code of a program in a shape.
pub(super) fn compile(
    code: &DeviceCode,
    shape: Shape,
    architecture: &str,
    variant: Variant,
) -> Result<Vec<u8>, DeviceError> {
    let mut source = sources::text(&sources::PROGRAM);
    match variant.role {
        KernelRole::Once => {}
        KernelRole::Steps => source += "#define TRAINING\n",
        KernelRole::Share => source += "#define SHARES\n",
    }
    if variant.role != KernelRole::Once {
        source += &sources::text(&sources::TRAINING);
    }
    source += code.source;
    let options = [
        format!("-DSAMPLES={}", shape.launch.samples),
        format!("-DDIRECTIONS={}", shape.launch.directions),
        format!("-DSCRATCH_IN_SHARED={}", shape.in_shared),
        format!("-DTF32_PRODUCTS={}", if variant.tf32 { 1 } else { 3 }),
    ];
    machine_code(code.entry, &source, &options, architecture)
}

/// The machine code of a source, from the cache if it is there.
pub(super) fn machine_code(
    entry: &'static str,
    source: &str,
    definitions: &[String],
    architecture: &str,
) -> Result<Vec<u8>, DeviceError> {
    // Instructions that later architectures lack are in the variant of this one only.
    let suffix = if architecture == "sm_90" { "a" } else { "" };
    let target = format!("--gpu-architecture={architecture}{suffix}");
    let options: Vec<String> = [&[target], definitions].concat();
    let key = format!(
        "nvrtc {}\n{}\n{source}",
        nvrtc_version()?,
        options.join(" ")
    );
    if let Some(binary) = cache::find(entry, &key) {
        return Ok(binary);
    }
    let binary = translate(source, &options).map_err(|log| DeviceError::Compile {
        entry,
        architecture: architecture.to_owned(),
        log,
    })?;
    cache::keep(entry, &key, &binary);
    Ok(binary)
}

/// Machine code, or the compiler's message.
fn translate(source: &str, options: &[String]) -> Result<Vec<u8>, String> {
    let said = |e: result::NvrtcError| format!("{e:?}");
    let source = CString::new(source).map_err(|e| e.to_string())?;
    let program = result::create_program(&source, None).map_err(said)?;
    // SAFETY: the program was made just now and is destroyed once, below.
    unsafe {
        let binary = match result::compile_program(program, options) {
            Ok(()) => binary(program),
            Err(error) => Err(result::get_program_log(program).map_or_else(
                |_| said(error),
                |log| {
                    let bytes: Vec<u8> = log.iter().map(|c| *c as u8).collect();
                    let text = String::from_utf8_lossy(&bytes);
                    text.trim_end_matches('\0').to_owned()
                },
            )),
        };
        result::destroy_program(program).map_err(said)?;
        binary
    }
}

/// The machine code of a compiled program.
///
/// # Safety
/// The program exists and is compiled.
unsafe fn binary(program: sys::nvrtcProgram) -> Result<Vec<u8>, String> {
    let mut size = 0;
    // SAFETY: the caller's promise; the buffer has the size that the library asks for.
    unsafe {
        let result = sys::nvrtcGetCUBINSize(program, &mut size).result();
        result.map_err(|e| format!("{e:?}"))?;
        let mut binary = vec![0u8; size];
        let result = sys::nvrtcGetCUBIN(program, binary.as_mut_ptr().cast()).result();
        result.map_err(|e| format!("{e:?}"))?;
        Ok(binary)
    }
}
