//! SIGINT, SIGTERM and SIGHUP. Each is handled if it is at its default; one that is ignored, as `nohup` and `&` in a script
//! leave it, stays ignored, and one that the program handles stays the program's.

use std::ffi::c_int;
use std::io;

use signal_hook::low_level::{emulate_default_handler, register};

use super::signal::ends_process;

const SIGNALS: [(&str, c_int); 3] = [
    ("SIGINT (Ctrl-C)", libc::SIGINT),
    ("SIGTERM", libc::SIGTERM),
    ("SIGHUP", libc::SIGHUP),
];

/// What happens to a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disposition {
    Default,
    Ignored,
    Handled,
}

/// Handles the signals that are at their default, and says which are not.
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
    // SAFETY: all zeros is a value of this plain structure.
    let mut found: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: no new action is given, and the place for the present one is valid.
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
        // An error leaves the process running, as it was; there is nothing that a handler could do about it.
        if ends_process() {
            let _ = emulate_default_handler(signal);
        }
    };
    // SAFETY: the action uses atomics and a function that is made for signal handlers.
    unsafe { register(signal, action) }.map(drop)
}
