//! The command line as a person meets it: files that appear, messages and exit codes.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

fn scorematch(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("scorematch").expect("the binary is built with the tests");
    command.args(arguments);
    command
}

/// What the command prints on standard output; it must succeed.
fn output(arguments: &[&str]) -> String {
    let output = scorematch(arguments)
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    String::from_utf8(output).expect("output is text")
}

/// The one message on standard error; the command must fail with 1 and not by a panic.
fn failure(arguments: &[&str]) -> String {
    let output = scorematch(arguments)
        .assert()
        .code(1)
        .get_output()
        .stderr
        .clone();
    let message = String::from_utf8(output).expect("messages are text");
    assert!(
        message.starts_with("error: ") && !message.contains("panicked"),
        "{message}"
    );
    message
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

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
fn compare_writes_a_report_that_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("made/here");
    let table = output(&["compare", "--steps", "40", "--out", text(&out)]);
    for expected in [
        "ESM",
        "SSM, 1 direction",
        "SSM-VR, 1 direction",
        "held-out J",
        "bias",
    ] {
        assert!(table.contains(expected), "no {expected:?} in\n{table}");
    }
    for picture in ["energy.png", "loss.png"] {
        assert!(
            fs::read(out.join(picture)).unwrap().starts_with(b"\x89PNG"),
            "{picture}"
        );
    }
    let report = fs::read_to_string(out.join("report.html")).unwrap();
    assert_eq!(report.matches("data:image/png;base64,").count(), 2);
    for outside in ["src=\"http", "href=", "@import", "<script"] {
        assert!(!report.contains(outside), "the report needs {outside}");
    }
}

#[test]
fn compare_takes_a_file_of_two_columns() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pairs.csv");
    let rows: String = (0..60)
        .map(|k| format!("{},{}\n", (k % 7) as f64 * 0.5, (k % 11) as f64))
        .collect();
    fs::write(&file, format!("height <m>,weight\n{rows}")).unwrap();
    let out = folder.path().join("out");
    output(&[
        "compare",
        "--data",
        text(&file),
        "--steps",
        "20",
        "--out",
        text(&out),
    ]);
    let report = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(report.contains("pairs.csv"));
}

/// The effect of random directions is measured with work that does not grow with the batch.
#[test]
fn compare_measures_slices_on_a_part_of_a_large_batch() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pairs.csv");
    let rows: String = (0..1000)
        .map(|k| format!("{},{}\n", (k % 37) as f64 * 0.5, (k % 101) as f64))
        .collect();
    fs::write(&file, rows).unwrap();
    let out = folder.path().join("out");
    let run = |batch: &str| {
        let arguments = [
            "compare",
            "--data",
            text(&file),
            "--steps",
            "3",
            "--batch",
            batch,
        ];
        output(&[&arguments[..], &["--out", text(&out)]].concat())
    };
    let large = run("700");
    assert!(
        large.contains("512 rows of a batch of 700") && large.contains("drawn 250 times"),
        "{large}"
    );
    // A batch has no more rows than there are to learn from.
    let whole = run("4096");
    assert!(
        whole.contains("with 800 samples a step") && whole.contains("512 rows of a batch of 800"),
        "{whole}"
    );
}

#[test]
fn bad_files_are_told_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.csv");
    let compare = |content: &[u8]| {
        fs::write(&file, content).unwrap();
        let out = folder.path().join("out");
        failure(&["compare", "--data", text(&file), "--out", text(&out)])
    };
    let message = compare(b"a,b\n1,2\n3,four\n");
    assert!(
        message.contains("bad.csv:3") && message.contains("column 2"),
        "{message}"
    );
    assert!(compare(b"1,2\n3\n").contains("bad.csv:2"));
    assert!(compare(b"a,b\n1,nan\n").contains("not finite"));
    assert!(compare(b"1,2,3\n4,5,6\n").contains("--columns"));
    assert!(compare(b"").contains("no rows"));
    assert!(compare(b"1,2\n1,3\n1,4\n1,5\n1,6\n").contains("column 1"));
    assert!(compare(b"\xff\xfe,2\n").contains("UTF-8"));
    compare(b"1,2\n");
    let absent = folder.path().join("absent.csv");
    assert!(failure(&["compare", "--data", text(&absent)]).contains("absent.csv"));
}

