//! What each program of this workspace does around its work: warnings on standard error, and the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::cures::in_flags;
use crate::standard_output;

/// The exit code of a command: 0 if it succeeded and all of its text arrived; else 1, with one message on standard error.
pub fn exit_code(result: anyhow::Result<()>) -> ExitCode {
    // A command that failed has the more to tell than text that did not arrive.
    let said = standard_output::finish();
    match result.and(said) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed as well, the error cannot be reported.
            let _ = writeln!(io::stderr(), "error: {}", message(&error));
            ExitCode::FAILURE
        }
    }
}

/// What the library logs from warnings on goes to standard error; `RUST_LOG` asks for more or less.
pub fn show_warnings() {
    env_logger::Builder::new()
        .filter_level(log::LevelFilter::Warn)
        .parse_default_env()
        .format(|to, record| {
            let level = match record.level() {
                log::Level::Error => "error",
                log::Level::Warn => "warning",
                log::Level::Info => "info",
                log::Level::Debug => "debug",
                log::Level::Trace => "trace",
            };
            writeln!(to, "{level}: {}", in_flags(record.args()))
        })
        .init();
}

/// The error and its causes, those that the text before them does not quote already.
fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    in_flags(&message)
}
