//! Losses of a batch, and their gradients in the parameters.

use std::ops::Range;

use ndarray::{Array1, ArrayView2, Axis, s};
use scorematch_kernels::simd::Real;

use super::{AnyModel, check};
use crate::backend::{Batch, Phases, Samples};
use crate::directions;
use crate::error::{Error, Result};
use crate::objective::{Loss, Noise, Projections, Terms};
use crate::program::{Compiled, Scalars};

/// Samples whose derivatives are held at a time while a loss is evaluated without its gradient.
const BLOCK: usize = 1024;

impl<T: Real> AnyModel<T> {
    pub(crate) fn losses(&self, x: ArrayView2<'_, T>, loss: &Loss<'_, T>) -> Result<Array1<f64>> {
        check_loss(x.into(), self.spec.dim, loss)?;
        let mut losses = Vec::with_capacity(x.nrows());
        for (i, block) in x.axis_chunks_iter(Axis(0), BLOCK).enumerate() {
            let terms = self.terms(block, i * BLOCK, loss)?;
            losses.extend((0..block.nrows()).map(|b| terms.loss(b)));
        }
        Ok(losses.into())
    }

    /// What the formula of a loss reads of checked samples, numbered from `first`.
    fn terms(&self, x: ArrayView2<'_, T>, first: usize, loss: &Loss<'_, T>) -> Result<Terms<T>> {
        let formula = &loss.entry.formula;
        let part = loss.part(first, x.nrows());
        let mut terms = Terms::new(loss.entry, loss.sigma());
        if let Some((_, noise)) = &part.noise {
            terms.noise = match noise {
                Noise::Given(noise) => noise.to_owned(),
                &Noise::Drawn { seed, step } => {
                    directions::noise(self.isa()?, seed, step, first, x.nrows(), self.spec.dim)
                }
            };
        }
        let seen = loss.perturbs().then(|| loss.perturbed(x, &terms.noise));
        let x = seen.as_ref().map_or(x, |seen| seen.view());
        let batch = Batch {
            first,
            ..Batch::of(x.reborrow().into())
        };
        if formula.reads_energy() {
            terms.energy = self.outputs(self.spec.programs.energy, batch, 1)?;
        }
        if formula.reads_gradient() {
            terms.score = self.outputs(self.spec.programs.score, batch, self.spec.dim)?;
        }
        if formula.reads_laplacian() {
            terms.laplacian = self.outputs(self.spec.programs.laplacian, batch, 1)?;
        }
        if formula.reads_directions() {
            let along = self.curvature_of(Batch {
                projections: part.directions,
                ..batch
            })?;
            (terms.slope, terms.curvature) = (along.slope, along.curvature);
        }
        Ok(terms)
    }

    /// The loss of every sample of a batch, and what its formula reads of each.
    ///
    /// # Errors
    /// As [`Model::loss`](crate::Model::loss).
    pub(crate) fn terms_of(&self, x: ArrayView2<'_, T>, loss: &Loss<'_, T>) -> Result<Terms<T>> {
        check_loss(x.into(), self.spec.dim, loss)?;
        self.terms(x, 0, loss)
    }

    pub(crate) fn loss_gradient(
        &self,
        x: ArrayView2<'_, T>,
        loss: &Loss<'_, T>,
        gradient: &mut [T],
    ) -> Result<f64> {
        if gradient.len() != self.spec.param_len {
            return Err(Error::Shape {
                what: "gradient",
                expected: format!("[{}], one entry a parameter", self.spec.param_len),
                found: vec![gradient.len()],
            });
        }
        self.with_loss_gradient(x.into(), loss, |loss, from, _| {
            gradient.copy_from_slice(from);
            loss
        })
    }

    /// The loss of samples, its gradient and how long both took, lent to `read`.
    ///
    /// # Errors
    /// As [`Model::loss`](crate::Model::loss); what a source writes is not looked at.
    pub(crate) fn with_loss_gradient<R>(
        &self,
        x: Samples<'_, T>,
        loss: &Loss<'_, T>,
        read: impl FnOnce(f64, &[T], Phases) -> R,
    ) -> Result<R> {
        check_loss(x, self.spec.dim, loss)?;
        self.gradient_of(x, 0, loss, read)
    }

