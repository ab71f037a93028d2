//! The way to a GPU without one: real bindings, and libraries that stand in for NVIDIA's. And a second way on a GPU, for
//! comparison: products by NVIDIA's library ([`mod@reference`]).
//!
//! A crate of its own, so that its tests build the feature `cuda` without all that other tests build.

pub mod reference;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compiles the libraries that stand in for NVIDIA's into a folder, by g++.
///
/// # Panics
/// g++ is not there, or does not compile them.
pub fn compile_stand_ins(folder: &Path) {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    for (source, library) in [
        ("driver.cpp", "libcuda.so.1"),
        ("nvrtc.cpp", "libnvrtc.so.13"),
        ("nccl.cpp", "libnccl.so.2"),
        ("cublas.cpp", "libcublas.so.13"),
    ] {
        let output = Command::new("g++")
            .args(["-std=c++17", "-O1", "-shared", "-fPIC", "-o"])
            .arg(folder.join(library))
            .arg(root().join("tests/cuda/stand_in").join(source))
            .arg("-ldl")
            .output()
            .expect("g++ can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{source}: {said}");
    }
}
