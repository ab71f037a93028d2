//! The state of a run on disk: everything that its remaining steps depend on. Takes a run between two steps; produces a
//! file, and from the file a run that makes the same bits as one that was never interrupted.
//!
//! The file is a safetensors file, written whole or not at all, with a hash over its content ([`file`]).

mod file;

use scorematch_kernels::pool::cores;
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::batches::Position;
use super::stopping::{Best, Standing};
use super::{Report, Resumed, Settings};
use crate::backend::StepState;
use crate::error::{Error, Result};
use crate::model::AnyModel;

pub(super) use file::{read, write};

/// Settings that a resumed run may change: none of them changes what the values in a state mean.
const MAY_CHANGE: [&str; 7] = [
    "clip",
    "data_guard",
    "length",
    "observe_every",
    "optimizer",
    "patience",
    "schedule",
];

/// A run between two steps.
#[derive(Clone, Debug)]
pub(super) struct State<T> {
    pub(super) header: Header,
    pub(super) steps: StepState<T>,
    pub(super) best: Best<T>,
}

/// What of a state is not an array of parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) model: ModelShape,
    pub(super) machine: Machine,
    pub(super) settings: Settings,
    /// The [`fingerprint`](super::fingerprint) of the rows, in the units of the data.
    pub(super) data: String,
    /// That of the held-out rows, if there are any.
    pub(super) held_out: Option<String>,
    /// Where in the data the run is.
    pub(super) position: Position,
    pub(super) largest_loss: Option<f64>,
    pub(super) best: Standing,
    /// The step at which held-out rows were evaluated and the observer was called last.
    pub(super) told: Option<u64>,
    /// The report so far.
    pub(super) report: Report,
}

/// What identifies a compiled model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelShape {
    spec: String,
    x_shape: Vec<usize>,
    dtype: String,
    /// The name and the shape of each parameter.
    parameters: Vec<(String, Vec<usize>)>,
}

/// What of a machine decides the order of sums.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Machine {
    instruction_set: String,
    cores: usize,
    device: String,
}

impl ModelShape {
    pub(super) fn of<T: Real>(model: &AnyModel<T>) -> Self {
        let spec = model.spec();
        let parameters = spec.params.iter();
        ModelShape {
            spec: spec.name.to_owned(),
            x_shape: spec.x_shape.to_vec(),
            dtype: T::NAME.to_owned(),
            parameters: parameters
                .map(|info| (info.name.to_owned(), info.shape.to_vec()))
                .collect(),
        }
    }
}

impl Machine {
    pub(super) fn of<T: Real>(model: &AnyModel<T>) -> Result<Self> {
        Ok(Machine {
            instruction_set: model.pool()?.isa.to_string(),
            cores: cores(),
            device: model.device().to_string(),
        })
    }
}

impl Header {
    /// Checks that a run of this model with these settings, on data with these fingerprints, can continue from this
    /// state. Returns the settings that it changes. The error is what does not fit, and the cure.
    pub(super) fn check(&self, now: &Header) -> Result<Vec<String>, String> {
        if self.model != now.model {
            return Err(format!(
                "it is of a run of {}; the model given is {}: resume with the model of the run",
                self.model.text(),
                now.model.text()
            ));
        }
        for (what, then, now) in [
            ("the data is", Some(&self.data), Some(&now.data)),
            (
                "the held-out rows are",
                self.held_out.as_ref(),
                now.held_out.as_ref(),
            ),
        ] {
            if then != now {
                return Err(format!(
                    "{what} not what the run began with: give the same rows in the same order, or begin a new run"
                ));
            }
        }
        let changes = self.settings.changes(&now.settings)?;
        if self.machine != now.machine {
            log::warn!(
                "the run was saved on another machine ({}; here {}): it goes on, but its numbers may differ in rounding \
                 from those of a run without a break",
                self.machine.text(),
                now.machine.text()
            );
        }
        Ok(changes)
    }
}

impl ModelShape {
    fn text(&self) -> String {
        let ModelShape {
            spec,
            x_shape,
            dtype,
            parameters,
        } = self;
        let count: usize = parameters
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum();
        format!("{spec}<{dtype}>(x: {x_shape:?}) with {count} parameters")
    }
}

impl Machine {
    fn text(&self) -> String {
        let Machine {
            instruction_set,
            cores,
            device,
        } = self;
        format!("{device}, {instruction_set}, {cores} cores")
    }
}

impl Settings {
    /// The settings that differ, as text. The error names one that may not.
    fn changes(&self, now: &Settings) -> Result<Vec<String>, String> {
        let object = |settings: &Settings| match serde_json::to_value(settings) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) | Err(_) => Err("its settings cannot be compared".to_owned()),
        };
        let (then, now_object) = (object(self)?, object(now)?);
        let mut changes = Vec::new();
        for (name, now) in &now_object {
            let then = then.get(name).unwrap_or(&Value::Null);
            if then == now {
                continue;
            }
            if !MAY_CHANGE.contains(&&name[..]) {
                return Err(format!(
                    "the run began with the setting {name} = {then}, and {now} is given: keep it, or begin a new run. A \
                     resumed run may change {}",
                    MAY_CHANGE.join(", ")
                ));
            }
            told(name, then, now, &mut changes);
        }
        if !self.optimizer.is_same_rule(&now.optimizer) {
            return Err(
                "the run began with another update rule, and its averages are of no use to this one: keep the rule (its \
                 learning rate may change), or begin a new run"
                    .to_owned(),
            );
        }
        Ok(changes)
    }
}

/// Adds a sentence for each number or word that differs, under its path: `length.steps: 10 → 25`.
fn told(name: &str, then: &Value, now: &Value, changes: &mut Vec<String>) {
    if let (Value::Object(then), Value::Object(now)) = (then, now)
        && then.keys().eq(now.keys())
    {
        for (key, now) in now {
            told(&format!("{name}.{key}"), &then[key], now, changes);
        }
    } else if then != now {
        changes.push(format!("{name}: {then} → {now}"));
    }
}

impl<T: Real> State<T> {
    /// The report of the run, with a note of the step from which it is resumed with these changes.
    pub(super) fn resumed_report(&self, changes: Vec<String>) -> Report {
        let mut report = self.header.report.clone();
        report.resumed.push(Resumed {
            step: report.steps(),
            changes,
        });
        report
    }

    pub(super) fn check_lengths(&self, parameters: usize) -> Result<(), String> {
        let StepState {
            params,
            last_finite,
            first,
            second,
            mean,
            largest_loss: _,
        } = &self.steps;
        let squares = self.header.settings.optimizer.mean_squares(parameters);
        let sound = [params.len(), last_finite.len(), first.len()] == [parameters; 3]
            && second.len() == squares
            && mean.as_ref().is_none_or(|mean| mean.len() == parameters)
            && self
                .best
                .parameters()
                .is_none_or(|best| best.len() == parameters);
        match sound {
            true => Ok(()),
            false => Err("its arrays are not of one length".to_owned()),
        }
    }
}

/// The error of a state file.
pub(super) fn broken(path: &std::path::Path, message: String) -> Error {
    Error::Checkpoint {
        path: path.to_owned(),
        message,
    }
}
