//! Fits of units to the columns of an array.

use ndarray::{ArrayView1, ArrayView2, Axis};
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::{ConstantColumn, DataError, Standardization, check_finite};
use crate::error::Result;

/// How a fit of units handles constant columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConstantColumns {
    /// Constant columns are an error that names all of them.
    #[default]
    Refuse,
    /// Constant columns are centred and keep their scale, as if their standard deviation were 1.
    Unscaled,
}

/// Fits a [`Standardization`] to data, from means and standard deviations or from medians and quartiles.
///
/// ```
/// use ndarray::array;
/// use scorematch::data::{ConstantColumns, Standardizer};
///
/// let x = array![[1.0, 7.0], [2.0, 7.0], [3.0, 7.0]];
/// let units = Standardizer::new()
///     .names(["age", "site"])
///     .constant(ConstantColumns::Unscaled)
///     .fit(&x)?;
/// assert_eq!((units.mean()[1], units.std()[1]), (7.0, 1.0));
/// # Ok::<(), scorematch::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use]
pub struct Standardizer {
    robust: bool,
    constant: ConstantColumns,
    names: Option<Vec<String>>,
}

/// The distance between the quartiles of a standard normal distribution.
const NORMAL_QUARTILES: f64 = 1.349;

impl Standardizer {
    /// Fits means and population standard deviations; constant columns are an error.
    pub fn new() -> Self {
        Self::default()
    }

    /// Fits medians in place of means, and in place of standard deviations the distance between the quartiles divided
    /// by 1.349, which is the standard deviation if the data is normal. A few outliers hardly change these units, in
    /// contrast to means and standard deviations. If half the rows of a column have one value, the scale is the median
    /// distance of the other rows from it, divided by 0.6745.
    pub fn robust(self, robust: bool) -> Self {
        Self { robust, ..self }
    }

    /// Sets how constant columns are handled.
    pub fn constant(self, constant: ConstantColumns) -> Self {
        Self { constant, ..self }
    }

    /// Sets the names of the columns, which errors contain.
    pub fn names<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        Self {
            names: Some(names.into_iter().map(N::into).collect()),
            ..self
        }
    }

    /// The units of each column of `[B, D]`, computed in float64.
    ///
    /// # Errors
    /// There are fewer than two rows, a value is not finite, the number of names differs from the number of columns, or
    /// columns are constant and [`Standardizer::constant`] does not allow it.
    pub fn fit<'x, T: Real>(&self, x: impl Into<ArrayView2<'x, T>>) -> Result<Standardization> {
        let x = x.into();
        let rows = x.nrows();
        if rows < 2 {
            return Err(DataError::TooFewRows {
                what: "standardization",
                found: rows,
                needed: 2,
            }
            .into());
        }
        check_finite("the data", x)?;
        if let Some(names) = &self.names
            && names.len() != x.ncols()
        {
            return Err(DataError::Names {
                found: names.len(),
                expected: x.ncols(),
            }
            .into());
        }
        let (mut mean, mut std, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for (column, values) in x.axis_iter(Axis(1)).enumerate() {
            let (centre, deviation) = if self.robust {
                let mut values: Vec<f64> = values.iter().map(|&value| value.to_f64()).collect();
                values.sort_by(f64::total_cmp);
                median_and_deviation(&values)
            } else {
                moments(values)
            };
            // Through rounding, the standard deviation of a constant column may differ from zero.
            if deviation > 1e-12 * centre.abs() {
                mean.push(centre);
                std.push(deviation);
                continue;
            }
            let value = values[0].to_f64();
            mean.push(value);
            std.push(1.0);
            columns.push(ConstantColumn {
                column: column + 1,
                name: self.names.as_ref().map(|names| names[column].clone()),
                value,
            });
        }
        if self.constant == ConstantColumns::Refuse && !columns.is_empty() {
            return Err(DataError::Constant {
                columns,
                rows,
                float32: T::NAME == f32::NAME,
            }
            .into());
        }
        Ok(Standardization::new(mean, std).expect("finite values have finite units"))
    }
}

impl Standardization {
    /// The mean and the population standard deviation (the root of the mean square deviation) of each column of
    /// `[B, D]`.
    ///
    /// # Errors
    /// There are fewer than two rows, a value is not finite, or columns are constant; all constant columns are named.
    /// [`Standardizer`] takes the names of the columns, and can leave constant columns unscaled.
    pub fn fit<'x, T: Real>(x: impl Into<ArrayView2<'x, T>>) -> Result<Self> {
        Standardizer::new().fit(x)
    }

    /// The median of each column of `[B, D]`, and the standard deviation of a normal distribution with its quartiles. A
    /// few outliers hardly change either. See [`Standardizer::robust`].
    ///
    /// # Errors
    /// As [`Standardization::fit`].
    pub fn robust<'x, T: Real>(x: impl Into<ArrayView2<'x, T>>) -> Result<Self> {
        Standardizer::new().robust(true).fit(x)
    }
}

