//! Handlers of SIGINT, SIGTERM and SIGHUP. A signal gets a handler if it has its default action. A signal that is
//! ignored, as under `nohup` or `&` in a script, remains ignored, and a signal that the program handles keeps its
//! handler.

use std::ffi::c_int;
use std::io;

use signal_hook::low_level::{emulate_default_handler, register};

use super::signal::ends_process;

const SIGNALS: [(&str, c_int); 3] = [
    ("SIGINT (Ctrl-C)", libc::SIGINT),
    ("SIGTERM", libc::SIGTERM),
    ("SIGHUP", libc::SIGHUP),
];

/// The action of the process for a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disposition {
    Default,
    Ignored,
    Handled,
}

/// Installs handlers for the signals that have their default action, and logs a warning for each of the others.
pub(super) fn install() {
    for (name, signal) in SIGNALS {
        let outcome = disposition(signal).and_then(|found| match found {
            Disposition::Default => handle(signal).map(|()| None),
            Disposition::Ignored => Ok(Some("the process was started with it ignored")),
            Disposition::Handled => {
                Ok(Some("the program handles it, and can raise a flag that it gives to `Trainer::stop_flag`"))
            }
        });
        match outcome {
            Ok(None) => {}
            Ok(Some(reason)) => log::warn!("{name} will not end training: {reason}"),
            Err(error) => log::warn!("{name} will not end training early: {error}"),
        }
    }
}

fn disposition(signal: c_int) -> io::Result<Disposition> {
    // SAFETY: `sigaction` is a plain C structure, for which all zeros is a valid value.
    let mut found: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: the new action is null, and the pointer for the current action is valid.
    if unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut found) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(match found.sa_sigaction {
        libc::SIG_DFL => Disposition::Default,
        libc::SIG_IGN => Disposition::Ignored,
        _ => Disposition::Handled,
    })
}

fn handle(signal: c_int) -> io::Result<()> {
    let action = move || {
        // After an error the process continues to run; the handler cannot do anything about it.
        if ends_process() {
            let _ = emulate_default_handler(signal);
        }
    };
    // SAFETY: the action only uses atomics and a function that is async-signal-safe.
    unsafe { register(signal, action) }.map(drop)
}
