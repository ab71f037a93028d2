//! Compiles tests/specs/*.energy and sharing.energy, as the build script of any crate may.

use std::{env, fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=../specs");
    println!("cargo::rerun-if-changed=sharing.energy");
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
    let sharing = scorematch_compiler::compile_file("sharing.energy")?;
    fs::write(out.join("sharing.rs"), sharing).map_err(|e| e.to_string())?;
    fs::write(out.join("families.rs"), text).map_err(|e| e.to_string())
}
