//! Losses of a batch, and their gradients in the parameters.

use ndarray::{ArrayView2, Axis, s};

use super::{Model, check};
use crate::directions;
use crate::engine::{self, Batch, Compiled};
use crate::error::{Error, Result};
use crate::loss::{Loss, Noise, Slices};
use crate::program::{Scalars, Spec};
use crate::simd::Real;

/// Samples whose derivatives are held at a time while a loss is evaluated without its gradient.
const BLOCK: usize = 1024;

impl<S: Spec, T: Real> Model<S, T> {
    /// The loss of samples `[B, D]`, summed in double precision.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::EmptyBatch`], [`Error::NonFinite`] for `x`, given directions and given
    /// noise; [`Error::InvalidSetting`] for no directions or a σ that is not above 0; [`Error::Form`].
    pub fn loss(&self, x: ArrayView2<'_, T>, loss: &Loss<'_, T>) -> Result<f64> {
        check_loss(x, S::DIM, loss)?;
        let mut sum = 0.0;
        for (i, block) in x.axis_chunks_iter(Axis(0), BLOCK).enumerate() {
            let first = i * BLOCK;
            let batch = Batch {
                first,
                ..Batch::of(block.reborrow())
            };
            sum += match loss {
                Loss::Esm => {
                    self.half_square_score(batch)?
                        - total(
                            self.outputs(Compiled::of::<S::Laplacian>(), batch, 1)?
                                .iter(),
                        )
                }
                Loss::Ssm(slices) => {
                    let along = self.curvature_of(Batch {
                        slices: Some(part(slices, first, block.nrows())),
                        ..batch
                    })?;
                    let slopes: f64 = along.slope.iter().map(|slope| half_square(*slope)).sum();
                    (slopes - total(along.curvature.iter())) / slices.count() as f64
                }
                Loss::SsmVr(slices) => {
                    let along = self.curvature_of(Batch {
                        slices: Some(part(slices, first, block.nrows())),
                        ..batch
                    })?;
                    self.half_square_score(batch)?
                        - total(along.curvature.iter()) / slices.count() as f64
                }
                Loss::Dsm { sigma, noise } => self.denoising(block, first, *sigma, noise)?,
            };
        }
        Ok(sum / x.nrows() as f64)
    }

    /// The loss of samples `[B, D]`, and its gradient in the parameters, written to `gradient`
    /// (the length and order of [`Model::params`]).
    ///
    /// # Errors
    /// As [`Model::loss`]; [`Error::Shape`] for `gradient`.
    pub fn loss_gradient(
        &self,
        x: ArrayView2<'_, T>,
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
        check_loss(x, S::DIM, loss)?;
        let scalars = Scalars {
            weight: T::one(),
            sigma: T::zero(),
        };
        let sliced = |slices: &Slices<'_, T>| Scalars {
            weight: T::of(1.0 / slices.count() as f64),
            ..scalars
        };
        let batch = Batch::of(x.reborrow());
        match *loss {
            Loss::Esm => self.sums(Compiled::of::<S::Esm>(), batch, scalars, gradient),
            Loss::Ssm(slices) => self.sums(
                Compiled::of::<S::Ssm>(),
                Batch {
                    slices: Some(slices.reborrow()),
                    ..batch
                },
                sliced(&slices),
                gradient,
            ),
            Loss::SsmVr(slices) => self.sums(
                Compiled::of::<S::SsmVr>(),
                Batch {
                    slices: Some(slices.reborrow()),
                    ..batch
                },
                sliced(&slices),
                gradient,
            ),
            Loss::Dsm { sigma, noise } => {
                let batch = Batch {
                    v: Some(noise.reborrow()),
                    perturbed: true,
                    ..batch
                };
                self.sums(
                    Compiled::of::<S::Dsm>(),
                    batch,
                    Scalars { sigma, ..scalars },
                    gradient,
                )
            }
        }
    }

    /// The gradient and the loss that a program sums up for a checked batch.
    fn sums(
        &self,
        program: Compiled<T>,
        batch: Batch<'_, T>,
        scalars: Scalars<T>,
        gradient: &mut [T],
    ) -> Result<f64> {
        let call = self.call(batch, scalars)?;
        #[cfg(feature = "cuda")]
        if let Some(gpu) = self.device.gpu() {
            let results = crate::cuda::run(program, gpu, &call)?;
            for (to, from) in gradient.iter_mut().zip(&results.sums) {
                *to = T::of(f64::from(*from));
            }
            return Ok(f64::from(results.sums[S::PARAM_LEN]));
        }
        Ok(self.with_workspace(|workspace| {
            let sums = engine::accumulate(program, &call, workspace);
            gradient.copy_from_slice(&sums[..S::PARAM_LEN]);
            sums[S::PARAM_LEN].to_f64()
        }))
    }

    /// Σ_b ½‖∇E‖².
    fn half_square_score(&self, batch: Batch<'_, T>) -> Result<f64> {
        let score = self.outputs(Compiled::of::<S::Score>(), batch, S::DIM)?;
        Ok(score.iter().map(|component| half_square(*component)).sum())
    }

    /// Σ_b ½‖σ∇E(x + σ·noise) − noise‖², samples numbered from `first`.
    fn denoising(
        &self,
        x: ArrayView2<'_, T>,
        first: usize,
        sigma: T,
        noise: &Noise<'_, T>,
    ) -> Result<f64> {
        let noise = match noise {
            Noise::Given(noise) => noise.slice(s![first..first + x.nrows(), ..]).to_owned(),
            &Noise::Drawn { seed, step } => {
                directions::noise(self.form()?, seed, step, first, x.nrows(), S::DIM)
            }
        };
        let mut seen = noise.clone();
        seen.zip_mut_with(&x, |noise, x| *noise = *x + sigma * *noise);
        let score = self.outputs(Compiled::of::<S::Score>(), Batch::of(seen.view()), S::DIM)?;
        Ok(score
            .iter()
            .zip(&noise)
            .map(|(score, noise)| half_square(sigma * *score + *noise))
            .sum())
    }
}

fn check_loss<T: Real>(x: ArrayView2<'_, T>, dim: usize, loss: &Loss<'_, T>) -> Result<()> {
    check::samples(x, dim)?;
    match loss {
        Loss::Esm => Ok(()),
        Loss::Ssm(slices) | Loss::SsmVr(slices) => check::slices(slices, x),
        Loss::Dsm { sigma, noise } => check::sigma(*sigma).and_then(|()| check::noise(noise, x)),
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

fn total<'a, T: Real>(values: impl Iterator<Item = &'a T>) -> f64 {
    values.map(|&value| value.to_f64()).sum()
}

fn half_square<T: Real>(value: T) -> f64 {
    0.5 * value.to_f64() * value.to_f64()
}
