//! Chooses the instruction sets. With the feature `nccl`: compiles the kernel that no model changes, where nvcc is found.

#[path = "build/ending.rs"]
mod ending;
#[path = "build/forms.rs"]
mod forms;
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
    for file in ["build.rs", "build"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let compile_ending = || match env::var_os("CARGO_FEATURE_NCCL") {
        Some(_) => compile_ending(),
        None => Ok(()),
    };
    match choose_forms().and_then(|()| compile_ending()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn choose_forms() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed={}", forms::VARIABLE);
    let names: Vec<String> = forms::ALL.iter().map(|form| format!("{form:?}")).collect();
    println!(
        "cargo::rustc-check-cfg=cfg(form, values({}))",
        names.join(", ")
    );
    for form in forms::chosen(|name| env::var_os(name))? {
        println!("cargo::rustc-cfg=form=\"{form}\"");
    }
    Ok(())
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
