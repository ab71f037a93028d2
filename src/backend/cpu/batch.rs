//! What the tiles of a call share, and how a tile of its batch is laid into panels.

use std::ops::Range;

use ndarray::{ArrayViewMut2, Axis};
use scorematch_kernels::panel::{LANES, SignLookup, gather, scatter};
use scorematch_kernels::simd::{InstructionSet, Real};

use super::products::Products;
use crate::backend::{Batch, Samples};
use crate::buffer::Buffer;
use crate::directions::{Block, DirectionDistribution, Source, lane_samples};
use crate::objective::{Noise, Projections};
use crate::program::{Factor, Layout, Scalars, Tangents};

/// The inputs that the tiles of one call share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs<'p, 'b, T> {
    pub(super) isa: InstructionSet,
    pub(super) layout: &'static Layout,
    pub(super) params: &'p [T],
    pub(super) shared: &'p [T],
    pub(super) scalars: Scalars<T>,
    pub(super) batch: Batch<'b, T>,
    pub(super) products: Products,
    /// The kernels of sign lookup, if all directions are ±1 and the instruction set has them.
    pub(super) sign_lookup: Option<SignLookup<T>>,
}

impl<T: Real> Inputs<'_, '_, T> {
    /// M for given tangents, else 0.
    pub(super) fn tangents(&self) -> usize {
        match self.layout.tangents {
            Tangents::Given => self
                .batch
                .projections
                .as_ref()
                .map_or(0, Projections::count),
            Tangents::None | Tangents::Exact(_) => 0,
        }
    }

    /// Lanes of a row that programs compute: of a lone panel as many vectors as hold its samples.
    pub(super) fn lanes(&self) -> usize {
        let vector = self.isa.lanes(size_of::<T>());
        self.batch.x.nrows().next_multiple_of(vector).min(LANES)
    }

    /// Directions that a program is to go through.
    pub(super) fn directions_of_tile(&self) -> usize {
        match self.layout.tangents {
            Tangents::Exact(count) => count,
            Tangents::Given | Tangents::None => self.tangents(),
        }
    }

    /// Output rows a panel.
    pub(super) fn out_rows(&self) -> usize {
        match self.layout.tangents {
            Tangents::Given => self.layout.out_rows * self.tangents(),
            Tangents::None | Tangents::Exact(_) => self.layout.out_rows,
        }
    }

    /// Fills directions `t0 .. t0 + tn` of the tile in hand.
    pub(super) fn directions(
        &self,
        first: usize,
        samples: &[[u32; LANES]],
        t0: usize,
        tn: usize,
        rows: &mut [[T; LANES]],
        block: &mut Block<T>,
    ) {
        let (panels, dim) = (samples.len(), self.batch.x.ncols());
        match &self.batch.projections {
            Some(Projections::Given(directions)) => {
                for (t, rows) in (t0..t0 + tn).zip(rows.chunks_exact_mut(panels * dim)) {
                    gather(
                        self.isa,
                        directions.index_axis(Axis(0), t),
                        first,
                        rows,
                        panels,
                    );
                }
            }
            Some(Projections::Drawn(draw)) => {
                Source::directions(draw, dim).fill(self.isa, samples, t0, tn, rows, block);
            }
            None => unreachable!("a program without given tangents asked for directions"),
        }
    }
}

/// One thread's buffers for the tile in hand.
#[derive(Debug, Default)]
pub(super) struct TileBuffers<T> {
    pub(super) x: Buffer<T>,
    pub(super) v: Buffer<T>,
    pub(super) omega: Buffer<T>,
    pub(super) scratch: Buffer<T>,
    pub(super) out: Buffer<T>,
    /// The workspace of [`BatchSource::write`].
    workspace: Buffer<T>,
    pub(super) samples: Vec<[u32; LANES]>,
    pub(super) block: Block<T>,
}

impl<T: Real> TileBuffers<T> {
    /// Reserves memory for tiles of `panels` panels, so that no thread allocates, however late it starts.
    pub(super) fn reserve(&mut self, inputs: &Inputs<'_, '_, T>, panels: usize) {
        let (layout, dim) = (inputs.layout, inputs.batch.x.ncols());
        if inputs.products.operand_rows(Factor::Samples) == [0; 2] {
            self.x.borrow_rows(panels * dim);
        }
        if inputs.batch.v.is_some() || layout.uses.v {
            self.v.borrow_rows(panels * dim);
        }
        if layout.uses.omega {
            self.omega.borrow_rows(panels);
        }
        self.scratch.borrow_rows(panels * layout.scratch_rows);
        self.out.borrow_rows(panels * inputs.out_rows());
        self.workspace.borrow(inputs.batch.x.workspace_len());
        self.samples
            .reserve(panels.saturating_sub(self.samples.len()));
        if let Some(Projections::Drawn(draw)) = &inputs.batch.projections
            && draw.kind == DirectionDistribution::Orthonormal
        {
            self.block.reserve(draw.count, panels, dim);
        }
    }

    /// Copies the samples of a tile into panels: into `kept`, or into the thread's own buffer if `kept` is empty.
    pub(super) fn load(
        &mut self,
        inputs: &Inputs<'_, '_, T>,
        tile: &Range<usize>,
        kept: &mut [[T; LANES]],
    ) {
        let Batch {
            x,
            first,
            v,
            perturbed,
            ..
        } = inputs.batch;
        let (batch, dim) = x.dim();
        let panels = tile.len().div_ceil(LANES);
        let lanes =
            (0..panels).map(|p| lane_samples(first + tile.start + p * LANES, first + batch - 1));
        self.samples.clear();
        self.samples.extend(lanes);
        self.block.clear();

        let rows = if kept.is_empty() {
            self.x.borrow_rows(panels * dim)
        } else {
            kept
        };
        match x {
            Samples::Rows(x) => gather(inputs.isa, x, tile.start, rows, panels),
            Samples::Written(source) => {
                source.write(
                    tile.start,
                    rows,
                    self.workspace.borrow(source.workspace_len()),
                );
            }
        }
        if let Some(v) = v {
            let noise = self.v.borrow_rows(panels * dim);
            match v {
                Noise::Given(v) => gather(inputs.isa, v, tile.start, noise, panels),
                Noise::Drawn { seed, step } => {
                    Source::noise(seed, step, dim).fill(
                        inputs.isa,
                        &self.samples,
                        0,
                        1,
                        noise,
                        &mut self.block,
                    );
                }
            }
            if perturbed {
                let sigma = inputs.scalars.sigma;
                for (x, v) in rows.iter_mut().flatten().zip(noise.iter().flatten()) {
                    *x += sigma * *v;
                }
            }
        }
        if inputs.layout.uses.omega {
            let weight = T::of(1.0 / batch as f64);
            for (p, row) in self.omega.borrow_rows(panels).iter_mut().enumerate() {
                *row = std::array::from_fn(|lane| {
                    if p * LANES + lane < tile.len() {
                        weight
                    } else {
                        T::zero()
                    }
                });
            }
        }
    }

    /// Copies the outputs of a tile of `panels` panels to `out`.
    pub(super) fn unload(
        &mut self,
        inputs: &Inputs<'_, '_, T>,
        panels: usize,
        out: &mut ArrayViewMut2<'_, T>,
    ) {
        let width = inputs.layout.out_rows;
        if width == 0 {
            return;
        }
        let rows = self.out.borrow_rows(panels * inputs.out_rows());
        for (rows, columns) in rows
            .chunks_exact(panels * width)
            .zip(out.axis_chunks_iter_mut(Axis(1), width))
        {
            scatter(inputs.isa, rows, panels, columns, 0);
        }
    }
}
