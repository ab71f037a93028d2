//! A fit: the settings of a [`Trainer`] checked, and one run over the data.

use ndarray::ArrayRef2;
use scorematch_kernels::simd::Real;

use super::callback::Observer;
use super::run::Run;
use super::trainer::Length;
use super::{CallbackResult, Event, Report, Trainer};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;
use crate::setting::{at_least, positive, within};

impl<T: Real> Trainer<'_, T> {
    /// Trains the model on `[N, D]` samples.
    ///
    /// Divergence and interruption are no errors: the report says why the run ended
    /// ([`Report::stop`]), and the model is left with the best held-out parameters if there are
    /// held-out rows, else with the last good ones.
    ///
    /// # Errors
    /// A setting out of its range; data of another width than the model, without rows or with a
    /// value that is not finite; columns that cannot be standardized; findings that
    /// [`Trainer::data_guard`] makes an error; a checkpoint that cannot be written. In the run: jitter that takes a sample
    /// out of the range of `T`; a device that fails. The model is then left, and saved if a checkpoint is set, with the
    /// parameters that an interrupted run would have left it with.
    pub fn fit<S: Spec>(&mut self, model: &mut Model<S, T>, data: &ArrayRef2<T>) -> Result<Report> {
        self.run(model, data, None)
    }

    /// [`Trainer::fit`], and calls `observe` after every evaluation on held-out rows and as often as
    /// [`Trainer::observe_every`] says; once where both fall on one step. It sees the model and the report so
    /// far, and may end the run: see [`CallbackResult`]. Its time does not count as training.
    ///
    /// ```no_run
    /// # use std::ops::ControlFlow;
    /// # use ndarray::{Array2, ArrayView2};
    /// # use scorematch::train::{Objective, Trainer};
    /// # use scorematch::{Model, Result, Spec};
    /// # fn distance<S: Spec>(model: &Model<S, f32>, test: ArrayView2<f32>) -> Result<f64> { Ok(0.0) }
    /// # fn example<S: Spec>(model: &mut Model<S, f32>, x: Array2<f32>, test: Array2<f32>) -> Result<()> {
    /// let mut followed = Vec::new();
    /// Trainer::new(Objective::Esm)
    ///     .observe_every(500)
    ///     .fit_with(model, &x, |event| {
    ///         let distance = distance(event.model(), test.view())?;
    ///         followed.push((event.step(), distance));
    ///         Ok(match distance {
    ///             ..0.1 => ControlFlow::Break(()),
    ///             _ => ControlFlow::Continue(()),
    ///         })
    ///     })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Trainer::fit`]; that of `observe`; neither [`Trainer::observe_every`] nor
    /// [`Trainer::validation`], so that `observe` would not be called.
    pub fn fit_with<S: Spec, C: CallbackResult>(
        &mut self,
        model: &mut Model<S, T>,
        data: &ArrayRef2<T>,
        mut observe: impl FnMut(&Event<'_, S, T>) -> C,
    ) -> Result<Report> {
        if self.observe_every.is_none() && self.validation.is_none() {
            return Err(Error::InvalidSetting {
                setting: "the interval between calls of the observer",
                found: "not given".to_owned(),
                expected: "set `observe_every`, or give held-out rows with `validation`".to_owned(),
            });
        }
        self.run(
            model,
            data,
            Some(&mut |event| observe(event).control_flow()),
        )
    }

    fn run<S: Spec>(
        &mut self,
        model: &mut Model<S, T>,
        data: &ArrayRef2<T>,
        observer: Observer<'_, S, T>,
    ) -> Result<Report> {
        self.check()?;
        if self.objective.uses_curvature() && !S::SMOOTH {
            log::warn!(
                "{} has kinks, where its second derivatives are not defined: {} leaves out what \
                 happens there",
                S::NAME,
                self.objective
            );
        }
        if let Some(threads) = self.threads {
            model.set_threads(threads);
        }
        if let Some(device) = &self.device {
            model.set_device(device.clone())?;
        }
        let mut run = Run::prepare(self, model, data.view())?;
        match run.steps(model, observer) {
            Ok(stop) => run.finish(model, stop.in_data(data.view())),
            Err(error) => Err(run.abandon(model, error)),
        }
    }

    fn check(&self) -> Result<()> {
        self.objective.check()?;
        self.optimizer.check()?;
        self.schedule.check()?;
        within("the jitter", self.jitter, 0.0, f64::INFINITY)?;
        if let Some(norm) = self.clip {
            positive("the gradient norm to clip at", norm)?;
        }
        let (Length::Epochs(length) | Length::Steps(length)) = self.length;
        at_least(1, "the length of the run", length)?;
        at_least(1, "the batch", self.batch as u64)?;
        if let Some(validation) = &self.validation {
            at_least(1, "the interval between evaluations", validation.every)?;
        }
        if let Some(every) = self.observe_every {
            at_least(1, "the interval between calls of the observer", every)?;
        }
        self.judging.check(self.validation.is_some())?;
        let Some(patience) = self.patience else {
            return Ok(());
        };
        at_least(1, "the patience", patience)?;
        if self.validation.is_none() {
            return Err(Error::InvalidSetting {
                setting: "the patience",
                found: patience.to_string(),
                expected: "it counts evaluations on held-out rows: give some with `validation`"
                    .to_owned(),
            });
        }
        Ok(())
    }
}
