//! One worker: a thread, and the mailbox that holds its calls.

use std::any::Any;
use std::cell::UnsafeCell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long an idle worker spins without yielding, and how long until it parks. The first is longer than the time
/// between two parallel regions of a step, the second longer than the time between two steps.
const EAGER: Duration = Duration::from_micros(30);
const AWAKE: Duration = Duration::from_micros(150);

/// Looks at the mailbox between two looks at the clock.
const LOOKS: usize = 64;

/// A call: a function of the thread's index, whose type is erased.
#[derive(Clone, Copy)]
pub(super) struct Call {
    work: *const (),
    run: unsafe fn(*const (), usize),
    index: usize,
}

impl Call {
    /// `work(index)`, to be run while `work` lives.
    pub(super) fn of<F: Fn(usize) + Sync>(work: &F, index: usize) -> Self {
        /// # Safety
        /// `work` points to an `F` that lives.
        unsafe fn run<F: Fn(usize)>(work: *const (), index: usize) {
            // SAFETY: the caller's promise.
            unsafe { (*work.cast::<F>())(index) }
        }
        Call {
            work: std::ptr::from_ref(work).cast(),
            run: run::<F>,
            index,
        }
    }
}

/// The worker has no call and spins.
const IDLE: u32 = 0;
/// The worker has no call and is parked, or is about to park.
const ASLEEP: u32 = 1;
/// The mailbox holds a call that the worker has not taken.
const CALLED: u32 = 2;
/// The worker runs the call.
const AT_WORK: u32 = 3;

/// The mailbox of a worker. The call and the panic belong to the caller while the state is `IDLE` or `ASLEEP`, and to
/// the worker while the state is `AT_WORK`.
#[repr(align(128))]
struct Mailbox {
    state: AtomicU32,
    call: UnsafeCell<Option<Call>>,
    panic: UnsafeCell<Option<Box<dyn Any + Send>>>,
}

// SAFETY: the state decides which thread owns the cells, as stated above; it is written with release and read with
// acquire. A call's function may be used from any thread (`Call::of` asks for `Sync`).
unsafe impl Sync for Mailbox {}
// SAFETY: as above; nothing in a mailbox belongs to the thread that made it.
unsafe impl Send for Mailbox {}

/// A worker as its callers see it. Only the holder of the lock on the workers calls its methods.
pub(super) struct Worker {
    mailbox: Arc<Mailbox>,
    thread: Thread,
}

impl Worker {
    /// Starts the worker of this number, from 0.
    ///
    /// # Errors
    /// The system has no thread for it.
    pub(super) fn start(number: usize) -> io::Result<Self> {
        let mailbox = Arc::new(Mailbox {
            state: AtomicU32::new(IDLE),
            call: UnsafeCell::new(None),
            panic: UnsafeCell::new(None),
        });
        // Where there are more workers than cores, a spinning worker would take the time of a working one.
        let eager = if number + 1 < super::cores() {
            EAGER
        } else {
            Duration::ZERO
        };
        let own = Arc::clone(&mailbox);
        // The thread is detached: it ends with the process.
        let handle = thread::Builder::new()
            .name(format!("scorematch-{}", number + 1))
            .spawn(move || own.serve(eager))?;
        Ok(Worker {
            mailbox,
            thread: handle.thread().clone(),
        })
    }

    /// Calls the worker, unless it is parked and `wake` is not set. The caller must not return before
    /// [`Worker::finish`].
    pub(super) fn call(&self, call: Call, wake: bool) {
        let mailbox = &*self.mailbox;
        if !wake && mailbox.state.load(Ordering::Relaxed) == ASLEEP {
            return;
        }
        // SAFETY: the state is IDLE or ASLEEP, so the cell is the caller's.
        unsafe { *mailbox.call.get() = Some(call) };
        if mailbox.state.swap(CALLED, Ordering::AcqRel) == ASLEEP {
            self.thread.unpark();
        }
    }

    /// Whether the worker has started, has no call and is parked, or is about to park.
    pub(super) fn sleeps(&self) -> bool {
        self.mailbox.state.load(Ordering::Acquire) == ASLEEP
    }

    /// Takes the call back if the worker has not taken it, else waits until it is done. Returns the payload of its
    /// panic, if any.
    pub(super) fn finish(&self) -> Option<Box<dyn Any + Send>> {
        let mailbox = &*self.mailbox;
        let back =
            mailbox
                .state
                .compare_exchange(CALLED, IDLE, Ordering::AcqRel, Ordering::Acquire);
        if back.is_err() {
            wait(EAGER, Duration::MAX, || {
                mailbox.state.load(Ordering::Acquire) != AT_WORK
            });
        }
        // SAFETY: the state is IDLE or ASLEEP, so the cell is the caller's.
        unsafe { (*mailbox.panic.get()).take() }
    }
}

impl Mailbox {
    /// The loop of a worker.
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
                let work = || unsafe { (call.run)(call.work, call.index) };
                if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                    // SAFETY: as above.
                    unsafe { *self.panic.get() = Some(panic) };
                }
            }
            self.state.store(IDLE, Ordering::Release);
        }
    }

    /// Takes the call, if there is one; whether there was.
    fn takes(&self) -> bool {
        self.state.load(Ordering::Relaxed) == CALLED
            && self
                .state
                .compare_exchange(CALLED, AT_WORK, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }
}

/// Spins until `happened`, for `eager` without yielding, then with a yield between looks. Whether it happened before
/// `limit`.
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
