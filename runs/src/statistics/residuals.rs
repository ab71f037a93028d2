//! How far a model's scores are from two identities of Stein (1972), column by column.
//!
//! If p is the density of the rows and decays at infinity, its score s = ∇ log p has mean 0, and the covariance of s_j and
//! x_j is −1 for each column j. A model's score is −∇E; what it misses by is a residual. Both residuals are numbers without
//! a unit, 0 for a perfect model. That they vanish does not make a model perfect.

use ndarray::{ArrayView1, ArrayView2};

/// Residuals with a larger |z| are marked. For a perfect model one in 370 is, if its values have no heavy tails.
pub const MARKED: f64 = 3.0;

/// A residual and its standard error over the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// NaN if a score is not finite.
    pub value: f64,
    /// The standard error of `value`.
    pub standard_error: f64,
}

/// The residuals of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColumnResiduals {
    /// The column, from 0.
    pub column: usize,
    /// The mean of the score, in units of one over the column's standard deviation.
    pub mean: Residual,
    /// One plus the covariance of score and value.
    pub slope: Residual,
}

impl Residual {
    /// The residual in standard errors; `None` where it or its standard error is not finite, or the latter is 0.
    pub fn z(&self) -> Option<f64> {
        let z = self.value / self.standard_error;
        (z.is_finite() && self.standard_error > 0.0).then_some(z)
    }
}

impl ColumnResiduals {
    /// The larger |z| of the two.
    pub fn largest_z(&self) -> Option<f64> {
        let each = [self.mean, self.slope].map(|residual| residual.z().map(f64::abs));
        each.into_iter().flatten().max_by(f64::total_cmp)
    }

    /// Whether one of the two is farther from 0 than chance explains, or is not finite.
    pub fn is_marked(&self) -> bool {
        let broken = !(self.mean.value.is_finite() && self.slope.value.is_finite());
        broken || self.largest_z().is_some_and(|z| z > MARKED)
    }
}

/// The residuals of each column, from `[rows, columns]` and the scores there, in one unit. Columns whose residuals are not
/// finite come first, then those with the largest |z|; those without a z, such as constant columns, come last. Fewer than
/// two rows tell nothing.
pub fn column_residuals(
    rows: ArrayView2<'_, f64>,
    scores: ArrayView2<'_, f64>,
) -> Vec<ColumnResiduals> {
    if rows.nrows() < 2 {
        return Vec::new();
    }
    let columns = rows.columns().into_iter().zip(scores.columns());
    let mut found: Vec<ColumnResiduals> = columns
        .enumerate()
        .map(|(column, (values, scores))| residuals_of(column, values, scores))
        .collect();
    let key = |of: &ColumnResiduals| match of.largest_z() {
        Some(z) => z,
        None if of.is_marked() => f64::INFINITY,
        None => -1.0,
    };
    found.sort_by(|a, b| key(b).total_cmp(&key(a)));
    found
}

