//! What a program is run on.

use ndarray::ArrayView2;
use scorematch_kernels::team::Team;

use crate::loss::{Noise, Slices};
use crate::program::Scalars;

/// How and on what a program runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'p, 'b, T> {
    /// Who computes what the host computes.
    pub(crate) team: Team,
    pub(crate) params: &'p [T],
    pub(crate) scalars: Scalars<T>,
    pub(crate) batch: Batch<'b, T>,
}

/// The inputs of one call, checked: shapes agree and every value is finite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch<'a, T> {
    /// The samples, `[B, D]`.
    pub(crate) x: ArrayView2<'a, T>,
    /// What draws call the first sample.
    pub(crate) first: usize,
    /// A vector a sample: given, or drawn as noise.
    pub(crate) v: Option<Noise<'a, T>>,
    /// Whether the program sees x + σv instead of x.
    pub(crate) perturbed: bool,
    /// Directions of given tangents.
    pub(crate) slices: Option<Slices<'a, T>>,
}

impl<'a, T> Batch<'a, T> {
    /// A batch of samples and nothing else.
    pub(crate) fn of(x: ArrayView2<'a, T>) -> Self {
        Batch {
            x,
            first: 0,
            v: None,
            perturbed: false,
            slices: None,
        }
    }
}
