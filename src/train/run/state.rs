//! Saving the state of a run, and continuing from it.

use scorematch_kernels::simd::Real;

use super::Run;
use crate::error::{Error, Result};
use crate::model::AnyModel;
use crate::train::state::{self, Header, Machine, ModelShape, State};
use crate::train::steps;

impl<T: Real> Run<'_, '_, T> {
    /// Saves the state, if a file is named for it. After an error in the midst of a step the run is not between two steps;
    /// then the last state remains.
    pub(super) fn save_state(&self, model: &AnyModel<T>) -> Result<()> {
        let Some(path) = &self.trainer.state else {
            return Ok(());
        };
        if self.batches.next() != self.report.steps() {
            return Ok(());
        }
        let steps = self.steps.state(model.params())?;
        let state = State {
            header: self.header(model, steps.largest_loss)?,
            steps,
            best: self.best.clone(),
        };
        state::write(path, &state)
    }

    /// Continues from the saved state: the model gets its parameters.
    pub(super) fn resume(&mut self, model: &mut AnyModel<T>) -> Result<()> {
        let Some(path) = &self.trainer.state else {
            return Err(Error::InvalidSetting {
                setting: "the file of the run's state",
                found: "not given".to_owned(),
                expected: "name the file that the run saved with `save_state`".to_owned(),
            });
        };
        let broken = |message| state::broken(path, message);
        let saved = state::read::<T>(path)?;
        let now = self.header(model, None)?;
        let changes = saved.header.check(&now).map_err(broken)?;
        saved.check_lengths(model.params().len()).map_err(broken)?;
        let position = &saved.header.position;
        self.batches.continue_from(position).map_err(broken)?;
        let report = saved.resumed_report(changes);
        if self.batches.next() != report.steps() {
            return Err(broken("its step is not that of its report".to_owned()));
        }
        if report.steps() > self.total {
            return Err(Error::InvalidSetting {
                setting: "the length of the run",
                found: format!("{} steps", self.total),
                expected: format!(
                    "{} steps have been made: ask for as many or more",
                    report.steps()
                ),
            });
        }
        let State {
            header,
            steps,
            best,
        } = saved;
        model.params_mut().copy_from_slice(&steps.params);
        let settings = &self.trainer.settings;
        self.steps = steps::of(model, settings, steps, report.steps())?;
        self.best = best;
        self.told = header.told;
        self.report = report;
        Ok(())
    }

    /// What of the state is not an array.
    fn header(&self, model: &AnyModel<T>, largest_loss: Option<f64>) -> Result<Header> {
        let (data, held_out) = self.fingerprints.clone();
        Ok(Header {
            model: ModelShape::of(model),
            machine: Machine::of(model)?,
            settings: self.trainer.settings.clone(),
            data,
            held_out,
            position: self.batches.position(),
            largest_loss,
            best: self.best.standing(),
            told: self.told,
            report: self.report.clone(),
        })
    }
}
