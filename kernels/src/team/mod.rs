//! Threads: workers that wait for a call and empty a queue beside the caller.
//!
//! Enters: work that any thread may do. Leaves: all of it done. Must hold: who takes which item decides nothing but
//! the time it takes; items carry their own place in the order of summation.
//!
//! Workers belong to the process and are started when a call first asks for so many. One who has nothing to do looks
//! for a call for some tens of microseconds, so that the next region of a step finds it awake, then sleeps. One
//! caller at a time has the workers; another, or a call from within a call, works alone. A caller who has emptied
//! the queue takes back the call of a worker who has not come yet: on a busy machine nobody waits for a thread that
//! the system does not run.

mod error;
mod ranges;
mod worker;
mod workers;

use std::ffi::OsString;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use crate::simd::Form;
use ranges::Ranges;
use workers::Workers;

pub use error::ThreadsError;

/// The environment variable that sets the number of threads where the program does not.
const VARIABLE: &str = "SCOREMATCH_THREADS";

/// Nanoseconds of work of one thread from which workers that are awake are called, and from which they are woken.
/// A call costs half a microsecond; waking takes the system 5 µs of the caller's time and 50 until the worker runs.
const WORTH_SHARING: usize = 3_000;
const WORTH_WAKING: usize = 20_000;

/// Members that have ranges of their own in [`Team::spread`].
const MOST_RANGES: usize = 64;

/// The workers of this process. Who holds the lock may call them.
static WORKERS: Mutex<Workers> = Mutex::new(Workers::NONE);

/// Who computes: at most so many threads, the calling one included, with the vectors of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Team {
    /// The vectors' form.
    pub form: Form,
    /// Threads at most; at least 1.
    pub threads: usize,
}

impl Team {
    /// The calling thread alone.
    #[inline]
    pub fn alone(form: Form) -> Self {
        Team { form, threads: 1 }
    }

