//! A build that failed, in words: what stands in the way and what to do about it.

use std::path::Path;

use anyhow::anyhow;

use super::cache::Cache;
use super::cargo::Outcome;

/// Lines of cargo's own words that are shown.
const MOST_LINES: usize = 20;

/// The error of a build of `spec` in the folder `package`.
pub(super) fn explain(
    outcome: &Outcome,
    spec: &Path,
    package: &Path,
    cache: &Cache,
) -> anyhow::Error {
    let spec = spec.display();
    let rustc = outcome.error.as_ref();
    let holds = |sign: &str| {
        outcome.said.contains(sign) || rustc.is_some_and(|error| error.text.contains(sign))
    };
    if holds("No space left on device") || holds("not enough space on the disk") {
        return cache.unwritable(&"no space is left on the device");
    }
    if holds("linker `") && holds("not found") {
        return anyhow!(
            "{spec} cannot be compiled: Rust finds no linker; install one (on Debian `apt install gcc`, on macOS \
             `xcode-select --install`, on Windows the C++ Build Tools of Visual Studio)"
        );
    }
    if holds("SIGKILL") {
        return anyhow!(
            "{spec} cannot be compiled: the system has ended Rust's compiler, most likely for want of memory; CARGO_BUILD_JOBS=1 \
             needs less"
        );
    }
    if let Some(error) = rustc {
        return if error.in_package {
            anyhow!(
                "internal error of scorematch: the Rust that was written for {spec} does not compile, and the spec is sound; \
                 please report it at {} with the spec. The crate lies in {}. Rust's compiler says:\n{}",
                env!("CARGO_PKG_REPOSITORY"),
                package.display(),
                error.text
            )
        } else {
            anyhow!(
                "{spec} cannot be compiled: a library does not build here. Rust's compiler says:\n{}",
                error.text
            )
        };
    }
    let words = cargo_error(&outcome.said);
    if NETWORK.iter().any(|sign| holds(sign)) {
        return anyhow!(
            "{spec} cannot be compiled: crates are missing on this machine and cargo cannot download them; connect to the \
             network once, they are kept. Cargo says:\n{words}"
        );
    }
    anyhow!(
        "{spec} cannot be compiled in {}. Cargo says:\n{words}",
        package.display()
    )
}

/// How cargo speaks of a network that does not answer, or that its settings keep it from.
const NETWORK: [&str; 6] = [
    "offline mode",
    "failed to download",
    "failed to fetch",
    "download of ",
    "Could not resolve host",
    "spurious network error",
];

/// From the first line that is an error on.
fn cargo_error(said: &str) -> String {
    let lines = said.lines().skip_while(|line| !line.starts_with("error"));
    let mut lines: Vec<&str> = lines.take(MOST_LINES).collect();
    if lines.is_empty() {
        let all: Vec<&str> = said.lines().collect();
        lines = all[all.len().saturating_sub(MOST_LINES)..].to_vec();
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::cargo::RustcError;

    fn message(said: &str, rustc: Option<(&str, bool)>) -> String {
        let outcome = Outcome {
            said: said.into(),
            error: rustc.map(|(text, in_package)| RustcError {
                text: text.into(),
                in_package,
            }),
            ..Outcome::default()
        };
        let cache = Cache::find().expect("tests have a home folder");
        explain(
            &outcome,
            Path::new("my.energy"),
            Path::new("/cache/programs/0"),
            &cache,
        )
        .to_string()
    }

    #[test]
    fn each_cause_has_its_cure() {
        let emitted = message(
            "error: could not compile",
            Some(("error[E0308]: mismatched types", true)),
        );
        assert!(
            emitted.starts_with("internal error of scorematch"),
            "{emitted}"
        );
        for part in [
            "/cache/programs/0",
            "my.energy",
            "mismatched types",
            "https://",
        ] {
            assert!(emitted.contains(part), "{part}: {emitted}");
        }
        let library = message("", Some(("error: requires nightly", false)));
        assert!(library.contains("a library") && library.contains("requires nightly"));

        let full = message(
            "error: failed to write: No space left on device (os error 28)",
            None,
        );
        assert!(full.contains("SCOREMATCH_CACHE=DIR"), "{full}");
        let linker = message("", Some(("error: linker `cc` not found", false)));
        assert!(linker.contains("install one"), "{linker}");
        let memory = message("error: could not compile (signal: 9, SIGKILL: kill)", None);
        assert!(memory.contains("memory"), "{memory}");
        let network = message(
            "    Updating index\nerror: failed to download from `x`\n\nCaused by:\n  refused",
            None,
        );
        assert!(
            network.contains("network once") && network.ends_with("Caused by:\n  refused"),
            "{network}"
        );
    }

    #[test]
    fn a_cargo_that_is_kept_offline_needs_the_network() {
        let offline = message(
            "error: no matching package\nAs a reminder, you're using offline mode",
            None,
        );
        assert!(offline.contains("network once"), "{offline}");
    }

    #[test]
    fn other_failures_are_told_in_cargos_words() {
        let other = message(
            "   Compiling a\nwarning: w\nerror: rustc 1.80 is not supported",
            None,
        );
        assert!(
            other.ends_with("Cargo says:\nerror: rustc 1.80 is not supported"),
            "{other}"
        );
        let silent = message("killed", None);
        assert!(silent.ends_with("Cargo says:\nkilled"));
    }
}
