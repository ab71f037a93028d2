//! Chooses the instruction sets. With the feature `nccl`: compiles the kernel that no model changes, where nvcc is found.

#[path = "build/instruction_sets.rs"]
mod instruction_sets;
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a module of the library"
)]
#[path = "src/cuda/sources.rs"]
mod sources;
#[path = "build/step_epilogue.rs"]
mod step_epilogue;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    for file in ["build.rs", "build"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let compile_step_epilogue = || match env::var_os("CARGO_FEATURE_NCCL") {
        Some(_) => compile_step_epilogue(),
        None => Ok(()),
    };
    match choose_instruction_sets().and_then(|()| compile_step_epilogue()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn choose_instruction_sets() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed={}", instruction_sets::VARIABLE);
    let names: Vec<String> = instruction_sets::ALL
        .iter()
        .map(|isa| format!("{isa:?}"))
        .collect();
    println!(
        "cargo::rustc-check-cfg=cfg(isa, values({}))",
        names.join(", ")
    );
    for isa in instruction_sets::chosen(|name| env::var_os(name))? {
        println!("cargo::rustc-cfg=isa=\"{isa}\"");
    }
    Ok(())
}

/// `PATH` is not watched: an editor's differs from a shell's, and each change would build the crate again for an nvcc
/// that is not needed.
fn compile_step_epilogue() -> Result<(), String> {
    for variable in ["NVCC", "CUDA_HOME", "CUDA_PATH"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let nvcc = step_epilogue::find(|name| env::var_os(name));
    if let Some(nvcc) = nvcc.as_deref().filter(|nvcc| nvcc.is_file()) {
        println!("cargo::rerun-if-changed={}", nvcc.display());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    step_epilogue::write(
        &sources::text(&sources::STEP_EPILOGUE),
        &out,
        nvcc.as_deref(),
    )
    .map_err(|error| format!("{}: {error}", out.display()))
}
