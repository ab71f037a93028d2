//! Compiles the ready-made models of the command line, specs/*.energy to one file of Rust that `src/zoo.rs`
//! includes, and for several GPUs the kernel that no model changes.

#[path = "build/ending.rs"]
mod ending;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=specs");
    let feature = |name| env::var_os(name).is_some();
    let zoo = match feature("CARGO_FEATURE_CLI") {
        true => compile_zoo(),
        false => Ok(()),
    };
    let ending = match feature("CARGO_FEATURE_NCCL") {
        true => compile_ending(),
        false => Ok(()),
    };
    match zoo.and(ending) {
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
    println!("cargo::rerun-if-changed=kernels");
    for variable in ["NVCC", "CUDA_HOME", "CUDA_PATH"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let nvcc = ending::find(|name| env::var_os(name));
    if let Some(nvcc) = nvcc.as_deref().filter(|nvcc| nvcc.is_file()) {
        println!("cargo::rerun-if-changed={}", nvcc.display());
    }
    ending::write(Path::new("kernels"), &out()?, nvcc.as_deref())
        .map_err(|error| format!("kernels: {error}"))
}

fn out() -> Result<PathBuf, String> {
    let out = env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?;
    Ok(PathBuf::from(out))
}

fn compile_zoo() -> Result<(), String> {
    let mut zoo = String::new();
    for file in spec_files().map_err(|error| format!("specs: {error}"))? {
        println!("cargo::rerun-if-changed={}", file.display());
        zoo += &scorematch_compiler::compile_file(&file).map_err(|error| error.to_string())?;
    }
    let target = out()?.join("zoo.rs");
    fs::write(&target, zoo).map_err(|error| format!("{}: {error}", target.display()))
}

/// In the order of their names, so that the zoo does not depend on the file system.
fn spec_files() -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir("specs")? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "energy")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
