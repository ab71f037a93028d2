//! Random directions for the sliced losses and noise for denoising, drawn by counter.
//!
//! Enters: a seed, a step, the indices of samples in the batch. Leaves: directions with E\[v vᵀ\] = I, as
//! panels or as an array. Must hold: a draw is a function of (seed, step, sample, direction) and nothing
//! else: not of the batch around it, nor of tiles, chunks or threads.

mod normal;
mod orthonormal;
mod philox;
mod purpose;

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use ndarray::{Array2, Array3, Axis};
use scorematch_kernels::panel::{LANES, scatter};
use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use normal::{Numbers, Stream, onto_sphere};
pub(crate) use orthonormal::Block;
pub(crate) use philox::step_key;
pub(crate) use purpose::Purpose;

/// A distribution of directions, all with E\[v vᵀ\] = I, so that sliced losses are unbiased for the exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DirectionDistribution {
    /// Every component ±1 with equal chances: the least variance of vᵀAv among independent components
    /// (Hutchinson 1990).
    #[default]
    Rademacher,
    /// Standard normal components.
    Normal,
    /// Uniform on the sphere of radius √D.
    Sphere,
    /// Blocks of min(D, remaining) mutually orthogonal vectors of norm √D, each block Haar-random: D
    /// directions give traces exactly. Costs O(M·min(M, D)·D) a sample, and that block's memory a thread.
    Orthonormal,
}

impl DirectionDistribution {
    /// All distributions.
    pub const ALL: &'static [DirectionDistribution] = &[
        DirectionDistribution::Rademacher,
        DirectionDistribution::Normal,
        DirectionDistribution::Sphere,
        DirectionDistribution::Orthonormal,
    ];

    /// The name in settings and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DirectionDistribution::Rademacher => "rademacher",
            DirectionDistribution::Normal => "normal",
            DirectionDistribution::Sphere => "sphere",
            DirectionDistribution::Orthonormal => "orthonormal",
        }
    }
}

impl fmt::Display for DirectionDistribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DirectionDistribution {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        DirectionDistribution::ALL
            .iter()
            .copied()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Error::InvalidSetting {
                setting: "directions",
                found: format!("{name:?}"),
                expected: "expected rademacher, normal, sphere or orthonormal".to_owned(),
            })
    }
}

/// Directions to be drawn: `count` for every sample.
///
/// Sample b of a batch gets the same directions whatever the batch around it; another step, another draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RandomDraw {
    /// Their distribution.
    pub kind: DirectionDistribution,
    /// Directions a sample, M ≥ 1.
    pub count: usize,
    /// The run's seed.
    pub seed: u64,
    /// The step of the run.
    pub step: u64,
}

impl RandomDraw {
    /// The directions themselves, `[M, batch, dim]`, as the losses draw them.
    ///
    /// # Errors
    /// [`Error::InstructionSet`].
    pub fn array<T: Real>(&self, batch: usize, dim: usize) -> Result<Array3<T>> {
        Ok(self.samples(InstructionSet::detect()?, 0, batch, dim))
    }

    /// The directions of `batch` samples, numbered from `first`: `[M, batch, dim]`.
    pub(crate) fn samples<T: Real>(
        &self,
        isa: InstructionSet,
        first: usize,
        batch: usize,
        dim: usize,
    ) -> Array3<T> {
        let mut directions = Array3::from_elem((self.count, batch, dim), T::zero());
        let source = Source::directions(self, dim);
        let mut block = Block::default();
        let mut rows = vec![[T::zero(); LANES]; dim];
        for start in (0..batch).step_by(LANES) {
            block.clear();
            for t in 0..self.count {
                let samples = lane_samples(first + start, first + batch - 1);
                source.fill(isa, &[samples], t, 1, &mut rows, &mut block);
                scatter(isa, &rows, 1, directions.index_axis_mut(Axis(0), t), start);
            }
        }
        directions
    }
}

