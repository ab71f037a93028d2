//! Ctrl-C while a model trains. The first one asks every running fit to end after its step; the
//! second one, or one while nothing trains, ends the process as if nobody had listened.

use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Fits that listen.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);
/// Whether Ctrl-C was pressed since the first of them began to listen.
static PRESSED: AtomicBool = AtomicBool::new(false);

/// What a shell expects of a process that SIGINT ended.
const EXIT_INTERRUPTED: i32 = 130;

/// What one fit listens to until it ends.
pub(super) struct Interrupt {
    keyboard: bool,
    flag: Option<Arc<AtomicBool>>,
}

impl Interrupt {
    /// Listens to the keyboard, to the caller's flag, to both or to neither.
    pub(super) fn listen(keyboard: bool, flag: Option<Arc<AtomicBool>>) -> Self {
        if keyboard {
            install();
            if LISTENERS.fetch_add(1, Ordering::SeqCst) == 0 {
                PRESSED.store(false, Ordering::SeqCst);
            }
        }
        Self { keyboard, flag }
    }

    pub(super) fn raised(&self) -> bool {
        let pressed = self.keyboard && PRESSED.load(Ordering::Relaxed);
        pressed
            || self
                .flag
                .as_ref()
                .is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if self.keyboard {
            LISTENERS.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Installs the handler, once a process.
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let handler = || {
            let training = LISTENERS.load(Ordering::SeqCst) > 0;
            if !training || PRESSED.swap(true, Ordering::SeqCst) {
                std::process::exit(EXIT_INTERRUPTED);
            }
        };
        // A program with a handler of its own keeps it, and can raise `Trainer::stop_flag` from
        // there.
        if let Err(error) = ctrlc::try_set_handler(handler) {
            log::warn!("Ctrl-C will not end training early: {error}");
        }
    });
}
