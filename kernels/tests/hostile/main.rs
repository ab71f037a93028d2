//! Safe calls with sizes, strides and slices that make no sense: a right result or a panic with a message, never undefined
//! behaviour. The last is what this file forbids itself to cause in any other way.
//!
//! Every value is a small integer, so that sums are exact and results are compared bit by bit, whatever their order. Slices
//! begin at any scalar of a larger array, whose other elements must stay as they are. Strides and sizes are drawn from what
//! is usual, what is odd and what overflows; calls that are valid and would take for ever are left out.

#![forbid(unsafe_code)]

mod calls;
mod contract;
mod matrices;
mod outer;
mod product;
mod samples;
mod signed;
mod sums;
mod threads;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use scorematch_kernels::simd::Form;

/// What a call gives, or the message that it panics with.
fn outcome<R>(call: impl FnOnce() -> R) -> Result<R, String> {
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

/// The forms of this machine.
fn forms() -> impl Iterator<Item = Form> {
    Form::ALL.into_iter().filter(|form| form.is_supported())
}

/// Calls of a kernel in each form and type.
fn rounds() -> u64 {
    if cfg!(debug_assertions) { 1_000 } else { 8_000 }
}
