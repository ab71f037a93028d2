//! One build by cargo: a crate in, its executable out, or what cargo and rustc said.
//!
//! Cargo reports in JSON on standard output and in words on standard error; both are read while it runs. If this process is
//! ended, cargo finds its standard output closed and ends as well.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::{env, thread};

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use super::key::INSTRUCTION_SETS;
use super::progress::Progress;

/// What is built, and where.
pub(super) struct Build<'a> {
    /// The folder of the crate.
    pub(super) package: &'a Path,
    /// The name of the crate and of its executable.
    pub(super) name: &'a str,
    /// The folder that all crates are built in.
    pub(super) target: &'a Path,
    /// The instruction sets of the program, with commas between them.
    pub(super) instruction_sets: &'a str,
}

/// How cargo ended.
#[derive(Default)]
pub(super) struct Outcome {
    /// Whether it ended well.
    pub(super) success: bool,
    /// Where the executable of the crate lies.
    pub(super) executable: Option<PathBuf>,
    /// The first error of rustc.
    pub(super) error: Option<RustcError>,
    /// What cargo said on standard error.
    pub(super) said: String,
}

pub(super) struct RustcError {
    pub(super) text: String,
    /// Whether it is in the crate itself and not in a dependency.
    pub(super) in_package: bool,
}

/// A line of cargo's report; fields that are not read here are passed over.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
    message: String,
}

impl Build<'_> {
    /// Builds with what is on this machine, since the command itself was built from the same crates; once more with the
    /// network if something is missing.
    pub(super) fn run(&self, progress: &Progress) -> Result<Outcome> {
        let outcome = self.attempt(&["--offline"], progress)?;
        if outcome.success || !outcome.said.contains("--offline") {
            return Ok(outcome);
        }
        progress.say("downloading crates that are missing");
        self.attempt(&[], progress)
    }

    fn attempt(&self, network: &[&str], progress: &Progress) -> Result<Outcome> {
        if let Some(crates) = self.crates(network) {
            progress.total(crates);
        }
        let mut child = self
            .cargo("build", network)
            .args(["--release", "--message-format=json", "--target-dir"])
            .arg(self.target)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| not_started(&error))?;
        let said = child
            .stderr
            .take()
            .map(|stderr| thread::spawn(|| text(stderr)));
        let mut outcome = Outcome::default();
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).lines() {
                // Build scripts and wrappers of rustc may print lines of their own.
                if let Ok(message) = serde_json::from_str(&line.context("cargo's report")?) {
                    self.read(message, &mut outcome, progress);
                }
            }
        }
        outcome.success = child
            .wait()
            .context("cargo cannot be waited for")?
            .success();
        outcome.said = said.and_then(|said| said.join().ok()).unwrap_or_default();
        Ok(outcome)
    }

    fn read(&self, message: Message, outcome: &mut Outcome, progress: &Progress) {
        let Some(target) = message.target else {
            return;
        };
        let is_package = target.name == self.name;
        match (message.reason.as_str(), message.message) {
            ("compiler-artifact", _) => {
                if target.kind.iter().all(|kind| kind != "custom-build") {
                    progress.crate_done();
                }
                if is_package {
                    outcome.executable = message.executable;
                }
            }
            ("compiler-message", Some(found)) if found.level.starts_with("error") => {
                let text = found.rendered.unwrap_or(found.message);
                outcome.error.get_or_insert(RustcError {
                    text: text.trim_end().to_owned(),
                    in_package: is_package,
                });
            }
            _ => {}
        }
    }

    /// How many crates the build has; none if cargo cannot tell.
    fn crates(&self, network: &[&str]) -> Option<usize> {
        let mut tree = self.cargo("tree", network);
        tree.args(["--edges=normal,build", "--prefix=none", "--format={p}"]);
        let output = tree.stderr(Stdio::null()).output().ok()?;
        let names = String::from_utf8(output.stdout).ok()?;
        let names = names.lines().map(|line| line.trim_end_matches(" (*)"));
        let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
        (!names.is_empty()).then_some(names.len())
    }

    fn cargo(&self, command: &str, network: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        // In the folder of the crate no configuration of the user's project holds.
        cargo
            .arg(command)
            .args(network)
            .current_dir(self.package)
            .stdin(Stdio::null());
        for (name, _) in env::vars_os().filter(|(name, _)| !is_inherited(name)) {
            cargo.env_remove(name);
        }
        cargo.env(INSTRUCTION_SETS, self.instruction_sets);
        cargo.env("CARGO_TERM_COLOR", "never");
        cargo
    }
}

/// Of the variables that cargo reads or sets, those that say where crates come from, what links and how many jobs run at
/// once. The others are those of a project, or of a `cargo run` that this process was started by.
fn is_inherited(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let kept = [
        "CARGO_HOME",
        "CARGO_BUILD_JOBS",
        "CARGO_BUILD_RUSTC_WRAPPER",
    ];
    let kept_groups = [
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_SOURCE_",
    ];
    let is_linker = name.starts_with("CARGO_TARGET_") && name.ends_with("_LINKER");
    !(name == "CARGO" || name.starts_with("CARGO_"))
        || kept.contains(&&*name)
        || kept_groups.iter().any(|group| name.starts_with(group))
        || is_linker
}

fn not_started(error: &io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return anyhow!(
            "a spec becomes a program by Rust's compiler, and there is no `cargo` on the PATH: install Rust from \
             https://rustup.rs, and open a new terminal"
        );
    }
    anyhow!("cargo cannot be started: {error}")
}

fn text(mut stderr: ChildStderr) -> String {
    let mut bytes = Vec::new();
    // What was read before an error is worth telling.
    let _ = stderr.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surrounding_cargo_run_does_not_change_the_build() {
        for name in [
            "PATH",
            "HOME",
            "RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "CARGO_TARGET_A_LINKER",
        ] {
            assert!(is_inherited(OsStr::new(name)), "{name}");
        }
        for name in [
            "CARGO",
            "CARGO_TARGET_DIR",
            "CARGO_PKG_NAME",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_ENCODED_RUSTFLAGS",
        ] {
            assert!(!is_inherited(OsStr::new(name)), "{name}");
        }
    }
}
