//! The search for what made a loss that is not finite. Enters: a model and the batch on which its loss or its gradient was
//! not sound. Leaves: the parameter or the row that is the cause, if it can be found.
//!
//! The search evaluates the batch again, row by row where it must. It runs once, when training has ended.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use scorematch_kernels::simd::Real;

use super::Cause;
use crate::device::Device;
use crate::error::Result;
use crate::model::AnyModel;
use crate::objective::Loss;
use crate::program::ParamInfo;

/// What makes the loss of these samples, or its gradient, not finite. `runaway`: the loss is finite and far too large, and the
/// row with most of it is the cause.
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
pub(super) fn parameter<T: Real>(model: &AnyModel<T>) -> Option<Cause> {
    let at = model.params().iter().position(|x| !x.is_finite())?;
    let (info, index) = entry(model.spec().params, at)?;
    Some(Cause::Parameter {
        name: info.name.to_owned(),
        index,
        value: model.params()[at].to_f64(),
    })
}

/// The parameter that holds an entry of the parameter buffer, and the entry's place in it.
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

    /// The first row at which something is not finite, and how many more there are; with `runaway`, if there is none, the
    /// row that has more of the loss than all others.
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
            // Finite apart, too large together: no row by itself.
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
