//! Programs of specs and new crates with the real cargo: minutes, so `.ci/long programs` runs them.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::scorematch;

/// What a command prints; it must succeed.
fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[test]
#[ignore = "builds the library: .ci/long programs"]
fn specs_become_programs_and_a_damaged_one_is_built_again() {
    let root = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
    file("my.energy", "Bowl(x: [D]) {\n    norm_sq(x)\n}\n");
    // A model may be called as what the emitted code around it names.
    file(
        "other.energy",
        "pub Vec(x: [2]) { norm_sq(x) }\npub Option(x: [3]) { norm_sq(x) }\n",
    );
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
        command.args(arguments).current_dir(root.path());
        command.env("SCOREMATCH_CACHE", root.path().join("cache"));
        command
    };
    let bowl = ["compile", "my.energy", "--size", "D=2"];
    let program = printed(&mut command(&bowl));
    let help = || printed(&mut command(&[&bowl[..], &["--", "--help"]].concat()));
    let first = help();
    fs::write(program.trim(), "damaged").unwrap();
    assert_eq!(help(), first);
    printed(&mut command(
        &[&bowl[..], &["--double", "--", "--help"]].concat(),
    ));
    for model in ["Vec", "Option"] {
        printed(&mut command(&[
            "compile",
            "other.energy",
            "--model",
            model,
            "--",
            "--help",
        ]));
    }
    let said = printed(&mut command(&["cache"]));
    assert!(said.contains("programs   4"), "{said}");
}

#[test]
#[ignore = "builds the library: .ci/long programs"]
fn new_crates_do_what_their_readme_says() {
    let root = tempfile::tempdir().unwrap();
    let new = |arguments: &[&str]| {
        let mut command = scorematch(&[&["new"], arguments].concat());
        command.current_dir(root.path()).assert().success();
    };
    let target = root.path().join("target");
    let cargo = |name: &str, arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(root.path().join(name));
        command
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_NET_OFFLINE", "true");
        // The versions that are on this machine.
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        fs::copy(lock, root.path().join(name).join("Cargo.lock")).unwrap();
        printed(&mut command)
    };
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/faithful.csv");
    let data = data.to_str().unwrap();
    let rows = fs::read_to_string(data).unwrap().lines().count() - 1;

    new(&["geyser"]);
    cargo("geyser", &["test", "--release"]);
    let report = cargo("geyser", &["run", "--release", "--", "train", data]);
    assert!(report.contains("2000"), "{report}");
    let scores = cargo("geyser", &["run", "--release", "--", "score", data]);
    assert_eq!(scores.lines().count(), rows);

    let run = root.path().join("run");
    fs::create_dir(&run).unwrap();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/default.energy");
    fs::copy(spec, run.join("spec.energy")).unwrap();
    fs::write(run.join("settings.toml"), "[sizes]\nD = 2\n").unwrap();
    fs::copy(
        root.path().join("geyser/Energy.safetensors"),
        run.join("model.safetensors"),
    )
    .unwrap();
    new(&["trained", "--run", "run"]);
    cargo("trained", &["test", "--release"]);
    let again = cargo("trained", &["run", "--release", "--", "score", data]);
    let energies = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(energies(&again), energies(&scores));
}