/// The noise of denoising score matching for a seed and a step: standard normal `[batch, dim]`, samples
/// numbered from `first`.
pub(crate) fn noise<T: Real>(
    isa: InstructionSet,
    seed: u64,
    step: u64,
    first: usize,
    batch: usize,
    dim: usize,
) -> Array2<T> {
    let mut noise = Array2::from_elem((batch, dim), T::zero());
    let source = Source::noise(seed, step, dim);
    let mut rows = vec![[T::zero(); LANES]; dim];
    for start in (0..batch).step_by(LANES) {
        let samples = lane_samples(first + start, first + batch - 1);
        source.fill(isa, &[samples], 0, 1, &mut rows, &mut Block::default());
        scatter(isa, &rows, 1, noise.view_mut(), start);
    }
    noise
}

/// The samples of a panel's lanes: from `first` on; lanes past the sample `last` repeat it.
pub(crate) fn lane_samples(first: usize, last: usize) -> [u32; LANES] {
    std::array::from_fn(|lane| (first + lane).min(last) as u32)
}

/// Where random rows come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    kind: DirectionDistribution,
    stream: Stream,
    dim: usize,
}

impl Source {
    /// The directions of a draw.
    pub(crate) fn directions(draw: &RandomDraw, dim: usize) -> Self {
        let kind = match draw.kind {
            // On a line the sphere and the orthonormal block are the two signs.
            DirectionDistribution::Sphere | DirectionDistribution::Orthonormal if dim == 1 => {
                DirectionDistribution::Rademacher
            }
            kind => kind,
        };
        Source::new(kind, Numbers::Directions, draw.seed, draw.step, dim)
    }

    /// The noise of a seed and a step: direction 0, standard normal.
    pub(crate) fn noise(seed: u64, step: u64, dim: usize) -> Self {
        Source::new(
            DirectionDistribution::Normal,
            Numbers::Noise,
            seed,
            step,
            dim,
        )
    }

    fn new(
        kind: DirectionDistribution,
        numbers: Numbers,
        seed: u64,
        step: u64,
        dim: usize,
    ) -> Self {
        let stream = Stream {
            key: philox::step_key(seed, step),
            numbers,
        };
        Source { kind, stream, dim }
    }

    /// Directions `t0 .. t0 + tn` for panels of samples: `tn·pn·dim` rows, row `(t·pn + p)·dim + u`.
    ///
    /// `block` belongs to these samples until it is cleared.
    pub(crate) fn fill<T: Real>(
        self,
        isa: InstructionSet,
        samples: &[[u32; LANES]],
        t0: usize,
        tn: usize,
        rows: &mut [[T; LANES]],
        block: &mut Block<T>,
    ) {
        T::dispatch(
            isa,
            Fill {
                source: self,
                samples,
                directions: t0..t0 + tn,
                rows,
                block,
            },
        );
    }
}

/// [`Source::fill`] as an operation over vectors.
struct Fill<'a, T> {
    source: Source,
    samples: &'a [[u32; LANES]],
    directions: Range<usize>,
    rows: &'a mut [[T; LANES]],
    block: &'a mut Block<T>,
}

impl<T: Real> ForVector<T> for Fill<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Source { kind, stream, dim } = self.source;
        let directions = self.rows.chunks_exact_mut(self.samples.len() * dim);
        for (t, rows) in self.directions.zip(directions) {
            if kind == DirectionDistribution::Orthonormal {
                self.block
                    .direction::<V>(stream, self.samples, t, dim, rows);
                continue;
            }
            for (samples, rows) in self.samples.iter().zip(rows.chunks_exact_mut(dim)) {
                match kind {
                    DirectionDistribution::Rademacher => stream.signs::<V>(samples, t, rows),
                    DirectionDistribution::Normal
                    | DirectionDistribution::Sphere
                    | DirectionDistribution::Orthonormal => {
                        stream.normals::<V>(samples, t, rows);
                    }
                }
                if kind == DirectionDistribution::Sphere {
                    onto_sphere::<V>(rows);
                }
            }
        }
    }
}
