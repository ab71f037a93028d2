//! The losses that a model is trained with, and where their random vectors come from.
//!
//! With p(x) ∝ exp(−E(x)) and averages over a batch of B samples and M directions:
//!
//! | loss | value |
//! | --- | --- |
//! | esm | mean_b \[ ½‖∇E‖² − ΔE \] |
//! | ssm | mean_b mean_m \[ ½(v·∇E)² − vᵀ∇²E v \] |
//! | ssm_vr | mean_b \[ ½‖∇E‖² − mean_m vᵀ∇²E v \] |
//! | dsm | mean_b ½‖σ∇E(x + σ·noise) − noise‖² |
//!
//! The first three estimate one number J, which differs from ½E‖∇E + ∇ln p‖² by a constant of the data
//! (Hyvärinen 2005; Song, Garg, Shi, Ermon 2019). J is unbounded below on data with repeated values: a
//! model can put a narrow well on each. Denoising score matching (Vincent 2011) is multiplied by σ² here
//! and fits the data blurred by σ.

use ndarray::{ArrayBase, ArrayView2, ArrayView3, Data, Ix2, Ix3, s};

use crate::directions::{Directions, Draw};

/// A loss of a batch `[B, D]`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Loss<'a, T> {
    /// Exact score matching: the Laplacian in full.
    Esm,
    /// Sliced score matching: everything along directions.
    Ssm(Slices<'a, T>),
    /// Sliced score matching with reduced variance: the norm of the score in full, the trace along directions.
    SsmVr(Slices<'a, T>),
    /// Denoising score matching at one noise level.
    Dsm {
        /// The noise level σ > 0, in units of the data.
        sigma: T,
        /// Standard normal noise, one vector a sample.
        noise: Noise<'a, T>,
    },
}

impl<T> Loss<'_, T> {
    /// The name in settings, tables and fixtures.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Loss::Esm => "esm",
            Loss::Ssm(_) => "ssm",
            Loss::SsmVr(_) => "ssm_vr",
            Loss::Dsm { .. } => "dsm",
        }
    }
}

/// Directions of the sliced losses, M for each sample.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Slices<'a, T> {
    /// These, `[M, B, D]`. The caller sees to E\[v vᵀ\] = I.
    Given(ArrayView3<'a, T>),
    /// Drawn by counter, in the panels where they are used.
    Drawn(Draw),
}

impl<'a, T> Slices<'a, T> {
    /// The same for a shorter borrow, which array views do not give by themselves.
    pub(crate) fn reborrow<'b>(self) -> Slices<'b, T>
    where
        'a: 'b,
    {
        match self {
            Slices::Given(directions) => Slices::Given(directions.reborrow()),
            Slices::Drawn(draw) => Slices::Drawn(draw),
        }
    }

    /// Directions a sample, M.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Slices::Given(directions) => directions.shape()[0],
            Slices::Drawn(draw) => draw.count,
        }
    }

    /// Whether every component is known to be ±1.
    pub(crate) fn are_signs(&self) -> bool {
        matches!(self, Slices::Drawn(draw) if draw.kind == Directions::Rademacher)
    }
}

impl<T> From<Draw> for Slices<'_, T> {
    fn from(draw: Draw) -> Self {
        Slices::Drawn(draw)
    }
}

impl<'a, T> From<ArrayView3<'a, T>> for Slices<'a, T> {
    fn from(directions: ArrayView3<'a, T>) -> Self {
        Slices::Given(directions)
    }
}

impl<'a, T, A: Data<Elem = T>> From<&'a ArrayBase<A, Ix3>> for Slices<'a, T> {
    fn from(directions: &'a ArrayBase<A, Ix3>) -> Self {
        Slices::Given(directions.view())
    }
}

/// The noise of denoising score matching.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Noise<'a, T> {
    /// These standard normal vectors, `[B, D]`.
    Given(ArrayView2<'a, T>),
    /// Drawn by counter: sample b of a batch gets the same noise whatever the batch around it.
    Drawn {
        /// The run's seed.
        seed: u64,
        /// The step of the run.
        step: u64,
    },
}

impl<'a, T> From<ArrayView2<'a, T>> for Noise<'a, T> {
    fn from(noise: ArrayView2<'a, T>) -> Self {
        Noise::Given(noise)
    }
}

impl<'a, T, A: Data<Elem = T>> From<&'a ArrayBase<A, Ix2>> for Noise<'a, T> {
    fn from(noise: &'a ArrayBase<A, Ix2>) -> Self {
        Noise::Given(noise.view())
    }
}

impl<T> Noise<'_, T> {
    /// The vectors of `samples` samples from `first` on; draws are numbered by the sample.
    pub(crate) fn part(&self, first: usize, samples: usize) -> Noise<'_, T> {
        match self {
            Noise::Given(noise) => Noise::Given(noise.slice(s![first..first + samples, ..])),
            &Noise::Drawn { seed, step } => Noise::Drawn { seed, step },
        }
    }
}
