//! Between arrays of samples `[batch, dim]` and panels.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::LANES;

/// Features that are moved for all 16 samples before the next ones, so that their rows stay in cache.
const BLOCK: usize = 32;

/// Samples `first ..` of `x` into `panels` panels of `x.ncols()` rows each.
///
/// Lanes past the last sample repeat it, so that they hold values the program can work on.
///
/// # Panics
/// `x` has no row `first`, or `dst` is shorter than `panels · x.ncols()`.
pub fn gather<T: Copy>(x: ArrayView2<'_, T>, first: usize, dst: &mut [[T; LANES]], panels: usize) {
    let (samples, dim) = x.dim();
    assert!(first < samples, "gather: sample {first} of {samples}");
    for (p, dst) in dst[..panels * dim].chunks_exact_mut(dim.max(1)).enumerate() {
        let sample = |lane: usize| (first + p * LANES + lane).min(samples - 1);
        for (block, dst) in dst.chunks_mut(BLOCK).enumerate() {
            let from = block * BLOCK;
            for lane in 0..LANES {
                let row = x.row(sample(lane));
                match row.to_slice() {
                    Some(row) => dst
                        .iter_mut()
                        .zip(&row[from..])
                        .for_each(|(to, &x)| to[lane] = x),
                    None => dst
                        .iter_mut()
                        .zip(row.iter().skip(from))
                        .for_each(|(to, &x)| to[lane] = x),
                }
            }
        }
    }
}

/// The inverse of [`gather`]: panels of `x.ncols()` rows each into samples `first ..` of `x`, as many as
/// both hold.
///
/// # Panics
/// `src` is shorter than `panels · x.ncols()`.
pub fn scatter<T: Copy>(
    src: &[[T; LANES]],
    panels: usize,
    mut x: ArrayViewMut2<'_, T>,
    first: usize,
) {
    let (samples, dim) = x.dim();
    for (p, src) in src[..panels * dim].chunks_exact(dim.max(1)).enumerate() {
        let sample = first + p * LANES;
        let lanes = samples.saturating_sub(sample).min(LANES);
        for (block, src) in src.chunks(BLOCK).enumerate() {
            let from = block * BLOCK;
            for lane in 0..lanes {
                let mut row = x.row_mut(sample + lane);
                match row.as_slice_mut() {
                    Some(row) => row[from..]
                        .iter_mut()
                        .zip(src)
                        .for_each(|(x, from)| *x = from[lane]),
                    None => row
                        .iter_mut()
                        .skip(from)
                        .zip(src)
                        .for_each(|(x, from)| *x = from[lane]),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ShapeBuilder, s};

    use super::*;

    #[test]
    fn panels_hold_the_samples() {
        for (samples, dim, first) in [(1, 1, 0), (16, 2, 0), (37, 70, 5), (40, 3, 39)] {
            for by_columns in [false, true] {
                let shape = (samples, dim).set_f(by_columns);
                let x = Array2::from_shape_fn(shape, |(b, u)| (b * 1000 + u) as f64);
                let panels = (samples - first).div_ceil(LANES);
                let mut rows = vec![[0.0; LANES]; panels * dim + 1];
                gather(x.view(), first, &mut rows, panels);
                for (i, row) in rows[..panels * dim].iter().enumerate() {
                    for (lane, &value) in row.iter().enumerate() {
                        let sample = (first + i / dim * LANES + lane).min(samples - 1);
                        assert_eq!(value, x[(sample, i % dim)]);
                    }
                }
                assert_eq!(rows[panels * dim], [0.0; LANES]);
                let mut back = Array2::from_elem((samples, dim).set_f(by_columns), -1.0);
                scatter(&rows, panels, back.view_mut(), first);
                assert_eq!(back.slice(s![first.., ..]), x.slice(s![first.., ..]));
                assert!(back.slice(s![..first, ..]).iter().all(|&x| x == -1.0));
            }
        }
    }

    #[test]
    fn no_features_are_no_rows() {
        gather(Array2::<f32>::zeros((3, 0)).view(), 0, &mut [], 1);
        scatter(&[], 1, Array2::<f32>::zeros((3, 0)).view_mut(), 0);
    }
}
