//! The interface between emitted code and the runtime: what a compiled energy is.
//!
//! The compiler emits one [`Spec`] for an energy and, behind it, one [`Program`] for each quantity ([`Programs`]). A
//! program is straight code over *panels*: rows of [`LANES`] samples, `[T; LANES]`, feature-major. A
//! per-sample value of `n` features in a tile of `pn` panels is `pn·n` rows, row `p·n + u`; a per-tangent
//! value of a chunk of `tn` tangents is `tn·pn·n` rows, row `(t·pn + p)·n + u`. Shapes are flattened
//! row-major into `n`.
//!
//! The engine (`crate::backend`) owns everything that a program does not: which samples form a tile, the
//! buffers, the threads, the directions and the order in which tiles' sums are added. It calls, in this
//! order, `prologue` once; `tile`, `stream` and `finish` for every tile on any thread; and `epilogue` once.
//!
//! What must hold: a program reads no scratch, output or deferred row that it has not written in the same call (their
//! contents are unspecified on entry), and writes every row of `out` and `deferred`. It only adds to `acc`, and never
//! inside a range that [`Deferred`] names: the engine need neither clear nor add up those ranges tile by tile.

mod compiled;
mod compiled_spec;
mod failed;

use std::ops::Range;

use scorematch_kernels::panel::LANES;
use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::{Real, Vector};

pub use compiled::{Compiled, Programs};
pub use compiled_spec::CompiledSpec;
pub use failed::Failed;

/// A compiled energy: its sizes, its parameters and its programs.
///
/// Implemented by the types that `energy!` and the build-script compiler emit.
pub trait Spec: Send + Sync + 'static {
    /// The name in the declaration.
    const NAME: &'static str;
    /// The declared shape of one input; samples are rows of its flattening.
    const X_SHAPE: &'static [usize];
    /// Number of features of one input: the product of [`Spec::X_SHAPE`].
    const DIM: usize;
    /// Parameters in declaration order; contiguous in the buffer, without padding.
    const PARAMS: &'static [ParamInfo];
    /// Scalars in the parameter buffer.
    const PARAM_LEN: usize;
    /// Whether the energy is twice differentiable in `x`. `false` when it has kinks (`relu`, `abs`):
    /// its exact curvature is not what a score-matching loss needs.
    const SMOOTH: bool;

    /// The programs over `f32`. Emitted code has them in a function that is neither generic nor inlined, so that they are
    /// compiled in the crate that declares the model.
    #[doc(hidden)]
    fn single() -> &'static Programs<f32> {
        Self::programs()
    }

    /// The programs, compiled in the crate that asks for them.
    #[doc(hidden)]
    fn programs<T: Real>() -> &'static Programs<T>;
}

/// One parameter array of a [`Spec`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamInfo {
    /// Its name, as PyTorch would name it (`net.0.weight`).
    pub name: &'static str,
    /// Its shape; `[]` for a scalar. Weight matrices are `[out, in]`.
    pub shape: &'static [usize],
    /// Where it starts in the parameter buffer, in scalars.
    pub offset: usize,
    /// The distribution it starts from.
    pub init: Init,
}

impl ParamInfo {
    /// Scalars in this parameter.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the parameter has no entries; a checked spec has none such.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The distribution from which a parameter's entries are drawn, independently.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Every entry is this value.
    Constant(f64),
    /// Normal with mean 0.
    Normal {
        /// Standard deviation.
        std: f64,
    },
    /// Uniform on `[-bound, bound]`.
    Uniform {
        /// Half the width.
        bound: f64,
    },
}