#[test]
fn an_output_folder_that_cannot_be_written_is_found_before_training() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let inside = file.path().join("out");
    for command in ["compare", "scale"] {
        for out in [file.path(), &inside] {
            let message = failure(&[command, "--out", text(out)]);
            assert!(message.contains("--out DIR"), "{message}");
        }
    }
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = text(folder.path());
    for setting in [
        ["--steps", "0"],
        ["--batch", "0"],
        ["--directions", "0"],
        ["--learning-rate", "0"],
        // As the option was called first.
        ["--rate", "nan"],
        ["--jitter", "inf"],
    ] {
        failure(&["compare", "--out", out, setting[0], setting[1]]);
    }
    failure(&["scale", "--out", out, "--batch", "0"]);
    scorematch(&["compare", "--steps", "many"]).assert().code(2);
    scorematch(&["compare", "--columns", "1,2"])
        .assert()
        .code(2);
    scorematch(&["train"]).assert().code(2);
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
    for stage in ["ir", "opt", "plan", "lower", "rust"] {
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
/// A short comparison of Old Faithful into this folder.
fn short_comparison(out: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_scorematch"));
    command.args([
        "compare",
        "--steps",
        "2",
        "--batch",
        "4",
        "--out",
        text(out),
    ]);
    command
}

const FILES: [&str; 3] = ["energy.png", "loss.png", "report.html"];

/// As with `compare | head -1`, but the reader is gone from the start.
#[test]
fn a_closed_pipe_costs_the_text_only() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = short_comparison(folder.path())
        .stdout(writer)
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
    for file in FILES {
        assert!(folder.path().join(file).exists(), "{file}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_and_costs_no_file() {
    let full = || {
        fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let output = short_comparison(folder.path())
        .stdout(full())
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    // Where the tests run in the background, a warning of ignored signals comes before.
    let errors: Vec<&str> = message
        .lines()
        .filter(|line| line.starts_with("error:"))
        .collect();
    assert!(
        errors.len() == 1 && errors[0].contains("cannot write the text to standard output"),
        "{message}"
    );
    for file in FILES {
        assert!(folder.path().join(file).exists(), "{file}");
    }
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/quadratic.energy");
    for arguments in [&["doctor"][..], &["inspect", spec]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_scorematch"));
        let output = command.args(arguments).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("standard output")
        );
    }
}

/// A limit on the size of files stands for a full disk.
#[cfg(unix)]
#[test]
fn a_file_that_does_not_fit_is_named_and_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("energy.png");
    fs::write(&picture, "the picture before").unwrap();
    let limited = "trap '' XFSZ; ulimit -f 4; exec \"$@\"";
    let mut shell = std::process::Command::new("sh");
    let comparison = short_comparison(folder.path());
    shell
        .args(["-c", limited, "sh"])
        .arg(comparison.get_program())
        .args(comparison.get_args());
    let output = shell.output().unwrap();
    let (said, message) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("cannot write") && message.contains("energy.png"),
        "{message}"
    );
    assert!(
        said.contains("held-out J"),
        "the text of a finished comparison is kept: {said}"
    );
    assert_eq!(fs::read(&picture).unwrap(), b"the picture before");
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let whole = match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => fs::read_to_string(&path).unwrap().ends_with("</html>\n"),
            Some("png") => path == picture || fs::read(&path).unwrap().ends_with(b"IEND\xaeB`\x82"),
            _ => false,
        };
        assert!(whole, "{} is half a file", path.display());
    }
}

