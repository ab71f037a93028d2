//! The way to a GPU, without one: real bindings, a driver and a compiler that stand in for NVIDIA's.
//!
//! The libraries are found by a child process, whose search path names them; they are compiled by g++.

#![cfg(target_os = "linux")]
#![allow(unreachable_pub, reason = "modules of one test share what they do")]

mod draws;
mod inside;
mod reference;
mod together;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use scorematch::{Device, DeviceError, Error};
use scorematch_cuda_tests::{compile_stand_ins, root};

/// The folder of the libraries that stand in, compiled once.
fn stand_ins() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stand-ins");
        compile_stand_ins(&folder);
        folder
    })
}

/// Runs one of the ignored tests where the libraries are found.
fn child(test: &str, cache: &Path, variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().expect("a test knows its file"))
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("LD_LIBRARY_PATH", stand_ins())
        .env(
            "STANDIN_EMULATION",
            root().join("compiler/tests/cuda/emulation.hpp"),
        )
        .env("SCOREMATCH_CACHE", cache)
        .envs(variables.iter().copied())
        .output()
        .expect("the test can be started")
}

fn succeeds(test: &str, cache: &Path, variables: &[(&str, &str)]) -> String {
    let output = child(test, cache, variables);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{said}"
    );
    text
}

/// The file that the tests share compiled programs through.
fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cubins")
}

/// On a machine without a driver the message is exact, and nothing panics, not even where the panic would be caught.
#[test]
fn no_driver() {
    let empty = tempfile::tempdir().expect("a folder can be made");
    let folder = empty.path().to_string_lossy();
    let variables = [("LD_LIBRARY_PATH", &*folder)];
    println!(
        "{}",
        succeeds("no_driver_is_an_error", &shared_cache(), &variables)
    );
}

/// With panics that end the process, as in a build with `panic = "abort"`.
#[test]
#[ignore = "started by no_driver, where no library is found"]
fn no_driver_is_an_error() {
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("{panic}");
        std::process::abort();
    }));
    for device in [Device::cuda(0), Device::cuda_devices(&[0, 1])] {
        match device {
            Ok(device) => println!("this machine has {device}"),
            Err(Error::Device(DeviceError::NoDriver { .. })) => assert_eq!(
                device.unwrap_err().to_string(),
                "no NVIDIA driver: libcuda.so.1 cannot be loaded. Install the driver of the GPU (`nvidia-smi` shows one that \
                 works), or compute on the CPU"
            ),
            Err(Error::Device(other)) => println!("this machine has a driver: {other}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn every_quantity_and_loss() {
    println!(
        "{}",
        succeeds("inside::quantities_and_losses", &shared_cache(), &[])
    );
}

/// With less shared memory the same programs keep their scratch elsewhere.
#[test]
fn little_shared_memory() {
    let small = [("STANDIN_SHARED", "16000")];
    println!(
        "{}",
        succeeds("inside::quantities_and_losses", &shared_cache(), &small)
    );
}

#[test]
fn training() {
    println!(
        "{}",
        succeeds(
            "inside::training_ends_where_the_cpu_ends",
            &shared_cache(),
            &[]
        )
    );
}

#[test]
fn less_accurate_products() {
    println!(
        "{}",
        succeeds("inside::tf32_is_a_choice", &shared_cache(), &[])
    );
}

/// Products by a library that stands in too, for every family.
#[test]
fn the_reference() {
    println!(
        "{}",
        succeeds(
            "reference::every_program_of_every_family",
            &shared_cache(),
            &[]
        )
    );
}

#[test]
fn the_reference_and_fused_kernels() {
    let test = "reference::fused::fused_kernels_compute_what_the_reference_computes";
    println!("{}", succeeds(test, &shared_cache(), &[]));
}

#[test]
fn training_around_the_reference() {
    let test = "reference::fused::a_training_step_is_the_fused_one";
    println!("{}", succeeds(test, &shared_cache(), &[]));
}

#[test]
fn faults_of_the_reference() {
    println!(
        "{}",
        succeeds("reference::planted_faults_show", &shared_cache(), &[])
    );
}

#[test]
fn less_accurate_products_of_the_reference() {
    println!(
        "{}",
        succeeds("reference::tf32_is_a_choice", &shared_cache(), &[])
    );
}

#[test]
fn ceilings() {
    let test = "reference::ceilings_are_of_the_time_between_events";
    println!("{}", succeeds(test, &shared_cache(), &[]));
}

/// Without cuBLAS the reference says so, and nothing panics.
#[test]
fn the_reference_needs_its_library() {
    let without = tempfile::tempdir().expect("a folder can be made");
    for library in ["libcuda.so.1", "libnvrtc.so.13"] {
        std::os::unix::fs::symlink(stand_ins().join(library), without.path().join(library))
            .expect("a link can be made");
    }
    let folder = without.path().to_string_lossy();
    let variables = [("LD_LIBRARY_PATH", &*folder)];
    let output = child("reference::tf32_is_a_choice", &shared_cache(), &variables);
    let said = String::from_utf8_lossy(&output.stdout);
    let expected =
        "the reference needs libcublas.so.13, which is not found; install cuBLAS of CUDA 13";
    // This machine may have one of its own.
    assert!(said.contains(expected) || output.status.success(), "{said}");
}

#[test]
fn runs_resume() {
    println!(
        "{}",
        succeeds(
            "inside::a_resumed_run_ends_in_the_same_bits",
            &shared_cache(),
            &[]
        )
    );
}

#[test]
fn divergence() {
    println!(
        "{}",
        succeeds("inside::divergence_is_told", &shared_cache(), &[])
    );
}

#[test]
fn singular_rows() {
    println!(
        "{}",
        succeeds("inside::a_singular_row_is_named", &shared_cache(), &[])
    );
}

/// The second process finds what the first compiled; what is damaged is compiled again.
#[test]
fn compiled_programs_are_kept() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let entries = || -> Vec<PathBuf> {
        std::fs::read_dir(folder.path())
            .expect("the folder is there")
            .map(|e| e.expect("it can be read").path())
            .collect()
    };
    succeeds("inside::one_energy", folder.path(), &[]);
    assert_eq!(entries().len(), 1);
    // A compiler that always fails is not asked.
    succeeds(
        "inside::one_energy",
        folder.path(),
        &[("STANDIN_FAIL", "1")],
    );
    let entry = entries().remove(0);
    let mut bytes = std::fs::read(&entry).expect("the entry can be read");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&entry, &bytes).expect("the entry can be written");
    assert!(
        !child(
            "inside::one_energy",
            folder.path(),
            &[("STANDIN_FAIL", "1")]
        )
        .status
        .success()
    );
    succeeds("inside::one_energy", folder.path(), &[]);
    bytes[last] ^= 1;
    assert!(std::fs::read(&entry).expect("the entry can be read") == bytes);
}

