//! The change of units in which a model is trained: z = (x − mean) / std, for each column. A model of z is also a model
//! of x; this module converts its energies and scores to the units of the data.

use ndarray::{Array2, ArrayView1, ArrayView2, Zip};
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Mean and standard deviation of each column, in data units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Standardization {
    mean: Vec<f64>,
    std: Vec<f64>,
}

/// The stored form of a standardization, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl TryFrom<Stored> for Standardization {
    type Error = &'static str;

    fn try_from(Stored { mean, std }: Stored) -> Result<Self, Self::Error> {
        Self::new(mean, std)
            .ok_or("deviations must be positive and finite, one for each finite mean")
    }
}

impl Standardization {
    /// A standardization with the given means and standard deviations, one per column. `None` unless the lengths are
    /// equal, all numbers are finite and all standard deviations are positive.
    #[must_use]
    pub fn new(mean: Vec<f64>, std: Vec<f64>) -> Option<Self> {
        let sound = mean.len() == std.len()
            && mean.iter().all(|mean| mean.is_finite())
            && std.iter().all(|std| std.is_finite() && *std > 0.0);
        sound.then_some(Self { mean, std })
    }

    /// The mean of each column, in data units.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The standard deviation of each column, in data units.
    #[must_use]
    pub fn std(&self) -> &[f64] {
        &self.std
    }

    /// Number of columns, D.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// Converts x to z = (x − mean) / std, `[B, D]`.
    ///
    /// # Errors
    /// The number of columns is not D.
    pub fn apply<'x, T: Real>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Array2<T>> {
        self.each(x.into(), |x, mean, std| match x - mean {
            // The difference of the halves of two finite float64 numbers does not overflow.
            difference if difference.is_infinite() => 2.0 * ((0.5 * x - 0.5 * mean) / std),
            difference => difference / std,
        })
    }

    /// Converts z to x = mean + std·z, `[B, D]`.
    ///
    /// # Errors
    /// The number of columns is not D.
    pub fn invert<'x, T: Real>(&self, z: impl Into<ArrayView2<'x, T>>) -> Result<Array2<T>> {
        self.each(z.into(), |z, mean, std| mean + std * z)
    }

    /// Converts the score in units of z to units of the data, `[B, D]`: ∇ₓ log p = (∇_z log p) / std.
    ///
    /// # Errors
    /// The number of columns is not D.
    pub fn score_in_data_units<'x, T: Real>(
        &self,
        score: impl Into<ArrayView2<'x, T>>,
    ) -> Result<Array2<T>> {
        self.each(score.into(), |score, _, std| score / std)
    }

    /// The constant that converts an energy of z to the energy of x: p(x) = p(z) / Π std, so E(x) = E(z) + Σ log std.
    #[must_use]
    pub fn energy_shift(&self) -> f64 {
        self.std.iter().map(|std| std.ln()).sum()
    }

    fn each<T: Real>(
        &self,
        x: ArrayView2<T>,
        f: impl Fn(f64, f64, f64) -> f64,
    ) -> Result<Array2<T>> {
        if x.ncols() != self.dim() {
            return Err(Error::Shape {
                what: "the array",
                expected: format!("[rows, {}], the columns that were standardized", self.dim()),
                found: x.shape().to_vec(),
            });
        }
        let mut out = Array2::from_elem(x.dim(), T::of(0.0));
        for (mut row, x) in out.outer_iter_mut().zip(x.outer_iter()) {
            Zip::from(&mut row)
                .and(x)
                .and(&ArrayView1::from(&self.mean))
                .and(&ArrayView1::from(&self.std))
                .for_each(|out, &x, &mean, &std| *out = T::of(f(x.to_f64(), mean, std)));
        }
        Ok(out)
    }
}

