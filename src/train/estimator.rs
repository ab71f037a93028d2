//! Averages of a loss over rows, their standard errors, and standard errors of the difference of two such averages.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::setting::within;

/// How the losses of single rows are combined into one number; see [`Trainer::held_out_estimator`].
///
/// If losses have heavy tails, a few rows can dominate the mean: a row far from all others contributes ½‖∇E‖², which
/// grows with the square of its distance. The other two estimators limit the influence of single rows. They estimate
/// another quantity: the loss of the bulk of the rows.
///
/// Standard errors are over rows, which are treated as independent. With one row, or one row left after trimming, the
/// standard error is infinite.
///
/// [`Trainer::held_out_estimator`]: super::Trainer::held_out_estimator
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Estimator {
    /// The mean, the estimate of J itself.
    #[default]
    Mean,
    /// The mean without the given fraction of the rows at each end, at least 0 and below 0.5: 0.05 leaves out the
    /// twentieth of the rows with the smallest losses and the twentieth with the largest. Its standard error is that of
    /// Tukey and McLaughlin (1963), computed from the winsorized losses.
    Trimmed(f64),
    /// The median of the means of this many groups, at least 3 and at most the number of rows. Row i is in group i mod
    /// k. Its standard error is that of the median of a normal sample, √(π/2)·s/√k, where s is the normal-consistent
    /// median absolute deviation of the group means.
    MedianOfMeans(usize),
}

/// An average over rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The average; NaN if the loss of any row is not finite.
    #[serde(with = "crate::number")]
    pub value: f64,
    /// Its standard error over rows; infinite with one row, or if the loss of any row is not finite.
    #[serde(with = "crate::number")]
    pub standard_error: f64,
}

/// An average, with the values from which the standard error of a difference to another average is computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) estimate: Estimate,
    /// One value per row or per group, in the same order for the same rows: the winsorized losses, or the group means.
    pub(super) units: Vec<f64>,
    pub(super) spread: Spread,
}

/// How a standard error is computed from the values of a [`Summary`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Spread {
    /// Winsorized losses, of which this many are unchanged.
    Rows { untouched: usize },
    /// Group means.
    Groups,
}

impl Estimator {
    pub(super) fn check(&self, rows: usize) -> Result<()> {
        match *self {
            Estimator::Mean => Ok(()),
            Estimator::Trimmed(part) => within("the trimmed part at each end", part, 0.0, 0.5),
            Estimator::MedianOfMeans(groups) if groups < 3 || groups > rows => {
                Err(Error::InvalidSetting {
                    setting: "the number of groups of the median of means",
                    found: groups.to_string(),
                    expected: format!(
                        "it must be at least 3 and at most the number of rows that are evaluated, {rows}"
                    ),
                })
            }
            Estimator::MedianOfMeans(_) => Ok(()),
        }
    }

    /// The average of `losses`, one per row; there is at least one.
    pub(super) fn summary(&self, losses: &[f64]) -> Summary {
        let n = losses.len();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (value, units, spread) = match *self {
            Estimator::Mean => (mean(losses), losses.to_vec(), Spread::Rows { untouched: n }),
            Estimator::Trimmed(part) => {
                let mut sorted = losses.to_vec();
                sorted.sort_by(f64::total_cmp);
                let cut = ((part * n as f64) as usize).min((n - 1) / 2);
                let inner = &sorted[cut..n - cut];
                let (low, high) = (inner[0], inner[inner.len() - 1]);
                let winsorized = losses.iter().map(|loss| loss.max(low).min(high)).collect();
                let untouched = inner.len();
                (mean(inner), winsorized, Spread::Rows { untouched })
            }
            Estimator::MedianOfMeans(groups) => {
                let means: Vec<f64> = (0..groups)
                    .map(|group| {
                        let members: Vec<f64> =
                            losses.iter().skip(group).step_by(groups).copied().collect();
                        mean(&members)
                    })
                    .collect();
                (median(&means), means, Spread::Groups)
            }
        };
        // A loss that is not finite is an error of the model, which no estimator may hide.
        let sound = losses.iter().all(|loss| loss.is_finite());
        Summary {
            estimate: Estimate {
                value: if sound { value } else { f64::NAN },
                standard_error: if sound {
                    spread.standard_error(&units)
                } else {
                    f64::INFINITY
                },
            },
            units,
            spread,
        }
    }
}

impl Summary {
    /// The difference of this average and an earlier one over the same rows, noise and estimator. Its standard error is
    /// computed from the paired differences (for trimmed means: Yuen and Dixon 1973).
    pub(super) fn less(&self, earlier: &Summary) -> Estimate {
        let differences: Vec<f64> = self
            .units
            .iter()
            .zip(&earlier.units)
            .map(|(new, old)| new - old)
            .collect();
        Estimate {
            value: self.estimate.value - earlier.estimate.value,
            standard_error: self.spread.standard_error(&differences),
        }
    }
}

