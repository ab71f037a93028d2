//! One worker: a thread, and the desk at which it is called.

use std::any::Any;
use std::cell::UnsafeCell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long an idle worker looks for a call without letting others run, and until it sleeps. The first is longer than
/// what lies between two regions of a step, the second than what lies between two steps.
const EAGER: Duration = Duration::from_micros(30);
const AWAKE: Duration = Duration::from_micros(150);

/// Looks for a change between two looks at the clock.
const LOOKS: usize = 64;

/// What is to be done for a caller: a function of the member's number, whose type is forgotten.
#[derive(Clone, Copy)]
pub(super) struct Call {
    work: *const (),
    run: unsafe fn(*const (), usize),
    member: usize,
}

impl Call {
    /// `work(member)`, to be run while `work` lives.
    pub(super) fn of<F: Fn(usize) + Sync>(work: &F, member: usize) -> Self {
        /// # Safety
        /// `work` points to an `F` that lives.
        unsafe fn run<F: Fn(usize)>(work: *const (), member: usize) {
            // SAFETY: the caller's promise.
            unsafe { (*work.cast::<F>())(member) }
        }
        Call {
            work: std::ptr::from_ref(work).cast(),
            run: run::<F>,
            member,
        }
    }
}

/// The worker has no call and looks for one.
const IDLE: u32 = 0;
/// The worker has no call and sleeps, or is about to.
const ASLEEP: u32 = 1;
/// There is a call that the worker has not taken.
const CALLED: u32 = 2;
/// The worker is at work on the call.
const AT_WORK: u32 = 3;

/// Where a caller and its worker meet. The call and the panic belong to the caller while the state is `IDLE` or
/// `ASLEEP`, and to the worker from its step to `AT_WORK` until it leaves it.
#[repr(align(128))]
struct Desk {
    state: AtomicU32,
    call: UnsafeCell<Option<Call>>,
    panic: UnsafeCell<Option<Box<dyn Any + Send>>>,
}

// SAFETY: the cells change hands through the state as said above, with release on one side and acquire on the other;
// a call's function may be used from any thread (`Call::of` asks for `Sync`).
unsafe impl Sync for Desk {}
// SAFETY: as above; nothing in a desk belongs to the thread that made it.
unsafe impl Send for Desk {}

/// A worker as its callers see it. Its methods are for whoever may call the workers, one at a time.
pub(super) struct Worker {
    desk: Arc<Desk>,
    thread: Thread,
}

impl Worker {
    /// Starts the worker of this number, from 0.
    ///
    /// # Errors
    /// The system has no thread for it.
    pub(super) fn start(number: usize) -> io::Result<Self> {
        let desk = Arc::new(Desk {
            state: AtomicU32::new(IDLE),
            call: UnsafeCell::new(None),
            panic: UnsafeCell::new(None),
        });
        // Where there are more workers than cores, one that only looks would take the time of one that works.
        let eager = if number + 1 < super::cores() {
            EAGER
        } else {
            Duration::ZERO
        };
        let own = Arc::clone(&desk);
        // The thread is left to itself: it ends with the process.
        let handle = thread::Builder::new()
            .name(format!("scorematch-{}", number + 1))
            .spawn(move || own.serve(eager))?;
        Ok(Worker {
            desk,
            thread: handle.thread().clone(),
        })
    }

    /// Calls the worker, or lets it sleep if it does and `wake` is not set. The caller must not leave before
    /// [`Worker::finish`].
    pub(super) fn call(&self, call: Call, wake: bool) {
        let desk = &*self.desk;
        if !wake && desk.state.load(Ordering::Relaxed) == ASLEEP {
            return;
        }
        // SAFETY: the state is IDLE or ASLEEP, so the cell is the caller's.
        unsafe { *desk.call.get() = Some(call) };
        if desk.state.swap(CALLED, Ordering::AcqRel) == ASLEEP {
            self.thread.unpark();
        }
    }

    /// Whether the worker has started, has no call and sleeps, or is about to.
    pub(super) fn sleeps(&self) -> bool {
        self.desk.state.load(Ordering::Acquire) == ASLEEP
    }

    /// Takes the call back if it has not been taken, else waits until it is done; what its work panicked with.
    pub(super) fn finish(&self) -> Option<Box<dyn Any + Send>> {
        let desk = &*self.desk;
        let back = desk
            .state
            .compare_exchange(CALLED, IDLE, Ordering::AcqRel, Ordering::Acquire);
        if back.is_err() {
            wait(EAGER, Duration::MAX, || {
                desk.state.load(Ordering::Acquire) != AT_WORK
            });
        }
        // SAFETY: the state is IDLE or ASLEEP, so the cell is the caller's.
        unsafe { (*desk.panic.get()).take() }
    }
}

impl Desk {
    /// The life of a worker.
    fn serve(&self, eager: Duration) {
        loop {
            while !wait(eager, AWAKE, || self.takes()) {
                let sleeps =
                    self.state
                        .compare_exchange(IDLE, ASLEEP, Ordering::AcqRel, Ordering::Acquire);
                while sleeps.is_ok() && self.state.load(Ordering::Acquire) == ASLEEP {
                    thread::park();
                }
            }
            // SAFETY: the state is AT_WORK, so the cells are the worker's.
            if let Some(call) = unsafe { (*self.call.get()).take() } {
                // SAFETY: the caller waits until this worker leaves AT_WORK, so what the call points to lives.
                let work = || unsafe { (call.run)(call.work, call.member) };
                if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                    // SAFETY: as above.
                    unsafe { *self.panic.get() = Some(panic) };
                }
            }
            self.state.store(IDLE, Ordering::Release);
        }
    }

    /// Whether there was a call to take.
    fn takes(&self) -> bool {
        self.state.load(Ordering::Relaxed) == CALLED
            && self
                .state
                .compare_exchange(CALLED, AT_WORK, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }
}

/// Looks until `happened`, for `eager` without pause, then letting others run; whether it did before `limit`.
fn wait(eager: Duration, limit: Duration, happened: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    loop {
        for _ in 0..LOOKS {
            if happened() {
                return true;
            }
            std::hint::spin_loop();
        }
        let waited = start.elapsed();
        if waited >= limit {
            return false;
        }
        if waited >= eager {
            thread::yield_now();
        }
    }
}
