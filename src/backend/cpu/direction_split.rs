//! The only tile of a loss on several threads: its directions are split into parts.
//!
//! A batch of one panel offers no other parallelism. The work before the directions runs once. Every part copies its
//! values and runs its directions with sums of its own, per sample and over the batch. The work after the directions
//! reads the sums of all parts, added up in their order.

use std::sync::Mutex;

use scorematch_kernels::panel::LANES;
use scorematch_kernels::pool::{ThreadPool, locked};
use scorematch_kernels::simd::Real;

use super::batch::{Inputs, TileBuffers};
use super::deferred_operands::TileOutputs;
use super::tiles::{Tiles, clear, rows_of, work};
use super::tiling::MOST_DIRECTION_SPLITS;
use crate::program::{Compiled, Tile};

impl<T: Real> Tiles<T> {
    /// Runs the only tile of a batch, `directions` of it in as many parts as there are partial accumulators.
    pub(super) fn run_direction_split(
        &mut self,
        program: &Compiled<T>,
        inputs: &Inputs<'_, '_, T>,
        directions: usize,
        partials: usize,
        pool: ThreadPool,
    ) {
        let (layout, isa, samples) = (inputs.layout, inputs.isa, inputs.batch.x.nrows());
        if self.panels.len() <= partials {
            self.panels.resize_with(partials + 1, TileBuffers::default);
        }
        let (whole, parts) = self.panels.split_at_mut(1);
        let (whole, parts) = (&mut whole[0], &mut parts[..partials]);
        let accs = &mut self.partials[..partials];
        whole.reserve(inputs, 1);
        for part in &mut *parts {
            part.scratch.borrow_rows(layout.scratch_rows);
        }
        let TileOutputs { x, values, .. } = self
            .deferred_operands
            .borrow(inputs, rows_of(&mut [], samples, 0));
        whole.load(inputs, &(0..samples), x);
        let dim = inputs.batch.x.ncols();
        let operands = Operands {
            inputs,
            x: if x.is_empty() {
                whole.x.borrow_rows(dim)
            } else {
                x
            },
            v: if layout.uses.v {
                whole.v.borrow_rows(dim)
            } else {
                &[]
            },
            omega: if layout.uses.omega {
                whole.omega.borrow_rows(1)
            } else {
                &[]
            },
        };
        let scratch = whole.scratch.borrow_rows(layout.scratch_rows);

        let first = accs[0].borrow(layout.acc);
        clear(first, inputs);
        operands.tile(scratch, first, values, |tile| (program.tile)(isa, tile));

        let before = &*scratch;
        let queue = Mutex::new(parts.iter_mut().zip(&mut *accs).enumerate());
        let threads = pool.threads.clamp(1, partials);
        pool.run_on_all(
            work(inputs),
            &mut [(); MOST_DIRECTION_SPLITS][..threads],
            |_, ()| {
                // A closure, so that the lock is released before the part runs.
                let next = || locked(&queue).next();
                while let Some((i, (part, acc))) = next() {
                    let acc = acc.borrow(layout.acc);
                    if i > 0 {
                        clear(acc, inputs);
                    }
                    let scratch = part.scratch.borrow_rows(layout.scratch_rows);
                    for &(start, rows) in layout.stream_reads {
                        scratch[start..start + rows].copy_from_slice(&before[start..start + rows]);
                    }
                    for &(start, rows) in layout.stream_sums {
                        scratch[start..start + rows]
                            .as_flattened_mut()
                            .fill(T::zero());
                    }
                    let own = i * directions / partials..(i + 1) * directions / partials;
                    operands.tile(scratch, acc, &mut [], |tile| {
                        (program.stream)(isa, tile, own)
                    });
                }
            },
        );

        for part in parts {
            let part = part.scratch.borrow_rows(layout.scratch_rows);
            for &(start, rows) in layout.stream_sums {
                let sums = scratch[start..start + rows].as_flattened_mut();
                for (sum, term) in sums.iter_mut().zip(part[start..].as_flattened()) {
                    *sum += *term;
                }
            }
        }
        let first = accs[0].borrow(layout.acc);
        operands.tile(scratch, first, values, |tile| (program.finish)(isa, tile));
    }
}

/// The inputs that all parts read.
struct Operands<'a, 'p, 'b, T> {
    inputs: &'a Inputs<'p, 'b, T>,
    x: &'a [[T; LANES]],
    v: &'a [[T; LANES]],
    omega: &'a [[T; LANES]],
}

impl<T: Real> Operands<'_, '_, '_, T> {
    /// Calls `f` with a tile of one panel.
    fn tile(
        &self,
        scratch: &mut [[T; LANES]],
        acc: &mut [T],
        deferred: &mut [[T; LANES]],
        f: impl FnOnce(&mut Tile<'_, T>),
    ) {
        let inputs = self.inputs;
        f(&mut Tile {
            params: inputs.params,
            shared: inputs.shared,
            scalars: inputs.scalars,
            panels: 1,
            lanes: inputs.lanes(),
            x: self.x,
            v: self.v,
            omega: self.omega,
            tangents: 0,
            directions: &mut |_, _, _| unreachable!("the program knows its directions"),
            keep: &mut |_, _, _, _, _, _| unreachable!("the program knows its directions"),
            scratch,
            acc,
            out: &mut [],
            deferred,
        });
    }
}
