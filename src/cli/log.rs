//! What the library logs, on standard error: its warnings are for whoever sits at the terminal.

use std::io::{self, Write};

use ::log::{Level, LevelFilter, Log, Metadata, Record};

/// Lines on standard error.
struct Terminal;

impl Log for Terminal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let level = match record.level() {
                Level::Error => "error",
                Level::Warn | Level::Info | Level::Debug | Level::Trace => "warning",
            };
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(io::stderr().lock(), "{level}: {}", record.args());
        }
    }

    fn flush(&self) {}
}

/// Prints warnings and errors from here on.
pub(super) fn install() {
    if ::log::set_logger(&Terminal).is_ok() {
        ::log::set_max_level(LevelFilter::Warn);
    }
}
