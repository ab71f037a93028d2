//! Commands other than `compare`, and what all of them take.

use std::fs;

use super::{failure, output, scorematch, text};

#[test]
fn devices_are_named_and_never_replaced() {
    assert!(output(&["doctor"]).contains("instruction set"));
    let folder = tempfile::tempdir().unwrap();
    let on = |device: &str| failure(&["compare", "--device", device, "--out", text(folder.path())]);
    assert!(on("gpu").contains("write cpu, cuda, cuda:1, or cuda:0,1 for several GPUs"));
    if cfg!(not(feature = "cuda")) {
        assert!(on("cuda:0").contains("build it with the feature `cuda`"));
    }
}

#[test]
fn verify_holds() {
    for seed in ["0", "1"] {
        let findings = output(&["verify", "--seed", seed]);
        assert!(
            findings.contains("claims held") && !findings.contains("FAILED"),
            "{findings}"
        );
    }
}

#[test]
fn inspect_prints_every_stage() {
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/quadratic.energy");
    for stage in ["ir", "opt", "plan", "lower", "rust", "torch"] {
        assert!(
            !output(&["inspect", "--stage", stage, spec]).is_empty(),
            "{stage}"
        );
    }
    assert!(output(&["inspect", spec]).contains("Quadratic1"));
    scorematch(&["inspect", "--stage", "cobol", spec])
        .assert()
        .code(2);
}

#[test]
fn inspect_takes_free_sizes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("free.energy");
    fs::write(
        &file,
        "pub Free(x: [N, D]) { param w: [D]; sum(dot(x, w)) }",
    )
    .unwrap();
    let inspect = ["inspect", "--stage", "ir", text(&file)];
    let with = |sizes: &[&'static str]| [&inspect[..], sizes].concat();
    assert!(output(&with(&["--size", "N=3", "--size", "D=4"])).contains("[3, 4]"));
    assert!(failure(&inspect).contains("the size of `N` is not known here"));
    assert!(failure(&with(&["--size", "N=3"])).contains("the size of `D` is not known here"));
    let more = with(&["--size", "N=3", "--size", "D=4", "--size", "M=4"]);
    assert!(failure(&more).contains("free are `D`, `N`"));
    let twice = with(&["--size", "N=3", "--size", "N=4", "--size", "D=4"]);
    assert!(failure(&twice).contains("twice"));
    for size in ["D", "D=", "=4", "D=-1", "D=4.5"] {
        scorematch(&with(&["--size", size])).assert().code(2);
    }
}

#[test]
fn inspect_tells_what_is_wrong_with_a_spec() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.energy");
    for content in [
        "",
        "pub Bad(x: [2]) {",
        "pub Bad(x: [2]) { sum(y) }",
        "\u{0}",
    ] {
        fs::write(&file, content).unwrap();
        assert!(
            failure(&["inspect", text(&file)]).contains("bad.energy"),
            "{content:?}"
        );
    }
    fs::write(&file, b"\xff").unwrap();
    assert!(failure(&["inspect", text(&file)]).contains("bad.energy"));
    assert!(failure(&["inspect", text(folder.path())]).contains("cannot read"));
}

/// No memory of the compiler depends on what a spec multiplies: half a gigabyte is enough, whether it is refused or compiled.
#[cfg(target_os = "linux")]
#[test]
fn inspect_stays_within_half_a_gigabyte() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("large.energy");
    let doubled = |first: &str, next: &dyn Fn(usize) -> String| {
        (0..30).fold(first.to_string(), |text, i| text + " " + &next(i))
    };
    let lists = doubled("const A0 = [1, 2];", &|i| {
        format!("const A{} = [A{i}, A{i}];", i + 1)
    });
    let functions = doubled("fn f0(z) = z * z;", &|i| {
        format!("fn f{}(z) = f{i}(z) + f{i}(z);", i + 1)
    });
    let layers = |count: usize| {
        format!(
            "M(x: [4]) {{ let mut h = x; for i in 0..{count} {{ h += tanh(dense(h, 4)); }} sum(h) }}"
        )
    };
    for (spec, code) in [
        (
            "M(x: [100000, 3]) { let (a, b) = pairs(x); sum(sq(a - b)) }".to_string(),
            1,
        ),
        (format!("M(x: [2]) {{ {lists} sum(x * size(A30)) }}"), 1),
        (format!("M(x: [2]) {{ {functions} sum(f30(x)) }}"), 1),
        ("M(x: [100000000]) { sum(relu(x)) }".to_string(), 1),
        ("M(x: [16777216]) { sum(relu(x)) }".to_string(), 0),
        (layers(4000), 1),
        (layers(300), 0),
    ] {
        fs::write(&file, &spec).expect("the spec is written");
        let output = std::process::Command::new("sh")
            .args([
                "-c",
                "ulimit -v 512000; exec \"$0\" inspect --stage rust \"$1\"",
            ])
            .arg(assert_cmd::cargo::cargo_bin("scorematch"))
            .arg(&file)
            .output()
            .expect("a shell");
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{}: {message}",
            &spec[..spec.len().min(200)]
        );
    }
}

#[test]
fn any_number_of_threads_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    for threads in ["100000", "18446744073709551615"] {
        let out = folder.path().join(threads);
        output(&[
            "compare",
            "--steps",
            "3",
            "--batch",
            "200",
            "--threads",
            threads,
            "--out",
            text(&out),
        ]);
    }
}

/// A variable that says nothing is not passed over in silence.
#[test]
fn the_environment_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let out = text(folder.path());
    for (variable, value) in [
        ("SCOREMATCH_THREADS", "abc"),
        ("SCOREMATCH_THREADS", "-2"),
        ("SCOREMATCH_SIMD", "foo"),
    ] {
        for command in [&["compare", "--steps", "2", "--out", out][..], &["verify"]] {
            let mut command = scorematch(command);
            let assert = command.env(variable, value).assert().code(1);
            let message = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
            assert!(
                message.starts_with(&format!("error: {variable}")) && message.contains(value),
                "{message}"
            );
            assert!(message.contains("unset"), "the cure: {message}");
        }
        // It is there to tell what is wrong.
        let assert = scorematch(&["doctor"])
            .env(variable, value)
            .assert()
            .success();
        let said = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        assert!(said.contains(variable) && said.contains(value), "{said}");
    }
    for value in ["", "0", "2", "100000"] {
        scorematch(&["compare", "--steps", "2", "--out", out])
            .env("SCOREMATCH_THREADS", value)
            .assert()
            .success();
    }
}
