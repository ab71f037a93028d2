//! Losses of a batch, and their gradients in the parameters.

use std::ops::Range;

use ndarray::{Array1, ArrayView1, ArrayView2, Axis, s};
use scorematch_kernels::simd::Real;

use super::{Model, check};
use crate::backend::{Batch, Phases, Samples};
use crate::directions;
use crate::error::{Error, Result};
use crate::loss::{Loss, Noise, Slices};
use crate::program::{Compiled, Scalars, Spec};

/// Samples whose derivatives are held at a time while a loss is evaluated without its gradient.
const BLOCK: usize = 1024;

impl<S: Spec, T: Real> Model<S, T> {
    /// The loss of samples `[B, D]`, the mean of [`Model::losses`].
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::EmptyBatch`], [`Error::NonFinite`] for `x`, given directions and given
    /// noise; [`Error::InvalidSetting`] for no directions or a σ that is not above 0; [`Error::Form`].
    pub fn loss<'x>(&self, x: impl Into<ArrayView2<'x, T>>, loss: &Loss<'_, T>) -> Result<f64> {
        let losses = self.losses(x, loss)?;
        Ok(losses.iter().sum::<f64>() / losses.len() as f64)
    }

    /// The loss of each of the samples `[B, D]`, summed in double precision: `[B]`.
    ///
    /// # Errors
    /// As [`Model::loss`].
    pub fn losses<'x>(
        &self,
        x: impl Into<ArrayView2<'x, T>>,
        loss: &Loss<'_, T>,
    ) -> Result<Array1<f64>> {
        let x = x.into();
        check_loss(x.into(), S::DIM, loss)?;
        let mut losses = Vec::with_capacity(x.nrows());
        for (i, block) in x.axis_chunks_iter(Axis(0), BLOCK).enumerate() {
            let first = i * BLOCK;
            let batch = Batch {
                first,
                ..Batch::of(block.reborrow().into())
            };
            match loss {
                Loss::Esm => {
                    let score = self.outputs(Compiled::of::<S::Score>(), batch, S::DIM)?;
                    let laplacian = self.outputs(Compiled::of::<S::Laplacian>(), batch, 1)?;
                    losses.extend(
                        score
                            .outer_iter()
                            .zip(&laplacian)
                            .map(|(score, laplacian)| {
                                half_square_norm(score) - Real::to_f64(*laplacian)
                            }),
                    );
                }
                Loss::Ssm(slices) => {
                    let along = self.curvature_of(Batch {
                        slices: Some(part(slices, first, block.nrows())),
                        ..batch
                    })?;
                    let pairs = along
                        .slope
                        .columns()
                        .into_iter()
                        .zip(along.curvature.columns());
                    losses.extend(pairs.map(|(slope, curvature)| {
                        (half_square_norm(slope) - total(curvature)) / slices.count() as f64
                    }));
                }
                Loss::SsmVr(slices) => {
                    let along = self.curvature_of(Batch {
                        slices: Some(part(slices, first, block.nrows())),
                        ..batch
                    })?;
                    let score = self.outputs(Compiled::of::<S::Score>(), batch, S::DIM)?;
                    let pairs = score.outer_iter().zip(along.curvature.columns());
                    losses.extend(pairs.map(|(score, curvature)| {
                        half_square_norm(score) - total(curvature) / slices.count() as f64
                    }));
                }
                Loss::Dsm { sigma, noise } => {
                    self.denoising(block, first, *sigma, noise, &mut losses)?;
                }
            }
        }
        Ok(losses.into())
    }

    /// The loss of samples `[B, D]`, and its gradient in the parameters, written to `gradient`
    /// (the length and order of [`Model::params`]).
    ///
    /// # Errors
    /// As [`Model::loss`]; [`Error::Shape`] for `gradient`.
    pub fn loss_gradient<'x>(
        &self,
        x: impl Into<ArrayView2<'x, T>>,
        loss: &Loss<'_, T>,
        gradient: &mut [T],
    ) -> Result<f64> {
        if gradient.len() != S::PARAM_LEN {
            return Err(Error::Shape {
                what: "gradient",
                expected: format!("[{}], one entry a parameter", S::PARAM_LEN),
                found: vec![gradient.len()],
            });
        }
        self.with_loss_gradient(x.into().into(), loss, |loss, from, _| {
            gradient.copy_from_slice(from);
            loss
        })
    }

    /// The loss of samples, its gradient and how long both took, lent to `read`.
    ///
    /// # Errors
    /// As [`Model::loss`]; what a source writes is not looked at.
    pub(crate) fn with_loss_gradient<R>(
        &self,
        x: Samples<'_, T>,
        loss: &Loss<'_, T>,
        read: impl FnOnce(f64, &[T], Phases) -> R,
    ) -> Result<R> {
        check_loss(x, S::DIM, loss)?;
        self.gradient_of(x, 0, loss, read)
    }

    /// The same of some of the samples `[B, D]`, with the directions and the noise that they have in the whole batch.
    ///
    /// # Errors
    /// As [`Model::loss`].
    pub(crate) fn with_loss_gradient_of<R>(
        &self,
        x: ArrayView2<'_, T>,
        rows: Range<usize>,
        loss: &Loss<'_, T>,
        read: impl FnOnce(f64, &[T], Phases) -> R,
    ) -> Result<R> {
        check_loss(x.into(), S::DIM, loss)?;
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
        let samples = x.nrows();
        let batch = Batch {
            first,
            ..Batch::of(x.reborrow())
        };
        let scalars = Scalars {
            weight: T::one(),
            sigma: T::zero(),
        };
        let sliced = |slices: &Slices<'_, T>| Scalars {
            weight: T::of(1.0 / slices.count() as f64),
            ..scalars
        };
        let (program, batch, scalars) = match loss {
            Loss::Esm => (Compiled::of::<S::Esm>(), batch, scalars),
            Loss::Ssm(slices) => (
                Compiled::of::<S::Ssm>(),
                Batch {
                    slices: Some(part(slices, first, samples)),
                    ..batch
                },
                sliced(slices),
            ),
            Loss::SsmVr(slices) => (
                Compiled::of::<S::SsmVr>(),
                Batch {
                    slices: Some(part(slices, first, samples)),
                    ..batch
                },
                sliced(slices),
            ),
            Loss::Dsm { sigma, noise } => (
                Compiled::of::<S::Dsm>(),
                Batch {
                    v: Some(noise.part(first, samples)),
                    perturbed: true,
                    ..batch
                },
                Scalars {
                    sigma: *sigma,
                    ..scalars
                },
            ),
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
                let (loss, gradient) = (sums[S::PARAM_LEN].to_f64(), &sums[..S::PARAM_LEN]);
                result = read.take().map(|read| read(loss, gradient, phases));
            })?;
        Ok(result.expect("a backend lends the sums once"))
    }

    /// Appends ½‖σ∇E(x + σ·noise) − noise‖² of every sample, samples numbered from `first`.
    fn denoising(
        &self,
        x: ArrayView2<'_, T>,
        first: usize,
        sigma: T,
        noise: &Noise<'_, T>,
        losses: &mut Vec<f64>,
    ) -> Result<()> {
        let noise = match noise {
            Noise::Given(noise) => noise.slice(s![first..first + x.nrows(), ..]).to_owned(),
            &Noise::Drawn { seed, step } => {
                directions::noise(self.form()?, seed, step, first, x.nrows(), S::DIM)
            }
        };
        let mut seen = noise.clone();
        seen.zip_mut_with(&x, |noise, x| *noise = *x + sigma * *noise);
        let score = self.outputs(
            Compiled::of::<S::Score>(),
            Batch::of(seen.view().into()),
            S::DIM,
        )?;
        let mut residual = score;
        residual.zip_mut_with(&noise, |score, noise| *score = sigma * *score + *noise);
        losses.extend(residual.outer_iter().map(half_square_norm));
        Ok(())
    }
}

/// That samples and a loss fit each other. What a source writes was checked where the source was made.
fn check_loss<T: Real>(x: Samples<'_, T>, dim: usize, loss: &Loss<'_, T>) -> Result<()> {
    match x {
        Samples::Rows(x) => check::samples(x, dim)?,
        Samples::Written(source) => debug_assert_eq!(source.dim().1, dim),
    }
    match loss {
        Loss::Esm => Ok(()),
        Loss::Ssm(slices) | Loss::SsmVr(slices) => check::slices(slices, x.dim()),
        Loss::Dsm { sigma, noise } => {
            check::sigma(*sigma).and_then(|()| check::noise(noise, x.dim()))
        }
    }
}

/// The directions of `samples` samples from `first` on.
fn part<'a, T>(slices: &'a Slices<'_, T>, first: usize, samples: usize) -> Slices<'a, T> {
    match slices {
        Slices::Given(directions) => {
            Slices::Given(directions.slice(s![.., first..first + samples, ..]))
        }
        Slices::Drawn(draw) => Slices::Drawn(*draw),
    }
}

fn total<T: Real>(values: ArrayView1<'_, T>) -> f64 {
    values.iter().map(|&value| value.to_f64()).sum()
}

/// ½‖v‖².
fn half_square_norm<T: Real>(v: ArrayView1<'_, T>) -> f64 {
    v.iter()
        .map(|&value| 0.5 * value.to_f64() * value.to_f64())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
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
            0 => Loss::Esm,
            1 => Loss::Ssm(Slices::Given(v.slice(s![.., from..to, ..]))),
            2 => Loss::SsmVr(Slices::Given(v.slice(s![.., from..to, ..]))),
            _ => Loss::Dsm {
                sigma: 0.3,
                noise: Noise::Given(noise.slice(s![from..to, ..])),
            },
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
