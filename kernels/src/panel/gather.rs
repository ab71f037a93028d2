//! Copies between arrays of samples `[batch, dim]` and panels.

use ndarray::{ArrayView2, ArrayViewMut2, Ix2, RawArrayView};

use super::LANES;
use super::transpose::Transpose;
use crate::simd::{InstructionSet, Real};

/// Features that are moved for all 16 samples before the next ones, so that their rows stay in cache.
const BLOCK: usize = 32;

/// Samples `first ..` of `x` into `panels` panels of `x.ncols()` rows each.
///
/// Lanes past the last sample repeat it, so that they hold values the program can work on.
///
/// # Panics
/// `x` has no row `first`, or `dst` is shorter than `panels · x.ncols()`.
pub fn gather<T: Real>(
    isa: InstructionSet,
    x: ArrayView2<'_, T>,
    first: usize,
    dst: &mut [[T; LANES]],
    panels: usize,
) {
    let (samples, dim) = x.dim();
    assert!(first < samples, "gather: sample {first} of {samples}");
    assert_room("gather", dst.len(), panels, dim);
    let rows = dense_rows(x.raw_view());
    for (p, dst) in dst[..panels * dim].chunks_exact_mut(dim.max(1)).enumerate() {
        let at = first + p * LANES;
        let mut done = 0;
        if let Some(row) = rows.filter(|_| at + LANES <= samples) {
            let (blocks, _) = dst.as_chunks_mut::<LANES>();
            done = blocks.len() * LANES;
            let from = x.as_ptr().wrapping_add(at * row);
            let to = blocks.as_mut_ptr().cast();
            let blocks = blocks.len();
            // SAFETY: `x` has 16 samples from `at` on, `row` scalars apart, each of `dim` neighbours; `dst` has as
            // many blocks.
            let transpose =
                unsafe { Transpose::new(blocks, (from, row, LANES), (to, LANES, LANES * LANES)) };
            T::dispatch(isa, transpose);
        }
        let sample = |lane: usize| (at + lane).min(samples - 1);
        for (block, dst) in dst[done..].chunks_mut(BLOCK).enumerate() {
            let from = done + block * BLOCK;
            for lane in 0..LANES {
                let row = x.row(sample(lane));
                for (to, &x) in dst.iter_mut().zip(row.iter().skip(from)) {
                    to[lane] = x;
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
pub fn scatter<T: Real>(
    isa: InstructionSet,
    src: &[[T; LANES]],
    panels: usize,
    mut x: ArrayViewMut2<'_, T>,
    first: usize,
) {
    let (samples, dim) = x.dim();
    assert_room("scatter", src.len(), panels, dim);
    let rows = dense_rows(x.raw_view());
    for (p, src) in src[..panels * dim].chunks_exact(dim.max(1)).enumerate() {
        let at = first.saturating_add(p * LANES);
        let lanes = samples.saturating_sub(at).min(LANES);
        let mut done = 0;
        if let Some(row) = rows.filter(|_| lanes == LANES) {
            let (blocks, _) = src.as_chunks::<LANES>();
            done = blocks.len() * LANES;
            let to = x.as_mut_ptr().wrapping_add(at * row);
            let from = blocks.as_ptr().cast();
            // SAFETY: as in `gather`, the other way round; `x` is borrowed to be written.
            let transpose = unsafe {
                Transpose::new(blocks.len(), (from, LANES, LANES * LANES), (to, row, LANES))
            };
            T::dispatch(isa, transpose);
        }
        for (block, src) in src[done..].chunks(BLOCK).enumerate() {
            let from = done + block * BLOCK;
            for lane in 0..lanes {
                let mut row = x.row_mut(at + lane);
                for (x, from) in row.iter_mut().skip(from).zip(src) {
                    *x = from[lane];
                }
            }
        }
    }
}

/// Asserts that `len` rows hold the panels.
#[track_caller]
fn assert_room(what: &str, len: usize, panels: usize, dim: usize) {
    assert!(
        panels.checked_mul(dim).is_some_and(|rows| rows <= len),
        "{what}: {panels} panels of {dim} features are more than {len} rows"
    );
}

/// Scalars from a row to the next, if each has its scalars side by side and they come in order.
fn dense_rows<T>(x: RawArrayView<T, Ix2>) -> Option<usize> {
    let &[row, column] = x.strides() else {
        unreachable!("two axes")
    };
    usize::try_from(row).ok().filter(|_| column == 1)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ShapeBuilder, s};

    use super::*;

    fn there_and_back<T: Real>(isa: InstructionSet, samples: usize, dim: usize, first: usize) {
        // By rows, by columns, and rows that are a part of longer ones.
        for (by_columns, beside) in [(false, 0), (true, 0), (false, 5)] {
            let shape = (samples, dim + beside).set_f(by_columns);
            let x = Array2::from_shape_fn(shape, |(b, u)| T::of((b * 1000 + u) as f64));
            let x = x.slice(s![.., beside..]);
            let panels = (samples - first).div_ceil(LANES);
            let mut rows = vec![[T::zero(); LANES]; panels * dim + 1];
            gather(isa, x, first, &mut rows, panels);
            for (i, row) in rows[..panels * dim].iter().enumerate() {
                for (lane, &value) in row.iter().enumerate() {
                    let sample = (first + i / dim * LANES + lane).min(samples - 1);
                    assert_eq!(value, x[(sample, i % dim)]);
                }
            }
            assert_eq!(rows[panels * dim], [T::zero(); LANES]);
            let mut back = Array2::from_elem(shape, -T::one());
            scatter(isa, &rows, panels, back.slice_mut(s![.., beside..]), first);
            assert_eq!(back.slice(s![first.., beside..]), x.slice(s![first.., ..]));
            let untouched = back.slice(s![..first, ..]);
            let beside = back.slice(s![.., ..beside]);
            assert!(untouched.iter().chain(beside).all(|&x| x == -T::one()));
        }
    }

    #[test]
    fn panels_hold_the_samples() {
        for isa in InstructionSet::ALL
            .into_iter()
            .filter(|isa| isa.is_supported())
        {
            for (samples, dim, first) in
                [(1, 1, 0), (16, 2, 0), (37, 70, 5), (40, 3, 39), (33, 48, 1)]
            {
                there_and_back::<f32>(isa, samples, dim, first);
                there_and_back::<f64>(isa, samples, dim, first);
            }
        }
    }

    #[test]
    fn no_features_are_no_rows() {
        let mut nothing = Array2::<f32>::zeros((3, 0));
        gather(InstructionSet::Portable, nothing.view(), 0, &mut [], 1);
        scatter(InstructionSet::Portable, &[], 1, nothing.view_mut(), 0);
    }
}
