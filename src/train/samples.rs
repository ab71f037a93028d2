//! The samples of a step: rows of the data with jitter added, written into the panels of a backend.

use ndarray::ArrayView2;
use scorematch_kernels::panel::{LANES, gather};
use scorematch_kernels::simd::{InstructionSet, Real};

use super::store::Store;
use crate::backend::BatchSource;
use crate::directions::{Block, Source, lane_samples};

/// The rows of the data that are the samples of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepSamples<'b, T> {
    /// All rows of the data; those of the samples are ready.
    pub(super) store: &'b Store<T>,
    /// The row of each sample.
    pub(super) rows: &'b [usize],
    /// The instruction set that draws the jitter.
    pub(super) isa: InstructionSet,
    /// Standard normal noise for every sample, and its standard deviation.
    pub(super) jitter: Option<(Source, T)>,
}

impl<T: Real> BatchSource<T> for StepSamples<'_, T> {
    fn dim(&self) -> (usize, usize) {
        (self.rows.len(), self.store.dim())
    }

    fn workspace_len(&self) -> usize {
        // The rows of one panel, one after another, and their noise.
        let noise = usize::from(self.jitter.is_some());
        LANES * self.store.dim() * (1 + noise)
    }

    fn write(&self, first: usize, panels: &mut [[T; LANES]], workspace: &mut [T]) {
        let (dim, isa) = (self.store.dim(), self.isa);
        let last = self.rows.len() - 1;
        let (samples, noise) = workspace.split_at_mut(LANES * dim);
        let (noise, _) = noise.as_chunks_mut();
        for (panel, to) in panels.chunks_exact_mut(dim).enumerate() {
            let at = first + panel * LANES;
            for (lane, sample) in samples.chunks_exact_mut(dim).enumerate() {
                let row = self.rows[(at + lane).min(last)];
                sample.copy_from_slice(self.store.row(row));
            }
            let samples = ArrayView2::from_shape((LANES, dim), &*samples)
                .expect("the workspace holds the samples of a panel");
            gather(isa, samples, 0, to, 1);
            let Some((source, scale)) = self.jitter else {
                continue;
            };
            let lanes = lane_samples(at, last);
            source.fill(isa, &[lanes], 0, 1, noise, &mut Block::default());
            for (x, noise) in to.iter_mut().flatten().zip(noise.iter().flatten()) {
                *x += scale * *noise;
            }
        }
    }
}
