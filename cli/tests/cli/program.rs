//! Programs of specs: what is built, when, and what is said where something is in the way. Cargo is a script.

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use super::fake_cargo::{BUILDS, SPEC, Workshop, ended, wait_for};

#[test]
fn a_program_is_built_once_and_takes_the_commands_place() {
    let workshop = Workshop::new(BUILDS);
    let (code, said, told) = workshop.compile(&[]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(said.trim(), workshop.program().to_str().unwrap());
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(
        told[0],
        "compiling my.energy (first time: a minute or two; later specs take seconds)"
    );
    assert!(
        told[1].starts_with("compiled my.energy in ") && told.len() == 2,
        "{told:?}"
    );

    let ran = (
        Some(3),
        "ran train --data a b.csv\n".to_owned(),
        String::new(),
    );
    assert_eq!(workshop.compile(&["--", "train", "--data", "a b.csv"]), ran);
    assert_eq!(workshop.calls().len(), 1);
    // Another size is another program.
    let other = ["compile", "my.energy", "--size", "D=3"];
    let (code, _, told) = ended(&mut workshop.command(&other));
    assert!(
        code == Some(0) && told.starts_with("compiling my.energy (some seconds"),
        "{told}"
    );
    assert_eq!(
        ended(&mut workshop.command(&[&other[..], &["--double"]].concat())).0,
        Some(0)
    );
    assert_eq!(workshop.calls().len(), 3);

    let (_, said, _) = ended(&mut workshop.command(&["cache"]));
    assert!(
        said.contains("programs   3") && said.contains(workshop.path("cache").to_str().unwrap()),
        "{said}"
    );
    let (code, said, _) = ended(&mut workshop.command(&["cache", "--clear"]));
    assert!(code == Some(0) && said.contains("programs   0"), "{said}");
    assert_eq!(workshop.compile(&["--", "x"]).0, Some(3));
    assert_eq!(workshop.calls().len(), 4);
}

#[test]
fn mistakes_of_a_spec_are_told_before_anything_is_built() {
    let workshop = Workshop::new(BUILDS);
    workshop.spec("Bowl(x: [D]) {\n    norm_sq(y)\n}\n");
    let (code, _, told) = workshop.compile(&[]);
    assert_eq!(code, Some(1));
    assert!(told.starts_with("error: my.energy:2:13: "), "{told}");
    workshop.spec(&format!("{SPEC}Cup(x: [2]) {{ norm_sq(x) }}"));
    assert!(
        workshop
            .compile(&[])
            .2
            .contains("choose one with --model: Bowl, Cup")
    );
    let other = workshop.compile(&["--model", "Dish"]).2;
    assert!(
        other.contains("no model `Dish`; it has Bowl, Cup"),
        "{other}"
    );
    assert_eq!(workshop.compile(&["--model", "Bowl"]).0, Some(0));
    assert_eq!(workshop.calls().len(), 1);
}

#[test]
fn what_surrounds_the_command_does_not_change_the_build() {
    let workshop = Workshop::new(BUILDS);
    let mut command = workshop.command(&["compile", "my.energy", "--size", "D=2"]);
    let outer = [
        ("CARGO_TARGET_DIR", "/nowhere"),
        ("CARGO_PROFILE_RELEASE_LTO", "fat"),
        ("RUSTFLAGS", "-g"),
        ("CARGO_HTTP_TIMEOUT", "7"),
    ];
    assert_eq!(
        ended(
            command
                .envs(outer)
                .env_remove("SCOREMATCH_INSTRUCTION_SETS")
        )
        .0,
        Some(0)
    );
    let environment = fs::read_to_string(workshop.path("environment")).unwrap();
    let has = |line: &str| environment.lines().any(|other| other.starts_with(line));
    assert!(
        !has("CARGO_TARGET_DIR") && !has("CARGO_PROFILE"),
        "{environment}"
    );
    assert!(
        has("RUSTFLAGS=-g") && has("CARGO_HTTP_TIMEOUT=7"),
        "{environment}"
    );
    // That of this machine and no other.
    assert!(has("SCOREMATCH_INSTRUCTION_SETS=") && !has("SCOREMATCH_INSTRUCTION_SETS=avx512,"));
    let call = &workshop.calls()[0];
    let target = workshop.path("cache/target");
    assert!(
        call.starts_with("build --offline --release ") && call.ends_with(target.to_str().unwrap()),
        "{call}"
    );

    command.env("SCOREMATCH_INSTRUCTION_SETS", "portable");
    assert_eq!(ended(&mut command).0, Some(0));
    let environment = fs::read_to_string(workshop.path("environment")).unwrap();
    assert!(environment.contains("SCOREMATCH_INSTRUCTION_SETS=portable\n"));
    assert_eq!(workshop.calls().len(), 2);
}

#[test]
fn crates_are_downloaded_only_where_they_are_missing() {
    let missing = "case \"$*\" in *--offline*) echo 'error: no matching package named `x` found\n\
                   As a reminder, you are using offline mode (--offline)' >&2; exit 101;; esac\n";
    let workshop = Workshop::new(&format!("{missing}{BUILDS}"));
    let (code, _, told) = workshop.compile(&[]);
    assert!(
        code == Some(0) && told.contains("downloading crates that are missing"),
        "{told}"
    );
    assert_eq!(workshop.calls().len(), 2);

    let workshop = Workshop::new(&format!(
        "{missing}echo 'error: failed to download from `https://static.crates.io`' >&2\necho 'Caused by: Could not resolve host' >&2\nexit 101\n"
    ));
    let (code, _, told) = workshop.compile(&[]);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("connect to the network once") && told.contains("Could not resolve host"),
        "{told}"
    );
}

