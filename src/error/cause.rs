//! What made a loss that is not finite, and what is said of it: what happened, where, what became of the parameters, and what
//! may help.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Values of a row that are quoted, the last one included.
const QUOTED: usize = 8;

/// Why a loss or its gradient is not finite, or a million times larger than any before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// A parameter is not finite itself.
    Parameter {
        /// Its name.
        name: String,
        /// The entry, from 0 on every axis; empty for a scalar.
        index: Vec<usize>,
        /// Its value.
        #[serde(with = "crate::number")]
        value: f64,
    },
    /// A row of the data at which the energy or what the loss needs of it is not finite.
    Row {
        /// Which array the row is of: `the data` of [`Trainer::fit`](crate::train::Trainer::fit), `the batch` of
        /// [`Stepper::step`](crate::train::Stepper::step).
        array: String,
        /// The row, from 0.
        row: usize,
        /// The row as it stands in that array: without the standardization and the jitter of a trainer.
        values: Vec<f64>,
        /// What is not finite there: the energy, a component of the score, the Laplacian, ...
        what: String,
        /// Its value.
        #[serde(with = "crate::number")]
        value: f64,
        /// Further rows of the batch at which one of these quantities is known not to be finite.
        others: usize,
        /// Rows of the batch.
        batch: usize,
    },
}

impl Cause {
    /// Replaces a row of a batch by the row of the data that it was; `rows` are those of the batch, `data` gives the values of
    /// a row.
    pub(crate) fn in_data(&mut self, rows: &[usize], data: impl Fn(usize) -> Option<Vec<f64>>) {
        if let Cause::Row {
            array, row, values, ..
        } = self
        {
            *array = "the data".to_owned();
            *row = rows[*row];
            if let Some(found) = data(*row) {
                *values = found;
            }
        }
    }

    /// The value that is not finite.
    pub(crate) fn value(&self) -> f64 {
        let (Cause::Parameter { value, .. } | Cause::Row { value, .. }) = self;
        *value
    }

    /// Whether the fault lies with some rows and not with all of the batch.
    fn is_of_some_rows(&self) -> bool {
        match self {
            Cause::Parameter { .. } => false,
            Cause::Row {
                value,
                others,
                batch,
                ..
            } => !value.is_finite() && others + 1 < *batch,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Parameter { name, index, value } if index.is_empty() => {
                write!(f, "parameter {name:?} is {value}")
            }
            Cause::Parameter { name, index, value } => {
                write!(f, "parameter {name:?} is {value} at {index:?}")
            }
            Cause::Row {
                array,
                row,
                values,
                what,
                value,
                others,
                batch,
            } => {
                let values = quoted(values);
                write!(
                    f,
                    "{what} is {value} at row {row} of {array} (from 0), {values}"
                )?;
                match others {
                    0 => Ok(()),
                    1 => f.write_str(", and so at 1 other row of its batch"),
                    _ if others + 1 == *batch => {
                        write!(f, ", and so at all {batch} rows of its batch")
                    }
                    _ => write!(f, ", and so at {others} other rows of its batch"),
                }
            }
        }
    }
}

/// A row in few characters: seven digits a value, and the middle of a long row left out.
fn quoted(values: &[f64]) -> String {
    let short = |value: &f64| {
        let rounded = format!("{value:.6e}").parse().unwrap_or(*value);
        format!("{rounded:?}")
    };
    let mut parts: Vec<String> = values.iter().take(QUOTED - 1).map(short).collect();
    if values.len() > QUOTED {
        parts.push("…".to_owned());
    }
    if let Some(last) = values.get(QUOTED - 1..).and_then(<[f64]>::last) {
        parts.push(short(last));
    }
    let list = parts.join(", ");
    match values.len() > QUOTED {
        true => format!("[{list}] ({} values)", values.len()),
        false => format!("[{list}]"),
    }
}

/// What happened, what it came from, what became of the parameters, and what may help.
pub(crate) fn story(what: &str, value: f64, at_start: bool, cause: Option<&Cause>) -> String {
    let of_some_rows = cause.is_some_and(Cause::is_of_some_rows);
    let of_parameter = matches!(cause, Some(Cause::Parameter { .. }));
    let cause = cause.map_or(String::new(), |cause| format!(": {cause}"));
    let cure = match (at_start, of_some_rows) {
        (true, _) if of_parameter => "Give the model finite parameters, by `init` or `set`",
        (true, true) => {
            "Drop or repair that row, add jitter, or change the energy or its parameters so that it is smooth there"
        }
        (true, false) => {
            "Start from other parameters, smaller ones perhaps, or change the energy so that it is finite on the data"
        }
        (false, true) => {
            "Drop or repair that row, add jitter, or change the energy so that it is smooth there; if the parameters have \
             grown too large, a smaller learning rate or clipping may help"
        }
        (false, false) => "A smaller learning rate, clipping or more jitter may help",
    };
    if at_start {
        return format!(
            "{what} is {value} at the parameters that training starts from{cause}. Nothing was trained, and the \
             parameters are as they were. {cure}"
        );
    }
    format!("{what} is {value}{cause}. The last finite parameters are kept. {cure}")
}
