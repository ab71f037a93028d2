//! Compiles the ready-made models, specs/*.energy, to one file of Rust that `src/zoo.rs` includes, and records what
//! `src/program` makes programs of: the folder of the sources, their hash, the versions of crates, the compiler.

#[allow(dead_code, unreachable_pub, reason = "a module of the command")]
#[path = "src/program/sources.rs"]
mod sources;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=specs");
    match compile_zoo().and_then(|()| record_origin()) {
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
    write("zoo.rs", &zoo)
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

/// A package from a registry stands alone: its neighbours are packages of other names and versions.
fn record_origin() -> Result<(), String> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let root = here
        .parent()
        .filter(|root| root.join("runs/Cargo.toml").is_file());
    let (folder, hash) = match root {
        None => ("", String::new()),
        Some(root) => {
            for path in sources::files_and_folders().map(|path| root.join(path)) {
                // A path that is not there would count as changed.
                if path.exists() {
                    println!("cargo::rerun-if-changed={}", path.display());
                }
            }
            let shown = root.display();
            let folder = root
                .to_str()
                .ok_or_else(|| format!("{shown}: the path is no Unicode"))?;
            let hash = sources::hash(root).map_err(|error| format!("{shown}: {error}"))?;
            (folder, hash)
        }
    };
    println!("cargo::rustc-env=SCOREMATCH_SOURCES={folder}");
    println!("cargo::rustc-env=SCOREMATCH_SOURCES_HASH={hash}");

    let rustc = variable("RUSTC")?;
    let output = Command::new(&rustc).arg("-V").output();
    let version = output.map_err(|error| format!("{rustc}: {error}"))?.stdout;
    let version = String::from_utf8_lossy(&version);
    println!("cargo::rustc-env=SCOREMATCH_RUSTC={}", version.trim());

    let lock = root.unwrap_or(&here).join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    // A package that is built from a folder without one has the newest versions, and so have its programs.
    write("Cargo.lock", &fs::read_to_string(lock).unwrap_or_default())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

fn write(name: &str, text: &str) -> Result<(), String> {
    let target = Path::new(&variable("OUT_DIR")?).join(name);
    fs::write(&target, text).map_err(|error| format!("{}: {error}", target.display()))
}
