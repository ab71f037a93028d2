//! What `compare` writes, and settings that it refuses.

use std::fs;

use super::{failure, output, scorematch, text};

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
    scorematch(&["trian"]).assert().code(2);
}
