//! The tiles of a run on a thread pool, and the sum of their partial accumulators.

use std::sync::Mutex;

use ndarray::ArrayViewMut2;
use scorematch_kernels::panel::LANES;
use scorematch_kernels::pool::{ThreadPool, locked};
use scorematch_kernels::simd::Real;

use super::batch::{Inputs, TileBuffers};
use super::deferred_operands::{DeferredOperands, TileOutputs};
use super::partial_accumulators::{AddPartials, Jobs, JoinPartials};
use super::tiling::Tiling;
use crate::buffer::{Buffer, COLUMNS};
use crate::program::{Compiled, Tile};

/// The buffers of tiles and of their sums.
#[derive(Debug, Default)]
pub(super) struct Tiles<T> {
    /// One for each thread.
    pub(super) panels: Vec<TileBuffers<T>>,
    /// The partial accumulators.
    pub(super) partials: Vec<Buffer<T>>,
    /// The pairs of partial accumulators whose sum is in the even one.
    joined: Vec<bool>,
    /// The sum of several partial accumulators. It has a buffer of its own, so that only the cores that write it hold
    /// its cache lines.
    sums: Buffer<T>,
    /// The operands of deferred GEMMs.
    pub(super) deferred_operands: DeferredOperands<T>,
}

impl<T: Real> Tiles<T> {
    /// Runs every tile; outputs go to `out`, sums stay in the partial accumulators.
    pub(super) fn run(
        &mut self,
        program: &Compiled<T>,
        inputs: &Inputs<'_, '_, T>,
        tiling: Tiling,
        pool: ThreadPool,
        out: ArrayViewMut2<'_, T>,
    ) {
        if self.partials.len() < tiling.partials {
            self.partials.resize_with(tiling.partials, Buffer::default);
        }
        let partials = &mut self.partials[..tiling.partials];
        for slot in &mut *partials {
            slot.borrow(inputs.layout.acc);
        }
        self.joined.clear();
        self.joined.resize(tiling.partials.div_ceil(2), false);
        if tiling.splits_directions() {
            let directions = inputs.directions_of_tile();
            return self.run_direction_split(program, inputs, directions, tiling.partials, pool);
        }
        let jobs = Mutex::new(Jobs {
            tiling,
            joined: &mut self.joined,
            left: 0..tiling.partials,
            acc: partials.iter_mut(),
            outputs: Some(self.deferred_operands.borrow(inputs, out)),
        });
        let threads = pool.threads.clamp(1, tiling.partials);
        if self.panels.len() < threads {
            self.panels.resize_with(threads, TileBuffers::default);
        }
        for panels in &mut self.panels[..threads] {
            panels.reserve(inputs, tiling.tile_panels);
        }
        pool.run_on_all(
            work(inputs),
            &mut self.panels[..threads],
            |thread, panels| {
                let share = Share {
                    inputs,
                    tiling,
                    jobs: &jobs,
                    first: thread == 0,
                    panels,
                };
                share.run(program);
            },
        );
    }

    /// Adds up the partial accumulators in their order and computes the deferred products.
    pub(super) fn sum(
        &mut self,
        inputs: &Inputs<'_, '_, T>,
        tiling: Tiling,
        pool: ThreadPool,
    ) -> &mut [T] {
        let (layout, products) = (inputs.layout, inputs.products);
        let partials = &mut self.partials[..tiling.partials];
        let sums = if let [only] = partials {
            only.borrow(layout.acc)
        } else {
            let (partials, sums) = (&*partials, self.sums.borrow(layout.acc));
            let touched = products.touched(layout.acc).map(|range| range.len());
            // The second-level cache delivers some 16 scalars in a nanosecond.
            let work = touched.sum::<usize>() * tiling.partials / 16;
            // The gradient first, in the ranges in which the parameters will be updated.
            let (gradient, rest) = sums.split_at_mut(inputs.params.len().min(layout.acc));
            let rest_at = gradient.len();
            for (first, sums) in [(0, gradient), (rest_at, rest)] {
                pool.parallel_for_ranges(work, COLUMNS, [sums], |i, [sums]| {
                    let add = AddPartials {
                        partials,
                        joined: &self.joined,
                        start: first + i * COLUMNS,
                        sums,
                        len: layout.acc,
                        products,
                    };
                    T::dispatch(pool.isa, add);
                });
            }
            sums
        };
        self.deferred_operands.products(inputs, pool, sums);
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

/// One thread's share: partial accumulators, as long as any are left.
struct Share<'r, 'p, 'b, 'j, T> {
    inputs: &'r Inputs<'p, 'b, T>,
    tiling: Tiling,
    jobs: &'r Mutex<Jobs<'j, T>>,
    /// Whether it takes the first partial accumulators that are left, or the last.
    first: bool,
    panels: &'r mut TileBuffers<T>,
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
        // A closure, so that the lock is released before the job runs.
        let next = || locked(jobs).take(first);
        // The last partial accumulator, until it is joined to the other of its pair. Both are in this core's cache, so
        // that no other core has to fetch them.
        let mut last: Option<(usize, &mut [T])> = None;
        while let Some(mut job) = next() {
            clear(job.acc, inputs);
            for start in job.samples.clone().step_by(tiling.tile_samples()) {
                let span = start..(start + tiling.tile_samples()).min(job.samples.end);
                let count = span.len().div_ceil(LANES);
                let first = job.samples.start;
                let TileOutputs {
                    mut out,
                    x: kept_x,
                    values,
                    directions,
                    direction_values,
                } = job.outputs.tile(span.start - first..span.end - first);
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
                        own.x.borrow_rows(count * dim)
                    } else {
                        kept_x
                    },
                    v: if layout.uses.v {
                        own.v.borrow_rows(count * dim)
                    } else {
                        &[]
                    },
                    omega: if layout.uses.omega {
                        own.omega.borrow_rows(count)
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
                    scratch: own.scratch.borrow_rows(count * layout.scratch_rows),
                    acc: &mut job.acc[..layout.acc],
                    out: own.out.borrow_rows(count * inputs.out_rows()),
                    deferred: values,
                };
                (program.tile)(inputs.isa, &mut tile);
                (program.stream)(inputs.isa, &mut tile, 0..inputs.directions_of_tile());
                (program.finish)(inputs.isa, &mut tile);
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

/// Adds the odd partial accumulator of a pair to the even one.
fn join<T: Real>(a: (usize, &mut [T]), b: (usize, &mut [T]), inputs: &Inputs<'_, '_, T>) {
    let (even, odd) = if a.0 < b.0 { (a.1, b.1) } else { (b.1, a.1) };
    let join = JoinPartials {
        even,
        odd,
        products: inputs.products,
    };
    T::dispatch(inputs.isa, join);
}

/// Clears what the tiles of a partial accumulator add to. Debug builds mark the rest, so that use of it shows.
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
fn assert_products_untouched<T: Real>(
    job: &super::partial_accumulators::Job<'_, T>,
    inputs: &Inputs<'_, '_, T>,
) {
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
