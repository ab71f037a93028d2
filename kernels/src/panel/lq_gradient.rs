//! The gradient L̄ of a function of L Lᵀ, from what it has on and below the diagonal.
//!
//! f(LΩ) = f(L) for every orthogonal Ω, so ⟨L̄, L K⟩ = 0 for every antisymmetric K and LᵀL̄ is symmetric: for i < j
//! Σₖ lₖᵢ l̄ₖⱼ = Σₖ lₖⱼ l̄ₖᵢ. L is zero above its diagonal, so on the right are entries of L̄ from below it, and on the
//! left, but for lᵢᵢ l̄ᵢⱼ, entries of the rows after row i: a column of L̄ is found from the bottom to the top.
//!
//! Enters: L and L̄, R × r, the latter's entries above the diagonal of no meaning. Leaves: all of L̄. Must hold:
//! rounding is not amplified by more than L's conditioning, so an ill conditioned L asks for all of L̄; the same bits
//! for any thread pool.

use super::{LANES, assert_dense};
use crate::pool::ThreadPool;
use crate::simd::{ForVector, Real, Vector};

/// The smallest ratio of least to greatest pivot of L at which its gradient is completed from the lower part. Where
/// rows differ in size by as much, errors of L̄ grow some thirtyfold (measured, as in the tests below); where rows are
/// nearly dependent, errors do not grow.
const STEADY: f64 = 0.003;

/// Whether [`lq_gradient`] completes the gradient of this L, R × r. If not, it needs all of it.
///
/// # Panics
/// The slice does not have the length of its matrix.
pub fn lower_suffices<T: Real>(lower: &[T], sizes @ [_, r]: [usize; 2]) -> bool {
    assert_dense("lower_suffices: l", lower.len(), sizes);
    let pivots = lower.iter().step_by(r.saturating_add(1)).take(r);
    let (mut least, mut greatest) = (f64::INFINITY, 0.0_f64);
    for pivot in pivots {
        let size = Real::to_f64(*pivot).abs();
        (least, greatest) = (least.min(size), greatest.max(size));
        // `min` and `max` pass over NaN.
        if size.is_nan() {
            return false;
        }
    }
    least >= STEADY * greatest && greatest > 0.0
}

/// `whole` is `gradient`, its entries above the diagonal found from the others if [`lower_suffices`]. L, `gradient` and
/// `whole` are R × r, row-major and dense; `workspace` is memory for this; it grows, and the caller keeps it.
///
/// # Panics
/// A slice does not have the length of its matrix, or R < r.
pub fn lq_gradient<T: Real>(
    pool: ThreadPool,
    workspace: &mut Vec<f64>,
    sizes @ [rows, r]: [usize; 2],
    lower: &[T],
    gradient: &[T],
    whole: &mut [T],
) {
    assert!(rows >= r, "lq_gradient: L has no more columns than rows");
    for slice in [lower, gradient, &*whole] {
        assert_dense("lq_gradient: l", slice.len(), sizes);
    }
    whole.copy_from_slice(gradient);
    if r == 0 || !lower_suffices(lower, sizes) {
        return;
    }
    let blocks = r.div_ceil(LANES);
    // Both matrices by blocks of 16 columns.
    let needed = 2 * blocks * rows * LANES;
    if workspace.len() < needed {
        workspace.resize(needed, 0.0);
    }
    let workspace = workspace[..needed].as_chunks_mut().0;
    // A core does 8 multiply-adds of double precision in a nanosecond here.
    let work = (rows * r).saturating_mul(r) / 8;
    pool.parallel_for_ranges(work, 2 * rows, [&mut *workspace], |block, [columns]| {
        let (l, cotangent) = columns.split_at_mut(rows);
        f64::dispatch(
            pool.isa,
            Columns {
                sizes,
                first: block * LANES,
                lower,
                gradient,
                l,
                cotangent,
            },
        );
    });
    for (block, columns) in workspace.chunks_exact(2 * rows).enumerate() {
        let first = block * LANES;
        let last = (first + LANES).min(r);
        for (i, found) in columns[rows..][..last].iter().enumerate() {
            for j in first.max(i + 1)..last {
                whole[i * r + j] = T::of(found[j - first]);
            }
        }
    }
}

