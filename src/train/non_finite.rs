//! The search for the cause of a divergence. Takes a model and the batch on which the loss or its gradient diverged;
//! returns the parameter or the row that is the cause, if it is found.
//!
//! The search evaluates the batch again, row by row if necessary. It runs once for a
//! divergence, which ends a run of the trainer.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use super::Cause;
use crate::device::Device;
use crate::error::Result;
use crate::model::AnyModel;
use crate::objective::Loss;
use crate::program::ParamInfo;

/// The cause that makes the loss of these samples, or its gradient, not finite. With `runaway`, the loss is finite and
/// too large, and the row that contributes most of it is the cause.
pub(super) fn find<T: Real>(
    model: &AnyModel<T>,
    samples: ArrayView2<T>,
    loss: &Loss<T>,
    runaway: bool,
) -> Option<Cause> {
    if let Some(cause) = parameter(model) {
        return Some(cause);
    }
    let search = |model: &AnyModel<T>| -> Result<Option<Cause>> {
        if let Some(cause) = Terms::of(model, samples, loss)?.cause(samples, runaway) {
            return Ok(Some(cause));
        }
        by_halves(model, samples, loss)
    };
    // The search runs on the CPU first, which needs no compilation, and on the GPU only if the CPU finds no cause. An
    // error in the search counts as no cause: the divergence is then reported without one.
    let mut on_cpu = model.clone();
    on_cpu.set_device(Device::cpu()).ok()?;
    let found = search(&on_cpu).ok().flatten();
    if found.is_some() || model.device().is_cpu() {
        return found;
    }
    search(model).ok().flatten()
}

/// The first parameter that is not finite.
pub(super) fn parameter<T: Real>(model: &AnyModel<T>) -> Option<Cause> {
    let at = model.params().iter().position(|x| !x.is_finite())?;
    let (info, index) = entry(model.spec().params, at)?;
    Some(Cause::Parameter {
        name: info.name.to_owned(),
        index,
        value: model.params()[at].to_f64(),
    })
}

/// The parameter that contains an entry of the parameter buffer, and the index of the entry in it.
fn entry(parameters: &'static [ParamInfo], at: usize) -> Option<(&'static ParamInfo, Vec<usize>)> {
    let info = parameters.iter().rfind(|info| info.offset <= at)?;
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

/// The terms of a loss, for each sample.
struct Terms<T> {
    energy: Vec<T>,
    /// `[B, D]`.
    score: Array2<T>,
    /// Second derivatives, `[M, B]`: the Laplacian, or curvatures along M directions; M = 0 if the loss uses none.
    second: Array2<T>,
    exact: bool,
    /// The loss of each sample.
    loss: Vec<f64>,
}

impl<T: Real> Terms<T> {
    fn of(model: &AnyModel<T>, x: ArrayView2<T>, loss: &Loss<T>) -> Result<Self> {
        let terms = model.terms_of(x, loss)?;
        let at = match loss.perturbs() {
            true => loss.perturbed(x, &terms.noise),
            false => x.to_owned(),
        };
        let exact = loss.entry.uses_laplacian();
        Ok(Self {
            energy: model.energy(at.view())?.to_vec(),
            loss: (0..x.nrows()).map(|b| terms.loss(b)).collect(),
            score: match terms.score.is_empty() {
                true => model.score(at.view())?,
                false => terms.score,
            },
            second: match (exact, terms.curvature.is_empty()) {
                (true, _) => terms.laplacian.reversed_axes(),
                (false, false) => terms.curvature,
                (false, true) => Array2::from_elem((0, x.nrows()), T::zero()),
            },
            exact,
        })
    }

    /// The first row with a quantity that is not finite, and the number of further such rows. With `runaway`, and if
    /// there is no such row, the row whose loss is larger in size than that of all others together.
    fn cause(&self, samples: ArrayView2<T>, runaway: bool) -> Option<Cause> {
        let mut bad = (0..self.loss.len()).filter_map(|b| Some((b, self.at(b)?)));
        let row = |b: usize, (what, value): (String, f64), others| Cause::Row {
            array: "the batch".to_owned(),
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

    /// The quantity that is not finite at a sample; the most basic one if there are several.
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
            // An energy that is not finite does not affect the loss if its derivatives are finite.
            return None;
        };
        let energy = self.energy[b].to_f64();
        match energy.is_finite() {
            true => Some(derivative),
            false => Some(("the energy".to_owned(), energy)),
        }
    }
}

/// Finds, by bisection with the training program, a row whose loss or gradient is not finite although each of its terms
/// is.
fn by_halves<T: Real>(
    model: &AnyModel<T>,
    samples: ArrayView2<T>,
    loss: &Loss<T>,
) -> Result<Option<Cause>> {
    let unsound = |rows: Range<usize>| {
        model.with_loss_gradient_of(samples, rows, loss, |loss, gradient, _| {
            if !loss.is_finite() {
                return Some(("its term of the loss".to_owned(), loss));
            }
            let at = gradient.iter().position(|g| !g.is_finite())?;
            let (info, _) = entry(model.spec().params, at)?;
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
            // Each half is finite and only their sum overflows: no single row is the cause.
            return Ok(None);
        };
    }
    let (what, value) = found;
    Ok(Some(Cause::Row {
        array: "the batch".to_owned(),
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
