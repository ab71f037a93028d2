//! What most programs name: `use scorematch::prelude::*;`.
//!
//! [`Result`](crate::Result) and [`Error`](crate::Error) are left out, because other crates have their own.

pub use crate::checkpoint::Trained;
pub use crate::data::{Standardization, split};
pub use crate::train::{Adam, AdamW, Objective, Schedule, Sgd, Stepper, Trainer};
pub use crate::{
    Device, DirectionDistribution, EnergyModel, Loss, Model, Noise, Projections, RandomDraw, Real,
    Spec, energy,
};
