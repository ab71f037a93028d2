//! What made a loss that is not finite: a parameter, or a row of the data. Enters: a model and the batch on which its loss
//! or its gradient was not sound. Leaves: the cause, if it can be found, in words that a person can act on.
//!
//! The search evaluates the batch again, row by row where it must. It runs once, when training has ended.

use std::fmt;
use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use crate::device::Device;
use crate::directions;
use crate::error::Result;
use crate::loss::{Loss, Noise};
use crate::model::Model;
use crate::program::{ParamInfo, Spec};
use crate::simd::Real;

/// Values of a row that are quoted, the last one included.
const QUOTED: usize = 8;

/// Why a loss or its gradient is not finite, or a million times larger than any before.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A parameter is not finite itself.
    Parameter {
        /// Its name.
        name: &'static str,
        /// The entry, from 0 on every axis; empty for a scalar.
        index: Vec<usize>,
        /// Its value.
        value: f64,
    },
    /// A row of the data at which the energy or what the loss needs of it is not finite.
    Row {
        /// Which array the row is of: `the data` of [`Trainer::fit`](super::Trainer::fit), `the batch` of
        /// [`Stepper::step`](super::Stepper::step).
        array: &'static str,
        /// The row, from 0.
        row: usize,
        /// The row as it stands in that array: without the standardization and the jitter of a trainer.
        values: Vec<f64>,
        /// What is not finite there: the energy, a component of the score, the Laplacian, ...
        what: String,
        /// Its value.
        value: f64,
        /// Further rows of the batch at which one of these quantities is known not to be finite.
        others: usize,
        /// Rows of the batch.
        batch: usize,
    },
}

impl Cause {
    /// Replaces a row of a batch by the row of the data that it was; `rows` are those of the batch.
    pub(super) fn in_data<T: Real>(&mut self, rows: &[usize], data: ArrayView2<T>) {
        if let Cause::Row {
            array, row, values, ..
        } = self
        {
            *array = "the data";
            *row = rows[*row];
            *values = data.row(*row).iter().map(|&x| x.to_f64()).collect();
        }
    }

    /// The value that is not finite.
    pub(super) fn value(&self) -> f64 {
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
    format!("{what} is {value}{cause}. The last good parameters are kept. {cure}")
}

/// What makes the loss of these samples, or its gradient, not finite. `runaway`: the loss is finite and far too large, and the
/// row with most of it is the cause.
pub(super) fn find<S: Spec, T: Real>(
    model: &Model<S, T>,
    samples: ArrayView2<T>,
    loss: &Loss<T>,
    runaway: bool,
) -> Option<Cause> {
    if let Some(cause) = parameter(model) {
        return Some(cause);
    }
    let search = |model: &Model<S, T>| -> Result<Option<Cause>> {
        if let Some(cause) = Terms::of(model, samples, loss)?.cause(samples, runaway) {
            return Ok(Some(cause));
        }
        by_halves(model, samples, loss)
    };
    // The CPU is at hand without a compilation; what only the GPU's arithmetic does is looked for there. A search that
    // fails finds nothing: that training ended is the message, and it is told without a cause.
    let mut on_cpu = model.clone();
    on_cpu.set_device(Device::cpu()).ok()?;
    let found = search(&on_cpu).ok().flatten();
    if found.is_some() || model.device().is_cpu() {
        return found;
    }
    search(model).ok().flatten()
}

/// The first parameter that is not finite.
pub(super) fn parameter<S: Spec, T: Real>(model: &Model<S, T>) -> Option<Cause> {
    let at = model.params().iter().position(|x| !x.is_finite())?;
    let (info, index) = entry(S::PARAMS, at)?;
    Some(Cause::Parameter {
        name: info.name,
        index,
        value: model.params()[at].to_f64(),
    })
}

/// The parameter that holds an entry of the parameter buffer, and the entry's place in it.
fn entry(infos: &'static [ParamInfo], at: usize) -> Option<(&'static ParamInfo, Vec<usize>)> {
    let info = infos.iter().rfind(|info| info.offset <= at)?;
    let mut rest = at - info.offset;
    let mut index: Vec<usize> = info
        .shape
        .iter()
        .rev()
        .map(|&len| {
            let place = rest % len;
            rest /= len;
            place
        })
        .collect();
    index.reverse();
    Some((info, index))
}

/// What a loss is made of, for each sample.
struct Terms<T> {
    energy: Vec<T>,
    /// `[B, D]`.
    score: Array2<T>,
    /// Second derivatives, `[M, B]`: the Laplacian, or curvatures along M directions; M = 0 where the loss has none.
    second: Array2<T>,
    exact: bool,
    /// Each sample's own loss.
    loss: Vec<f64>,
}

impl<T: Real> Terms<T> {
    fn of<S: Spec>(model: &Model<S, T>, x: ArrayView2<T>, loss: &Loss<T>) -> Result<Self> {
        let (rows, dim) = x.dim();
        let noise = match loss {
            Loss::Dsm { noise, .. } => match *noise {
                Noise::Given(noise) => noise.to_owned(),
                Noise::Drawn { seed, step } => {
                    directions::noise(model.team()?.form, seed, step, 0, rows, dim)
                }
            },
            Loss::Esm | Loss::Ssm(_) | Loss::SsmVr(_) => Array2::from_elem((0, dim), T::zero()),
        };
        let mut at = x.to_owned();
        if let Loss::Dsm { sigma, .. } = loss {
            at.zip_mut_with(&noise, |x, noise| *x += *sigma * *noise);
        }
        let energy = model.energy(at.view())?.to_vec();
        let score = model.score(at.view())?;
        let square = |b: usize| -> f64 { score.row(b).iter().map(|&s| s.to_f64().powi(2)).sum() };
        let mean = |values: ArrayView2<T>, b: usize, of: fn(f64) -> f64| -> f64 {
            let values = values.column(b);
            values.iter().map(|&x| of(x.to_f64())).sum::<f64>() / values.len() as f64
        };
        let none = Array2::from_elem((0, rows), T::zero());
        let (second, terms): (Array2<T>, Vec<f64>) = match loss {
            Loss::Esm => {
                let laplacian = model.laplacian(at.view())?.insert_axis(ndarray::Axis(0));
                let term = |b| 0.5 * square(b) - laplacian[[0, b]].to_f64();
                let terms = (0..rows).map(term).collect();
                (laplacian, terms)
            }
            Loss::Ssm(slices) => {
                let along = model.curvature(at.view(), slices.reborrow())?;
                let (slope, curvature) = (along.slope.view(), along.curvature.view());
                let term = |b| 0.5 * mean(slope, b, |s| s * s) - mean(curvature, b, |c| c);
                let terms = (0..rows).map(term).collect();
                (along.curvature, terms)
            }
            Loss::SsmVr(slices) => {
                let along = model.curvature(at.view(), slices.reborrow())?;
                let term = |b| 0.5 * square(b) - mean(along.curvature.view(), b, |c| c);
                let terms = (0..rows).map(term).collect();
                (along.curvature, terms)
            }
            Loss::Dsm { sigma, .. } => {
                let term = |b: usize| {
                    let pairs = score.row(b).into_iter().zip(noise.row(b));
                    let parts = pairs.map(|(&s, &noise)| (*sigma * s + noise).to_f64().powi(2));
                    0.5 * parts.sum::<f64>()
                };
                let terms = (0..rows).map(term).collect();
                (none, terms)
            }
        };
        Ok(Self {
            energy,
            score,
            second,
            exact: matches!(loss, Loss::Esm),
            loss: terms,
        })
    }

