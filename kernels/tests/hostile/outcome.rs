//! A call that may panic, and what comes of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

/// What a call gives, or the message that it panics with.
pub(crate) fn outcome<R>(call: impl FnOnce() -> R) -> Result<R, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // Panics that a test asks for are not printed, here or on a worker; its own assertions are.
            let thread = std::thread::current();
            let is_worker = thread
                .name()
                .is_some_and(|name| name.starts_with("scorematch-"));
            if !ASKED.get() && !is_worker {
                hook(info);
            }
        }));
    });
    let before = ASKED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(call));
    ASKED.set(before);
    outcome.map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        text.expect("a panic with a message")
    })
}

std::thread_local! {
    /// Whether a panic of this thread is expected.
    static ASKED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}
