//! State that the signal handler and running fits share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Number of running fits that signals interrupt.
pub(super) static LISTENERS: AtomicUsize = AtomicUsize::new(0);
/// Whether a signal has arrived since the first of these fits began.
pub(super) static RAISED: AtomicBool = AtomicBool::new(false);

/// Records a signal, and returns whether the process must end at once. A signal handler calls this function, so it does
/// not allocate or lock.
pub(super) fn ends_process() -> bool {
    let training = LISTENERS.load(Ordering::SeqCst) > 0;
    !training || RAISED.swap(true, Ordering::SeqCst)
}
