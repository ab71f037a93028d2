//! Compiles the ready-made models, specs/*.energy, to one file of Rust that `src/zoo.rs` includes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=specs");
    match compile_zoo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn compile_zoo() -> Result<(), String> {
    let mut zoo = String::new();
    for file in spec_files().map_err(|error| format!("specs: {error}"))? {
        println!("cargo::rerun-if-changed={}", file.display());
        zoo += &scorematch_compiler::compile_file(&file).map_err(|error| error.to_string())?;
    }
    let out = env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?;
    let target = Path::new(&out).join("zoo.rs");
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
