//! The thread pool: workers that wait for a call, then empty a queue together with the caller.
//!
//! Enters: work that any thread may do. Leaves: all of it done. Must hold: which thread takes which item decides the
//! time and nothing else, because items carry their own place in the order of summation.
//!
//! Workers belong to the process and start when a call first asks for so many. An idle worker spins for tens of
//! microseconds before it parks, so the next parallel region of the same step finds it awake. One caller at a time uses
//! the workers; another caller, or a call from within a call, runs on its own thread alone. A caller that has emptied
//! the queue takes back the call of a worker that has not started it, so on a busy machine no caller waits for a thread
//! that the system does not run.

mod error;
mod ranges;
mod worker;
mod workers;

use std::ffi::OsString;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use crate::simd::InstructionSet;
use ranges::Ranges;
use workers::Workers;

pub use error::ThreadsError;

/// The environment variable that sets the number of threads where the program does not.
const VARIABLE: &str = "SCOREMATCH_THREADS";

/// Nanoseconds of work on one thread from which a call uses workers that are awake, and from which it wakes parked
/// ones. A call costs half a microsecond. Waking costs the caller 5 µs, and the worker runs 50 µs later.
const WORTH_SHARING: usize = 3_000;
const WORTH_WAKING: usize = 20_000;

/// Threads that have ranges of their own in [`ThreadPool::parallel_for`].
const MOST_RANGES: usize = 64;

/// The workers of this process. The holder of the lock may call them.
static WORKERS: Mutex<Workers> = Mutex::new(Workers::NONE);

/// A thread pool: at most so many threads, the calling one included, with the vectors of one instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadPool {
    /// The instruction set of the vectors.
    pub isa: InstructionSet,
    /// Threads at most; at least 1.
    pub threads: usize,
}

impl ThreadPool {
    /// The calling thread alone.
    #[inline]
    pub fn single_threaded(isa: InstructionSet) -> Self {
        ThreadPool { isa, threads: 1 }
    }

    /// Calls `work` on every number below `count`, each once; `nanoseconds` is a rough time for all on one thread.
    ///
    /// Each thread starts with a range of its own, the same one in every call of this count. A core then finds in its
    /// own cache what it wrote in the region before; fetching it from another core would cost more than the work of an
    /// update. A thread that has finished its range takes items from the ranges of others.
    ///
    /// # Panics
    /// `work` does, on any thread.
    pub fn parallel_for(self, nanoseconds: usize, count: usize, work: impl Fn(usize) + Sync) {
        let threads = self.threads.min(MOST_RANGES).min(count);
        if threads < 2 || nanoseconds < WORTH_SHARING {
            return (0..count).for_each(work);
        }
        let next = [const { AtomicUsize::new(0) }; MOST_RANGES];
        // range · count / threads, of any count.
        let cut = |range: usize| count / threads * range + count % threads * range / threads;
        self.call(nanoseconds, threads, &|own| {
            for range in (own..threads).chain(0..own) {
                let (start, end) = (cut(range), cut(range + 1));
                loop {
                    let i = start + next[range].fetch_add(1, Ordering::Relaxed);
                    if i >= end {
                        break;
                    }
                    work(i);
                }
            }
        });
    }

    /// Calls `work` on every range of `size` elements of some arrays, with its number; the last ranges of an array may
    /// be shorter or empty. As [`parallel_for`](ThreadPool::parallel_for) otherwise.
    pub fn parallel_for_ranges<T: Send, const N: usize>(
        self,
        nanoseconds: usize,
        size: usize,
        arrays: [&mut [T]; N],
        work: impl Fn(usize, [&mut [T]; N]) + Sync,
    ) {
        let arrays = arrays.map(|array| Ranges::of(array, size));
        let count = arrays.iter().map(Ranges::count).max().unwrap_or(0);
        self.parallel_for(nanoseconds, count, |i| {
            // SAFETY: `parallel_for` gives every number once, so no other thread has this range.
            work(i, arrays.each_ref().map(|array| unsafe { array.range(i) }));
        });
    }

    /// Calls `work` on state 0 on this thread, and on further states on the workers that come in time, each with its
    /// number. The items must come from a queue that the threads share, because a state other than 0 may never be used.
    pub fn run_on_all<W: Send>(
        self,
        nanoseconds: usize,
        states: &mut [W],
        work: impl Fn(usize, &mut W) + Sync,
    ) {
        if states.is_empty() {
            return;
        }
        let count = states.len().min(self.threads);
        let states = States(states.as_mut_ptr());
        self.call(nanoseconds, count, &|i| {
            // SAFETY: `call` gives each number below `count` to one thread at most and returns when all threads are
            // done. So this is the only reference to the state, which lies in the borrowed slice.
            work(i, unsafe { &mut *states.at(i) });
        });
    }

