//! A cargo that a test writes: a shell script that is found before the real one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds: puts a program there that repeats its arguments and ends with 3.
pub(crate) const BUILDS: &str = r#"
printf '#!/bin/sh\necho "ran $*"\nexit 3\n' > "$FAKE/built"
chmod +x "$FAKE/built"
echo "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"$name\",\"kind\":[\"bin\"]},\"executable\":\"$FAKE/built\"}"
echo '{"reason":"build-finished","success":true}'
"#;

/// A spec without mistakes.
pub(crate) const SPEC: &str = "/// A bowl.\nBowl(x: [D]) {\n    norm_sq(x)\n}\n";

/// A folder with a spec, a cache, and a cargo that does what a script says.
pub(crate) struct Workshop {
    root: tempfile::TempDir,
}

impl Workshop {
    /// `build` is what cargo does when it is to build the crate `$name`.
    pub(crate) fn new(build: &str) -> Workshop {
        let workshop = Workshop {
            root: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(workshop.path("bin")).unwrap();
        workshop.cargo(build);
        workshop.spec(SPEC);
        workshop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn spec(&self, text: &str) {
        fs::write(self.path("my.energy"), text).unwrap();
    }

    /// Another behaviour of cargo.
    pub(crate) fn cargo(&self, build: &str) {
        let head = r#"#!/bin/sh
[ "$1" = tree ] && exit 1
echo "$*" >> "$FAKE/calls"
env > "$FAKE/environment"
for target in "$@"; do :; done
mkdir -p "$target"
touch "$target/CACHEDIR.TAG"
name=$(sed -n 's/^name = "\(.*\)"/\1/p' Cargo.toml)
"#;
        let script = self.path("bin/cargo");
        fs::write(&script, format!("{head}{build}")).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The command in this workshop.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
        let path = std::env::var("PATH").unwrap();
        command
            .args(arguments)
            .current_dir(self.root.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("FAKE", self.root.path())
            .env("SCOREMATCH_CACHE", self.path("cache"));
        command
    }

    /// `compile my.energy`, with its exit code, standard output and standard error.
    pub(crate) fn compile(&self, further: &[&str]) -> (Option<i32>, String, String) {
        ended(&mut self.command(&[&["compile", "my.energy", "--size", "D=2"], further].concat()))
    }

    /// What cargo was called with, a line each.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// The one program of the cache.
    pub(crate) fn program(&self) -> PathBuf {
        let folders = fs::read_dir(self.path("cache/programs")).unwrap();
        let programs = folders.map(|entry| entry.unwrap().path().join("scorematch-Bowl"));
        let programs: Vec<PathBuf> = programs.filter(|path| path.exists()).collect();
        assert_eq!(programs.len(), 1, "{programs:?}");
        programs[0].clone()
    }
}

/// The exit code, standard output and standard error of a command.
pub(crate) fn ended(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Waits until a file is there.
pub(crate) fn wait_for(path: &Path) {
    for _ in 0..600 {
        if path.exists() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{} did not appear", path.display());
}
