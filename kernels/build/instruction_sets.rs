//! For which instruction sets vector code is compiled: each one named here is a copy of every kernel and of every model.
//!
//! Enters: the environment of a build script. Leaves: names of instruction sets, each a `cfg(isa = "…")`. What must
//! hold: code for the machine that builds is always among them, unless the user names others.

use std::ffi::OsString;

/// The setting.
pub(crate) const VARIABLE: &str = "SCOREMATCH_INSTRUCTION_SETS";

/// Every instruction set, the preferred first.
pub(crate) const ALL: [&str; 4] = ["avx512", "avx2", "neon", "portable"];

/// The instruction sets of the target, those for which a build compiles code.
///
/// # Errors
/// The setting names something else, or nothing.
pub(crate) fn chosen(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<&'static str>, String> {
    let text = |name: &str| {
        let value = variable(name).unwrap_or_default();
        value.to_string_lossy().into_owned()
    };
    let possible = of_architecture(&text("CARGO_CFG_TARGET_ARCH"));
    let asked = text(VARIABLE);
    if !asked.is_empty() {
        return named(&asked, possible);
    }
    let enabled = text("CARGO_CFG_TARGET_FEATURE");
    let enabled: Vec<&str> = enabled.split(',').collect();
    let is_certain = |isa: &&&str| {
        let needs = needs(isa);
        !needs.is_empty() && needs.iter().all(|feature| enabled.contains(feature))
    };
    if let Some(isa) = possible.iter().find(is_certain) {
        return Ok(vec![isa]);
    }
    // A debug build runs where it was built, with the best that runs there.
    if text("PROFILE") == "debug" && text("HOST") == text("TARGET") {
        let runs = |isa: &&str| runs_here(isa);
        return Ok(possible.iter().copied().find(runs).into_iter().collect());
    }
    Ok(possible.to_vec())
}

fn of_architecture(name: &str) -> &'static [&'static str] {
    match name {
        "x86_64" => &["avx512", "avx2", "portable"],
        "aarch64" => &["neon", "portable"],
        _ => &["portable"],
    }
}

/// The instruction sets of a list with commas.
fn named(list: &str, possible: &[&'static str]) -> Result<Vec<&'static str>, String> {
    let asked: Vec<&str> = list.split(',').map(str::trim).collect();
    match asked.iter().find(|name| !possible.contains(name)) {
        Some(other) => Err(format!(
            "{VARIABLE}={list}: {other:?} is no instruction set of this target; expected some of {}, with commas between them",
            possible.join(" ")
        )),
        None => {
            let is_asked = |isa: &&str| asked.contains(isa);
            Ok(possible.iter().copied().filter(is_asked).collect())
        }
    }
}

/// Target features that an instruction set of x86-64 needs. Where the whole program may use them, nothing narrower will
/// ever run.
fn needs(isa: &str) -> &'static [&'static str] {
    match isa {
        "avx512" => &["avx512f", "avx512dq", "avx2", "fma"],
        "avx2" => &["avx2", "fma"],
        _ => &[],
    }
}

#[cfg(target_arch = "x86_64")]
fn runs_here(isa: &str) -> bool {
    let narrow = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    match isa {
        "avx512" => {
            narrow && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq")
        }
        "avx2" => narrow,
        other => other == "portable",
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn runs_here(isa: &str) -> bool {
    isa == "portable" || (isa == "neon" && cfg!(target_arch = "aarch64"))
}
