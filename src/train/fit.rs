//! The methods that start a run.

use ndarray::ArrayView2;
use scorematch_kernels::simd::Real;

use super::callback::Moment;
use super::instances;
use super::{CallbackResult, Event, Report, Trainer};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;

impl<T: Real> Trainer<'_, T> {
    /// Trains the model on `[N, D]` samples.
    ///
    /// Divergence and interruption are not errors. The report gives the reason why the run ended ([`Report::stop`]).
    /// The model then has the best held-out parameters if there are held-out rows, else the last finite ones. It has
    /// the threads and the device that it had before the run.
    ///
    /// # Errors
    /// - [`Error::InvalidSetting`]: a setting is out of its range.
    /// - [`Error::Device`]: the device cannot train this model.
    /// - The data has another number of columns than the model, no rows, or a value that is not finite.
    /// - Columns cannot be standardized.
    /// - [`Trainer::data_guard`] makes findings an error.
    /// - The checkpoint cannot be written.
    /// - During the run, the jitter takes a sample out of the range of `T`, the callback of [`Trainer::on_step`]
    ///   returns an error, or a device fails. The model then has the parameters that an interrupted run leaves, and
    ///   they are saved if a checkpoint is set.
    pub fn fit<'x, S: Spec>(
        &mut self,
        model: &mut Model<S, T>,
        data: impl Into<ArrayView2<'x, T>>,
    ) -> Result<Report> {
        instances::fit(self, model.any_mut(), data.into(), None)
    }

    /// As [`Trainer::fit`], and calls `observe` after every evaluation on held-out rows and at the interval of
    /// [`Trainer::observe_every`]; once where both fall on one step. `observe` receives the model and the report so
    /// far, and can end the run: see [`CallbackResult`]. Its time does not count as training.
    ///
    /// ```no_run
    /// # use std::ops::ControlFlow;
    /// # use ndarray::{Array2, ArrayView2};
    /// # use scorematch::train::{Objective, Trainer};
    /// # use scorematch::{Model, Result, Spec};
    /// # fn distance<S: Spec>(model: &Model<S, f32>, test: ArrayView2<f32>) -> Result<f64> { Ok(0.0) }
    /// # fn example<S: Spec>(model: &mut Model<S, f32>, x: Array2<f32>, test: Array2<f32>) -> Result<()> {
    /// let mut followed = Vec::new();
    /// Trainer::new(Objective::esm())
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
    /// As [`Trainer::fit`]; the error of `observe`; neither [`Trainer::observe_every`] nor [`Trainer::validation`] is
    /// set, so that `observe` would never be called.
    pub fn fit_with<'x, S: Spec, C: CallbackResult>(
        &mut self,
        model: &mut Model<S, T>,
        data: impl Into<ArrayView2<'x, T>>,
        mut observe: impl FnMut(&Event<'_, S, T>) -> C,
    ) -> Result<Report> {
        if self.settings.observe_every.is_none() && self.held_out.is_none() {
            return Err(Error::InvalidSetting {
                setting: "the interval between calls of the observer",
                found: "not given".to_owned(),
                expected: "set `observe_every`, or give held-out rows with `validation`".to_owned(),
            });
        }
        let observer = &mut |moment: &Moment<'_, T>| observe(&Event::of(moment)).control_flow();
        instances::fit(self, model.any_mut(), data.into(), Some(observer))
    }
}
