//! The methods that start a run.

use scorematch_kernels::simd::Real;

use super::callback::Moment;
use super::instances;
use super::run::Start;
use super::{CallbackResult, Event, Report, Rows, Trainer};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::Spec;

impl<T: Real> Trainer<'_, T> {
    /// Trains the model on `[N, D]` samples: `&array`, a view, or [`&RowFile`](super::RowFile).
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
        data: impl Into<Rows<'x, T>>,
    ) -> Result<Report> {
        instances::fit(self, model.any_mut(), data.into(), Start::New, None)
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
        data: impl Into<Rows<'x, T>>,
        observe: impl FnMut(&Event<'_, S, T>) -> C,
    ) -> Result<Report> {
        self.observed(model, data.into(), Start::New, observe)
    }

    /// Continues the run whose state [`Trainer::save_state`] saved: as [`Trainer::fit`], from the step of that state. The
    /// model gets the parameters of the state. On the same machine the result has the same bits as that of a run without a
    /// break: parameters, averages, order of the data, random numbers, evaluations, early stopping and best parameters.
    /// The report is of the whole run; [`Report::resumed`] tells where it was resumed.
    ///
    /// The trainer has the settings of the run, and the data and the held-out rows are the same. The length, the schedule,
    /// the hyperparameters of the optimizer, the clipping, the patience, the interval of the observer and the data guard
    /// may differ. A schedule is computed over the whole length, as if it had been so from the first step. A run that had
    /// ended and has no steps left returns its report.
    ///
    /// ```
    /// # use scorematch::data::Guard;
    /// # use scorematch::train::{Objective, Trainer};
    /// # use ndarray::array;
    /// # scorematch::energy! { Bowl(x: [2]) { param k: [] = ones(); 0.5 * k * norm_sq(x) } }
    /// # fn main() -> scorematch::Result<()> {
    /// # let x = array![[1.0f32, 0.0], [0.5, -1.0], [-1.0, 0.2], [0.1, 1.0]];
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let file = folder.path().join("bowl.state");
    /// # let start = Bowl::<f32>::init(&mut rand::rng());
    /// let trainer = |steps| {
    ///     let trainer = Trainer::new(Objective::esm()).batch(2).steps(steps).save_state(&file);
    /// #   trainer.data_guard(Guard::Silent)
    /// };
    /// let mut model = start.clone();
    /// trainer(50).fit(&mut model, &x)?;
    /// let report = trainer(80).resume(&mut model, &x)?; // 30 steps more
    ///
    /// let mut other = start.clone();
    /// trainer(80).fit(&mut other, &x)?;
    /// assert_eq!(model.params(), other.params());
    /// assert_eq!((report.steps(), report.resumed[0].step), (80, 50));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Trainer::fit`]. [`Error::InvalidSetting`] if no file is named with [`Trainer::save_state`]; [`Error::Io`] if it
    /// cannot be read; [`Error::Checkpoint`] if it is damaged, or the model, the data or a setting is not that of the run.
    /// The model then has the parameters that it had.
    pub fn resume<'x, S: Spec>(
        &mut self,
        model: &mut Model<S, T>,
        data: impl Into<Rows<'x, T>>,
    ) -> Result<Report> {
        instances::fit(self, model.any_mut(), data.into(), Start::Resumed, None)
    }

    /// As [`Trainer::resume`], and calls `observe` as [`Trainer::fit_with`] does.
    ///
    /// # Errors
    /// As [`Trainer::resume`] and [`Trainer::fit_with`].
    pub fn resume_with<'x, S: Spec, C: CallbackResult>(
        &mut self,
        model: &mut Model<S, T>,
        data: impl Into<Rows<'x, T>>,
        observe: impl FnMut(&Event<'_, S, T>) -> C,
    ) -> Result<Report> {
        self.observed(model, data.into(), Start::Resumed, observe)
    }

    /// A run with an observer.
    fn observed<S: Spec, C: CallbackResult>(
        &mut self,
        model: &mut Model<S, T>,
        data: Rows<'_, T>,
        start: Start,
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
        instances::fit(self, model.any_mut(), data, start, Some(observer))
    }
}
