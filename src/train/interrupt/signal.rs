//! What a signal handler and the fits tell each other.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Fits that listen.
pub(super) static LISTENERS: AtomicUsize = AtomicUsize::new(0);
/// Whether a signal came since the first of them began to listen.
pub(super) static RAISED: AtomicBool = AtomicBool::new(false);

/// Notes a signal; whether the process is to end at once. Nothing here allocates or locks: a signal handler calls it.
pub(super) fn ends_process() -> bool {
    let training = LISTENERS.load(Ordering::SeqCst) > 0;
    !training || RAISED.swap(true, Ordering::SeqCst)
}