/// Runs a short comparison of a file.
fn comparison_of(content: &str, settings: &[&str]) -> assert_cmd::assert::Assert {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("points.csv");
    fs::write(&file, content).unwrap();
    let out = folder.path().join("out");
    scorematch(&[
        "compare",
        "--steps",
        "2",
        "--batch",
        "4",
        "--data",
        text(&file),
        "--out",
        text(&out),
    ])
    .args(settings)
    .assert()
}

fn said(assert: assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.success().get_output().stdout.clone()).unwrap()
}

fn refused(assert: assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.code(1).get_output().stderr.clone()).unwrap()
}

#[test]
fn time_stamps_are_standardized_before_they_are_float32() {
    let rows = |count: u64, apart: u64| -> String {
        (0..count)
            .map(|k| format!("{},{}\n", 1_700_000_000 + apart * k, (k * k) as f64 / 7.0))
            .collect()
    };
    // Of 400 values, 63 were left, and of five none: rows on few levels, and a constant column.
    let many = said(comparison_of(&rows(400, 20), &["--jitter", "0"]));
    assert!(!many.contains("warning"), "{many}");
    said(comparison_of(&rows(5, 20), &[]));
}

#[test]
fn what_float32_cannot_hold_is_told_with_its_line() {
    let message = refused(comparison_of("a,b\n1,2\n2,1e300\n3,4\n", &[]));
    assert!(
        message.contains("points.csv:3: column 2 (\"b\"): 1e300"),
        "{message}"
    );
}

#[test]
fn the_first_line_is_told_and_can_be_given() {
    let years = "2019,2020\n1,2\n2,5\n3,3\n";
    let first = |settings: &[&str]| said(comparison_of(years, settings));
    assert!(first(&[]).contains("first line read as data, commas between cells"));
    assert!(first(&["--header", "yes"]).contains("first line read as names of columns"));
    let message = refused(comparison_of("NA,NA\n1,2\n2,5\n", &[]));
    assert!(message.contains("points.csv:1: column 1"), "{message}");
    assert!(
        said(comparison_of("1;2,5\n2;3,5\n3;1,5\n", &[]))
            .contains("semicolons between cells, decimal commas")
    );
}

#[test]
fn what_misleads_a_model_is_told_refused_or_passed_over() {
    let repeated: String = (0..100)
        .map(|k| format!("{},{}\n", k % 5, (k % 5) * (k % 5)))
        .collect();
    let with = |settings: &[&str]| comparison_of(&repeated, settings);
    let warned = said(with(&["--jitter", "0"]));
    assert_eq!(
        warned.matches("rows repeat an earlier row").count(),
        1,
        "{warned}"
    );
    assert!(!said(with(&["--jitter", "0.5"])).contains("rows repeat"));
    assert!(!said(with(&["--jitter", "0", "--data-guard", "silent"])).contains("rows repeat"));
    assert!(refused(with(&["--jitter", "0", "--data-guard", "error"])).contains("rows repeat"));
    let far: String = (0..200)
        .map(|k| match k % 100 {
            0 => format!("{k},1e6\n"),
            _ => format!("{k},{}\n", f64::from(k).sin()),
        })
        .collect();
    assert!(said(comparison_of(&far, &[])).contains("robust deviations from the median"));
    assert!(
        said(comparison_of(&far, &["--units", "robust"]))
            .contains("in units of median and quartiles")
    );
}

#[test]
fn messages_never_fill_the_screen() {
    let rows = "1,2\n".repeat(200_000);
    let quote = refused(comparison_of(&format!("a,b\n1,\"2\n{rows}"), &[]));
    assert!(
        quote.len() < 1000 && quote.contains("points.csv:2"),
        "{quote}"
    );
    let names: Vec<String> = (0..10_000).map(|name| format!("name {name}")).collect();
    let wide = refused(comparison_of(&names.join(","), &["--columns", "a,b"]));
    assert!(
        wide.len() < 1000 && wide.contains("10000 columns"),
        "{wide}"
    );
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
