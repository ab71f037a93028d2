//! The end of a run: the parameters that the model keeps, the checkpoint, the report, and why the run ended.

use std::time::Instant;

use scorematch_kernels::simd::Real;

use super::Run;
use crate::checkpoint::{self, Names};
use crate::error::{Error, Result};
use crate::model::AnyModel;
use crate::train::steps::Unsound;
use crate::train::{Divergence, Estimate, Report, Stop, Trainer, non_finite};

impl<T: Real> Run<'_, '_, T> {
    /// The report of a step that diverged.
    pub(super) fn divergence(&self, step: u64, unsound: Unsound) -> Divergence {
        let (epoch, batch) = self.batches.place(step);
        let Unsound {
            rows,
            what,
            value,
            cause,
        } = unsound;
        Divergence {
            step,
            epoch,
            batch,
            rows,
            what,
            value,
            at_start: self.report.steps() == 0,
            cause,
        }
    }

    /// The reason for the end of a run, given that it would otherwise be `stop`. If the last update made a parameter
    /// not finite, the run has diverged, although no later loss shows it.
    pub(super) fn last_update(&self, model: &mut AnyModel<T>, stop: Stop) -> Stop {
        let (Some(step), Some(cause)) = (
            self.report.steps().checked_sub(1),
            non_finite::parameter(model),
        ) else {
            return stop;
        };
        self.steps.restore(model);
        let unsound = Unsound {
            rows: self.batches.rows().to_vec(),
            what: "a parameter after the last update".to_owned(),
            value: cause.value(),
            cause: Some(cause),
        };
        Stop::Diverged(self.divergence(step, unsound))
    }

    /// Ends a run after an error: the model gets the parameters that an interrupted run keeps, and they are saved.
    /// Returns the error. An error of saving is only logged.
    pub(in crate::train) fn abandon(self, model: &mut AnyModel<T>, error: Error) -> Error {
        let stop = self.last_update(model, Stop::Interrupted);
        if let Err(second) = self.finish(model, stop) {
            log::warn!("{second}");
        }
        error
    }

    /// Ends a run: sets the parameters that the model keeps, saves the model, and returns the report.
    pub(in crate::train) fn finish(
        mut self,
        model: &mut AnyModel<T>,
        stop: Stop,
    ) -> Result<Report> {
        if !matches!(&stop, Stop::Diverged(_)) {
            self.save_state(model)?;
        }
        match &stop {
            // The model has been reset to its last finite parameters; an average may contain later ones.
            Stop::Diverged(_) if self.report.best.is_none() => {
                self.report.kept = self.steps.last_finite_step()
            }
            _ => self.report.kept = self.keep(model),
        }
        if let Stop::Diverged(divergence) = &stop {
            log::warn!(
                "{} {}: {divergence}",
                model.spec().name,
                self.trainer.settings.objective
            );
        }
        let nothing_trained = matches!(&stop, Stop::Diverged(divergence) if divergence.at_start);
        if let Some(path) = self
            .trainer
            .checkpoint
            .as_ref()
            .filter(|_| !nothing_trained)
        {
            let units = self.report.standardization.as_ref();
            checkpoint::write(path, model, units, self.report.kept, &Names::new())?;
        }
        self.report.stop = stop;
        self.report.training_rows = self.training_rows(model);
        self.report.seconds_per_step = self.report.median_step();
        Ok(self.report)
    }

    /// The loss of training rows at the best parameters, which the model has. An error is only logged, because the run
    /// has ended and is saved.
    pub(super) fn training_rows(&self, model: &AnyModel<T>) -> Option<Estimate> {
        self.report.best?;
        let evaluator = self.evaluator.as_ref()?;
        evaluator
            .of_training_rows(model, self.batches.store())
            .inspect_err(|error| log::warn!("the training rows are not evaluated: {error}"))
            .ok()
    }

    /// Sets the parameters that the model would keep if the run ended now, and returns their step.
    pub(super) fn keep(&self, model: &mut AnyModel<T>) -> u64 {
        if let (Some(best), Some(parameters)) = (self.report.best, self.best.parameters()) {
            model.params_mut().copy_from_slice(parameters);
            return best.step;
        }
        if let Some(mean) = self.steps.averaged() {
            model.params_mut().copy_from_slice(mean);
        }
        self.report.steps()
    }

    /// Saves the model and the state of the run if the last save is long enough ago. An error of saving is logged and does
    /// not end the run.
    pub(super) fn save_meanwhile(&mut self, model: &AnyModel<T>) {
        let Trainer {
            checkpoint,
            state,
            save_every,
            ..
        } = &*self.trainer;
        if (checkpoint.is_none() && state.is_none()) || self.saved.elapsed() < *save_every {
            return;
        }
        for saved in [self.save_state(model), self.save_model(model)] {
            if let Err(error) = saved {
                log::warn!("{error}; training goes on");
            }
        }
        self.saved = Instant::now();
    }

    /// Saves the model that the run would leave if it ended now, if a file is named for it.
    fn save_model(&self, model: &AnyModel<T>) -> Result<()> {
        let Some(path) = &self.trainer.checkpoint else {
            return Ok(());
        };
        let mut kept = model.clone();
        let step = self.keep(&mut kept);
        let units = self.report.standardization.as_ref();
        checkpoint::write(path, &kept, units, step, &Names::new())
    }
}
