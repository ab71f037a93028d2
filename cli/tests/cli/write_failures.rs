//! Standard output and files that cannot be written.

use std::fs;
use std::path::Path;

use super::text;

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
