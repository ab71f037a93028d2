//! Transposition: of a dense matrix, and of the blocks that samples and panels exchange.
//!
//! Enters: a matrix without a batch axis, or blocks. Leaves: its columns, one after another. Must hold: every element once.

use super::{LANES, assert_dense};
use crate::pool::ThreadPool;
use crate::simd::{ForVector, InstructionSet, Real, Vector};

/// to\[j · rows + i\] = from\[i · cols + j\]: a dense \[rows, cols\] matrix by its columns.
///
/// # Panics
/// A slice has not rows · cols elements.
pub fn transpose<T: Real>(pool: ThreadPool, [rows, cols]: [usize; 2], from: &[T], to: &mut [T]) {
    assert_dense("transpose: the matrix", from.len(), [rows, cols]);
    assert_dense("transpose: the result", to.len(), [cols, rows]);
    if to.is_empty() {
        return;
    }
    // A core moves some 6 elements of single precision in a nanosecond, where they lie in the second-level cache.
    pool.parallel_for_ranges(to.len() / 6, LANES * rows, [to], |band, [to]| {
        let first = band * LANES;
        let mut done = 0;
        if to.len() == LANES * rows {
            let blocks = rows / LANES;
            done = blocks * LANES;
            // SAFETY: the matrix has sixteen columns from `first` on, since the band is not a shorter one, and so many
            // blocks of sixteen rows; the band is of these columns and has one user.
            let transpose = unsafe {
                Transpose::new(
                    blocks,
                    (from.as_ptr().add(first), cols, LANES * cols),
                    (to.as_mut_ptr(), rows, LANES),
                )
            };
            T::dispatch(pool.isa, transpose);
        }
        for (j, to) in to.chunks_exact_mut(rows).enumerate() {
            for i in done..rows {
                to[i] = from[i * cols + first + j];
            }
        }
    });
}

/// Whether losses in this instruction set read copies of transposes.
pub fn reads_transposes<T: Real>(isa: InstructionSet) -> bool {
    struct ReadsTransposes;
    impl<T: Real> ForVector<T> for ReadsTransposes {
        type Out = bool;
        #[inline(always)]
        fn run<V: Vector<Scalar = T>>(self) -> bool {
            V::READS_TRANSPOSES
        }
    }
    T::dispatch(isa, ReadsTransposes)
}

/// Blocks of 16 × 16 scalars, each transposed on its way from one place to another.
pub(super) struct Transpose<T> {
    blocks: usize,
    from: Blocks<*const T>,
    to: Blocks<*mut T>,
}

/// The first block, scalars from a row of it to the next, and from a block to the next.
pub(super) type Blocks<P> = (P, usize, usize);

impl<T: Real> Transpose<T> {
    /// # Safety
    /// All blocks can be read and written, and no other thread does.
    pub(super) unsafe fn new(blocks: usize, from: Blocks<*const T>, to: Blocks<*mut T>) -> Self {
        Transpose { blocks, from, to }
    }
}

impl<T: Real> ForVector<T> for Transpose<T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let ((from, from_row, from_block), (to, to_row, to_block)) = (self.from, self.to);
        for block in 0..self.blocks {
            for i in (0..LANES).step_by(V::LANES) {
                for j in (0..LANES).step_by(V::LANES) {
                    // SAFETY: within the block; `new` demands the rest.
                    unsafe {
                        V::transpose(
                            from.add(block * from_block + i * from_row + j),
                            from_row,
                            to.add(block * to_block + j * to_row + i),
                            to_row,
                        );
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::InstructionSet;

    fn agrees<T: Real>(isa: InstructionSet, rows: usize, cols: usize) {
        let from: Vec<T> = (0..rows * cols).map(|i| T::of(i as f64)).collect();
        let mut to = vec![T::of(-1.0); rows * cols];
        transpose(ThreadPool { isa, threads: 2 }, [rows, cols], &from, &mut to);
        for (at, x) in to.into_iter().enumerate() {
            let (j, i) = (at / rows, at % rows);
            assert_eq!(x, from[i * cols + j], "{isa}, {rows} × {cols}: {i}, {j}");
        }
    }

    #[test]
    fn columns_of_any_matrix_in_any_instruction_set() {
        let large = [(200, 130), (128, 128)];
        let small = [
            (1, 1),
            (0, 5),
            (5, 0),
            (3, 40),
            (16, 16),
            (33, 17),
            (19, 64),
        ];
        let large = if cfg!(miri) { &large[..0] } else { &large[..] };
        for isa in InstructionSet::ALL
            .into_iter()
            .filter(|isa| isa.is_supported())
        {
            for &(rows, cols) in small.iter().chain(large) {
                agrees::<f32>(isa, rows, cols);
                agrees::<f64>(isa, rows, cols);
            }
        }
    }

    #[test]
    #[should_panic(expected = "transpose: the result is 3 × 2, and its slice has 5 elements")]
    fn a_short_slice_is_refused() {
        transpose(
            ThreadPool::single_threaded(InstructionSet::Portable),
            [2, 3],
            &[1.0; 6],
            &mut [0.0; 5],
        );
    }
}
