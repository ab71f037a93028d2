//! What the build script does with an nvcc, with one that fails, and with none.
#![cfg(unix)]

#[path = "../build/step_epilogue.rs"]
mod step_epilogue;

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const SOURCE: &str = "the text of the kernel\n";

/// An nvcc that is a script.
fn script(folder: &Path, text: &str) -> PathBuf {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let file = folder.join("nvcc");
    std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).expect("the script can be written");
    let all = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&file, all).expect("the script can be made executable");
    file
}

#[test]
fn the_kernel_is_compiled_where_nvcc_is_found() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let out = folder.path().join("out");
    std::fs::create_dir(&out).expect("the folder can be made");
    let code = |nvcc: Option<&Path>| {
        step_epilogue::write(SOURCE, &out, nvcc).expect("the folder is there");
        std::fs::read(out.join("step_epilogue.fatbin")).expect("it is written")
    };
    // It writes what it was given into the file after -o.
    let sound = script(
        &folder.path().join("sound"),
        r#"all="$*"; while [ "$1" != -o ]; do shift; done; echo "$all" > "$2""#,
    );
    let given = String::from_utf8(code(Some(&sound))).expect("it is text");
    println!("{given}");
    assert!(given.starts_with("-fatbin "), "{given}");
    for target in ["sm_80", "sm_90", "sm_100", "compute_80"] {
        assert!(given.contains(&format!("code={target} ")), "{given}");
    }
    assert!(given.trim_end().ends_with("step_epilogue.cu"), "{given}");
    // What a failing one leaves is not taken, nor what an earlier one left.
    let failing = script(
        &folder.path().join("failing"),
        r#"while [ "$1" != -o ]; do shift; done; echo half > "$2"; echo no >&2; exit 1"#,
    );
    assert_eq!(code(Some(&failing)), b"");
    assert_ne!(code(Some(&sound)), b"");
    assert_eq!(code(Some(Path::new("/nowhere/nvcc"))), b"");
    assert_ne!(code(Some(&sound)), b"");
    assert_eq!(code(None), b"");
    let source = std::fs::read_to_string(out.join("step_epilogue.cu")).expect("it is written");
    assert_eq!(source, SOURCE);
}

#[test]
fn nvcc_is_looked_for_in_order() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (home, path) = (folder.path().join("home"), folder.path().join("path"));
    let (of_home, of_path) = (script(&home.join("bin"), ""), script(&path, ""));
    let found = |variables: &[(&str, &Path)]| {
        step_epilogue::find(|name| {
            let named = variables.iter().find(|(other, _)| *other == name);
            named.map(|(_, value)| OsString::from(value))
        })
    };
    let empty = folder.path();
    assert_eq!(found(&[]), None);
    assert_eq!(found(&[("PATH", empty)]), None);
    assert_eq!(found(&[("PATH", &path)]), Some(of_path.clone()));
    assert_eq!(
        found(&[("CUDA_PATH", &home), ("PATH", &path)]),
        Some(of_home.clone())
    );
    // A toolkit without a compiler.
    assert_eq!(
        found(&[("CUDA_HOME", empty), ("CUDA_PATH", &home), ("PATH", &path)]),
        Some(of_home.clone())
    );
    assert_eq!(
        found(&[("CUDA_HOME", empty), ("PATH", &path)]),
        Some(of_path)
    );
    let named = Path::new("some/nvcc");
    assert_eq!(
        found(&[("NVCC", named), ("CUDA_HOME", &home)]),
        Some(named.into())
    );
}
