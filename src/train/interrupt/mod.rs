//! Signals while a model trains. The first one asks every running fit to end after its step; the second one, or one while
//! nothing trains, ends the process as the signal does by default.

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

/// What one fit listens to until it ends.
pub(super) struct Interrupt {
    signals: bool,
    flag: Option<Arc<AtomicBool>>,
}

impl Interrupt {
    /// Listens to signals, to the caller's flag, to both or to neither.
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
