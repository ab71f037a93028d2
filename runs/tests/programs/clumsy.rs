//! Mistakes of users: each is told with its cure in words of the flags, before anything is computed or changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::process::{program, refused, said, train};

pub(super) fn check() {
    let root = tempfile::tempdir().expect("a folder");
    let root = root.path();
    let (file, run) = (root.join("rows.csv"), root.join("ä run"));
    let rows: String = (0..60)
        .map(|row| format!("{},{}\n", f64::from(row).sin(), f64::from(row).cos()))
        .collect();
    fs::write(&file, format!("a,b\n{rows}")).expect("the data");
    said(train("Two", &file, &run, "--steps 20 --no-report"));
    settings(root, &file);
    outputs(root, &file, &run);
    other_columns(root, &rows, &file, &run);
    columns_of_one_name(root, &rows);
}

fn command(name: &str, run: &Path, others: &str) -> Command {
    let mut command = program();
    command.arg(name).arg(run).args(others.split_whitespace());
    command
}

/// Settings that do not fit leave no folder in the way of the next try.
fn settings(root: &Path, file: &Path) {
    for (flags, part) in [
        ("--batch 0", "batch"),
        ("--report-every 0", "--report-every"),
        ("--valid-fraction 0 --patience 3", "--valid-fraction"),
        ("--held-out-noise 1e300", "1e300"),
        (
            "--held-out-draws 9223372036854775807 --jitter 0.1",
            "at most",
        ),
        ("--held-out-estimator median_of_means:1", "median of means"),
        ("--checkpoint-every nan", "--checkpoint-every"),
        ("--device tpu", "tpu"),
    ] {
        let run = root.join("new");
        let told = refused(train("Two", file, &run, flags));
        assert!(told.contains(part), "{flags}: {told}");
        assert!(!told.contains('`') && !run.exists(), "{flags}: {told}");
    }
    let run = root.join("seldom");
    said(train(
        "Two",
        file,
        &run,
        "--steps 5 --checkpoint-every 1e30 --no-report",
    ));
    let large = root.join("large.csv");
    fs::write(&large, "a,b\n1e300,1\n2,3\n4,7\n").expect("the data");
    let told = refused(train("Two", &large, &root.join("new"), "--units data"));
    assert!(
        told.contains("--units deviation") && told.contains("large.csv"),
        "{told}"
    );
}

/// A file that cannot be written is told before rows are evaluated or drawn.
fn outputs(root: &Path, file: &Path, run: &Path) {
    for (out, part) in [
        (root.join("none/x.csv"), "there is no folder"),
        (root.join("x.txt"), ".parquet"),
        (root.to_owned(), "--out"),
    ] {
        for mut command in [command("sample", run, ""), command("eval", run, "--data")] {
            if command.get_args().any(|argument| argument == "--data") {
                command.arg(file);
            }
            let told = refused({
                command.arg("--out").arg(&out);
                command
            });
            assert!(told.contains(part) && told.contains("--out"), "{told}");
        }
    }
    assert!(refused(command("sample", run, "--steps 0")).contains("--steps 0"));
    assert!(refused(command("sample", run, "-n 0")).contains("-n 0"));
}

/// The columns of a run are found by their names, in whatever order, and a file without them is refused.
fn other_columns(root: &Path, rows: &str, file: &Path, run: &Path) {
    let wider = root.join("wider.csv");
    let lines = rows.lines().map(|line| {
        let (a, b) = line.split_once(',').expect("two values");
        format!("{b},{a},7.5{b}\n")
    });
    fs::write(&wider, "b,a,c\n".to_owned() + &lines.collect::<String>()).expect("the data");
    let mut resume = command("resume", run, "--steps 25 --no-report --data");
    resume.arg(&wider);
    said(resume);
    let few = root.join("few.csv");
    fs::write(&few, "b\n1\n2\n").expect("the data");
    for name in ["resume", "eval"] {
        let mut command = command(name, run, "--data");
        command.arg(&few);
        let told = refused(command);
        assert!(told.contains("\"a\"") && told.contains("few.csv"), "{told}");
    }
    let mut resume = command("resume", run, "--steps 30 --no-report --data");
    resume.arg(file);
    said(resume);
}

/// What was trained on columns of one name takes files of the same layout.
fn columns_of_one_name(root: &Path, rows: &str) {
    let (file, run) = (root.join("double.csv"), root.join("double"));
    fs::write(&file, format!("a,a\n{rows}")).expect("the data");
    said(train("Two", &file, &run, "--steps 5 --no-report"));
    let mut eval = command("eval", &run, "--top 0 --data");
    eval.arg(&file);
    assert!(!said(eval).contains("likelier"));
    said(command("resume", &run, "--steps 8 --no-report"));
}