/// A program: computes one quantity of one energy, in buffers of fixed size.
pub trait Program: 'static {
    /// The sizes of the buffers that the engine provides.
    const LAYOUT: Layout;
    /// The same program for a device, if the compiler emitted one.
    const DEVICE: Option<DeviceCode> = None;

    /// Batch-independent work before the tiles: fills [`Common::shared`]. Runs inside the [`dispatch`] context, so it
    /// must be inlined; as [`Program::tile`] and [`Program::epilogue`] do.
    ///
    /// [`dispatch`]: crate::Real::dispatch
    #[inline(always)]
    fn prologue<V: Vector>(common: &mut Common<'_, V::Scalar>) {
        _ = common;
    }

    /// One tile of samples: what comes before its directions, or all of it.
    fn tile<V: Vector>(tile: &mut Tile<'_, V::Scalar>);

    /// Some directions of a tile, after [`Program::tile`] and before [`Program::finish`]; every direction once, in any
    /// order. Of per-sample values it reads [`Layout::stream_reads`] and adds to [`Layout::stream_sums`], and no others.
    #[inline(always)]
    fn stream<V: Vector>(tile: &mut Tile<'_, V::Scalar>, directions: Range<usize>) {
        _ = (tile, directions);
    }

    /// What comes after the directions of a tile.
    #[inline(always)]
    fn finish<V: Vector>(tile: &mut Tile<'_, V::Scalar>) {
        _ = tile;
    }

    /// Batch-independent work after the tiles, with room for what it computes in [`Common::shared`]: turns the sums
    /// in [`Common::acc`] into the gradient `acc[..PARAM_LEN]` and the loss `acc[PARAM_LEN]`.
    #[inline(always)]
    fn epilogue<V: Vector>(common: &mut Common<'_, V::Scalar>) {
        _ = common;
    }
}

/// What one call of [`Program::prologue`] or [`Program::epilogue`] reads and writes: what all tiles have in common.
#[derive(Debug)]
pub struct Common<'a, T> {
    /// The threads, and their instruction set.
    pub pool: ThreadPool,
    /// The parameter buffer, `PARAM_LEN` scalars.
    pub params: &'a [T],
    /// Run-time numbers of the loss.
    pub scalars: Scalars<T>,
    /// Values that vary over no samples, `LAYOUT.shared` scalars; the epilogue finds the prologue's.
    pub shared: &'a mut [T],
    /// The sums over all tiles, `LAYOUT.acc` scalars; empty in the prologue.
    pub acc: &'a mut [T],
    /// Workspace of factorisations, kept from step to step; see [`lq`](scorematch_kernels::panel::lq).
    pub lq_workspace: &'a mut Vec<f64>,
    /// Whether the tiles' instruction set reads copies of transposes, which the prologue makes
    /// ([`Vector::READS_TRANSPOSES`]). For a small batch that set is not the thread pool's.
    pub reads_transposes: bool,
}

/// A program as CUDA C: one cooperative kernel, whose text follows the sources in `kernels/cuda/`.
#[derive(Clone, Copy, Debug)]
pub struct DeviceCode {
    /// The kernel's name.
    pub entry: &'static str,
    /// Its source.
    pub source: &'static str,
    /// The shapes in which it can be launched; at least one.
    pub launches: &'static [Launch],
}

/// The shape of a launch, and the scratch that a block needs in it, in scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Launch {
    /// Samples of a block's tile; a multiple of 8.
    pub samples: usize,
    /// Directions of a chunk.
    pub directions: usize,
    /// For per-sample values.
    pub sample_scratch: usize,
    /// For per-direction values.
    pub chunk_scratch: usize,
    /// Shared memory for sums over the batch, once the tiles are done with theirs.
    pub products: usize,
}

/// The sizes of a program's buffers and what it reads.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Scalars of batch-independent values.
    pub shared: usize,
    /// Rows of scratch a panel, those of as many tangents as a chunk may hold among them.
    pub scratch_rows: usize,
    /// Ranges of per-sample scratch that [`Program::stream`] reads, as (first row, rows), of one panel.
    pub stream_reads: &'static [(usize, usize)],
    /// Those that it adds to: sums over directions, 0 before the first.
    pub stream_sums: &'static [(usize, usize)],
    /// Scalars of batch-reduced accumulators; 0 for programs that only write outputs. In loss programs
    /// `acc[..PARAM_LEN]` is the gradient after the epilogue and `acc[PARAM_LEN]` the loss.
    pub acc: usize,
    /// Most panels that a tile may hold; at least 1.
    pub panels: usize,
    /// Tangents of a chunk times panels of a tile, at most; emitted code loops over the chunks itself.
    pub chunk: usize,
    /// Where tangent seeds come from.
    pub tangents: Tangents,
    /// Output rows a panel; for [`Tangents::Given`], output rows a panel and tangent, tangents outermost:
    /// row `(t·pn + p)·out_rows + i`. Curvature has two: `v·∇E`, then `vᵀ∇²E v`.
    pub out_rows: usize,
    /// Which optional inputs the program reads.
    pub uses: Uses,
    /// Products with the input over the whole batch, left to the engine.
    pub deferred: &'static [Deferred],
}

/// Where the seeds of a program's tangents come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tangents {
    /// The program has no tangents.
    None,
    /// So many, whose seeds emitted code knows; `Tile::tangents` is 0.
    Exact(usize),
    /// `Tile::directions` fills them; `Tile::tangents` is their number.
    Given,
}

