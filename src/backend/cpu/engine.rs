//! The engine: runs a compiled program over a batch, on all threads, in a fixed order of summation.
//!
//! Enters: a [`Compiled`] program, parameters and a checked [`Batch`](crate::backend::Batch). Leaves: an output row a sample
//! ([`evaluate`]), or the sums of a loss ([`accumulate`]). One run is
//!
//! ```text
//! prologue      batch-independent work, once
//! tiles         each thread takes the next partial accumulator: clears it and runs its tiles, in order; adds up a pair
//!               (or takes the next part of the directions, where a batch is one tile)
//! sum           pairs of partials in their order, a range of columns a thread; deferred products over the batch
//! epilogue      batch-independent work, once
//! ```
//!
//! Must hold: the cut into tiles and partial accumulators is a function of the batch size, the program and the
//! machine's cores, and every sum has a fixed order, so the same machine gives the same bits for any number of threads.
//! A run of the same sizes as an earlier run allocates nothing.
//!
//! # Memory
//!
//! A backend keeps what a call was lent for the next one. With T scalars, pn ≤ `LAYOUT.panels` panels of 16
//! samples a tile, and D features, it holds
//!
//! - parameters: `PARAM_LEN`;
//! - batch-independent values: `LAYOUT.shared`, and for a factorisation `r·(D + 3r)` numbers in double precision
//!   (`f64`: `r·(2D + 3r)`; `r²` more if R > D) or `2R·r` for its gradient, whichever is more, R the width of the entry and
//!   r = min(R, D);
//! - for each thread: `16·pn·(D·(1 + uses.v) + scratch_rows + out_rows + 1)`. `scratch_rows` holds the values of one
//!   sample and of one chunk of tangents, so an exact Laplacian needs memory for D features of the samples in hand,
//!   however many tangents it streams. Orthonormal directions add the block in hand, `16·pn·min(M, D)·(D + 2)`;
//! - losses only: the partial accumulators, `min(partials, 32)·acc` but no more than 64 MiB or four accumulators,
//!   whichever is more, and one for the sum of several; where products with the samples are deferred, panels of `B·(D +
//!   Σm)`, B in whole panels, and where those with directions are too, of `B·M·(D + Σm)`, if that is 16 MiB at most.
//!   The parts of accumulators that deferred products fill are touched in the sum only;
//! - of a batch of one panel, for an exact loss, scratch for every part of its directions.

use ndarray::ArrayViewMut2;
use scorematch_kernels::panel::{SignLookup, reads_transposes};
use scorematch_kernels::pool::cores;
use scorematch_kernels::simd::Real;

use super::batch::Inputs;
use super::products::Products;
use super::tiles::{Tiles, rows_of};
use super::tiling::Tiling;
use crate::backend::{Call, Clock, Phases};
use crate::buffer::Buffer;
use crate::objective::Projections;
use crate::program::{Common, Compiled};

/// The buffers of a run, kept for the next.
#[derive(Debug, Default)]
pub(super) struct Workspace<T> {
    shared: Buffer<T>,
    lq_workspace: Vec<f64>,
    tiles: Tiles<T>,
}

/// Runs a program that writes outputs: `out` is `[B, out_rows]`, for given tangents `[B, M·out_rows]`.
pub(super) fn evaluate<T: Real>(
    program: Compiled<T>,
    call: &Call<'_, '_, T>,
    workspace: &mut Workspace<T>,
    out: ArrayViewMut2<'_, T>,
) {
    run(program, call, workspace, out);
}

/// Runs a program that sums over the batch, and gives its accumulator as the epilogue left it, and how long the parts took.
pub(super) fn accumulate<'w, T: Real>(
    program: Compiled<T>,
    call: &Call<'_, '_, T>,
    workspace: &'w mut Workspace<T>,
) -> (&'w [T], Phases) {
    let nothing = rows_of(&mut [], call.batch.x.nrows(), 0);
    run(program, call, workspace, nothing)
}

fn run<'w, T: Real>(
    program: Compiled<T>,
    call: &Call<'_, '_, T>,
    workspace: &'w mut Workspace<T>,
    out: ArrayViewMut2<'_, T>,
) -> (&'w [T], Phases) {
    let layout = program.layout;
    let samples = call.batch.x.nrows();
    let isa = call.pool.isa.for_samples(samples, size_of::<T>());
    let are_signs = call
        .batch
        .projections
        .as_ref()
        .is_some_and(Projections::are_signs);
    let sign_lookup = SignLookup::of(isa).filter(|_| are_signs);
    let products = Products::new(layout, &call.batch, sign_lookup.is_some());
    let touched: usize = products.touched(layout.acc).map(|range| range.len()).sum();
    let tiling = Tiling::new(samples, layout, touched * size_of::<T>(), cores());

    let Call {
        pool,
        params,
        scalars,
        batch,
    } = *call;
    let Workspace {
        shared,
        lq_workspace,
        tiles,
    } = workspace;
    let (mut clock, mut phases) = (Clock::start(), Phases::default());
    let mut common = Common {
        pool,
        params,
        scalars,
        shared: shared.borrow(layout.shared),
        acc: &mut [],
        lq_workspace,
        reads_transposes: reads_transposes::<T>(isa),
    };
    (program.prologue)(&mut common);
    phases.prologue = clock.lap();
    let inputs = Inputs {
        isa,
        layout,
        params,
        shared: &*common.shared,
        scalars,
        batch,
        products,
        sign_lookup,
    };
    tiles.run(&program, &inputs, tiling, pool, out);
    phases.tiles = clock.lap();
    if layout.acc == 0 {
        return (&[], phases);
    }
    let sums = tiles.sum(&inputs, tiling, pool);
    phases.sum = clock.lap();
    (program.epilogue)(&mut Common {
        acc: &mut *sums,
        ..common
    });
    phases.epilogue = clock.lap();
    (sums, phases)
}
