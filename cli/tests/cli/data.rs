//! Files of numbers: what is read, what is refused, and what is said of either.

use std::fs;

use super::{failure, scorematch, text};

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
