//! Time: the median of many readings, and how far they scatter.

use std::time::{Duration, Instant};

/// Readings are no shorter than this, so that the clock's own 20 to 50 ns stay below a percent of them.
const READING: f64 = 5e-6;

/// Readings at least, however long they take.
const LEAST: usize = 5;

/// What a series of readings says of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// Median seconds.
    pub(crate) median: f64,
    /// Distance of the quartiles over the median: what the machine's other work did to the series.
    pub(crate) spread: f64,
}

/// Seconds of a call of `f`, over readings that fill `budget`.
pub(crate) fn clock(budget: Duration, mut f: impl FnMut()) -> Times {
    let mut reading = |calls: u32| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_secs_f64() / f64::from(calls)
    };
    // The first calls fill caches and buffers, and wake threads.
    let once = reading(1).min(reading(2));
    let calls = (READING / once).ceil().clamp(1.0, 1e4) as u32;
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < budget || times.len() < LEAST {
        times.push(reading(calls));
    }
    times.sort_by(f64::total_cmp);
    let [low, median, high] = [1, 2, 3].map(|quarter| times[times.len() * quarter / 4]);
    Times {
        median,
        spread: (high - low) / median,
    }
}
