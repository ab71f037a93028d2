//! What a program is run on.

use std::fmt;

use ndarray::{Array2, ArrayView2, CowArray, Ix2};
use scorematch_kernels::panel::{LANES, scatter};
use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::{InstructionSet, Real};

use crate::objective::{Noise, Projections};
use crate::program::Scalars;

/// How and on what a program runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'p, 'b, T> {
    /// The threads and the instruction set of what the host computes.
    pub(crate) pool: ThreadPool,
    pub(crate) params: &'p [T],
    pub(crate) scalars: Scalars<T>,
    pub(crate) batch: Batch<'b, T>,
}

/// The inputs of one call, checked: shapes agree and every value is finite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch<'a, T> {
    /// The samples.
    pub(crate) x: Samples<'a, T>,
    /// The number of the first sample in random draws.
    pub(crate) first: usize,
    /// A vector a sample: given, or drawn as noise.
    pub(crate) v: Option<Noise<'a, T>>,
    /// Whether the program sees x + σv instead of x.
    pub(crate) perturbed: bool,
    /// Directions of given tangents.
    pub(crate) projections: Option<Projections<'a, T>>,
}

impl<'a, T> Batch<'a, T> {
    /// A batch of samples and nothing else.
    pub(crate) fn of(x: Samples<'a, T>) -> Self {
        Batch {
            x,
            first: 0,
            v: None,
            perturbed: false,
            projections: None,
        }
    }
}

/// Samples `[B, D]`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Samples<'a, T> {
    /// These rows.
    Rows(ArrayView2<'a, T>),
    /// What this source writes.
    Written(&'a dyn BatchSource<T>),
}

/// Samples that are written where a backend wants them, a few panels at a time and on any thread.
///
/// Must hold: what is written for a sample does not depend on the panels that it is written with.
pub(crate) trait BatchSource<T>: fmt::Debug + Sync {
    /// Samples and features, B ≥ 1 and D.
    fn dim(&self) -> (usize, usize);

    /// Scalars of workspace that a call of [`BatchSource::write`] needs.
    fn workspace_len(&self) -> usize;

    /// Writes samples from `first` on, a multiple of [`LANES`], into panels of D rows. Lanes past the last sample repeat
    /// it. `workspace` holds [`BatchSource::workspace_len`] scalars, whatever they are.
    fn write(&self, first: usize, panels: &mut [[T; LANES]], workspace: &mut [T]);
}

impl<'a, T> From<ArrayView2<'a, T>> for Samples<'a, T> {
    fn from(rows: ArrayView2<'a, T>) -> Self {
        Samples::Rows(rows)
    }
}

impl<'a, T> Samples<'a, T> {
    /// The same for a shorter borrow, which array views do not give by themselves.
    pub(crate) fn reborrow<'b>(self) -> Samples<'b, T>
    where
        'a: 'b,
    {
        match self {
            Samples::Rows(rows) => Samples::Rows(rows.reborrow()),
            Samples::Written(source) => Samples::Written(source),
        }
    }

    /// Samples and features, B and D.
    pub(crate) fn dim(&self) -> (usize, usize) {
        match self {
            Samples::Rows(rows) => rows.dim(),
            Samples::Written(source) => source.dim(),
        }
    }

    /// Samples, B.
    pub(crate) fn nrows(&self) -> usize {
        self.dim().0
    }

    /// Features, D.
    pub(crate) fn ncols(&self) -> usize {
        self.dim().1
    }

    /// Scalars of workspace that writing the samples into panels needs.
    pub(crate) fn workspace_len(&self) -> usize {
        match self {
            Samples::Rows(_) => 0,
            Samples::Written(source) => source.workspace_len(),
        }
    }

    /// The samples as rows.
    pub(crate) fn to_rows(self, isa: InstructionSet) -> CowArray<'a, T, Ix2>
    where
        T: Real,
    {
        let source = match self {
            Samples::Rows(rows) => return rows.into(),
            Samples::Written(source) => source,
        };
        let (samples, dim) = source.dim();
        let panels = samples.div_ceil(LANES);
        let mut written = vec![[T::zero(); LANES]; panels * dim];
        source.write(
            0,
            &mut written,
            &mut vec![T::zero(); source.workspace_len()],
        );
        let mut rows = Array2::from_elem((samples, dim), T::zero());
        scatter(isa, &written, panels, rows.view_mut(), 0);
        rows.into()
    }
}