#[test]
fn what_is_in_the_way_is_named_with_the_cure() {
    let workshop = Workshop::new(BUILDS);
    let mut without_cargo = workshop.command(&["compile", "my.energy", "--size", "D=2"]);
    let told = ended(without_cargo.env("PATH", workshop.path("cache"))).2;
    assert!(
        told.contains("no `cargo` on the PATH") && told.contains("https://rustup.rs"),
        "{told}"
    );

    let error = r#"echo "{\"reason\":\"compiler-message\",\"target\":{\"name\":\"$name\",\"kind\":[\"bin\"]},\"message\":{\"level\":\"error\",\"message\":\"m\",\"rendered\":\"error[E0308]: mismatched types\"}}"
exit 101
"#;
    workshop.cargo(error);
    let (code, _, told) = workshop.compile(&[]);
    assert_eq!(code, Some(1));
    let error = told
        .lines()
        .find(|line| line.starts_with("error: "))
        .unwrap();
    assert!(
        error.starts_with("error: internal error of scorematch") && error.contains("my.energy"),
        "{told}"
    );
    assert!(
        error.contains(workshop.path("cache/programs").to_str().unwrap()),
        "where the crate lies: {told}"
    );
    assert!(told.contains("error[E0308]: mismatched types"), "{told}");
}

#[test]
fn a_cache_that_cannot_be_written_is_named_with_the_cure() {
    let workshop = Workshop::new(BUILDS);
    fs::write(workshop.path("cache"), "a file is in the way").unwrap();
    let (code, _, told) = workshop.compile(&[]);
    assert_eq!(code, Some(1));
    let folder = workshop.path("cache");
    assert!(
        told.contains(folder.to_str().unwrap()) && told.contains("SCOREMATCH_CACHE=DIR"),
        "{told}"
    );

    // A limit on the size of files stands for a full disk.
    let workshop = Workshop::new(BUILDS);
    let command = workshop.command(&["compile", "my.energy", "--size", "D=2"]);
    let mut shell = workshop.command(&[]);
    let shell = {
        let mut limited = Command::new("sh");
        limited.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"]);
        limited
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(workshop.path(""));
        limited.envs(
            shell
                .stdin(Stdio::null())
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        limited
    };
    let (code, _, told) = ended(&mut { shell });
    assert_eq!(code, Some(1));
    assert!(
        told.contains("cannot write to") && told.contains("SCOREMATCH_CACHE=DIR"),
        "{told}"
    );
    // What was half written is written again.
    assert_eq!(workshop.compile(&["--", "x"]).0, Some(3));
}

#[test]
fn two_at_once_build_once() {
    let workshop = Workshop::new(&format!("sleep 2\n{BUILDS}"));
    let start = || {
        let mut command = workshop.command(&["compile", "my.energy", "--size", "D=2", "--", "x"]);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let first = start();
    wait_for(&workshop.path("calls"));
    let second = start();
    let ends = [first, second].map(|child| child.wait_with_output().unwrap());
    for end in &ends {
        assert_eq!(
            (end.status.code(), &*end.stdout),
            (Some(3), &b"ran x\n"[..])
        );
    }
    let told = String::from_utf8(ends[1].stderr.clone()).unwrap();
    assert_eq!(
        told,
        "waiting for another scorematch that compiles a program\n"
    );
    assert_eq!(workshop.calls().len(), 1);
}

#[test]
fn a_build_that_was_killed_and_a_damaged_program_are_repaired() {
    let workshop = Workshop::new("touch \"$FAKE/started\"\nexec sleep 60\n");
    let mut command = workshop.command(&["compile", "my.energy", "--size", "D=2"]);
    let mut child = command
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    wait_for(&workshop.path("started"));
    signal("KILL", child.id());
    child.wait().unwrap();
    workshop.cargo(BUILDS);
    assert_eq!(workshop.compile(&["--", "x"]).0, Some(3));

    let program = workshop.program();
    let whole = fs::read(&program).unwrap();
    fs::write(&program, &whole[..5]).unwrap();
    assert_eq!(workshop.compile(&["--", "x"]).1, "ran x\n");
    fs::remove_file(&program).unwrap();
    assert_eq!(workshop.compile(&["--", "x"]).1, "ran x\n");
    assert_eq!(workshop.calls().len(), 4);
}

#[test]
fn a_signal_to_the_group_ends_the_command_and_cargo() {
    let workshop = Workshop::new("echo $$ > \"$FAKE/pid\"\nexec sleep 60\n");
    let mut command = workshop.command(&["compile", "my.energy", "--size", "D=2"]);
    let mut child = command
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let pid = workshop.path("pid");
    wait_for(&pid);
    while fs::read_to_string(&pid).unwrap().is_empty() {}
    // As a terminal sends SIGINT, which tests that run in the background may ignore from the start.
    signal("TERM", child.id());
    assert_eq!(child.wait().unwrap().signal(), Some(15));
    let cargo = fs::read_to_string(&pid).unwrap();
    let is_there = || {
        Command::new("sh")
            .args(["-c", "kill -0 \"$1\" 2>/dev/null", "sh", cargo.trim()])
            .status()
            .unwrap()
            .success()
    };
    for _ in 0..100 {
        if !is_there() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("cargo goes on");
}

/// A signal to all processes of a group.
fn signal(name: &str, group: u32) {
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -{name} -{group}")])
        .status()
        .unwrap();
    assert!(sent.success());
}
