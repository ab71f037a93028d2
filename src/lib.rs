//! Energy-based models by score matching, compiled.
//!
//! An energy E(x; θ) with p(x) ∝ exp(−E(x)) is declared in [`energy!`] and differentiated when the crate is built. Its
//! [`Model`] computes energies, scores −∇ₓE, exact Laplacians and Hessian-vector products, and a
//! [`Trainer`](train::Trainer) fits it to rows of numbers by exact, sliced or denoising score matching.
//!
//! # From a table to samples
//!
//! With the feature `csv`:
//!
#![cfg_attr(feature = "csv", doc = "```")]
#![cfg_attr(not(feature = "csv"), doc = "```ignore")]
//! use ndarray::array;
//! use rand::{SeedableRng, rngs::StdRng};
//! use scorematch::checkpoint::Trained;
//! use scorematch::data::{Columns, Table, split};
//! use scorematch::train::{Adam, Objective, Schedule, Trainer};
//!
//! scorematch::energy! {
//!     /// Two SiLU layers of 16 in a quadratic well of learned width.
//!     pub Geyser(x: [2]) {
//!         param log_k: [];
//!         mlp(x, [16, 16], silu) + 0.5 * exp(log_k) * norm_sq(x)
//!     }
//! }
//!
//! # fn main() -> scorematch::Result<()> {
//! // 272 eruptions: their length and the waiting time after them, in minutes.
//! let table = Table::read("data/faithful.csv", &Columns::named(["eruptions", "waiting"]))?;
//! // A fifth of the rows is held out.
//! let parts = split(&table.values.mapv(|x| x as f32), 0.2, 0)?;
//! let file = std::env::temp_dir().join("geyser.safetensors");
//!
//! let mut model: Geyser = Geyser::init(&mut StdRng::seed_from_u64(0));
//! let report = Trainer::new(Objective::esm())
//!     .optimizer(Adam::new(1e-2))
//!     .schedule(Schedule::cosine())
//!     .steps(300)
//!     .standardize(true) // units of zero mean and unit deviation, saved with the model
//!     .jitter(0.15) // measurements are rounded: noise of about that size
//!     .validation(&parts.held_out, 50) // every 50 steps; the best parameters are kept
//!     .checkpoint(&file)
//! #   .data_guard(scorematch::data::Guard::Silent)
//!     .fit(&mut model, &parts.train)?;
//! println!("{report}");
//!
//! // In another program with the same declaration, in the units of the data:
//! let trained = Trained::<GeyserSpec>::load(&file)?;
//! let x = array![[2.0, 55.0], [4.5, 80.0], [3.0, 95.0]];
//! let energies = trained.energy(&x)?; // −ln p up to a constant
//! assert!(energies[1] < energies[2], "long eruptions and 80 minutes are usual, 3 and 95 are not");
//! println!("scores {}", trained.score(&x)?);
//! let samples = trained.sample(&x, 0.1, 200, 7)?; // a chain of 200 steps from each row
//! println!("{}, {:.2} of proposals accepted", samples.positions, samples.accepted);
//! # assert!(samples.accepted > 0.3 && samples.positions.iter().all(|x| x.is_finite()));
//! # Ok(())
//! # }
//! ```
//!
//! A model that is trained in the data's own units needs no [`Trained`](checkpoint::Trained): [`Model::save`],
//! [`Model::load`] and [`Model::sample`] do.
//!
//! # Where things are
//!
//! | module | what is in it |
//! | --- | --- |
//! | the root | [`energy!`], [`Model`], [`EnergyModel`] for lists of models, [`Loss`] with its directions and noise, [`Device`], [`Error`] |
//! | [`data`] | tables from files, splits, units, and what about data misleads a model |
//! | [`train`] | the trainer, its settings and report; [`Stepper`](train::Stepper) for steps by hand |
//! | [`checkpoint`] | models on disk |
//! | [`sample`] | Langevin chains |
//! | [`diagnostics`] | the mathematics, checked on a model at hand |
//! | [`prelude`] | what most programs name |
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `csv` | tables of numbers from CSV files, in [`data`] |
//! | `compressed` | CSV files that gzip or Zstandard compressed |
//! | `npy` | tables from npy and npz files of NumPy |
//! | `parquet` | tables from Parquet files; the build compiles Zstandard, which is C |
//! | `xlsx` | tables from sheets of Excel |
//! | `files` | the five above |
//! | `datasets` | two real data sets, carried inside the library |
//! | `progress` | a progress bar while a model trains |
//! | `cuda` | training on an NVIDIA GPU |
//! | `nccl` | training on several GPUs of one machine |
//!
//! None is on by default. The command line is a crate of its own, `scorematch-cli`.
//!
//! Arrays that are read are given as `&x` or as `x.view()`. Samples are rows: `[B, D]`, with D the product of the declared
//! shape. Every function that can fail on a user's arrays, files or settings returns an [`Error`] that says what was
//! expected, what was found, where, and what to do; none panics on them.

pub mod checkpoint;
pub mod data;
pub mod diagnostics;
pub mod prelude;
pub mod sample;
pub mod train;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
/// What a GPU needs, as it is found on this machine.
#[cfg(feature = "cuda")]
pub mod cuda {
    pub use crate::backend::cuda::{Finding, findings};
}
mod backend;
mod buffer;
mod bytes;
mod device;
mod directions;
mod environment;
mod error;
mod half;
mod instances;
mod model;
mod number;
mod objective;
mod optimizer;
mod program;
mod setting;
mod statements;
#[cfg(test)]
mod testing;
mod whole_file;

pub use device::Device;
pub use directions::{DirectionDistribution, RandomDraw};
pub use error::{DeviceError, Error, Result};
pub use model::{Curvature, EnergyModel, Model};
pub use objective::{Loss, Noise, Projections};
pub use program::{Init, ParamInfo, Spec};
#[doc(inline)]
pub use scorematch_kernels::simd::{InstructionSet, InstructionSetError, Real};
pub use scorematch_macros::energy;

// Code that the compiler emits names the crate from outside, also inside the crate itself.
#[cfg(test)]
extern crate self as scorematch;

/// The code of the README, tested.
#[cfg(all(doctest, feature = "csv"))]
#[doc = include_str!("../README.md")]
struct Readme;