/// Which optional inputs a program reads; the others arrive empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uses {
    /// A per-sample vector of `DIM`: the direction of an hvp, or the noise of denoising score matching.
    pub v: bool,
    /// The sample weights 1/B.
    pub omega: bool,
}

/// A product with the samples or the directions, summed over the whole batch once all tiles are done:
/// `acc[acc + i·DIM + j] += Σ_b values[b][i]·x[b][j]`, or `Σ_b Σ_t values[b][t][i]·v[b][t][j]`, `i < m`.
///
/// `x` is what the tiles saw (perturbed, for denoising score matching). Nothing else of a tile adds to this range of
/// `acc`; several products may share one, and the epilogue may add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// Where the product's `m × DIM` block starts in `acc`.
    pub acc: usize,
    /// Values a sample, or a sample and direction.
    pub m: usize,
    /// What they are multiplied with.
    pub with: Factor,
}

/// The factor of a [`Deferred`] product that the engine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// The samples. The values are in [`Tile::deferred`].
    Samples,
    /// The given directions. The values are handed to [`Tile::keep`].
    Directions,
}

impl Layout {
    /// Values that deferred products with the samples need of a sample, or those with directions of a sample and
    /// direction.
    pub(crate) fn deferred_rows(&self, with: Factor) -> usize {
        let products = self.deferred.iter().filter(|product| product.with == with);
        products.map(|product| product.m).sum()
    }
}

/// The run-time numbers of a loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalars<T> {
    /// 1/M for sliced losses with M directions; 1 otherwise.
    pub weight: T,
    /// The noise level σ of denoising score matching; 0 otherwise.
    pub sigma: T,
}

/// Fills directions `t0 .. t0 + tn` of a tile: called with `t0`, `tn` and `tn·pn·D` rows.
pub type FillDirections<'a, T> = dyn FnMut(usize, usize, &mut [[T; LANES]]) + 'a;

/// Takes the values of a [`Deferred`] product with directions `t0 .. t0 + tn`: called with the tile's accumulators, the
/// number of the product in [`Layout::deferred`], `t0`, `tn`, `tn·pn·m` rows of values and the `tn·pn·D` rows of
/// directions that [`FillDirections`] filled.
pub type KeepProduct<'a, T> =
    dyn FnMut(&mut [T], usize, usize, usize, &[[T; LANES]], &[[T; LANES]]) + 'a;

/// What one call of [`Program::tile`] reads and writes. `pn` is [`Tile::panels`], `D` is `DIM`.
///
/// Lanes beyond the batch (padding of the last panels) hold the last sample's data and directions, and
/// weight 0 in [`Tile::omega`].
pub struct Tile<'a, T> {
    /// The parameter buffer, `PARAM_LEN` scalars.
    pub params: &'a [T],
    /// What the prologue computed.
    pub shared: &'a [T],
    /// Run-time numbers of the loss.
    pub scalars: Scalars<T>,
    /// Panels in this tile, `pn`.
    pub panels: usize,
    /// Lanes of a row that programs compute, from the first on: all 16, or of a lone panel as many vectors as hold its
    /// samples.
    pub lanes: usize,
    /// The samples, `pn·D` rows.
    pub x: &'a [[T; LANES]],
    /// The per-sample vector, `pn·D` rows, or empty.
    pub v: &'a [[T; LANES]],
    /// 1/B on samples, 0 on padding: `pn` rows, or empty.
    pub omega: &'a [[T; LANES]],
    /// Number of directions M; 0 unless the tangents are [`Tangents::Given`].
    pub tangents: usize,
    /// Fills directions into rows: `directions(t0, tn, rows)`.
    pub directions: &'a mut FillDirections<'a, T>,
    /// Takes values of directions for a deferred product.
    pub keep: &'a mut KeepProduct<'a, T>,
    /// `scratch_rows·pn` rows.
    pub scratch: &'a mut [[T; LANES]],
    /// The partial accumulator that this tile adds to, `LAYOUT.acc` scalars.
    pub acc: &'a mut [T],
    /// `out_rows·pn` rows; times [`Tile::tangents`] for given tangents.
    pub out: &'a mut [[T; LANES]],
    /// The values of all [`Deferred`] products with the samples, `pn·Σm` rows, row `p·Σm + i`.
    pub deferred: &'a mut [[T; LANES]],
}
