//! Crates to start from, completions and pages: the text that the command writes for others.

use std::fs;
use std::path::Path;

use super::{failure, output, scorematch, text};

/// Runs the command in a folder.
fn within(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = scorematch(arguments).current_dir(folder).output().unwrap();
    let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code(), told)
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_new_crate_declares_the_spec_and_trains_it() {
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("my.energy"),
        "/// A bowl.\nBowl(x: [D]) {\n    norm_sq(x)\n}\n",
    )
    .unwrap();
    let (code, told) = within(
        root.path(),
        &["new", "my-bowl", "--spec", "my.energy", "--size", "D=4"],
    );
    assert_eq!(code, Some(0), "{told}");
    let folder = root.path().join("my-bowl");
    let library = read(&folder, "src/lib.rs");
    assert!(
        library.contains(
            "    const D = 4; // free in \"my.energy\"\n    /// A bowl.\n    pub Bowl(x: [D]) {\n"
        ),
        "{library}"
    );
    assert!(read(&folder, "src/main.rs").contains("use my_bowl::{Bowl, BowlSpec};"));
    assert!(read(&folder, "README.md").contains("4 columns"));
    assert!(read(&folder, "Cargo.toml").contains("name = \"my-bowl\""));
    for name in ["Cargo.toml", "README.md", "src/lib.rs", "src/main.rs"] {
        assert!(
            !read(&folder, name).contains("__"),
            "{name} has a place that is not filled"
        );
    }

    let (code, told) = within(root.path(), &["new", "my-bowl"]);
    assert!(
        code == Some(1) && told.contains("is there already; choose another name"),
        "{told}"
    );
    let (code, told) = within(root.path(), &["new", "2d"]);
    assert!(
        code == Some(1) && told.contains("write a letter first"),
        "{told}"
    );
    let (code, told) = within(root.path(), &["new", "other", "--spec", "my.energy"]);
    assert!(
        code == Some(1) && told.contains("my.energy") && told.contains("`D`"),
        "{told}"
    );
    assert_eq!(
        fs::read_dir(root.path()).unwrap().count(),
        2,
        "a failure leaves nothing behind"
    );
}

#[test]
fn a_new_crate_of_a_run_has_what_was_trained() {
    let root = tempfile::tempdir().unwrap();
    let run = root.path().join("run");
    fs::create_dir(&run).unwrap();
    let new = ["new", "trained", "--run", "run"];
    let (code, told) = within(root.path(), &[&new[..], &["--size", "D=3"]].concat());
    assert!(code == Some(1) && told.contains("leave them out"), "{told}");
    let (code, told) = within(root.path(), &new);
    assert!(
        code == Some(1) && told.contains("run is not the folder of a run"),
        "{told}"
    );
    fs::write(
        run.join("settings.toml"),
        "model = \"Bowl\"\nprecision = \"f64\"\n[sizes]\nD = 2\n",
    )
    .unwrap();
    fs::write(run.join("spec.energy"), "pub Bowl(x: [D]) { norm_sq(x) }").unwrap();
    let (code, told) = within(root.path(), &new);
    assert!(
        code == Some(1) && told.contains("cannot copy") && told.contains("model.safetensors"),
        "{told}"
    );
    assert!(!root.path().join("trained").exists());
    fs::write(run.join("model.safetensors"), "parameters").unwrap();
    let (code, told) = within(root.path(), &new);
    assert_eq!(code, Some(0), "{told}");
    let folder = root.path().join("trained");
    assert_eq!(read(&folder, "model.safetensors"), "parameters");
    assert!(read(&folder, "src/lib.rs").contains("const D = 2;"));
    assert!(read(&folder, "src/main.rs").contains("Trained::<BowlSpec, f64>::load"));
}

#[test]
fn completions_and_pages_know_every_command() {
    let help = output(&["help"]);
    let commands = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1);
    let commands: Vec<&str> = commands
        .map_while(|line| line.split_whitespace().next())
        .collect();
    assert!(
        commands.contains(&"compile") && commands.len() > 8,
        "{help}"
    );
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = output(&["completions", shell]);
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    output(&["man", "--out", text(folder.path())]);
    let first = read(folder.path(), "scorematch.1");
    for command in commands.iter().filter(|command| **command != "help") {
        assert!(
            first.contains(&format!("scorematch\\-{command}")),
            "{command}"
        );
        let page = read(folder.path(), &format!("scorematch-{command}.1"));
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
    }
    fs::write(folder.path().join("file"), "").unwrap();
    let told = failure(&["man", "--out", text(&folder.path().join("file"))]);
    assert!(told.contains("--out DIR"), "{told}");
}
