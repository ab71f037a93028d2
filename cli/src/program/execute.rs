//! Hands this process, or its place, to a program.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, anyhow};

/// Runs the program with these arguments. On Unix it takes the place of this process, so that signals and its exit code are
/// its own; elsewhere this process waits for it and ends with its code.
pub(crate) fn execute(
    program: &Path,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<ExitCode> {
    // What was said before stands before what the program says.
    let _ = io::stdout().flush();
    let mut command = Command::new(program);
    command.args(arguments);
    run(&mut command).map_err(|error| {
        let program = program.display();
        anyhow!("cannot start {program}: {error}; `scorematch cache --clear` removes what is compiled, and it is compiled again")
    })
}

#[cfg(unix)]
fn run(command: &mut Command) -> io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn run(command: &mut Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().unwrap_or(1);
    // Codes above 255 are those of crashes.
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
