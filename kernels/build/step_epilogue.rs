//! The kernel that depends on no model, compiled when the crate is built.
//!
//! Enters: its source and the environment. Leaves: its machine code where nvcc is found and compiles it; else an empty
//! file, and the same source is compiled at run time. Must hold: an nvcc that is missing or fails is no error and is
//! not reported, because it costs only one compilation at run time.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// Machine code for A100, H100 and B200, which serves others of their generations too, and PTX for all later ones.
const TARGETS: [&str; 4] = [
    "arch=compute_80,code=sm_80",
    "arch=compute_90,code=sm_90",
    "arch=compute_100,code=sm_100",
    "arch=compute_80,code=compute_80",
];

/// Writes `step_epilogue.cu` and `step_epilogue.fatbin` into `out`.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write(text: &str, out: &Path, nvcc: Option<&Path>) -> io::Result<()> {
    let (source, code) = (
        out.join("step_epilogue.cu"),
        out.join("step_epilogue.fatbin"),
    );
    fs::write(&source, text)?;
    // Discards the machine code of an earlier build.
    fs::write(&code, [])?;
    if let Some(nvcc) = nvcc
        && !compiles(nvcc, &source, &code)
    {
        fs::write(&code, [])?;
    }
    Ok(())
}

/// Whether nvcc compiles the source. Its output is discarded.
fn compiles(nvcc: &Path, source: &Path, code: &Path) -> bool {
    let mut command = Command::new(nvcc);
    command.args(["-fatbin", "-std=c++17"]);
    for target in TARGETS {
        command.args(["-gencode", target]);
    }
    let output = command.arg("-o").arg(code).arg(source).output();
    output.is_ok_and(|output| output.status.success())
}

/// The nvcc of this machine: the one that `NVCC` names, that of the toolkit in `CUDA_HOME` or `CUDA_PATH`, or the first
/// in `PATH`.
pub(crate) fn find(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let named = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(nvcc) = named("NVCC") {
        return Some(nvcc.into());
    }
    let name = format!("nvcc{}", env::consts::EXE_SUFFIX);
    let toolkits = ["CUDA_HOME", "CUDA_PATH"].into_iter().filter_map(named);
    let folders = toolkits.map(|toolkit| Path::new(&toolkit).join("bin"));
    let path = named("PATH").unwrap_or_default();
    let mut candidates = folders
        .chain(env::split_paths(&path))
        .map(|folder| folder.join(&name));
    candidates.find(|candidate| candidate.is_file())
}