impl Spread {
    fn standard_error(self, units: &[f64]) -> f64 {
        let n = units.len() as f64;
        match self {
            Spread::Rows { untouched: 0 | 1 } => f64::INFINITY,
            Spread::Rows { untouched } => {
                let mean = units.iter().sum::<f64>() / n;
                let squares: f64 = units.iter().map(|unit| (unit - mean).powi(2)).sum();
                let kept = untouched as f64;
                (squares / (kept * (kept - 1.0))).sqrt()
            }
            Spread::Groups => {
                (std::f64::consts::FRAC_PI_2).sqrt() * robust_deviation(units) / n.sqrt()
            }
        }
    }
}

/// The middle value, or the mean of the two middle values.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        0.5 * (sorted[middle - 1] + sorted[middle])
    } else {
        sorted[middle]
    }
}

/// The median absolute deviation times 1.4826, which is the standard deviation of a normal distribution.
fn robust_deviation(values: &[f64]) -> f64 {
    let center = median(values);
    let deviations: Vec<f64> = values.iter().map(|value| (value - center).abs()).collect();
    1.482_602_218_505_602 * median(&deviations)
}

impl fmt::Display for Estimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Estimator::Mean => f.write_str("mean"),
            Estimator::Trimmed(part) => write!(f, "mean without {part} of the rows at each end"),
            Estimator::MedianOfMeans(groups) => write!(f, "median of the means of {groups} groups"),
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(4);
        let Self {
            value,
            standard_error,
        } = self;
        write!(f, "{value:.digits$} ± {standard_error:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-14 * expected.abs(),
            "{found} for {expected}"
        );
    }

    /// The deviations −2, 0, 0, 2 from the mean 3 have variance 8/3; that of the mean is 2/3.
    #[test]
    fn the_standard_error_of_a_mean() {
        let summary = Estimator::Mean.summary(&[1.0, 3.0, 3.0, 5.0]);
        close(summary.estimate.value, 3.0);
        close(summary.estimate.standard_error, (2.0f64 / 3.0).sqrt());
        let lone = Estimator::Mean.summary(&[2.0]).estimate;
        assert_eq!((lone.value, lone.standard_error), (2.0, f64::INFINITY));
    }

    /// Trimming a fifth of five at each end leaves 2, 3, 4. The winsorized values 2, 2, 3, 4, 4 have squared deviations
    /// that sum to 4.
    #[test]
    fn a_trimmed_mean_does_not_see_the_ends() {
        let summary = Estimator::Trimmed(0.2).summary(&[1e9, 2.0, 3.0, 4.0, -7.0]);
        close(summary.estimate.value, 3.0);
        close(
            summary.estimate.standard_error,
            (4.0f64 / (3.0 * 2.0)).sqrt(),
        );
        let all = [0.3, 0.1, 0.4, 0.15];
        assert_eq!(
            Estimator::Trimmed(0.0).summary(&all).estimate,
            Estimator::Mean.summary(&all).estimate
        );
        let two = Estimator::Trimmed(0.499).summary(&[1.0, 5.0]).estimate;
        close(two.value, 3.0);
    }

    /// Groups (1, 4), (2, 600), (3, 5) have means 2.5, 301, 4. Deviations from the median 4 are 1.5, 297, 0.
    #[test]
    fn a_median_of_means_does_not_see_one_group() {
        let summary = Estimator::MedianOfMeans(3).summary(&[1.0, 2.0, 3.0, 4.0, 600.0, 5.0]);
        close(summary.estimate.value, 4.0);
        let expected = (std::f64::consts::PI / 2.0).sqrt() * 1.482602218505602 * 1.5 / 3f64.sqrt();
        close(summary.estimate.standard_error, expected);
    }

    /// The losses differ by 10 from row to row, and by about 1 between the two models.
    #[test]
    fn differences_are_paired_by_rows() {
        let (old, new) = ([0.0, 10.0, 20.0, 30.0], [-1.0, 9.5, 18.5, 29.0]);
        for estimator in [Estimator::Mean, Estimator::Trimmed(0.0)] {
            let difference = estimator.summary(&new).less(&estimator.summary(&old));
            close(difference.value, -1.0);
            // The differences −1, −½, −1½, −1 have squared deviations that sum to ½.
            close(difference.standard_error, (0.5f64 / 12.0).sqrt());
        }
        assert!(Estimator::Mean.summary(&new).estimate.standard_error > 5.0);
    }

    #[test]
    fn a_loss_that_is_not_finite_is_not_trimmed_away() {
        for estimator in [
            Estimator::Mean,
            Estimator::Trimmed(0.3),
            Estimator::MedianOfMeans(3),
        ] {
            for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let losses = [1.0, 2.0, broken, 3.0, 4.0];
                assert!(estimator.summary(&losses).estimate.value.is_nan());
            }
        }
    }

    #[test]
    fn settings_out_of_range() {
        for broken in [
            Estimator::Trimmed(0.5),
            Estimator::Trimmed(-0.1),
            Estimator::Trimmed(f64::NAN),
            Estimator::MedianOfMeans(2),
            Estimator::MedianOfMeans(11),
        ] {
            assert!(
                matches!(broken.check(10), Err(Error::InvalidSetting { .. })),
                "{broken}"
            );
        }
        assert!(Estimator::MedianOfMeans(10).check(10).is_ok());
    }
}
