//! The rule that decides whether an evaluation on held-out rows is an improvement, and the parameters of the last
//! improvement.

use serde::{Deserialize, Serialize};

use super::Estimate;
use super::estimator::{Spread, Summary};

/// The parameters with the best evaluation on held-out rows.
#[derive(Clone, Debug)]
pub(super) struct Best<T> {
    kept: Option<Kept<T>>,
    /// Number of evaluations since the last improvement, or since the start.
    pub(super) stale: u64,
}

#[derive(Clone, Debug)]
struct Kept<T> {
    parameters: Vec<T>,
    summary: Summary,
}

/// What of [`Best`] is not an array, as it is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standing {
    stale: u64,
    summary: Option<(Estimate, Spread)>,
}

impl<T: Copy> Best<T> {
    /// The value that [`Best::standing`], [`Best::parameters`] and [`Best::units`] were of.
    pub(super) fn of(
        standing: Standing,
        parameters: Option<Vec<T>>,
        units: Option<Vec<f64>>,
    ) -> Self {
        let kept = match (parameters, standing.summary, units) {
            (Some(parameters), Some((estimate, spread)), Some(units)) => Some(Kept {
                parameters,
                summary: Summary {
                    estimate,
                    units,
                    spread,
                },
            }),
            _ => None,
        };
        Self {
            kept,
            stale: standing.stale,
        }
    }

    pub(super) fn standing(&self) -> Standing {
        let summary = self.kept.as_ref().map(|kept| &kept.summary);
        Standing {
            stale: self.stale,
            summary: summary.map(|summary| (summary.estimate, summary.spread)),
        }
    }

    /// The values from which the standard error of a difference to the best loss is computed.
    pub(super) fn units(&self) -> Option<&[f64]> {
        self.kept.as_ref().map(|kept| &kept.summary.units[..])
    }

    /// The state before the first evaluation.
    pub(super) fn none() -> Self {
        Self {
            kept: None,
            stale: 0,
        }
    }

    /// The best parameters, if any evaluation was finite.
    pub(super) fn parameters(&self) -> Option<&[T]> {
        self.kept.as_ref().map(|kept| &kept.parameters[..])
    }

    /// Keeps these parameters if their loss is an improvement, and returns whether it is. The first finite loss is an
    /// improvement; a later loss is one if it is smaller than the best by more than `least` standard errors of the
    /// difference.
    pub(super) fn consider(&mut self, parameters: &[T], summary: Summary, least: f64) -> bool {
        let better = summary.estimate.value.is_finite()
            && self.kept.as_ref().is_none_or(|kept| {
                let difference = summary.less(&kept.summary);
                // With one row there is no standard error: every decrease is an improvement.
                let threshold = match difference.standard_error {
                    error if error.is_finite() => least * error,
                    _ => 0.0,
                };
                difference.value < -threshold
            });
        if !better {
            self.stale += 1;
            return false;
        }
        let mut buffer = self
            .kept
            .take()
            .map_or_else(Vec::new, |kept| kept.parameters);
        buffer.clear();
        buffer.extend_from_slice(parameters);
        self.kept = Some(Kept {
            parameters: buffer,
            summary,
        });
        self.stale = 0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Estimator;

    fn consider(best: &mut Best<f64>, tag: f64, losses: &[f64], least: f64) -> bool {
        best.consider(&[tag], Estimator::Mean.summary(losses), least)
    }

    #[test]
    fn an_improvement_below_the_threshold_leaves_patience_as_it_was() {
        let mut best = Best::none();
        assert!(consider(&mut best, 0.0, &[4.0, 8.0, 6.0, 2.0], 1.0));
        // One row gains 4 and the others lose 0.2 each: J falls by 0.85, with standard error 1.05.
        assert!(!consider(&mut best, 1.0, &[0.0, 8.2, 6.2, 2.2], 1.0));
        assert_eq!((best.stale, best.parameters()), (1, Some(&[0.0][..])));
        assert!(consider(&mut best.clone(), 1.0, &[0.0, 8.2, 6.2, 2.2], 0.5));
        // Each row gains about 0.1.
        assert!(consider(&mut best, 2.0, &[3.9, 7.91, 5.88, 1.9], 1.0));
        assert_eq!((best.stale, best.parameters()), (0, Some(&[2.0][..])));
        // An equal loss is no improvement at any threshold.
        assert!(!consider(&mut best, 3.0, &[3.9, 7.91, 5.88, 1.9], 0.0));
    }

    /// Whatever the gain of the single row, the mean falls by at most one standard error of the difference.
    #[test]
    fn one_row_alone_is_no_improvement() {
        let old: Vec<f64> = (0..50).map(f64::from).collect();
        for gain in [1.0, 1e3, 1e9] {
            let mut new: Vec<f64> = old.iter().map(|loss| loss + 1e-3).collect();
            new[7] -= gain;
            let mut best = Best::none();
            assert!(consider(&mut best, 0.0, &old, 1.0));
            assert!(!consider(&mut best, 1.0, &new, 1.0), "{gain}");
            assert!(consider(&mut best, 1.0, &new, 0.0), "{gain}");
        }
    }

    #[test]
    fn a_lone_row_counts_by_its_loss() {
        let mut best = Best::none();
        assert!(!consider(&mut best, 0.0, &[f64::NAN], 1.0));
        assert!(consider(&mut best, 1.0, &[3.0], 1.0));
        assert!(consider(&mut best, 2.0, &[2.9], 1.0));
        assert!(!consider(&mut best, 3.0, &[f64::NEG_INFINITY], 1.0));
        assert_eq!(best.parameters(), Some(&[2.0][..]));
    }
}
