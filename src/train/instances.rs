//! What of training is compiled in this crate: see [`instances!`].

use super::callback::Observer;
use super::run::{Start, run};
use super::stepping::{Step, Stepping};
use super::{Report, Rows, Trainer};
use crate::backend::Samples;
use crate::error::Result;
use crate::instances::instances;
use crate::model::AnyModel;
use crate::objective::Loss;

instances! {
    /// A run: [`Trainer::fit_with`] and [`Trainer::resume_with`], and without an observer [`Trainer::fit`] and
    /// [`Trainer::resume`].
    fn fit(
        trainer: &mut Trainer<'_, T>,
        model: &mut AnyModel<T>,
        data: Rows<'_, T>,
        start: Start,
        observer: Observer<'_, T>,
    ) -> Result<Report> = run;

    /// [`Stepper::step`](super::Stepper::step).
    fn step(
        stepping: &mut Stepping<T>,
        model: &mut AnyModel<T>,
        samples: Samples<'_, T>,
        loss: &Loss<'_, T>,
        factor: f64,
    ) -> Result<Step> = Stepping::step;
}
