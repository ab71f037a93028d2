//! Text on standard output. A reader that closes the pipe, as `head` does, costs the text and nothing else; any other
//! failure is kept until the command ends, so that it cannot cost the files that the command makes.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Mutex;

use anyhow::{Context, Result};

/// The first failed write. Standard output is one for the process, and so is its failure.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// Prints a line of the result; nothing once a write has failed.
pub fn say(line: impl Display) {
    attempt(|| writeln!(io::stdout().lock(), "{line}"));
}

/// Flushes what was said and tells whether all of it arrived or its reader had left.
pub fn finish() -> Result<()> {
    attempt(|| io::stdout().lock().flush());
    let failure = FAILURE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    outcome(failure.as_ref())
}

fn attempt(write: impl FnOnce() -> io::Result<()>) {
    let mut failure = FAILURE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if failure.is_none() {
        *failure = write().err();
    }
}

fn outcome(failure: Option<&io::Error>) -> Result<()> {
    match failure {
        None => Ok(()),
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Some(error) => Err(io::Error::new(error.kind(), error.to_string())).context(
            "cannot write the text to standard output; files are written before it and are whole",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_failure_and_a_full_disk_is() {
        assert!(outcome(None).is_ok());
        assert!(outcome(Some(&io::ErrorKind::BrokenPipe.into())).is_ok());
        let message = format!(
            "{:#}",
            outcome(Some(&io::ErrorKind::StorageFull.into())).unwrap_err()
        );
        assert!(message.contains("standard output"), "{message}");
    }
}
