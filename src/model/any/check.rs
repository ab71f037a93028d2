//! Checks of the arrays that a person hands in.

use ndarray::{ArrayView2, Axis};
use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

use crate::data::check_finite;
use crate::error::{Error, Result};
use crate::objective::{Noise, Projections};

/// Samples: `[B, dim]`, B ≥ 1, all finite.
pub(super) fn samples<T: Real>(x: ArrayView2<'_, T>, dim: usize) -> Result<()> {
    if x.ncols() != dim {
        return Err(Error::Shape {
            what: "x",
            expected: format!("[batch, {dim}]: the model's inputs have {dim} features"),
            found: x.shape().to_vec(),
        });
    }
    if x.nrows() == 0 {
        return Err(Error::EmptyBatch { what: "x" });
    }
    finite("x", x)
}

/// A vector for each of `[B, D]` samples.
pub(super) fn vectors<T: Real>(
    what: &'static str,
    v: ArrayView2<'_, T>,
    x: (usize, usize),
) -> Result<()> {
    if v.dim() != x {
        return Err(Error::Shape {
            what,
            expected: format!("{:?}, the shape of x", [x.0, x.1]),
            found: v.shape().to_vec(),
        });
    }
    finite(what, v)
}

/// Noise for each of `[B, D]` samples.
pub(super) fn noise<T: Real>(noise: &Noise<'_, T>, x: (usize, usize)) -> Result<()> {
    match noise {
        Noise::Given(noise) => vectors("noise", *noise, x),
        Noise::Drawn { .. } => Ok(()),
    }
}

/// At least one direction for each of `[B, D]` samples.
pub(super) fn projections<T: Real>(
    projections: &Projections<'_, T>,
    x: (usize, usize),
) -> Result<()> {
    if let Projections::Given(directions) = projections {
        if directions.shape()[1..] != [x.0, x.1] {
            return Err(Error::Shape {
                what: "directions",
                expected: format!("[M, {}, {}]: M directions for each row of x", x.0, x.1),
                found: directions.shape().to_vec(),
            });
        }
        for (m, direction) in directions.axis_iter(Axis(0)).enumerate() {
            finite(&format!("direction {m}"), direction)?;
        }
    }
    if projections.count() == 0 {
        return Err(Error::InvalidSetting {
            setting: "the number of directions",
            found: "0".to_owned(),
            expected: "a sliced loss needs at least 1".to_owned(),
        });
    }
    Ok(())
}

/// A noise level.
pub(super) fn sigma<T: Real>(sigma: T) -> Result<()> {
    if sigma.is_finite() && sigma > T::zero() {
        return Ok(());
    }
    Err(Error::InvalidSetting {
        setting: "sigma",
        found: sigma.to_string(),
        expected: "the noise level must be finite and above 0".to_owned(),
    })
}

/// Every value is finite.
fn finite<T: Real>(what: &str, array: ArrayView2<'_, T>) -> Result<()> {
    let isa = InstructionSet::detect()?;
    let all_finite = |values| T::dispatch(isa, AllFinite(values));
    if array.as_slice_memory_order().is_some_and(all_finite) {
        return Ok(());
    }
    check_finite(what, array)
}

/// Whether all values are finite, many at a time: 0·x is 0 for a finite x and NaN otherwise.
struct AllFinite<'a, T>(&'a [T]);

impl<T: Real> ForVector<T> for AllFinite<'_, T> {
    type Out = bool;

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> bool {
        let (blocks, rest) = self.0.as_chunks::<64>();
        let mut sums = [V::constant(0.0); 4];
        for block in blocks {
            let (rows, _) = block.as_chunks::<16>();
            for (sum, row) in sums.iter_mut().zip(rows) {
                for i in 0..V::PER_ROW {
                    *sum = V::constant(0.0).mul_add(V::load(row, i), *sum);
                }
            }
        }
        let sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        sum.sum().is_finite() && rest.iter().all(|x| x.is_finite())
    }
}
