//! The tiles of a run on a team of threads, and the sum of their slots.

use std::sync::Mutex;

use ndarray::ArrayViewMut2;
use scorematch_kernels::panel::LANES;
use scorematch_kernels::simd::Real;
use scorematch_kernels::team::{Team, locked};

use super::batch::{Inputs, Panels};
use super::kept::{Kept, Written};
use super::slots::{AddSlots, Jobs, JoinSlots};
use super::tiling::Tiling;
use crate::buffer::{Buffer, COLUMNS};
use crate::program::{Compiled, Tile};

/// The buffers of tiles and of their sums.
#[derive(Debug, Default)]
pub(super) struct Tiles<T> {
    /// One for each thread.
    pub(super) panels: Vec<Panels<T>>,
    /// One accumulator for each slot.
    pub(super) slots: Vec<Buffer<T>>,
    /// The pairs of slots whose sum is in the even one.
    joined: Vec<bool>,
    /// The sum of several slots: in a place of its own, which the cores that write it keep to themselves.
    sums: Buffer<T>,
    /// What the products after the tiles need.
    pub(super) kept: Kept<T>,
}

impl<T: Real> Tiles<T> {
    /// Runs every tile; outputs go to `out`, sums stay in the slots.
    pub(super) fn run(
        &mut self,
        program: &Compiled<T>,
        inputs: &Inputs<'_, '_, T>,
        tiling: Tiling,
        team: Team,
        out: ArrayViewMut2<'_, T>,
    ) {
        if self.slots.len() < tiling.slots {
            self.slots.resize_with(tiling.slots, Buffer::default);
        }
        let slots = &mut self.slots[..tiling.slots];
        for slot in &mut *slots {
            slot.lend(inputs.layout.acc);
        }
        self.joined.clear();
        self.joined.resize(tiling.slots.div_ceil(2), false);
        if tiling.is_in_parts() {
            let directions = inputs.directions_of_tile();
            return self.run_parts(program, inputs, directions, tiling.slots, team);
        }
        let jobs = Mutex::new(Jobs {
            tiling,
            joined: &mut self.joined,
            left: 0..tiling.slots,
            acc: slots.iter_mut(),
            written: Some(self.kept.lend(inputs, out)),
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
                share.run(program);
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
        let (layout, products) = (inputs.layout, inputs.products);
        let slots = &mut self.slots[..tiling.slots];
        let sums = if let [only] = slots {
            only.lend(layout.acc)
        } else {
            let (slots, sums) = (&*slots, self.sums.lend(layout.acc));
            let touched = products.touched(layout.acc).map(|range| range.len());
            // The second-level cache gives some 16 scalars in a nanosecond.
            let work = touched.sum::<usize>() * tiling.slots / 16;
            // The gradient first, in the stretches in which the parameters will be updated.
            let (gradient, rest) = sums.split_at_mut(inputs.params.len().min(layout.acc));
            let rest_at = gradient.len();
            for (first, sums) in [(0, gradient), (rest_at, rest)] {
                team.spread_ranges(work, COLUMNS, [sums], |i, [sums]| {
                    let add = AddSlots {
                        slots,
                        joined: &self.joined,
                        start: first + i * COLUMNS,
                        sums,
                        len: layout.acc,
                        products,
                    };
                    T::dispatch(team.form, add);
                });
            }
            sums
        };
        self.kept.products(inputs, team, sums);
        sums
    }
}

/// A dense `[rows, columns]` view of a buffer of that many scalars.
pub(super) fn rows_of<T>(buffer: &mut [T], rows: usize, columns: usize) -> ArrayViewMut2<'_, T> {
    ArrayViewMut2::from_shape((rows, columns), buffer).expect("the buffer was lent with this size")
}

/// A rough time for all tiles, in nanoseconds of one thread: 32 multiply-adds or one element of scratch each.
pub(super) fn work<T: Real>(inputs: &Inputs<'_, '_, T>) -> usize {
    let samples = inputs.batch.x.nrows().next_multiple_of(LANES);
    let tangents = 1 + inputs.directions_of_tile();
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
    fn run(self, program: &Compiled<T>) {
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
            clear(job.acc, inputs);
            for start in job.samples.clone().step_by(tiling.tile_samples()) {
                let span = start..(start + tiling.tile_samples()).min(job.samples.end);
                let count = span.len().div_ceil(LANES);
                let first = job.samples.start;
                let Written {
                    mut out,
                    x: kept_x,
                    values,
                    directions,
                    direction_values,
                } = job.written.tile(span.start - first..span.end - first);
                panels.load(inputs, &span, kept_x);
                let own = &mut *panels;
                let layout = inputs.layout;
                let mut tile = Tile {
                    params: inputs.params,
                    shared: inputs.shared,
                    scalars: inputs.scalars,
                    panels: count,
                    lanes: inputs.lanes(),
                    x: if kept_x.is_empty() {
                        own.x.lend_rows(count * dim)
                    } else {
                        kept_x
                    },
                    v: if layout.uses.v {
                        own.v.lend_rows(count * dim)
                    } else {
                        &[]
                    },
                    omega: if layout.uses.omega {
                        own.omega.lend_rows(count)
                    } else {
                        &[]
                    },
                    tangents: inputs.tangents(),
                    directions: &mut |t0, tn, rows| {
                        let (samples, block) = (&own.samples, &mut own.block);
                        inputs.directions(span.start, samples, t0, tn, rows, block);
                        inputs.keep_directions([t0, tn], rows, directions);
                    },
                    keep: &mut |acc, index, t0, tn, values, directions| {
                        inputs.keep(index, [t0, tn], [values, directions], acc, direction_values);
                    },
                    scratch: own.scratch.lend_rows(count * layout.scratch_rows),
                    acc: &mut job.acc[..layout.acc],
                    out: own.out.lend_rows(count * inputs.out_rows()),
                    deferred: values,
                };
                (program.tile)(inputs.form, &mut tile);
                (program.stream)(inputs.form, &mut tile, 0..inputs.directions_of_tile());
                (program.finish)(inputs.form, &mut tile);
                own.unload(inputs, count, &mut out);
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
        products: inputs.products,
    };
    T::dispatch(inputs.form, join);
}

/// Clears what the tiles of a slot add to. Debug builds mark the rest, so that use of it shows.
pub(super) fn clear<T: Real>(acc: &mut [T], inputs: &Inputs<'_, '_, T>) {
    if cfg!(debug_assertions) {
        acc.fill(T::one());
    }
    for range in inputs.products.touched(inputs.layout.acc) {
        acc[range].fill(T::zero());
    }
}

/// Asserts that no tile added to the range of a deferred product.
#[cfg(debug_assertions)]
fn assert_products_untouched<T: Real>(job: &super::slots::Job<'_, T>, inputs: &Inputs<'_, '_, T>) {
    let products = inputs.products;
    for deferred in products
        .deferred
        .iter()
        .filter(|d| products.is_untouched(d))
    {
        let product = &job.acc[deferred.acc..][..deferred.m * inputs.batch.x.ncols()];
        assert!(
            product.iter().all(|&x| x == T::one()),
            "a tile added to the range of {deferred:?}"
        );
    }
}
