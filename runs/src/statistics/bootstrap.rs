//! Percentile intervals of means (Efron 1979): values of independent rows in, an interval out.
//!
//! The resamples depend on the seed and the number of values alone.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::quantile::quantile;

/// Resamples of the interval of a report.
pub const RESAMPLES: usize = 2000;

/// An interval for the mean of the distribution that the values were drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The interval between two quantiles of the means of `resamples` samples, each as large as `values` and drawn from it
/// with replacement; `level` is the part of the means between the two, 0.95 for example.
///
/// `None` if there are fewer than two values, if one is not finite, or without resamples. Takes `resamples` draws for each
/// value: seconds for a million.
pub fn mean_interval(values: &[f64], level: f64, resamples: usize, seed: u64) -> Option<Interval> {
    let finite = values.iter().all(|value| value.is_finite());
    if values.len() < 2 || !finite || resamples == 0 {
        return None;
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let count = values.len() as u128;
    let mut draw = || values[((u128::from(rng.next_u64()) * count) >> 64) as usize];
    let mut means: Vec<f64> = (0..resamples)
        .map(|_| values.iter().map(|_| draw()).sum::<f64>() / values.len() as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - level);
    Some(Interval {
        low: quantile(&means, tail),
        high: quantile(&means, 1.0 - tail),
    })
}

/// The part of the sum of squared deviations from the mean that the value farthest from it makes up, from 0 to 1.
///
/// A large part says that the distribution may have values as far out that the sample does not hold, so that intervals
/// and standard errors of its mean are too small.
pub fn largest_share(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = || values.iter().map(|value| (value - mean).powi(2));
    let sum: f64 = squares().sum();
    if sum > 0.0 {
        squares().fold(0.0, f64::max) / sum
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    /// A percentile interval does not correct for skewness: for exponential values its coverage is a little below the level,
    /// and approaches it as one over their number. 2000 trials have a standard error of 0.0055.
    #[test]
    fn the_interval_covers_the_mean_of_skewed_values() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        let trials = 2000;
        let mut covered = 0;
        for trial in 0..trials {
            let values: Vec<f64> = (0..100)
                .map(|_| -(1.0 - rng.random::<f64>()).ln())
                .collect();
            let Interval { low, high } = mean_interval(&values, 0.95, 600, trial).unwrap();
            covered += u64::from(low <= 1.0 && 1.0 <= high);
        }
        let coverage = covered as f64 / trials as f64;
        assert!((0.92..0.96).contains(&coverage), "{coverage}");
    }

    /// With many values the half-width is 1.96 standard errors.
    #[test]
    fn the_interval_is_normal_where_it_should_be() {
        let values: Vec<f64> = (0..1000).map(|k| f64::from(k % 10)).collect();
        let standard_error = (8.25f64 / 999.0).sqrt();
        let Interval { low, high } = mean_interval(&values, 0.95, RESAMPLES, 1).unwrap();
        let half = 0.5 * (high - low) / standard_error;
        assert!((half - 1.96).abs() < 0.12, "{half}");
        assert!((0.5 * (low + high) - 4.5).abs() < 0.2 * standard_error);
        assert_eq!(
            mean_interval(&values, 0.95, RESAMPLES, 1),
            Some(Interval { low, high })
        );
    }

    #[test]
    fn what_has_no_interval_gets_none() {
        assert_eq!(mean_interval(&[1.0], 0.95, 100, 0), None);
        assert_eq!(mean_interval(&[1.0, f64::NAN], 0.95, 100, 0), None);
        assert_eq!(mean_interval(&[], 0.95, 100, 0), None);
        let point = mean_interval(&[2.0, 2.0], 0.95, 100, 0).unwrap();
        assert_eq!((point.low, point.high), (2.0, 2.0));
    }

    #[test]
    fn one_value_far_out_holds_most_of_the_spread() {
        let mut values = vec![0.0; 99];
        values.push(50.0);
        assert!(largest_share(&values) > 0.98);
        let even: Vec<f64> = (0..100).map(f64::from).collect();
        assert!(largest_share(&even) < 0.04);
        assert_eq!(largest_share(&[3.0, 3.0]), 0.0);
    }
}
