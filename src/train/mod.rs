//! Training. Takes a model, data and settings; produces a model with the best parameters found, and a report. The
//! backend determines how steps are computed (`steps`). On the host a [`Stepper`] computes them; it can also be called
//! directly.

mod batches;
mod callback;
mod estimator;
mod fingerprint;
mod fit;
mod held_out;
mod instances;
mod interrupt;
mod non_finite;
mod order;
#[cfg_attr(not(feature = "progress"), path = "no_progress.rs")]
mod progress;
mod report;
mod rows;
mod rules;
mod run;
mod samples;
mod schedule;
mod settings;
mod state;
mod step_info;
mod stepper;
mod stepping;
mod steps;
mod stopping;
mod store;
mod trace;
mod trainer;
mod update;

#[cfg(test)]
mod tests;

pub use crate::backend::Phases;
pub use crate::error::Cause;
pub use crate::objective::Objective;
pub use crate::optimizer::{Adam, AdamW, Optimizer, Sgd};
pub use callback::{CallbackResult, Event};
pub use estimator::{Estimate, Estimator};
pub use held_out::{Evaluation, HeldOut, HeldOutLoss};
pub use order::Shuffle;
pub use report::{Divergence, Report, Resumed, Stop};
pub use schedule::Schedule;
pub use settings::{Length, Settings, Units};
pub use step_info::StepInfo;
pub use stepper::Stepper;
pub use stepping::Step;
pub use store::{RowFile, Rows};
pub use trainer::Trainer;