#[test]
fn what_is_missing_is_said() {
    let none = tempfile::tempdir().expect("a folder can be made");
    for (variables, expected) in [
        (
            &[("STANDIN_DEVICES", "0")][..],
            "cuda:0 was asked for, but the NVIDIA driver finds 0 GPUs",
        ),
        (
            &[("STANDIN_CAPABILITY", "7")],
            "cuda:0 (stand-in) has compute capability 7.0; the products need the tensor cores of 8.0 or later",
        ),
        (
            &[("STANDIN_VERSION", "11080")],
            "the NVIDIA driver supports CUDA 11.8, NVRTC compiles for CUDA 13.0",
        ),
        (
            &[("STANDIN_FAIL", "1")],
            "NVRTC does not compile run_energy for sm_90:\nerror: the stand-in was told to fail",
        ),
    ] {
        let output = child("inside::one_energy", none.path(), variables);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(expected), "{said}");
        assert!(!output.status.success());
    }
}

#[test]
fn training_on_several() {
    let three = [("STANDIN_DEVICES", "3")];
    for test in [
        "together::several_devices_make_the_steps_of_one",
        "together::batches_smaller_than_the_devices",
        "together::divergence_halts_all",
    ] {
        println!("{}", succeeds(test, &shared_cache(), &three));
    }
}

#[test]
fn what_keeps_devices_from_training_together_is_said() {
    let two = ("STANDIN_DEVICES", "2");
    for (test, variables, expected) in [
        (
            "together::some_steps",
            &[][..],
            "cuda:1 was asked for, but the NVIDIA driver finds 1 GPUs; they count from 0",
        ),
        (
            "together::one_device_twice",
            &[two],
            "cuda:0 was asked for twice: each GPU takes one share of a batch, name it once",
        ),
        (
            "together::some_steps",
            &[two, ("STANDIN_ODD", "1")],
            "cuda:0 (stand-in, sm_90) and cuda:1 (odd stand-in, sm_90) are not alike",
        ),
        (
            "together::some_steps",
            &[two, ("STANDIN_NCCL_FAIL", "1")],
            "NCCL cannot join the GPUs: unhandled system error (2). NCCL_DEBUG=INFO makes it tell more",
        ),
        // Bits that differ are found where parameters are read.
        (
            "together::some_steps",
            &[two, ("STANDIN_NCCL_FAULT", "1")],
            "GPUs that train together must hold the same bits",
        ),
        // No thread waits for a device that is lost.
        (
            "together::some_steps",
            &[two, ("STANDIN_LOST", "1")],
            "the NVIDIA driver cannot finish the steps of a GPU",
        ),
    ] {
        let output = child(test, &shared_cache(), variables);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(expected), "{said}");
        assert!(!output.status.success());
        println!("{said}");
    }
    println!(
        "{}",
        succeeds("together::some_steps", &shared_cache(), &[two])
    );
}

/// A machine with a driver and a compiler, and no NCCL.
#[test]
fn no_nccl() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for library in ["libcuda.so.1", "libnvrtc.so.13"] {
        std::os::unix::fs::symlink(stand_ins().join(library), folder.path().join(library))
            .expect("a link can be made");
    }
    let path = folder.path().to_str().expect("the folder's name is text");
    let variables = [("STANDIN_DEVICES", "2"), ("LD_LIBRARY_PATH", path)];
    let output = child("together::some_steps", &shared_cache(), &variables);
    let said = String::from_utf8_lossy(&output.stdout);
    let expected = "no NCCL: libnccl.so.2 cannot be loaded. Install it (`apt install libnccl2`, or `pip install \
                    nvidia-nccl-cu13` and add its folder nvidia/nccl/lib to LD_LIBRARY_PATH), or name one GPU\n";
    // Where NCCL is installed it is found without being named.
    assert!(
        said.contains(expected) || said.contains("cuda:0,1 (stand-in)"),
        "{said}"
    );
    println!("{said}");
}
