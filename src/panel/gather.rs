//! Between arrays of samples `[batch, dim]` and panels.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::LANES;

/// Samples `first ..` of `x` into `panels` panels of `x.ncols()` rows each.
///
/// Lanes past the last sample repeat it, so that they hold values the program can work on.
///
/// # Panics
/// `x` has no row `first`, or `dst` is shorter than `panels · x.ncols()`.
pub fn gather<T: Copy>(x: ArrayView2<'_, T>, first: usize, dst: &mut [[T; LANES]], panels: usize) {
    let (samples, dim) = x.dim();
    assert!(first < samples, "gather: sample {first} of {samples}");
    let dst = &mut dst[..panels * dim];
    for p in 0..panels {
        for lane in 0..LANES {
            let sample = (first + p * LANES + lane).min(samples - 1);
            for (row, &x) in dst[p * dim..][..dim].iter_mut().zip(x.row(sample)) {
                row[lane] = x;
            }
        }
    }
}

/// The inverse of [`gather`]: panels of `x.ncols()` rows each into samples `first ..` of `x`, as many as
/// both hold.
///
/// # Panics
/// `src` is shorter than `panels · x.ncols()`.
pub fn scatter<T: Copy>(src: &[[T; LANES]], panels: usize, mut x: ArrayViewMut2<'_, T>, first: usize) {
    let (samples, dim) = x.dim();
    let src = &src[..panels * dim];
    for sample in first..samples.min(first + panels * LANES) {
        let (p, lane) = ((sample - first) / LANES, (sample - first) % LANES);
        for (row, x) in src[p * dim..][..dim].iter().zip(x.row_mut(sample)) {
            *x = row[lane];
        }
    }
}
