//! Random splits of rows into training rows and held-out rows.

use ndarray::{Array2, ArrayView2, Axis};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use scorematch_kernels::simd::Real;

use super::DataError;
use crate::directions::Purpose;
use crate::error::{Error, Result};

/// Data in two parts, and the positions of their rows in the data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Split<T> {
    /// Training rows, `[N − n, D]`.
    pub train: Array2<T>,
    /// Held-out rows, `[n, D]`.
    pub held_out: Array2<T>,
    /// For each row of [`Split::train`], its row in the data, from 0, ascending: `[N − n]`.
    pub train_rows: Vec<usize>,
    /// For each row of [`Split::held_out`], its row in the data, from 0, ascending: `[n]`.
    pub held_out_rows: Vec<usize>,
}

impl<T> Split<T> {
    /// Applies `change` to both parts, for other units or another precision. `change` must keep the order of the rows.
    ///
    /// # Errors
    /// The error of `change`.
    ///
    /// # Panics
    /// `change` returns another number of rows.
    pub fn try_map<U, E>(
        &self,
        mut change: impl FnMut(&Array2<T>) -> Result<Array2<U>, E>,
    ) -> Result<Split<U>, E> {
        let mut changed = |part: &Array2<T>| {
            let new = change(part)?;
            assert_eq!(new.nrows(), part.nrows(), "rows keep their places");
            Ok(new)
        };
        Ok(Split {
            train: changed(&self.train)?,
            held_out: changed(&self.held_out)?,
            train_rows: self.train_rows.clone(),
            held_out_rows: self.held_out_rows.clone(),
        })
    }
}

/// Holds out `fraction` of the rows of `[N, D]`: n = round(fraction·N), but at least one and at most N − 1. Each part
/// keeps the rows in their original order. The choice of rows is a function of N, `fraction` and `seed` alone.
///
/// A test part, which a run does not use at all, is split off first:
///
/// ```
/// use ndarray::Array2;
/// use scorematch::data::split;
///
/// let x = Array2::from_shape_fn((100, 2), |(row, _)| row as f32);
/// let outer = split(&x, 0.2, 0)?;
/// let inner = split(&outer.train, 0.25, 1)?;
/// let (train, held_out, test) = (&inner.train, &inner.held_out, &outer.held_out);
/// assert_eq!([train.nrows(), held_out.nrows(), test.nrows()], [60, 20, 20]);
/// // Where they stood in x:
/// let train_rows: Vec<usize> = inner.train_rows.iter().map(|&row| outer.train_rows[row]).collect();
/// assert_eq!(train[[7, 0]], train_rows[7] as f32);
/// # Ok::<(), scorematch::Error>(())
/// ```
///
/// # Errors
/// The fraction is outside (0, 1), or there are fewer than two rows.
pub fn split<'x, T: Real>(
    x: impl Into<ArrayView2<'x, T>>,
    fraction: f64,
    seed: u64,
) -> Result<Split<T>> {
    let x = x.into();
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
        train_rows: train.to_vec(),
        held_out_rows: held_out.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn every_row_is_in_one_part() {
        let x = Array2::from_shape_fn((37, 2), |(row, column)| (2 * row + column) as f64);
        let parts = split(&x, 0.2, 5).unwrap();
        let Split {
            train, held_out, ..
        } = &parts;
        assert_eq!((train.nrows(), held_out.nrows()), (30, 7));
        let mut seen: Vec<f64> = train.iter().chain(held_out).copied().collect();
        seen.sort_by(f64::total_cmp);
        assert_eq!(seen, x.iter().copied().collect::<Vec<_>>());
        assert_eq!(split(x.view(), 0.2, 5).unwrap(), parts);
        assert_ne!(&split(x.view(), 0.2, 6).unwrap().held_out, held_out);
    }

    #[test]
    fn rows_are_found_again_in_the_data() {
        let x = Array2::from_shape_fn((37, 2), |(row, column)| (2 * row + column) as f64);
        let parts = split(&x, 0.2, 5).unwrap();
        assert_eq!(parts.train, x.select(Axis(0), &parts.train_rows));
        assert_eq!(parts.held_out, x.select(Axis(0), &parts.held_out_rows));
        let single = parts
            .try_map(|part| Ok::<_, Error>(part.mapv(|x| x as f32)))
            .unwrap();
        assert_eq!(single.train_rows, parts.train_rows);
        assert_eq!(single.held_out_rows, parts.held_out_rows);
        assert_eq!(single.train, parts.train.mapv(|x| x as f32));
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
