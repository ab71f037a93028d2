//! The tiles of a run on a team of threads, and the sum of their slots.

use std::sync::Mutex;

use ndarray::ArrayViewMut2;

use super::batch::{Inputs, Panels};
use super::buffer::Buffer;
use super::slots::{AddSlots, COLUMNS, Job, Jobs, JoinSlots, touched};
use super::tiling::Tiling;
use crate::panel::{LANES, Matrix, batch_outer};
use crate::program::Tile;
use crate::simd::{Form, Real};
use crate::team::{Stretches, Team, locked};

/// The buffers of tiles and of their sums.
#[derive(Debug, Default)]
pub(super) struct Tiles<T> {
    /// One for each thread.
    panels: Vec<Panels<T>>,
    /// One accumulator for each slot.
    slots: Vec<Buffer<T>>,
    /// The pairs of slots whose sum is in the even one.
    joined: Vec<bool>,
    /// The sum of several slots: in a place of its own, which the cores that write it keep to themselves.
    sums: Buffer<T>,
    /// What deferred products need of every sample, `[B, Σm]`.
    store: Buffer<T>,
    /// The samples as tiles saw them, `[B, D]`, where a deferred product needs them and x is not that array.
    seen: Buffer<T>,
}

impl<T: Real> Tiles<T> {
    /// Runs every tile; outputs go to `out`, sums stay in the slots.
    pub(super) fn run(
        &mut self,
        tile: fn(Form, &mut Tile<'_, T>),
        inputs: &Inputs<'_, '_, T>,
        tiling: Tiling,
        team: Team,
        out: ArrayViewMut2<'_, T>,
    ) {
        let (samples, width, seen) = (
            tiling.samples,
            inputs.deferred_rows(),
            inputs.seen_columns(),
        );
        if self.slots.len() < tiling.slots {
            self.slots.resize_with(tiling.slots, Buffer::default);
        }
        let slots = &mut self.slots[..tiling.slots];
        for slot in &mut *slots {
            slot.lend(inputs.layout.acc);
        }
        self.joined.clear();
        self.joined.resize(tiling.slots.div_ceil(2), false);
        let jobs = Mutex::new(Jobs {
            tiling,
            joined: &mut self.joined,
            left: 0..tiling.slots,
            acc: slots.iter_mut(),
            out: Some(out),
            store: Some(rows_of(self.store.lend(samples * width), samples, width)),
            seen: Some(rows_of(self.seen.lend(samples * seen), samples, seen)),
        });
        let threads = team.threads.clamp(1, tiling.slots);
        if self.panels.len() < threads {
            self.panels.resize_with(threads, Panels::default);
        }
        for panels in &mut self.panels[..threads] {
            panels.reserve(inputs, tiling.tile_panels);
        }
        team.each(
            work(inputs),
            &mut self.panels[..threads],
            |member, panels| {
                let share = Share {
                    inputs,
                    tiling,
                    jobs: &jobs,
                    first: member == 0,
                    panels,
                };
                share.run(tile);
            },
        );
    }

    /// Adds up the slots in their order and computes the deferred products.
    pub(super) fn sum(
        &mut self,
        inputs: &Inputs<'_, '_, T>,
        tiling: Tiling,
        team: Team,
    ) -> &mut [T] {
        let (samples, width) = (tiling.samples, inputs.deferred_rows());
        let (layout, dim) = (inputs.layout, inputs.batch.x.ncols());
        let slots = &mut self.slots[..tiling.slots];
        let sums = if let [only] = slots {
            only.lend(layout.acc)
        } else {
            let (slots, sums) = (&*slots, self.sums.lend(layout.acc));
            let touched = touched(layout.acc, dim, layout.deferred).map(|range| range.len());
            // The second-level cache gives some 16 scalars in a nanosecond.
            let work = touched.sum::<usize>() * tiling.slots / 16;
            // The gradient first, in the stretches in which the parameters will be updated.
            let (gradient, rest) = sums.split_at_mut(inputs.params.len().min(layout.acc));
            let rest_at = gradient.len();
            for (first, sums) in [(0, gradient), (rest_at, rest)] {
                let sums = Stretches::of(sums, COLUMNS);
                team.spread(work, sums.count(), |i| {
                    let add = AddSlots {
                        slots,
                        joined: &self.joined,
                        start: first + i * COLUMNS,
                        // SAFETY: every number comes once.
                        sums: unsafe { sums.stretch(i) },
                        len: layout.acc,
                        dim,
                        deferred: layout.deferred,
                    };
                    T::dispatch(team.form, add);
                });
            }
            sums
        };
        if width == 0 {
            return sums;
        }
        let x = match inputs.batch.x.to_slice() {
            Some(x) if inputs.seen_columns() == 0 => x,
            _ => self.seen.lend(samples * dim),
        };
        let x = Matrix {
            data: x,
            row: dim,
            col: 1,
        };
        let store = &*self.store.lend(samples * width);
        let mut column = 0;
        for deferred in layout.deferred {
            let values = Matrix {
                data: &store[column..],
                row: width,
                col: 1,
            };
            let product = &mut sums[deferred.acc..][..deferred.m * dim];
            batch_outer(team, product, deferred.m, dim, values, x, samples);
            column += deferred.m;
        }
        sums
    }
}

/// A dense `[rows, columns]` view of a buffer of that many scalars.
pub(super) fn rows_of<T>(buffer: &mut [T], rows: usize, columns: usize) -> ArrayViewMut2<'_, T> {
    ArrayViewMut2::from_shape((rows, columns), buffer).expect("the buffer was lent with this size")
}

