//! Evaluations on held-out rows, and calls of the observer.

use scorematch_kernels::simd::Real;

use super::Run;
use crate::error::Result;
use crate::model::AnyModel;
use crate::train::callback::{Moment, Observer};
use crate::train::progress::Progress;
use crate::train::{Evaluation, HeldOut};

impl<T: Real> Run<'_, '_, T> {
    /// Evaluates the held-out rows, if there are any, and keeps the parameters if the evaluation is an improvement.
    pub(super) fn judge(
        &mut self,
        model: &mut AnyModel<T>,
        progress: &mut Progress,
    ) -> Result<Option<HeldOut>> {
        if self.evaluator.is_none() {
            return Ok(None);
        }
        self.with_average(model, |run, model| {
            let Some(evaluator) = &run.evaluator else {
                return Ok(None);
            };
            let Evaluation {
                estimator,
                min_improvement,
                ..
            } = evaluator.evaluation;
            let summary = estimator.summary(&evaluator.losses(model)?);
            let held_out = HeldOut {
                step: run.report.steps(),
                seconds: run.report.seconds,
                loss: summary.estimate.value,
                standard_error: summary.estimate.standard_error,
            };
            progress.judged(&held_out);
            run.report.held_out.push(held_out);
            if run.best.consider(model.params(), summary, min_improvement) {
                run.report.best = Some(held_out);
            }
            Ok(Some(held_out))
        })
    }

    /// Calls the observer, if there is one.
    pub(super) fn observe(
        &mut self,
        model: &mut AnyModel<T>,
        observer: &mut Observer<'_, T>,
        held_out: Option<HeldOut>,
    ) -> Result<()> {
        let Some(observer) = observer else {
            return Ok(());
        };
        self.with_average(model, |run, model| {
            let moment = Moment {
                model,
                report: &run.report,
                held_out,
            };
            run.ended_by_callback |= observer(&moment)?.is_break();
            Ok(())
        })
    }

    /// Calls `work` with the model, whose parameters are their moving average if one is kept.
    pub(super) fn with_average<R>(
        &mut self,
        model: &mut AnyModel<T>,
        work: impl FnOnce(&mut Self, &AnyModel<T>) -> R,
    ) -> R {
        let Some(mean) = self.steps.averaged() else {
            return work(self, model);
        };
        self.last_parameters.clear();
        self.last_parameters.extend_from_slice(model.params());
        model.params_mut().copy_from_slice(mean);
        let result = work(self, model);
        model.params_mut().copy_from_slice(&self.last_parameters);
        result
    }
}