/// Sixteen columns from `first` on.
struct Columns<'a, T> {
    sizes: [usize; 2],
    first: usize,
    lower: &'a [T],
    gradient: &'a [T],
    /// The columns of L, R rows.
    l: &'a mut [[f64; LANES]],
    /// The columns of L̄, R rows.
    cotangent: &'a mut [[f64; LANES]],
}

impl<T: Real> ForVector<f64> for Columns<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = f64>>(self) {
        let Columns {
            sizes: [rows, r],
            first,
            lower,
            gradient,
            l,
            cotangent,
        } = self;
        let width = (r - first).min(LANES);
        for (from, to) in [(lower, &mut *l), (gradient, &mut *cotangent)] {
            for (from, to) in from.chunks_exact(r).zip(to) {
                *to = std::array::from_fn(|j| match j < width {
                    true => Real::to_f64(from[first + j]),
                    false => 0.0,
                });
            }
        }
        // In these columns the row of the last diagonal entry has no entry above the diagonal.
        for i in (0..first + width - 1).rev() {
            // Two sums, each over every other row, so that neither waits for the other.
            let (mut even, mut odd) = (Sums::<V>::new(), Sums::<V>::new());
            let scale = |of: &[T], k: usize| Real::to_f64(of[k * r + i]);
            for k in (i + 1..rows - 1).step_by(2) {
                even.add(scale(gradient, k), &l[k], scale(lower, k), &cotangent[k]);
                let k = k + 1;
                odd.add(scale(gradient, k), &l[k], scale(lower, k), &cotangent[k]);
            }
            if (rows - i).is_multiple_of(2) {
                let k = rows - 1;
                even.add(scale(gradient, k), &l[k], scale(lower, k), &cotangent[k]);
            }
            let mut found = [0.0; LANES];
            let inverse = V::splat(1.0 / Real::to_f64(lower[i * r + i]));
            for v in 0..V::PER_ROW {
                let sum = (even.right[v] - even.left[v]) + (odd.right[v] - odd.left[v]);
                (sum * inverse).store(&mut found, v);
            }
            let known = (i + 1).saturating_sub(first);
            cotangent[i][known..].copy_from_slice(&found[known..]);
        }
    }
}

/// The known terms of both sides of the equations of one row.
struct Sums<V> {
    left: [V; LANES],
    right: [V; LANES],
}

impl<V: Vector<Scalar = f64>> Sums<V> {
    #[inline(always)]
    fn new() -> Self {
        let zeros = [V::constant(0.0); LANES];
        Sums {
            left: zeros,
            right: zeros,
        }
    }

