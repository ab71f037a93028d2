//! The preparation of a run: its arrays are checked and converted to the units of training, its parts are made.

use std::time::Instant;

use ndarray::{Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use super::Run;
use crate::backend::StepState;
use crate::data::{Standardization, check_finite};
use crate::error::{Error, Result};
use crate::model::AnyModel;
use crate::train::batches::Batches;
use crate::train::fingerprint::fingerprint;
use crate::train::held_out::Evaluator;
use crate::train::steps;
use crate::train::stopping::Best;
use crate::train::store::{Rows, Store};
use crate::train::trace::MOST_ENTRIES;
use crate::train::{Report, Stop, Trainer, Units};
use crate::whole_file::check_destination;

impl<'r, 'a, T: Real> Run<'r, 'a, T> {
    /// Checks the arrays against the model and converts them to the units of training.
    pub(in crate::train) fn prepare(
        trainer: &'r mut Trainer<'a, T>,
        model: &AnyModel<T>,
        data: &Rows<'_, T>,
    ) -> Result<Self> {
        let dim = model.spec().dim;
        match data {
            Rows::Array(data) => check("the data", *data, dim)?,
            Rows::File(file) => check_width("the data", [file.rows(), file.dim()], dim)?,
        }
        let held_out = trainer.held_out.as_ref().map(|rows| rows.view());
        if let Some(held_out) = held_out {
            check("the held-out data", held_out, dim)?;
        }
        for path in [&trainer.checkpoint, &trainer.state].into_iter().flatten() {
            check_destination(path)?;
        }
        let fingerprints = match trainer.state {
            Some(_) => (data.fingerprint(), held_out.map(fingerprint)),
            None => (String::new(), None),
        };
        let standardization = match &trainer.settings.units {
            Units::Data => None,
            Units::Fitted => Some(Standardization::fit(data.array()?)?),
            Units::Given(units) | Units::Converted(units) => Some(of_width(units, dim)?),
        };
        let convert = match &trainer.settings.units {
            Units::Data | Units::Converted(_) => None,
            Units::Fitted | Units::Given(_) => standardization.as_ref(),
        };
        let in_units = |what: &str, x: ArrayView2<T>| -> Result<Array2<T>> {
            let Some(units) = convert else {
                return Ok(x.to_owned());
            };
            let z = units.apply(x)?;
            check_finite(&format!("{what} in the units of training"), z.view())?;
            Ok(z)
        };
        let evaluator = held_out
            .map(|x| {
                Evaluator::new(
                    &trainer.settings,
                    model.spec().smooth,
                    in_units("the held-out data", x)?,
                )
            })
            .transpose()?;
        let store = match data {
            Rows::File(file) if convert.is_none() => {
                Store::file(file, trainer.settings.shuffle.block())?
            }
            rows => Store::memory(in_units("the data", rows.array()?)?),
        };
        let noise = trainer
            .settings
            .jitter
            .hypot(trainer.settings.objective.noise());
        // The rows of a file are not looked at together.
        let findings = match &store {
            Store::Memory { .. } => {
                let rows = store.array()?;
                trainer.settings.data_guard.findings(rows, noise, &[])?
            }
            Store::File(_) => Vec::new(),
        };
        for finding in &findings {
            log::warn!(
                "{} {}: {finding}",
                model.spec().name,
                trainer.settings.objective
            );
        }
        let rows = store.rows();
        let batches = Batches::new(store, trainer.settings.batching());
        let keeps_mean = trainer.settings.ema.is_some();
        let begin = StepState::start(model.params(), &trainer.settings.optimizer, keeps_mean);
        let steps = steps::of(model, &trainer.settings, begin, 0)?;
        let total = trainer.settings.steps(rows);
        let entries = total.min(MOST_ENTRIES as u64) as usize;
        let report = Report {
            objective: trainer.settings.objective,
            losses: Vec::with_capacity(entries),
            step_ends: Vec::with_capacity(entries),
            stride: 1,
            steps: 0,
            last_step: None,
            evaluation: evaluator.as_ref().map(|evaluator| evaluator.evaluation),
            held_out: Vec::new(),
            best: None,
            training_rows: None,
            stop: Stop::Finished,
            kept: 0,
            seconds: 0.0,
            seconds_per_step: 0.0,
            standardization,
            findings,
            resumed: Vec::new(),
        };
        Ok(Self {
            trainer,
            total,
            batches,
            evaluator,
            steps,
            seen: Vec::new(),
            best: Best::none(),
            last_parameters: Vec::new(),
            ended_by_callback: false,
            saved: Instant::now(),
            told: None,
            fingerprints,
            report,
        })
    }
}

/// The given units, if they have one mean and deviation for each column of the model.
fn of_width(units: &Standardization, dim: usize) -> Result<Standardization> {
    if units.dim() == dim {
        return Ok(units.clone());
    }
    Err(Error::InvalidSetting {
        setting: "the standardization",
        found: format!("of {} columns", units.dim()),
        expected: format!("the model has {dim}: give a mean and a deviation for each"),
    })
}

/// Checks that `[rows, columns]` has at least one row, the number of columns of the model, and finite values only.
fn check<T: Real>(what: &'static str, x: ArrayView2<T>, dim: usize) -> Result<()> {
    check_width(what, [x.nrows(), x.ncols()], dim)?;
    check_finite(what, x)
}

/// Checks the shape alone.
fn check_width(what: &'static str, shape: [usize; 2], dim: usize) -> Result<()> {
    if shape[0] == 0 {
        return Err(Error::EmptyBatch { what });
    }
    if shape[1] != dim {
        return Err(Error::Shape {
            what,
            expected: format!("[rows, {dim}], one column for each feature of the model"),
            found: shape.to_vec(),
        });
    }
    Ok(())
}
