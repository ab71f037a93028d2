//! Processes of this executable.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub(super) fn program() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this executable"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(super) fn start(mut command: Command) -> Child {
    command.spawn().expect("the program starts")
}

pub(super) fn finished(child: Child) -> Output {
    child.wait_with_output().expect("the program ends")
}

pub(super) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// What a command says that ends well.
#[track_caller]
pub(super) fn said(command: Command) -> String {
    let output = finished(start(command));
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

/// What a command says that ends with an error.
#[track_caller]
pub(super) fn refused(command: Command) -> String {
    let output = finished(start(command));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let text = text(&output);
    assert!(
        text.contains("error: ") && !text.contains("panicked"),
        "{text}"
    );
    text
}

/// `train` of a model on a file, into a folder.
pub(super) fn train(model: &str, data: &Path, run: &Path, others: &str) -> Command {
    let mut command = program();
    command.args(["train", "spec.energy", "--model", model, "--data"]);
    command
        .arg(data)
        .arg("--run")
        .arg(run)
        .args(others.split_whitespace());
    command
}
