//! The workers of the process. They start when a call first asks for so many, up to a limit.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::worker::{Call, Worker};

/// The workers that were started.
pub(super) struct Workers {
    started: Vec<Worker>,
    /// Whether the system has refused a thread. It is not asked again, because asking takes longer than a step.
    refused: bool,
}

impl Workers {
    pub(super) const NONE: Self = Workers {
        started: Vec::new(),
        refused: false,
    };

    /// Calls `work(0)` on this thread and `work(1)` to `work(threads − 1)` on the workers that come in time; returns
    /// the payload of a panic, if there was one. From the first call on nothing unwinds until all workers have
    /// finished, because they use what `work` borrows.
    pub(super) fn run<F: Fn(usize) + Sync>(
        &mut self,
        threads: usize,
        wake: bool,
        work: &F,
    ) -> Option<Box<dyn Any + Send>> {
        self.grow(threads - 1, Worker::start);
        let called = &self.started[..self.started.len().min(threads - 1)];
        for (i, worker) in called.iter().enumerate() {
            worker.call(Call::of(work, i + 1), wake);
        }
        // Dropping the payload of a panic may panic too, so all payloads are kept until every worker has finished.
        let mut panics = Vec::new();
        panics.extend(catch_unwind(AssertUnwindSafe(|| work(0))).err());
        for worker in called {
            panics.extend(worker.finish());
        }
        panics.truncate(1);
        panics.pop()
    }

    /// Starts workers until there are `count`, or as many as the system has threads for.
    fn grow(&mut self, count: usize, mut start: impl FnMut(usize) -> io::Result<Worker>) {
        let count = count.min(super::most_threads() - 1);
        while self.started.len() < count && !self.refused {
            match start(self.started.len()) {
                Ok(worker) => self.started.push(worker),
                // Fewer threads compute the same result.
                Err(error) => {
                    self.refused = true;
                    log::warn!(
                        "the system starts no more than {} of {} threads ({error}); work goes on with these",
                        self.started.len() + 1,
                        count + 1
                    );
                }
            }
        }
    }

    /// Waits until every worker has started and is parked.
    pub(super) fn wait_until_asleep(&self) {
        for worker in &self.started {
            while !worker.sleeps() {
                std::thread::yield_now();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// How many of three threads come to a call that waits for all of them.
    fn threads_that_come(workers: &mut Workers) -> usize {
        let come = AtomicUsize::new(0);
        // Every thread waits for all three, so the caller cannot take a call back.
        let outcome = workers.run(3, true, &|_| {
            come.fetch_add(1, Ordering::Relaxed);
            while come.load(Ordering::Relaxed) < 3 {
                std::thread::yield_now();
            }
        });
        assert!(outcome.is_none());
        come.into_inner()
    }

    #[test]
    fn workers_come_awake_or_asleep() {
        let workers = &mut Workers { ..Workers::NONE };
        for asleep in [false, false, true, true, false] {
            if asleep {
                workers.wait_until_asleep();
            }
            assert_eq!(threads_that_come(workers), 3);
        }
        assert_eq!(workers.started.len(), 2);
    }

    #[test]
    fn little_work_wakes_no_sleeping_worker() {
        let workers = &mut Workers { ..Workers::NONE };
        assert_eq!(threads_that_come(workers), 3);
        workers.wait_until_asleep();
        let come = AtomicUsize::new(0);
        let outcome = workers.run(3, false, &|i| {
            come.fetch_add(1 + i, Ordering::Relaxed);
        });
        assert!(outcome.is_none());
        // The caller alone, whose index is 0.
        assert_eq!(come.into_inner(), 1);
    }

    #[test]
    fn a_thread_that_cannot_be_started_is_one_fewer() {
        let workers = &mut Workers { ..Workers::NONE };
        let mut asked = 0;
        for _ in 0..3 {
            workers.grow(6, |number| {
                asked += 1;
                if number < 2 {
                    Worker::start(number)
                } else {
                    Err(io::ErrorKind::WouldBlock.into())
                }
            });
        }
        assert_eq!((workers.started.len(), asked), (2, 3));
        assert_eq!(threads_that_come(workers), 3);
        let done = AtomicUsize::new(0);
        // Uses the workers that exist, and asks the system for no more.
        let outcome = workers.run(6, true, &|i| {
            assert!(i < 3);
            done.fetch_or(1 << i, Ordering::Relaxed);
        });
        assert!(outcome.is_none());
        assert_eq!(done.into_inner() & 1, 1);
    }

    #[test]
    fn there_is_a_limit() {
        let workers = &mut Workers { ..Workers::NONE };
        workers.grow(usize::MAX, Worker::start);
        assert_eq!(workers.started.len(), super::super::most_threads() - 1);
    }
}
