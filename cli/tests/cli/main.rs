//! The command line as a person meets it: files that appear, messages and exit codes.

mod commands;
mod compare;
mod data;
#[cfg(unix)]
mod fake_cargo;
mod for_real;
mod new;
#[cfg(unix)]
mod program;
mod write_failures;

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