    /// Calls `work(0)` on this thread and `work(1)` to `work(threads − 1)` on the workers that come in time. When it
    /// returns or unwinds, no worker is at work any more.
    fn call<F: Fn(usize) + Sync>(self, nanoseconds: usize, threads: usize, work: &F) {
        if threads < 2 || nanoseconds < WORTH_SHARING {
            return work(0);
        }
        let mut workers = match WORKERS.try_lock() {
            Ok(workers) => workers,
            Err(TryLockError::WouldBlock) => return work(0),
            Err(TryLockError::Poisoned(workers)) => workers.into_inner(),
        };
        let panic = workers.run(threads, nanoseconds >= WORTH_WAKING, work);
        drop(workers);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

/// The first state of a slice.
struct States<W>(*mut W);

// SAFETY: every thread uses the pointer for one state of its own, and states may be sent to threads.
unsafe impl<W: Send> Sync for States<W> {}

impl<W> States<W> {
    fn at(&self, i: usize) -> *mut W {
        self.0.wrapping_add(i)
    }
}

/// A queue that threads share.
pub fn locked<Q>(queue: &Mutex<Q>) -> MutexGuard<'_, Q> {
    // A panic elsewhere cannot leave a queue half advanced; the thread pool passes it to the caller.
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Cores that the system gives the process, read once.
pub fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// The most threads of a call. More threads than cores only cost memory; some more are allowed everywhere, so that the
/// behaviour of many threads can be tested on a small machine.
pub fn most_threads() -> usize {
    cores().max(MOST_RANGES)
}

/// The default number of threads: that of `SCOREMATCH_THREADS`, else as many as the system gives the process. The
/// variable is read once; where it holds no number, a warning is logged.
pub fn default_threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| {
        let asked = match asked(std::env::var_os(VARIABLE)) {
            Ok(asked) => asked,
            Err(error) => {
                log::warn!("{error}. Meanwhile there are {}", cores());
                None
            }
        };
        asked.unwrap_or_else(cores).min(most_threads())
    })
}

/// Checks that `SCOREMATCH_THREADS`, if it is set, holds a number.
///
/// # Errors
/// It does not.
pub fn check_variable() -> Result<(), ThreadsError> {
    asked(std::env::var_os(VARIABLE)).map(drop)
}

/// The threads that a value of the variable asks for, if any.
fn asked(value: Option<OsString>) -> Result<Option<usize>, ThreadsError> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let text = value.to_string_lossy();
    match text.trim().parse() {
        Ok(threads) => Ok(Some(threads).filter(|&threads| threads > 0)),
        Err(_) => Err(ThreadsError {
            found: format!("{text:?}"),
        }),
    }
}

/// Waits until every worker that was started is parked, for tests that must not depend on when the system runs a new
/// thread.
#[doc(hidden)]
pub fn wait_until_asleep() {
    locked(&WORKERS).wait_until_asleep();
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn pool(threads: usize) -> ThreadPool {
        ThreadPool {
            threads,
            ..ThreadPool::single_threaded(InstructionSet::Portable)
        }
    }

    #[test]
    fn every_item_is_done_once() {
        for threads in [1, 2, 3, 16] {
            for round in 0..2000 {
                let done = [const { AtomicUsize::new(0) }; 9];
                pool(threads).parallel_for(WORTH_WAKING, round % 10, |i| {
                    done[i].fetch_add(1, Ordering::Relaxed);
                });
                for (i, done) in done.into_iter().enumerate() {
                    assert_eq!(done.into_inner(), usize::from(i < round % 10));
                }
            }
        }
    }

    #[test]
    fn a_state_has_one_thread() {
        for round in 0..500 {
            let left = AtomicUsize::new(100);
            let mut states = [0; 7];
            pool(1 + round % 7).run_on_all(usize::MAX, &mut states, |_, count| {
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                    .is_ok()
                {
                    *count += 1;
                }
            });
            assert_eq!(states.iter().sum::<usize>(), 100);
            assert!(states[1 + round % 7..].iter().all(|&count| count == 0));
        }
    }

    #[test]
    fn the_variable_is_a_number_or_an_error() {
        let asked = |value: &str| asked(Some(value.into()));
        for (value, threads) in [("", None), ("0", None), ("3", Some(3)), (" 12\n", Some(12))] {
            assert_eq!(asked(value).unwrap(), threads, "{value:?}");
        }
        for value in ["abc", "-1", "2.5", "4 threads", "99999999999999999999999"] {
            let message = asked(value).unwrap_err().to_string();
            assert!(message.starts_with(&format!("SCOREMATCH_THREADS is {value:?}; set it to")));
        }
    }

    #[test]
    fn no_number_of_threads_is_too_large() {
        for threads in [0, 1000, 1_000_000, usize::MAX] {
            let sum = AtomicUsize::new(0);
            pool(threads).parallel_for(usize::MAX, 10_000, |i| {
                sum.fetch_add(i, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), 10_000 * 9_999 / 2);
            let calls = AtomicUsize::new(0);
            pool(threads).run_on_all(usize::MAX, &mut [(); 10_000], |_, ()| {
                calls.fetch_add(1, Ordering::Relaxed);
            });
            assert!((1..=most_threads()).contains(&calls.into_inner()));
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_team_lives_on() {
        for threads in [1, 2, 4] {
            for bad in 0..20 {
                let panic = catch_unwind(AssertUnwindSafe(|| {
                    pool(threads).parallel_for(usize::MAX, 20, |i| {
                        assert_ne!(i, bad, "item {i}");
                    });
                }))
                .expect_err("an item panics");
                let text = panic.downcast_ref::<String>().expect("a formatted message");
                assert!(text.contains(&format!("item {bad}")), "{text}");
                let sum = AtomicUsize::new(0);
                pool(threads).parallel_for(usize::MAX, 20, |i| {
                    sum.fetch_add(i, Ordering::Relaxed);
                });
                assert_eq!(sum.into_inner(), 190);
            }
        }
    }

    #[test]
    fn callers_may_meet_and_calls_may_nest() {
        let sum = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..300 {
                        pool(4).parallel_for(usize::MAX, 4, |_| {
                            pool(3).parallel_for(usize::MAX, 5, |i| {
                                sum.fetch_add(i, Ordering::Relaxed);
                            });
                        });
                    }
                });
            }
        });
        assert_eq!(sum.into_inner(), 6 * 300 * 4 * 10);
    }
}
