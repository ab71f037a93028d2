//! For which instruction sets a build compiles.

#[path = "../build/instruction_sets.rs"]
mod instruction_sets;

use std::ffi::OsString;

/// The instruction sets for these variables.
fn chosen(variables: &[(&str, &str)]) -> Result<Vec<&'static str>, String> {
    instruction_sets::chosen(|name| {
        let found = variables.iter().find(|v| v.0 == name);
        found.map(|v| OsString::from(v.1))
    })
}

const X86: (&str, &str) = ("CARGO_CFG_TARGET_ARCH", "x86_64");

#[test]
fn a_release_build_has_all() {
    assert_eq!(chosen(&[X86]), Ok(vec!["avx512", "avx2", "portable"]));
    let arm = ("CARGO_CFG_TARGET_ARCH", "aarch64");
    assert_eq!(chosen(&[arm]), Ok(vec!["neon", "portable"]));
    let other = ("CARGO_CFG_TARGET_ARCH", "riscv64");
    assert_eq!(chosen(&[other]), Ok(vec!["portable"]));
}

#[test]
fn target_features_leave_one() {
    let features = |list| chosen(&[X86, ("CARGO_CFG_TARGET_FEATURE", list)]);
    assert_eq!(features("avx,avx2,fma,fxsr"), Ok(vec!["avx2"]));
    let wide = "avx2,avx512dq,avx512f,fma";
    assert_eq!(features(wide), Ok(vec!["avx512"]));
    assert_eq!(
        features("avx2,sse3"),
        Ok(vec!["avx512", "avx2", "portable"])
    );
}

#[test]
fn a_debug_build_has_the_best_that_runs_here() {
    let debug = ("PROFILE", "debug");
    let here = chosen(&[X86, debug, ("HOST", "here"), ("TARGET", "here")]);
    let here = here.expect("nothing is asked for");
    assert_eq!(here.len(), 1, "{here:?}");
    let elsewhere = chosen(&[X86, debug, ("HOST", "here"), ("TARGET", "there")]);
    assert_eq!(elsewhere, Ok(vec!["avx512", "avx2", "portable"]));
}

#[test]
fn the_setting_comes_first() {
    let features = ("CARGO_CFG_TARGET_FEATURE", "avx2,fma");
    let asked = |list| chosen(&[X86, features, (instruction_sets::VARIABLE, list)]);
    assert_eq!(asked("portable, avx512"), Ok(vec!["avx512", "portable"]));
    assert_eq!(asked(""), Ok(vec!["avx2"]));
    let error = asked("avx2,neon").expect_err("no instruction set of the target");
    assert!(
        error.contains("SCOREMATCH_INSTRUCTION_SETS=avx2,neon: \"neon\""),
        "{error}"
    );
    assert!(error.contains("avx512 avx2 portable"), "{error}");
}

#[test]
fn names_are_those_of_the_library() {
    use scorematch_kernels::simd::InstructionSet;
    assert_eq!(
        instruction_sets::ALL,
        InstructionSet::ALL.map(InstructionSet::name)
    );
}
