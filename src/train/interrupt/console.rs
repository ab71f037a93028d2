//! Ctrl-C on platforms without Unix signals.

use super::signal::ends_process;

/// The exit status that a shell expects of a process that Ctrl-C has ended.
const EXIT_INTERRUPTED: i32 = 130;

/// Installs the handler.
pub(super) fn install() {
    let handler = || {
        if ends_process() {
            std::process::exit(EXIT_INTERRUPTED);
        }
    };
    if let Err(error) = ctrlc::try_set_handler(handler) {
        log::warn!(
            "Ctrl-C will not end training early: {error}. The program can raise a flag that it gives to `Trainer::stop_flag`"
        );
    }
}