/// The mean and the population standard deviation, in two passes and in float64.
pub(super) fn moments<T: Real>(values: ArrayView1<T>) -> (f64, f64) {
    let count = values.len() as f64;
    let largest = values
        .iter()
        .fold(0.0f64, |largest, &value| largest.max(value.to_f64().abs()));
    // Squares of numbers outside this range overflow or underflow.
    let unit = match largest {
        0.0 | 1e-150..1e150 => 1.0,
        extreme => extreme,
    };
    let mean = values
        .iter()
        .map(|&value| value.to_f64() / unit)
        .sum::<f64>()
        / count;
    let square = |&value: &T| (value.to_f64() / unit - mean).powi(2);
    let variance = values.iter().map(square).sum::<f64>() / count;
    (mean * unit, variance.sqrt() * unit)
}

/// The median and the robust deviation of sorted values, of which there is at least one: see [`Standardizer::robust`].
pub(super) fn median_and_deviation(sorted: &[f64]) -> (f64, f64) {
    let median = quantile(sorted, 0.5);
    let deviation =
        (quantile(sorted, 0.75) / NORMAL_QUARTILES) - (quantile(sorted, 0.25) / NORMAL_QUARTILES);
    if deviation > 1e-12 * median.abs() {
        return (median, deviation);
    }
    let mut others: Vec<f64> = sorted
        .iter()
        .map(|value| (value - median).abs())
        .filter(|&distance| distance > 1e-12 * median.abs())
        .collect();
    if others.is_empty() {
        return (median, 0.0);
    }
    others.sort_by(f64::total_cmp);
    (median, 2.0 * quantile(&others, 0.5) / NORMAL_QUARTILES)
}

/// The quantile of sorted values at `share` in [0, 1], by linear interpolation.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    let weight = place.fract();
    below * (1.0 - weight) + above * weight
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn all_constant_columns_are_named_with_the_cure() {
        let x = array![[1.0, 0.1, 5.0], [2.0, 0.1, 5.0], [3.0, 0.1, 5.0]];
        let message = |error: crate::Error| error.to_string();
        let named = Standardizer::new().names(["a", "b", "c"]);
        let refused = message(named.fit(x.view()).unwrap_err());
        for part in [
            "column 2 (\"b\") holds 0.1",
            "column 3 (\"c\") holds 5",
            "3 rows",
            "Unscaled",
            "Standardization::new",
        ] {
            assert!(refused.contains(part), "no {part} in {refused}");
        }
        assert!(!refused.contains("float32"), "{refused}");
        let kept = named
            .constant(ConstantColumns::Unscaled)
            .fit(x.view())
            .unwrap();
        assert_eq!(
            (&kept.mean()[1..], &kept.std()[1..]),
            (&[0.1, 5.0][..], &[1.0, 1.0][..])
        );
        assert!(Standardizer::new().names(["a"]).fit(x.view()).is_err());
        let wide = Array2::from_elem((2, 10_000), 1.0);
        assert!(message(Standardizer::new().fit(wide.view()).unwrap_err()).len() < 1000);
    }

    /// Time stamps some seconds apart are equal in float32, and the error names the precision as the reason.
    #[test]
    fn float32_is_told_as_a_reason() {
        let stamps = Array2::from_shape_fn((5, 1), |(row, _)| 1.7e9 + 2.0 * row as f64);
        assert!(Standardizer::new().fit(stamps.view()).is_ok());
        let error = Standardizer::new()
            .fit(stamps.mapv(|x| x as f32).view())
            .unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("float32, which keeps 24 bits") && message.contains("float64"),
            "{message}"
        );
    }

    #[test]
    fn robust_units_do_not_follow_outliers() {
        let mut x = Array2::from_shape_fn((1001, 1), |(row, _)| (row as f64 - 500.0) / 500.0);
        let robust = Standardizer::new().robust(true);
        let clean = robust.fit(x.view()).unwrap();
        assert!(clean.mean()[0].abs() < 1e-12 && (clean.std()[0] - 1.0 / 1.349).abs() < 1e-12);
        for row in 0..10 {
            x[[row, 0]] = 1e6;
        }
        let soiled = robust.fit(x.view()).unwrap();
        assert!(soiled.mean()[0].abs() < 0.05 && (soiled.std()[0] - clean.std()[0]).abs() < 0.05);
        assert!(Standardizer::new().fit(x.view()).unwrap().std()[0] > 1e4);
        // Four fifths of the rows have one value: the other rows determine the scale.
        let atom = Array2::from_shape_fn((100, 1), |(row, _)| if row < 80 { 0.0 } else { 2.0 });
        assert!((robust.fit(atom.view()).unwrap().std()[0] - 4.0 / 1.349).abs() < 1e-12);
        assert!(robust.fit(Array2::from_elem((9, 1), 3.0).view()).is_err());
    }

    /// Squares of the numbers overflow or underflow; their standard deviations do not.
    #[test]
    fn the_whole_range_of_float64() {
        for scale in [1e-300, 1.0, 1e300] {
            let x = array![[-scale], [scale], [3.0 * scale]];
            let units = Standardizer::new().fit(x.view()).unwrap();
            let z = units.apply(x.view()).unwrap();
            for (z, expected) in z.iter().zip([-1.0, 0.0, 1.0]) {
                assert!(
                    (z - expected * 1.5f64.sqrt()).abs() < 1e-12,
                    "{scale:e}: {z}"
                );
            }
        }
        let widest = array![[-f64::MAX], [f64::MAX]];
        let units = Standardizer::new().fit(widest.view()).unwrap();
        assert_eq!(units.apply(widest.view()).unwrap(), array![[-1.0], [1.0]]);
    }
}
