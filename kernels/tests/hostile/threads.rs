//! Panics on threads: whatever panics, every worker has finished when the call is left, and later calls work.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicUsize, Ordering};

use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::InstructionSet;

use crate::outcome;

/// A panic payload whose drop panics too.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("a panic of a panic's end");
        }
    }
}

/// Threads in a piece of work.
struct Inside<'a>(&'a AtomicUsize);

impl<'a> Inside<'a> {
    fn enter(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Inside(count)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPool {
        isa: InstructionSet::Portable,
        threads,
    }
}

/// A later call does every item once.
fn works(threads: usize) {
    let done = [const { AtomicUsize::new(0) }; 50];
    pool(threads).parallel_for(usize::MAX, done.len(), |i| {
        done[i].fetch_add(1, Ordering::Relaxed);
    });
    assert!(done.into_iter().all(|done| done.into_inner() == 1));
}

#[test]
fn no_worker_is_at_work_after_a_panic() {
    for round in 0..300 {
        let threads = 2 + round % 4;
        // On the heap, so that a use after this frame is one after it was freed.
        let (inside, come) = (Box::new(AtomicUsize::new(0)), Box::new(AtomicUsize::new(0)));
        let caught = outcome_of_any(|| {
            pool(threads).parallel_for(usize::MAX, threads, |i| {
                let _inside = Inside::enter(&inside);
                come.fetch_add(1, Ordering::SeqCst);
                // All threads but the last panic, once all have come or after a while. The last is the slowest. A yield
                // lasts a time slice where other processes wait for the core, so there are few yields.
                for _ in 0..20 {
                    if come.load(Ordering::SeqCst) == threads {
                        break;
                    }
                    std::thread::yield_now();
                }
                if i + 1 == threads {
                    (0..10).for_each(|_| std::thread::yield_now());
                }
                if i + 1 < threads {
                    panic_any(Bomb);
                }
            });
        });
        assert_eq!(
            inside.load(Ordering::SeqCst),
            0,
            "a thread outlives its call"
        );
        assert!(caught, "a panic reaches the caller");
        drop((inside, come));
        works(threads);
    }
}

/// Whether something panics, its payload never dropped.
fn outcome_of_any(call: impl FnOnce()) -> bool {
    let result = outcome(|| catch_unwind(AssertUnwindSafe(call)).map_err(std::mem::forget));
    matches!(result, Ok(Err(())))
}

#[test]
fn a_panic_in_a_nested_call_reaches_the_outer_caller() {
    for round in 0..100 {
        let message = outcome(|| {
            pool(3).parallel_for(usize::MAX, 9, |i| {
                pool(3).parallel_for(usize::MAX, 9, |j| {
                    assert_ne!((i, j), (round % 9, 4), "one of all")
                });
            });
        });
        assert!(message.is_err_and(|message| message.contains("one of all")));
        works(3);
    }
}

#[test]
fn pools_of_any_number_of_threads_do_all_items() {
    for threads in [0, 1, 2, 7] {
        for count in [0, 1, 2, 63, 64, 65, 1000] {
            let sum = AtomicUsize::new(0);
            pool(threads).parallel_for(usize::MAX, count, |i| {
                sum.fetch_add(i + 1, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), count * (count + 1) / 2);
        }
    }
}

#[test]
fn ranges_of_any_size_have_one_user() {
    for threads in [0, 1, 3, usize::MAX] {
        for size in [1, 2, 7, 64, 65, 1 << 40, usize::MAX] {
            let (mut long, mut short) = (vec![0_u32; 65], vec![0_u32; 9]);
            pool(threads).parallel_for_ranges(
                usize::MAX,
                size,
                [&mut long, &mut short],
                |_, parts| {
                    for x in parts.into_iter().flatten() {
                        *x += 1;
                    }
                },
            );
            assert!(long.iter().chain(&short).all(|&x| x == 1), "of {size}");
        }
        let refused =
            outcome(|| pool(threads).parallel_for_ranges(1, 0, [&mut [0_u8; 3][..]], |_, _| {}));
        assert!(refused.is_err(), "ranges without elements");
    }
}

#[test]
fn states_of_any_number_have_one_thread() {
    for threads in [0, 1, 3, usize::MAX] {
        for count in [0, 1, 2, 100] {
            let mut states = vec![0_u32; count];
            pool(threads).run_on_all(usize::MAX, &mut states, |_, state| *state += 1);
            assert!(states.iter().all(|&calls| calls <= 1));
            assert_eq!(states.first().copied().unwrap_or(1), 1);
        }
    }
}

/// Every call that takes an instruction set refuses one that this machine lacks, on whatever thread it would run.
#[test]
fn an_instruction_set_that_the_machine_lacks_is_refused() {
    for isa in InstructionSet::ALL
        .into_iter()
        .filter(|isa| !isa.is_supported())
    {
        let pool = ThreadPool { isa, threads: 3 };
        let (from, mut to) = (vec![1.0_f32; 200 * 200], vec![0.0_f32; 200 * 200]);
        let message =
            outcome(|| scorematch_kernels::panel::transpose(pool, [200; 2], &from, &mut to));
        assert!(message.is_err_and(|message| message.contains("lacks the instruction set")));
    }
}
