//! Compiles tests/specs/*.energy and shared.energy, as the build script of any crate may.

use std::{env, fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=../specs");
    println!("cargo::rerun-if-changed=shared.energy");
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn generate() -> Result<(), String> {
    let folder = fs::read_dir("../specs").map_err(|e| format!("tests/specs: {e}"))?;
    let mut files: Vec<_> = folder
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "energy"));
    files.sort();
    let mut text = String::new();
    for file in files {
        text += &scorematch_compiler::compile_file(&file)?;
    }
    let out = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    let out = Path::new(&out);
    let shared = scorematch_compiler::compile_file("shared.energy")?;
    fs::write(out.join("shared.rs"), shared).map_err(|e| e.to_string())?;
    fs::write(out.join("families.rs"), text).map_err(|e| e.to_string())
}