    /// Does `work` on every number below `count`, each once; `nanoseconds` is a rough time for all on one thread.
    ///
    /// A member begins with a range of its own, the same one in every call of this count: what a core wrote in one
    /// region it finds in its own cache in the next, where fetching it from another core would cost more than the work
    /// of an update. Then it helps where others are behind.
    ///
    /// # Panics
    /// `work` does, on any thread.
    pub fn spread(self, nanoseconds: usize, count: usize, work: impl Fn(usize) + Sync) {
        let members = self.threads.min(MOST_RANGES).min(count);
        if members < 2 || nanoseconds < WORTH_SHARING {
            return (0..count).for_each(work);
        }
        let next = [const { AtomicUsize::new(0) }; MOST_RANGES];
        // range · count / members, of any count.
        let cut = |range: usize| count / members * range + count % members * range / members;
        self.call(nanoseconds, members, &|own| {
            for range in (own..members).chain(0..own) {
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

    /// Does `work` on every range of `size` elements of some arrays, with its number; the last ranges of an array may be
    /// shorter or empty. As [`spread`](Team::spread) otherwise.
    pub fn spread_ranges<T: Send, const N: usize>(
        self,
        nanoseconds: usize,
        size: usize,
        arrays: [&mut [T]; N],
        work: impl Fn(usize, [&mut [T]; N]) + Sync,
    ) {
        let arrays = arrays.map(|array| Ranges::of(array, size));
        let count = arrays.iter().map(Ranges::count).max().unwrap_or(0);
        self.spread(nanoseconds, count, |i| {
            // SAFETY: `spread` gives every number once, so no other thread has this range.
            work(i, arrays.each_ref().map(|array| unsafe { array.range(i) }));
        });
    }

    /// Does `work` on member 0 and, on threads of their own, on as many others as come in time, with their numbers. What
    /// is to be done comes from a queue that they share: a member may never be called.
    pub fn each<W: Send>(
        self,
        nanoseconds: usize,
        members: &mut [W],
        work: impl Fn(usize, &mut W) + Sync,
    ) {
        if members.is_empty() {
            return;
        }
        let count = members.len().min(self.threads);
        let members = Members(members.as_mut_ptr());
        self.call(nanoseconds, count, &|i| {
            // SAFETY: `call` gives 0 and every number below `count` to one thread at most, and is left when all are done:
            // this is the only reference to the member, inside the slice, not empty, that is borrowed for that long.
            work(i, unsafe { &mut *members.at(i) });
        });
    }

    /// Calls `work(0)` here and `work(1)` to `work(members − 1)` on workers, those that come in time. However it is left, no
    /// worker is at work any more.
    fn call<F: Fn(usize) + Sync>(self, nanoseconds: usize, members: usize, work: &F) {
        if members < 2 || nanoseconds < WORTH_SHARING {
            return work(0);
        }
        let mut workers = match WORKERS.try_lock() {
            Ok(workers) => workers,
            Err(TryLockError::WouldBlock) => return work(0),
            Err(TryLockError::Poisoned(workers)) => workers.into_inner(),
        };
        let panic = workers.run(members, nanoseconds >= WORTH_WAKING, work);
        drop(workers);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

/// The first member of a slice.
struct Members<W>(*mut W);

// SAFETY: the pointer is used for one member a thread, and members may be sent to threads.
unsafe impl<W: Send> Sync for Members<W> {}

impl<W> Members<W> {
    fn at(&self, i: usize) -> *mut W {
        self.0.wrapping_add(i)
    }
}

/// A queue that threads share.
pub fn locked<Q>(queue: &Mutex<Q>) -> MutexGuard<'_, Q> {
    // A panic elsewhere cannot leave a queue half advanced; it reaches the caller through the team.
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Cores that the system gives the process, as it was when somebody first asked.
pub fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Threads of a call at most, whatever is asked for. More than there are cores only cost memory, but a few more are
/// allowed everywhere, so that what many threads do can be seen on a small machine.
pub fn most_threads() -> usize {
    cores().max(MOST_RANGES)
}

/// Threads where nobody says how many: what `SCOREMATCH_THREADS` says, else as many as the system gives the process.
/// The variable is read once; where it holds no number, a logged warning says so.
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

/// That `SCOREMATCH_THREADS`, if it is set, holds a number.
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

/// Waits until every worker that was started sleeps. For tests that must not depend on when the system runs a new thread.
#[doc(hidden)]
pub fn wait_until_asleep() {
    locked(&WORKERS).wait_until_asleep();
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn team(threads: usize) -> Team {
        Team {
            threads,
            ..Team::alone(Form::Portable)
        }
    }

    #[test]
    fn every_item_is_done_once() {
        for threads in [1, 2, 3, 16] {
            for round in 0..2000 {
                let done = [const { AtomicUsize::new(0) }; 9];
                team(threads).spread(WORTH_WAKING, round % 10, |i| {
                    done[i].fetch_add(1, Ordering::Relaxed);
                });
                for (i, done) in done.into_iter().enumerate() {
                    assert_eq!(done.into_inner(), usize::from(i < round % 10));
                }
            }
        }
    }

    #[test]
    fn a_member_has_one_thread() {
        for round in 0..500 {
            let left = AtomicUsize::new(100);
            let mut members = [0; 7];
            team(1 + round % 7).each(usize::MAX, &mut members, |_, count| {
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                    .is_ok()
                {
                    *count += 1;
                }
            });
            assert_eq!(members.iter().sum::<usize>(), 100);
            assert!(members[1 + round % 7..].iter().all(|&count| count == 0));
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
            team(threads).spread(usize::MAX, 10_000, |i| {
                sum.fetch_add(i, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), 10_000 * 9_999 / 2);
            let calls = AtomicUsize::new(0);
            team(threads).each(usize::MAX, &mut [(); 10_000], |_, ()| {
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
                    team(threads).spread(usize::MAX, 20, |i| {
                        assert_ne!(i, bad, "item {i}");
                    });
                }))
                .expect_err("an item panics");
                let text = panic.downcast_ref::<String>().expect("a formatted message");
                assert!(text.contains(&format!("item {bad}")), "{text}");
                let sum = AtomicUsize::new(0);
                team(threads).spread(usize::MAX, 20, |i| {
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
                        team(4).spread(usize::MAX, 4, |_| {
                            team(3).spread(usize::MAX, 5, |i| {
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