/// Checks that every value of `[rows, columns]` is finite; `what` is the name of the array in the error.
///
/// # Errors
/// [`Error::NonFinite`] with the first such value, its row and its column.
pub fn check_finite<'x, T: Real>(what: &str, x: impl Into<ArrayView2<'x, T>>) -> Result<()> {
    match x
        .into()
        .indexed_iter()
        .find(|(_, value)| !value.is_finite())
    {
        None => Ok(()),
        Some(((row, column), &value)) => Err(Error::NonFinite {
            what: what.to_owned(),
            row,
            column,
            value: value.to_f64(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Axis, array};

    use super::*;
    use crate::data::DataError;
    use crate::data::standardizer::moments;

    #[test]
    fn there_and_back() {
        let x = array![[1.0f64, 10.0], [2.0, 30.0], [6.0, 20.0]];
        let units = Standardization::fit(x.view()).unwrap();
        let z = units.apply(x.view()).unwrap();
        for column in z.axis_iter(Axis(1)) {
            let (mean, std) = moments(column);
            assert!(mean.abs() < 1e-15 && (std - 1.0).abs() < 1e-15);
        }
        let back = units.invert(z.view()).unwrap();
        assert!(
            back.iter()
                .zip(&x)
                .all(|(back, x)| (back - x).abs() < 1e-13)
        );
    }

    /// A standard normal distribution in z is a normal distribution with these means and standard deviations in x.
    #[test]
    fn energies_and_scores_in_data_units() {
        let units = Standardization::new(vec![3.0, -1.0], vec![2.0, 0.5]).unwrap();
        let x = array![[4.0, -0.25]];
        let z = units.apply(x.view()).unwrap();
        let energy = 0.5 * z.iter().map(|z| z * z).sum::<f64>() + units.energy_shift();
        let normal = 0.5 * (0.25 + 2.25) + 2.0f64.ln() + 0.5f64.ln();
        assert!((energy - normal).abs() < 1e-15);
        let score = units.score_in_data_units((-&z).view()).unwrap();
        assert!((score[[0, 0]] + 1.0 / 4.0).abs() < 1e-15);
        assert!((score[[0, 1]] + 0.75 / 0.25).abs() < 1e-15);
    }

    #[test]
    fn stored_units_are_checked_when_they_are_read() {
        let units = Standardization::new(vec![0.1, -7.0], vec![1.0 / 3.0, 1e5]).unwrap();
        let text = serde_json::to_string(&units).unwrap();
        assert_eq!(
            serde_json::from_str::<Standardization>(&text).unwrap(),
            units
        );
        for broken in [r#"{"mean":[0],"std":[0]}"#, r#"{"mean":[0],"std":[]}"#] {
            assert!(serde_json::from_str::<Standardization>(broken).is_err());
        }
    }

    /// An array, a view of it and a slice of it are accepted.
    #[test]
    fn arrays_and_views() {
        let x = array![[1.0f64, 10.0], [2.0, 30.0], [6.0, 20.0]];
        let units = Standardization::fit(&x).unwrap();
        assert_eq!(units, Standardization::fit(x.view()).unwrap());
        let all = x.slice(ndarray::s![.., ..]);
        assert_eq!(units.apply(all).unwrap(), units.apply(&x).unwrap());
    }

    #[test]
    fn what_cannot_be_scaled_is_told() {
        let constant = array![[1.0, 0.1], [2.0, 0.1], [3.0, 0.1]];
        let Err(Error::Data(DataError::Constant {
            columns, rows: 3, ..
        })) = Standardization::fit(constant.view())
        else {
            panic!("a constant column")
        };
        assert_eq!((columns.len(), columns[0].column), (1, 2));
        let nan = array![[1.0, 2.0], [3.0, f64::NAN]];
        assert!(matches!(
            Standardization::fit(nan.view()),
            Err(Error::NonFinite {
                row: 1,
                column: 1,
                ..
            })
        ));
        let single = array![[1.0f32]];
        assert!(matches!(
            Standardization::fit(single.view()),
            Err(Error::Data(DataError::TooFewRows { found: 1, .. }))
        ));
        let units = Standardization::fit(array![[1.0], [2.0]].view()).unwrap();
        assert!(matches!(
            units.apply(constant.view()),
            Err(Error::Shape { .. })
        ));
        assert!(Standardization::new(vec![0.0], vec![0.0]).is_none());
        assert!(Standardization::new(vec![0.0], vec![]).is_none());
    }
}
