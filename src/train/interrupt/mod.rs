//! Signal handling during training. The first signal makes every running fit end after its step. The second signal, or
//! a signal while no fit is running, ends the process as the default action of the signal does.

#[cfg(not(unix))]
mod console;
mod signal;
#[cfg(unix)]
mod unix;

use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(not(unix))]
use console::install;
use signal::{LISTENERS, RAISED};
#[cfg(unix)]
use unix::install;

/// The sources that can interrupt one fit: signals and a flag.
pub(super) struct Interrupt {
    signals: bool,
    flag: Option<Arc<AtomicBool>>,
}

impl Interrupt {
    /// Starts to observe signals, the caller's flag, both or neither.
    pub(super) fn listen(signals: bool, flag: Option<Arc<AtomicBool>>) -> Self {
        if signals {
            if LISTENERS.fetch_add(1, Ordering::SeqCst) == 0 {
                RAISED.store(false, Ordering::SeqCst);
            }
            static INSTALLED: Once = Once::new();
            INSTALLED.call_once(install);
        }
        Self { signals, flag }
    }

    pub(super) fn raised(&self) -> bool {
        let by_signal = self.signals && RAISED.load(Ordering::Relaxed);
        by_signal
            || self
                .flag
                .as_ref()
                .is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if self.signals {
            LISTENERS.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
