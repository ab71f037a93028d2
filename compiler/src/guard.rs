//! Internal errors as messages: a stage that panics ends in an error at the user's model, not in the end of the build.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// A panic of a stage of the compiler.
#[derive(Debug)]
pub(crate) struct InternalError {
    /// The message of the panic.
    message: String,
    /// The line of the compiler that panicked, unless a foreign panic hook withheld it.
    location: Option<String>,
}

impl fmt::Display for InternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "internal error of the scorematch compiler: {}",
            self.message
        )?;
        if let Some(location) = &self.location {
            write!(f, " ({location})")?;
        }
        write!(
            f,
            "; the fault is the compiler's and not the spec's: please report it with the text of this model at \
             https://github.com/scorematch/scorematch/issues"
        )
    }
}

thread_local! {
    /// Whether [`guarded`] catches panics of this thread and reports them.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The result of `work`, or its panic. Such a panic is not printed; those of other threads are printed as before.
pub(crate) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, InternalError> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IS_GUARDED.get() {
                LOCATION.set(info.location().map(ToString::to_string));
            } else {
                others(info);
            }
        }));
    });
    let around = IS_GUARDED.replace(true);
    LOCATION.set(None);
    // After a panic no caller reads what `work` borrowed: every caller gives its model up.
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(around);
    outcome.map_err(|payload| InternalError {
        message: text(&*payload),
        location: LOCATION.take(),
    })
}

/// The message of a panic.
fn text(payload: &(dyn Any + Send)) -> String {
    match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => (*text).to_string(),
        (_, Some(text)) => text.clone(),
        (None, None) => "a panic without a message".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_becomes_a_message_that_asks_for_a_report() {
        let empty: Vec<usize> = vec![];
        let error = guarded(|| empty[std::hint::black_box(3)]).expect_err("there is no such entry");
        let text = error.to_string();
        assert!(
            text.contains("the len is 0 but the index is 3")
                && text.contains("guard.rs:")
                && text.contains("report it"),
            "{text}"
        );
    }

    #[test]
    fn guards_nest_and_results_pass() {
        let outcome = guarded(|| {
            let inner = guarded(|| panic!("inner {}", 1));
            let message = inner.expect_err("it panics").message;
            (message, guarded(|| 2).expect("it does not"))
        });
        assert_eq!(
            outcome.expect("the outer one does not"),
            ("inner 1".to_string(), 2)
        );
        let outer: Result<(), _> = guarded(|| {
            let _ = guarded(|| panic!("inner"));
            panic!("outer")
        });
        assert_eq!(outer.expect_err("it panics").message, "outer");
    }

    #[test]
    fn threads_have_guards_of_their_own() {
        let count = |n: usize| {
            let work = move || {
                if n.is_multiple_of(2) {
                    n
                } else {
                    panic!("{n}")
                }
            };
            guarded(work).map_err(|e| e.message)
        };
        let threads: Vec<_> = (0..8)
            .map(|n| std::thread::spawn(move || (0..200).all(|_| count(n) == count(n))))
            .collect();
        for thread in threads {
            assert!(thread.join().expect("every panic is caught"));
        }
    }
}