/// A rough time for all tiles, in nanoseconds of one thread: 32 multiply-adds or one element of scratch each.
fn work<T: Real>(inputs: &Inputs<'_, '_, T>) -> usize {
    let samples = inputs.batch.x.nrows().next_multiple_of(LANES);
    let tangents = 1 + inputs.tangents();
    samples * (inputs.params.len() * tangents / 32 + inputs.layout.scratch_rows)
}

/// One thread's share: slots, as long as there are any.
struct Share<'r, 'p, 'b, 'j, T> {
    inputs: &'r Inputs<'p, 'b, T>,
    tiling: Tiling,
    jobs: &'r Mutex<Jobs<'j, T>>,
    /// Whether it takes the first slots that are left, or the last.
    first: bool,
    panels: &'r mut Panels<T>,
}

impl<T: Real> Share<'_, '_, '_, '_, T> {
    fn run(self, program: fn(Form, &mut Tile<'_, T>)) {
        let Share {
            inputs,
            tiling,
            jobs,
            first,
            panels,
        } = self;
        let dim = inputs.batch.x.ncols();
        // In a closure, so that the lock is not held while the job is done.
        let next = || locked(jobs).take(first);
        // The last slot, until it is joined to the other of its pair: what one thread has in its core's cache need not
        // be fetched by another.
        let mut last: Option<(usize, &mut [T])> = None;
        while let Some(mut job) = next() {
            clear(&mut job, inputs);
            for start in job.samples.clone().step_by(tiling.tile_samples()) {
                let span = start..(start + tiling.tile_samples()).min(job.samples.end);
                let count = span.len().div_ceil(LANES);
                panels.load(inputs, &span);
                let Panels {
                    x,
                    v,
                    omega,
                    scratch,
                    out,
                    deferred,
                    samples,
                    block,
                } = panels;
                let layout = inputs.layout;
                let mut tile = Tile {
                    params: inputs.params,
                    shared: inputs.shared,
                    scalars: inputs.scalars,
                    panels: count,
                    x: x.lend_rows(count * dim),
                    v: if layout.uses.v {
                        v.lend_rows(count * dim)
                    } else {
                        &[]
                    },
                    omega: if layout.uses.omega {
                        omega.lend_rows(count)
                    } else {
                        &[]
                    },
                    tangents: inputs.tangents(),
                    directions: &mut |t0, tn, rows| {
                        inputs.directions(span.start, samples, t0, tn, rows, block)
                    },
                    scratch: scratch.lend_rows(count * layout.scratch_rows),
                    acc: &mut job.acc[..layout.acc],
                    out: out.lend_rows(count * inputs.out_rows()),
                    deferred: deferred.lend_rows(count * inputs.deferred_rows()),
                };
                program(inputs.form, &mut tile);
                panels.unload(inputs, count, start - job.samples.start, &mut job);
            }
            #[cfg(debug_assertions)]
            assert_products_untouched(&job, inputs);
            let this = (job.slot, &mut job.acc[..inputs.layout.acc]);
            last = match last {
                Some(other) if other.0 == this.0 ^ 1 => {
                    let pair = this.0 / 2;
                    join(other, this, inputs);
                    locked(jobs).joined[pair] = true;
                    None
                }
                _ => Some(this),
            };
        }
    }
}

/// Adds the accumulator of the odd slot to that of the even one.
fn join<T: Real>(a: (usize, &mut [T]), b: (usize, &mut [T]), inputs: &Inputs<'_, '_, T>) {
    let (even, odd) = if a.0 < b.0 { (a.1, b.1) } else { (b.1, a.1) };
    let join = JoinSlots {
        even,
        odd,
        dim: inputs.batch.x.ncols(),
        deferred: inputs.layout.deferred,
    };
    T::dispatch(inputs.form, join);
}

/// Clears what the tiles of a slot add to. Debug builds mark the rest, so that use of it shows.
fn clear<T: Real>(job: &mut Job<'_, T>, inputs: &Inputs<'_, '_, T>) {
    if cfg!(debug_assertions) {
        job.acc.fill(T::one());
    }
    for range in touched(
        inputs.layout.acc,
        inputs.batch.x.ncols(),
        inputs.layout.deferred,
    ) {
        job.acc[range].fill(T::zero());
    }
}

/// Asserts that no tile added to the range of a deferred product.
#[cfg(debug_assertions)]
fn assert_products_untouched<T: Real>(job: &Job<'_, T>, inputs: &Inputs<'_, '_, T>) {
    for deferred in inputs.layout.deferred {
        let product = &job.acc[deferred.acc..][..deferred.m * inputs.batch.x.ncols()];
        assert!(
            product.iter().all(|&x| x == T::one()),
            "a tile added to the range of {deferred:?}"
        );
    }
}