fn residuals_of(
    column: usize,
    values: ArrayView1<'_, f64>,
    scores: ArrayView1<'_, f64>,
) -> ColumnResiduals {
    let n = values.len() as f64;
    let center = |of: ArrayView1<'_, f64>| of.sum() / n;
    let (value_mean, score_mean) = (center(values), center(scores));
    let deviation =
        (values.iter().map(|x| (x - value_mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let scaled: Vec<f64> = scores.iter().map(|s| s * deviation).collect();
    // Both means are estimates: with centred scores, the spread of the products is that of the covariance.
    let products: Vec<f64> = values
        .iter()
        .zip(scores)
        .map(|(x, s)| (x - value_mean) * (s - score_mean))
        .collect();
    let covariance = products.iter().sum::<f64>() / (n - 1.0);
    ColumnResiduals {
        column,
        mean: Residual {
            value: score_mean * deviation,
            standard_error: standard_error(&scaled),
        },
        slope: Residual {
            value: 1.0 + covariance,
            standard_error: standard_error(&products),
        },
    }
}

fn standard_error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (n * (n - 1.0))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2, array};
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    /// A normal number, by Box and Muller.
    fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
        let (u, v) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// Rows x = m + L e and their scores −Σ⁻¹(x − m) = −L⁻ᵀ e, two columns that depend on each other.
    fn gaussian(count: usize, seed: u64) -> (Array2<f64>, Array2<f64>) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let noise = Array2::from_shape_fn((count, 2), |_| normal(&mut rng));
        let lower = arr2(&[[2.0, 0.0], [1.0, 1.0]]);
        let inverse = arr2(&[[0.5, 0.0], [-0.5, 1.0]]);
        let rows = noise.dot(&lower.t()) + &array![[100.0, -7.0]];
        (rows, -noise.dot(&inverse))
    }

    #[test]
    fn exact_scores_leave_what_chance_explains() {
        let (rows, scores) = gaussian(4000, 1);
        for of in column_residuals(rows.view(), scores.view()) {
            assert!(of.largest_z().unwrap() < 3.5, "{of:?}");
            assert!(
                of.mean.value.abs() < 0.25 && of.slope.value.abs() < 0.25,
                "{of:?}"
            );
        }
    }

    /// Standard errors are right: over many data sets, the squares of z average to 1.
    #[test]
    fn z_has_variance_one() {
        let trials = 500;
        let mut squares = [0.0; 2];
        for seed in 0..trials {
            let (rows, scores) = gaussian(300, 100 + seed);
            for of in column_residuals(rows.view(), scores.view()) {
                squares[0] += of.mean.z().unwrap().powi(2);
                squares[1] += of.slope.z().unwrap().powi(2);
            }
        }
        // 1000 squares, in pairs that depend on each other: a standard error of at most √(2/500).
        for sum in squares {
            let variance = sum / (2 * trials) as f64;
            assert!((variance - 1.0).abs() < 0.2, "{variance}");
        }
    }

    #[test]
    fn wrong_scores_are_caught_in_their_column() {
        let (rows, exact) = gaussian(2000, 3);
        // The second column's model is a fifth too narrow.
        let mut narrow = exact.clone();
        narrow.column_mut(1).mapv_inplace(|s| 1.2 * s);
        let found = column_residuals(rows.view(), narrow.view());
        assert_eq!((found[0].column, found[0].is_marked()), (1, true));
        assert!((found[0].slope.value + 0.2).abs() < 0.1, "{:?}", found[0]);
        assert!(!found[1].is_marked(), "{:?}", found[1]);
        // The first column's model pulls to one side.
        let mut shifted = exact;
        shifted.column_mut(0).mapv_inplace(|s| s + 1.0);
        let found = column_residuals(rows.view(), shifted.view());
        assert_eq!((found[0].column, found[0].is_marked()), (0, true));
        assert!(found[0].mean.z().unwrap() > 10.0);
    }

    /// A column in other units has the same residuals.
    #[test]
    fn units_do_not_matter() {
        let (mut rows, mut scores) = gaussian(500, 4);
        let before = column_residuals(rows.view(), scores.view());
        rows *= 1000.0;
        scores /= 1000.0;
        for (before, after) in before
            .iter()
            .zip(column_residuals(rows.view(), scores.view()))
        {
            assert!((before.mean.value - after.mean.value).abs() < 1e-9);
            assert!((before.slope.value - after.slope.value).abs() < 1e-9);
        }
    }

    #[test]
    fn rows_that_tell_nothing_are_not_marked_and_broken_scores_are() {
        let one = array![[1.0, 2.0]];
        assert_eq!(column_residuals(one.view(), one.view()), []);
        let rows = array![[1.0, 5.0, 0.0], [2.0, 5.0, 1.0], [4.0, 5.0, 3.0]];
        let scores = array![[0.5, 0.0, f64::NAN], [0.1, 0.0, 0.0], [-0.4, 0.0, 0.0]];
        let found = column_residuals(rows.view(), scores.view());
        let columns: Vec<usize> = found.iter().map(|of| of.column).collect();
        assert_eq!(columns, [2, 0, 1]);
        assert!(found[0].is_marked());
        assert_eq!((found[2].largest_z(), found[2].is_marked()), (None, false));
    }
}