    /// The first row at which something is not finite, and how many more there are; with `runaway`, if there is none, the
    /// row that has more of the loss than all others.
    fn cause(&self, samples: ArrayView2<T>, runaway: bool) -> Option<Cause> {
        let mut bad = (0..self.loss.len()).filter_map(|b| Some((b, self.at(b)?)));
        let row = |b: usize, (what, value): (String, f64), others| Cause::Row {
            array: "the batch",
            row: b,
            values: samples.row(b).iter().map(|&x| x.to_f64()).collect(),
            what,
            value,
            others,
            batch: self.loss.len(),
        };
        if let Some((b, found)) = bad.next() {
            return Some(row(b, found, bad.count()));
        }
        let size = |b: &usize| self.loss[*b].abs();
        let largest = (0..self.loss.len()).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        let all: f64 = self.loss.iter().map(|loss| loss.abs()).sum();
        let most = runaway && size(&largest) > 0.5 * all;
        let found = ("its term of the loss".to_owned(), self.loss[largest]);
        most.then(|| row(largest, found, 0))
    }

    /// What is not finite at a sample, the most basic quantity first.
    fn at(&self, b: usize) -> Option<(String, f64)> {
        let score = self.score.row(b);
        let derivative = if let Some(u) = score.iter().position(|s| !s.is_finite()) {
            (format!("component {u} of the score"), score[u].to_f64())
        } else if let Some(t) = self.second.column(b).iter().position(|c| !c.is_finite()) {
            let what = match self.exact {
                true => "the Laplacian".to_owned(),
                false => format!("the curvature along direction {t}"),
            };
            (what, self.second[[t, b]].to_f64())
        } else if !T::of(self.loss[b]).is_finite() {
            (
                "its term of the loss".to_owned(),
                T::of(self.loss[b]).to_f64(),
            )
        } else {
            // An energy alone that is not finite does not reach the loss.
            return None;
        };
        let energy = self.energy[b].to_f64();
        match energy.is_finite() {
            true => Some(derivative),
            false => Some(("the energy".to_owned(), energy)),
        }
    }
}

/// A row whose own loss or gradient is not finite by the program that trains, where every quantity by itself is.
fn by_halves<S: Spec, T: Real>(
    model: &Model<S, T>,
    samples: ArrayView2<T>,
    loss: &Loss<T>,
) -> Result<Option<Cause>> {
    let unsound = |rows: Range<usize>| {
        model.with_loss_gradient_of(samples, rows, loss, |loss, gradient, _| {
            if !loss.is_finite() {
                return Some(("its term of the loss".to_owned(), loss));
            }
            let at = gradient.iter().position(|g| !g.is_finite())?;
            let (info, _) = entry(S::PARAMS, at)?;
            let what = format!("the gradient of its loss in {}", info.name);
            Some((what, gradient[at].to_f64()))
        })
    };
    let mut rows = 0..samples.nrows();
    let Some(mut found) = unsound(rows.clone())? else {
        return Ok(None);
    };
    while rows.len() > 1 {
        let middle = rows.start + rows.len() / 2;
        let (first, second) = (rows.start..middle, middle..rows.end);
        (found, rows) = if let Some(found) = unsound(first.clone())? {
            (found, first)
        } else if let Some(found) = unsound(second.clone())? {
            (found, second)
        } else {
            // Finite apart, too large together: no row by itself.
            return Ok(None);
        };
    }
    let (what, value) = found;
    Ok(Some(Cause::Row {
        array: "the batch",
        row: rows.start,
        values: samples
            .row(rows.start)
            .iter()
            .map(|&x| x.to_f64())
            .collect(),
        what,
        value,
        others: 0,
        batch: samples.nrows(),
    }))
}
