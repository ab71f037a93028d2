//! The loss of a batch: an entry of the table of objectives with its random vectors, given or drawn.

use ndarray::{Array2, ArrayBase, ArrayView2, ArrayView3, Data, Ix2, Ix3, s};
use scorematch_kernels::simd::Real;

use scorematch_objectives::{self as objectives, Descriptor, Point};

use crate::directions::{DirectionDistribution, RandomDraw};
use crate::error::Result;
use crate::program::{Compiled, CompiledSpec};

/// A loss of a batch `[B, D]`: an objective with the directions and the noise that it takes.
///
/// With p(x) ∝ exp(−E(x)) and averages over a batch of B samples and M directions:
///
/// | loss | value |
/// | --- | --- |
/// | esm | mean_b \[ ½‖∇E‖² − ΔE \] |
/// | ssm | mean_b mean_m \[ ½(v·∇E)² − vᵀ∇²E v \] |
/// | ssm_vr | mean_b \[ ½‖∇E‖² − mean_m vᵀ∇²E v \] |
/// | dsm | mean_b ½‖σ∇E(x + σ·noise) − noise‖² |
///
/// The first three estimate one number J, which differs from ½𝔼‖∇E + ∇ln p‖² by a constant of the data
/// (Hyvärinen 2005; Song, Garg, Shi, Ermon 2019). J is unbounded below on data with repeated values: a
/// model can put a narrow well on each. Denoising score matching (Vincent 2011) is multiplied by σ² here
/// and fits the data blurred by σ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss<'a, T> {
    pub(crate) entry: &'static Descriptor,
    /// Of an objective that draws directions.
    pub(crate) directions: Option<Projections<'a, T>>,
    /// Of an objective that draws noise: the level σ and the vectors.
    pub(crate) noise: Option<(T, Noise<'a, T>)>,
}

impl<'a, T> Loss<'a, T> {
    /// Exact score matching: the Laplacian in full.
    #[must_use]
    pub fn esm() -> Self {
        Loss::new(&objectives::ESM, None, None)
    }

    /// Sliced score matching: everything along directions, `[M, B, D]` or drawn.
    #[must_use]
    pub fn ssm(directions: impl Into<Projections<'a, T>>) -> Self {
        Loss::new(&objectives::SSM, Some(directions.into()), None)
    }

    /// Sliced score matching with reduced variance: the norm of the score in full, the trace along directions,
    /// `[M, B, D]` or drawn.
    #[must_use]
    pub fn ssm_vr(directions: impl Into<Projections<'a, T>>) -> Self {
        Loss::new(&objectives::SSM_VR, Some(directions.into()), None)
    }

    /// Denoising score matching at the noise level σ > 0, in units of the data, with standard normal noise, `[B, D]` or
    /// drawn.
    #[must_use]
    pub fn dsm(sigma: T, noise: impl Into<Noise<'a, T>>) -> Self {
        Loss::new(&objectives::DSM, None, Some((sigma, noise.into())))
    }

    /// An entry with what it draws.
    pub(crate) fn new(
        entry: &'static Descriptor,
        directions: Option<Projections<'a, T>>,
        noise: Option<(T, Noise<'a, T>)>,
    ) -> Self {
        debug_assert_eq!(entry.draws_directions(), directions.is_some());
        debug_assert_eq!(entry.draws_noise(), noise.is_some());
        Loss {
            entry,
            directions,
            noise,
        }
    }

    /// The name in settings, tables and fixtures.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.entry.name
    }

    /// σ; 0 of a loss without noise.
    pub(crate) fn sigma(&self) -> T
    where
        T: Real,
    {
        self.noise.as_ref().map_or(T::zero(), |(sigma, _)| *sigma)
    }

    /// x + σ·noise.
    pub(crate) fn perturbed(&self, x: ArrayView2<'_, T>, noise: &Array2<T>) -> Array2<T>
    where
        T: Real,
    {
        let (sigma, mut seen) = (self.sigma(), x.to_owned());
        seen.zip_mut_with(noise, |x, noise| *x += sigma * *noise);
        seen
    }

    /// Whether the energy is evaluated at x + σ·noise.
    pub(crate) fn perturbs(&self) -> bool {
        match self.entry.point {
            Point::Sample => false,
            Point::Perturbed => true,
        }
    }

    /// The program of the loss and its gradient.
    pub(crate) fn program(&self, spec: &CompiledSpec<T>) -> Result<Compiled<T>>
    where
        T: Real,
    {
        super::program(spec, self.entry)
    }

    /// The same with the directions and the noise of `samples` samples from `first` on.
    pub(crate) fn part(&self, first: usize, samples: usize) -> Loss<'_, T>
    where
        T: Copy,
    {
        Loss {
            entry: self.entry,
            directions: self.directions.as_ref().map(|d| d.part(first, samples)),
            noise: self
                .noise
                .as_ref()
                .map(|(sigma, noise)| (*sigma, noise.part(first, samples))),
        }
    }
}

/// Directions of the sliced losses, M for each sample.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Projections<'a, T> {
    /// These, `[M, B, D]`. The caller sees to E\[v vᵀ\] = I.
    Given(ArrayView3<'a, T>),
    /// Drawn by counter, in the panels where they are used.
    Drawn(RandomDraw),
}

impl<'a, T> Projections<'a, T> {
    /// The same for a shorter borrow, which array views do not give by themselves.
    pub(crate) fn reborrow<'b>(self) -> Projections<'b, T>
    where
        'a: 'b,
    {
        match self {
            Projections::Given(directions) => Projections::Given(directions.reborrow()),
            Projections::Drawn(draw) => Projections::Drawn(draw),
        }
    }

    /// The directions of `samples` samples from `first` on; draws are numbered by the sample.
    fn part(&self, first: usize, samples: usize) -> Projections<'_, T> {
        match self {
            Projections::Given(directions) => {
                Projections::Given(directions.slice(s![.., first..first + samples, ..]))
            }
            Projections::Drawn(draw) => Projections::Drawn(*draw),
        }
    }

    /// Directions a sample, M.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Projections::Given(directions) => directions.shape()[0],
            Projections::Drawn(draw) => draw.count,
        }
    }

    /// Whether every component is known to be ±1.
    pub(crate) fn are_signs(&self) -> bool {
        matches!(self, Projections::Drawn(draw) if draw.kind == DirectionDistribution::Rademacher)
    }
}

impl<T> From<RandomDraw> for Projections<'_, T> {
    fn from(draw: RandomDraw) -> Self {
        Projections::Drawn(draw)
    }
}

impl<'a, T> From<ArrayView3<'a, T>> for Projections<'a, T> {
    fn from(directions: ArrayView3<'a, T>) -> Self {
        Projections::Given(directions)
    }
}

impl<'a, T, A: Data<Elem = T>> From<&'a ArrayBase<A, Ix3>> for Projections<'a, T> {
    fn from(directions: &'a ArrayBase<A, Ix3>) -> Self {
        Projections::Given(directions.view())
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
    fn part(&self, first: usize, samples: usize) -> Noise<'_, T> {
        match self {
            Noise::Given(noise) => Noise::Given(noise.slice(s![first..first + samples, ..])),
            &Noise::Drawn { seed, step } => Noise::Drawn { seed, step },
        }
    }
}
