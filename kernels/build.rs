//! With the feature `nccl`: compiles the kernel that no model changes, where nvcc is found.

#[path = "build/ending.rs"]
mod ending;
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a module of the library"
)]
#[path = "src/cuda/sources.rs"]
mod sources;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_NCCL").is_none() {
        return ExitCode::SUCCESS;
    }
    match compile_ending() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// `PATH` is not watched: an editor's differs from a shell's, and each change would build the crate again for an nvcc
/// that is not needed.
fn compile_ending() -> Result<(), String> {
    for variable in ["NVCC", "CUDA_HOME", "CUDA_PATH"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let nvcc = ending::find(|name| env::var_os(name));
    if let Some(nvcc) = nvcc.as_deref().filter(|nvcc| nvcc.is_file()) {
        println!("cargo::rerun-if-changed={}", nvcc.display());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    ending::write(&sources::text(&sources::ENDING), &out, nvcc.as_deref())
        .map_err(|error| format!("{}: {error}", out.display()))
}