    /// right += l̄ · `l`, left += l · `cotangent`.
    #[inline(always)]
    fn add(&mut self, l_cotangent: f64, l: &[f64; LANES], l_scale: f64, cotangent: &[f64; LANES]) {
        let (right, left) = (V::splat(l_cotangent), V::splat(l_scale));
        for v in 0..V::PER_ROW {
            self.right[v] = right.mul_add(V::load(l, v), self.right[v]);
            self.left[v] = left.mul_add(V::load(cotangent, v), self.left[v]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lq;
    use super::*;
    use crate::simd::InstructionSet;

    fn noise(count: usize, seed: usize) -> Vec<f64> {
        let number = |i: usize| (((i + 7919 * seed) as f64 * 12.9898).sin() * 43758.5453).fract();
        (0..count).map(number).collect()
    }

    fn pool(threads: usize) -> ThreadPool {
        ThreadPool {
            isa: InstructionSet::detect().expect("the instruction set can be had"),
            threads,
        }
    }

    /// L of some A whose rows differ in size by up to `spread`, and L̄ = G L of ½ tr(Lᵀ G L), G symmetric.
    fn example([rows, cols]: [usize; 2], spread: f64, seed: usize) -> (Vec<f64>, Vec<f64>) {
        let r = rows.min(cols);
        let mut l = vec![0.0; rows * r];
        let mut a = noise(rows * cols, seed);
        for (i, row) in a.chunks_exact_mut(cols).enumerate() {
            let scale = spread.powf((i * 37 % rows) as f64 / rows as f64);
            row.iter_mut().for_each(|x| *x *= scale);
        }
        lq(
            pool(1),
            &mut Vec::new(),
            [rows, cols],
            &a,
            Some(&mut l),
            None,
        );
        let g = noise(rows * rows, seed + 1);
        let g = |i: usize, k: usize| g[i * rows + k] + g[k * rows + i];
        let gradient = |i: usize, j: usize| (0..rows).map(|k| g(i, k) * l[k * r + j]).sum();
        let all = (0..rows * r).map(|at| gradient(at / r, at % r)).collect();
        (l, all)
    }

    fn rounded<T: Real>(values: &[f64]) -> Vec<T> {
        values.iter().map(|&x| T::of(x)).collect()
    }

    /// The largest error, as a part of the largest entry, in units of T's rounding, where L̄ comes with nothing above its
    /// diagonal.
    fn error<T: Real>([rows, cols]: [usize; 2], spread: f64, seed: usize) -> Option<f64> {
        let r = rows.min(cols);
        let (l, expected) = example([rows, cols], spread, seed);
        let (l, mut half) = (rounded::<T>(&l), rounded::<T>(&expected));
        if !lower_suffices(&l, [rows, r]) {
            return None;
        }
        for i in 0..r {
            half[i * r + i + 1..(i + 1) * r].fill(T::nan());
        }
        let of = |threads| {
            let mut whole = vec![T::nan(); rows * r];
            let workspace = &mut vec![f64::NAN; 3];
            lq_gradient(pool(threads), workspace, [rows, r], &l, &half, &mut whole);
            whole
        };
        let whole = of(1);
        assert!(whole == of(3), "the same bits on any thread pool");
        let size = expected.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        let errors = whole
            .iter()
            .zip(&expected)
            .map(|(x, y)| (Real::to_f64(*x) - y).abs());
        Some(errors.fold(0.0, f64::max) / size / Real::to_f64(T::epsilon()))
    }

    #[test]
    fn the_lower_part_tells_the_upper() {
        let shapes = [
            [1, 1],
            [1, 4],
            [3, 2],
            [17, 40],
            [33, 33],
            [40, 17],
            [128, 50],
        ];
        let mut completed = 0;
        for sizes in &shapes[..if cfg!(miri) { 4 } else { shapes.len() }] {
            for (seed, spread) in [1.0, 1.0, 0.1, 0.01].into_iter().enumerate() {
                let errors = [
                    error::<f32>(*sizes, spread, seed),
                    error::<f64>(*sizes, spread, seed),
                ];
                for error in errors.into_iter().flatten() {
                    assert!(error < 40.0, "{sizes:?} {spread}: {error}");
                    completed += 1;
                }
            }
        }
        assert!(completed > 20);
    }

    #[test]
    fn an_ill_conditioned_factor_keeps_what_it_is_given() {
        for l in [
            [1.0, 0.0, 5.0, 1e-4],
            [0.0; 4],
            [1.0, 0.0, f64::NAN, f64::NAN],
        ] {
            let (gradient, mut whole) = ([1.0, 2.0, 3.0, 4.0], [0.0; 4]);
            lq_gradient(pool(1), &mut Vec::new(), [2, 2], &l, &gradient, &mut whole);
            assert!(!lower_suffices(&l, [2, 2]));
            assert_eq!(whole, gradient);
        }
    }
}
