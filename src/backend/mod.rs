//! Backends: where programs run. Enters: a program as a value and a checked batch. Leaves: outputs, sums of a loss, or a
//! training run that stays where the backend computes.
//!
//! [`Backend`] is the seam. A model holds one and knows no more of it; the trainer asks it whether a training run can stay
//! there ([`Resident`]) and makes every update itself where it cannot. A backend is a folder, and a constructor that
//! [`Device`](crate::Device) calls.
//!
//! Must hold: the feature `cuda` is named here and in `lib.rs` alone. Builds without it have a backend in place of the
//! CUDA backend that cannot be opened, so that nothing else asks which build it is in.

mod call;
mod cpu;
#[cfg_attr(not(feature = "cuda"), path = "no_cuda.rs")]
pub(crate) mod cuda;
mod phases;
mod seam;
mod training;

pub(crate) use call::{Batch, BatchSource, Call, Samples};
pub(crate) use cpu::Host;
pub(crate) use phases::Clock;
pub use phases::Phases;
pub(crate) use seam::{Backend, Place};
pub(crate) use training::{Planned, Record, Resident, Setting, StepState, Steps};