    /// The same of some of the samples `[B, D]`, with the directions and the noise that they have in the whole batch.
    ///
    /// # Errors
    /// As [`Model::loss`](crate::Model::loss).
    pub(crate) fn with_loss_gradient_of<R>(
        &self,
        x: ArrayView2<'_, T>,
        rows: Range<usize>,
        loss: &Loss<'_, T>,
        read: impl FnOnce(f64, &[T], Phases) -> R,
    ) -> Result<R> {
        check_loss(x.into(), self.spec.dim, loss)?;
        let (first, x) = (rows.start, x.slice(s![rows, ..]));
        self.gradient_of(x.into(), first, loss, read)
    }

    /// The loss and the gradient of checked samples, the first of which is number `first` of a batch.
    fn gradient_of<R>(
        &self,
        x: Samples<'_, T>,
        first: usize,
        loss: &Loss<'_, T>,
        read: impl FnOnce(f64, &[T], Phases) -> R,
    ) -> Result<R> {
        let program = loss.program(&self.spec)?;
        let part = loss.part(first, x.nrows());
        let batch = Batch {
            first,
            v: part.noise.map(|(_, noise)| noise),
            perturbed: loss.perturbs(),
            projections: part.directions,
            ..Batch::of(x.reborrow())
        };
        let directions = loss.directions.as_ref().map_or(1, Projections::count);
        let scalars = Scalars {
            weight: T::of(1.0 / directions as f64),
            sigma: loss.sigma(),
        };
        self.sums(program, batch, scalars, read)
    }

    /// The loss and the gradient that a program sums up for a checked batch.
    fn sums<R>(
        &self,
        program: Compiled<T>,
        batch: Batch<'_, T>,
        scalars: Scalars<T>,
        read: impl FnOnce(f64, &[T], Phases) -> R,
    ) -> Result<R> {
        let call = self.call(batch, scalars)?;
        let (mut read, mut result) = (Some(read), None);
        self.backend
            .accumulate(program, &call, &mut |sums, phases| {
                let (gradient, loss) = (
                    &sums[..self.spec.param_len],
                    sums[self.spec.param_len].to_f64(),
                );
                result = read.take().map(|read| read(loss, gradient, phases));
            })?;
        Ok(result.expect("a backend reads the sums once"))
    }
}

/// That samples and a loss fit each other. What a source writes was checked where the source was made.
fn check_loss<T: Real>(x: Samples<'_, T>, dim: usize, loss: &Loss<'_, T>) -> Result<()> {
    match x {
        Samples::Rows(x) => check::samples(x, dim)?,
        Samples::Written(source) => debug_assert_eq!(source.dim().1, dim),
    }
    if let Some(projections) = &loss.directions {
        check::projections(projections, x.dim())?;
    }
    if let Some((sigma, noise)) = &loss.noise {
        check::sigma(*sigma)?;
        check::noise(noise, x.dim())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::testing::Well;
    use ndarray::{Array2, Array3};

    /// More samples than a block holds, each against a batch of its own.
    #[test]
    fn losses_of_samples_are_those_of_batches_of_one() {
        let rows = BLOCK + 3;
        let mut model = Model::<Well, f64>::zeros();
        model.params_mut().copy_from_slice(&[0.7, 2.0, -1.0]);
        let x = Array2::from_shape_fn((rows, 2), |(b, u)| ((3 * b + u) as f64).sin());
        let v = Array3::from_shape_fn((2, rows, 2), |(m, b, u)| ((m + 5 * b + 2 * u) as f64).cos());
        let noise = Array2::from_shape_fn((rows, 2), |(b, u)| ((7 * b + u) as f64).cos());
        let loss = |kind, from, to| match kind {
            0 => Loss::esm(),
            1 => Loss::ssm(v.slice(s![.., from..to, ..])),
            2 => Loss::ssm_vr(v.slice(s![.., from..to, ..])),
            _ => Loss::dsm(0.3, noise.slice(s![from..to, ..])),
        };
        for kind in 0..4 {
            let whole = loss(kind, 0, rows);
            let losses = model.losses(x.view(), &whole).unwrap();
            let mean = losses.iter().sum::<f64>() / rows as f64;
            assert_eq!(model.loss(x.view(), &whole).unwrap(), mean);
            for b in [0, 1, 500, BLOCK - 1, BLOCK, rows - 1] {
                let alone = loss(kind, b, b + 1);
                let expected = model.loss(x.slice(s![b..b + 1, ..]), &alone).unwrap();
                assert!((losses[b] - expected).abs() < 1e-12, "{} {b}", whole.name());
            }
        }
    }
}
