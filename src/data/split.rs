//! Rows divided by chance into those a model learns from and those it is judged on.

use ndarray::{Array2, ArrayView2, Axis};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use scorematch_kernels::simd::Real;

use super::DataError;
use crate::directions::Purpose;
use crate::error::{Error, Result};

/// Data in two parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Split<T> {
    /// Rows to learn from, `[N − n, D]`.
    pub train: Array2<T>,
    /// Rows to judge on, `[n, D]`.
    pub held_out: Array2<T>,
}

/// Keeps `fraction` of the rows of `[N, D]` aside, n = round(fraction·N) but at least one and at
/// most N − 1. Each part keeps the rows in their first order. Which rows is a function of N,
/// `fraction` and `seed` alone.
///
/// # Errors
/// A fraction outside (0, 1); fewer than two rows.
pub fn split<T: Real>(x: ArrayView2<T>, fraction: f64, seed: u64) -> Result<Split<T>> {
    let rows = x.nrows();
    if !(fraction > 0.0 && fraction < 1.0) {
        return Err(Error::InvalidSetting {
            setting: "the held-out fraction",
            found: fraction.to_string(),
            expected: "it must lie between 0 and 1; 0.2 keeps every fifth row aside".to_owned(),
        });
    }
    if rows < 2 {
        return Err(DataError::TooFewRows {
            what: "a held-out split",
            found: rows,
            needed: 2,
        }
        .into());
    }
    let aside = ((fraction * rows as f64).round() as usize).clamp(1, rows - 1);
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(
        Purpose::Split.seed(seed, 0),
    ));
    let (held_out, train) = order.split_at_mut(aside);
    held_out.sort_unstable();
    train.sort_unstable();
    Ok(Split {
        train: x.select(Axis(0), train),
        held_out: x.select(Axis(0), held_out),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn every_row_is_in_one_part() {
        let x = Array2::from_shape_fn((37, 2), |(row, column)| (2 * row + column) as f64);
        let Split { train, held_out } = split(x.view(), 0.2, 5).unwrap();
        assert_eq!((train.nrows(), held_out.nrows()), (30, 7));
        let mut seen: Vec<f64> = train.iter().chain(&held_out).copied().collect();
        seen.sort_by(f64::total_cmp);
        assert_eq!(seen, x.iter().copied().collect::<Vec<_>>());
        assert_eq!(split(x.view(), 0.2, 5).unwrap().held_out, held_out);
        assert_ne!(split(x.view(), 0.2, 6).unwrap().held_out, held_out);
    }

    #[test]
    fn neither_part_is_empty() {
        let two = array![[1.0f32], [2.0]];
        assert_eq!(split(two.view(), 0.01, 0).unwrap().held_out.nrows(), 1);
        assert_eq!(split(two.view(), 0.99, 0).unwrap().train.nrows(), 1);
        assert!(matches!(
            split(two.slice(ndarray::s![..1, ..]), 0.5, 0),
            Err(Error::Data(DataError::TooFewRows { .. }))
        ));
        for fraction in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(matches!(
                split(two.view(), fraction, 0),
                Err(Error::InvalidSetting { .. })
            ));
        }
    }
}
