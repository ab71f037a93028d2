//! Training. Enters: a model, data, settings. Leaves: a model with the best parameters that were
//! found, and a report. Every step goes through one [`Stepper`], which can also be driven by hand.

mod batches;
mod callback;
mod cause;
#[cfg(feature = "cuda")]
mod device;
mod estimator;
mod fit;
mod held_out;
mod interrupt;
mod non_finite;
mod optimizer;
#[cfg_attr(not(feature = "progress"), path = "no_progress.rs")]
mod progress;
mod report;
mod rows;
mod rules;
mod run;
mod schedule;
mod settings;
mod stepper;
mod stopping;
mod trace;
mod trainer;
mod update;

#[cfg(test)]
mod tests;

pub use crate::engine::Phases;
pub use crate::objective::Objective;
pub use callback::{CallbackResult, Event, StepInfo};
pub use cause::Cause;
pub(crate) use cause::story;
pub use estimator::{Estimate, Estimator};
pub use held_out::{Evaluation, HeldOut, HeldOutLoss};
pub use optimizer::{Adam, AdamW, Optimizer, Sgd};
pub use report::{Divergence, Report, Stop};
pub use schedule::Schedule;
pub use settings::{Length, Settings, Units};
pub use stepper::{Step, Stepper};
pub use trainer::Trainer;
