//! C = A B for matrices with strides, on a thread pool: blocks of C are items, the panel kernel computes them.
//!
//! Enters: dense slices with strides. Leaves: the product, or one triangle of it. Must hold: the cut into blocks
//! depends on the sizes alone, so the bits depend on the sizes and the instruction set and on nothing else; memory is
//! the stack's.

mod pack;

use std::any::Any;
use std::mem::MaybeUninit;

use self::pack::{converted, pack};
use super::{LANES, Matrix, Rows, Write, assert_reach, gemm_into};
use crate::pool::ThreadPool;
use crate::simd::{ForVector, Real, Vector};

/// Rows and panels of columns of a block.
const ROWS: usize = 64;
const PANELS: usize = 2;
const COLUMNS: usize = PANELS * LANES;
/// Rows of B that are packed at a time: the packed block stays in the first-level cache.
const DEPTH: usize = 128;
/// Rows of a triangle that are worked on at a time, as far as it leaves them work.
const ROW_BLOCK: usize = 32;

/// A matrix to write, with strides: element (i, j) is `data[i · row + j · col]`.
#[derive(Debug)]
pub(super) struct MatrixMut<'a, T> {
    pub(super) data: &'a mut [T],
    pub(super) row: usize,
    pub(super) col: usize,
}

/// The part of a product that is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    All,
    /// A is lower triangular: its elements above the diagonal are taken for 0.
    LowerA,
    /// Only C's elements on and below the diagonal are asked for; some of the others are written too.
    LowerC,
}

/// C = AB, or C += AB, with A `m × k`, B `k × n`, k ≥ 1. Sums are in `T`; B and C may be of another precision.
///
/// # Panics
/// A slice is shorter than its strides reach, or elements of C coincide: threads write them at the same time.
pub(super) fn multiply<T: Real, B: Real, C: Real>(
    pool: ThreadPool,
    [m, k, n]: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, B>,
    c: MatrixMut<'_, C>,
    part: Part,
    write: Write,
) {
    assert_reach("multiply: a", a.data.len(), &[(m, a.row), (k, a.col)]);
    assert_reach("multiply: b", b.data.len(), &[(k, b.row), (n, b.col)]);
    assert_reach("multiply: c", c.data.len(), &[(m, c.row), (n, c.col)]);
    assert!(
        !coincide([m, n], [c.row, c.col]),
        "multiply: elements of c coincide: {m} × {n}, strides {} and {}",
        c.row,
        c.col
    );
    let product = Multiply {
        sizes: [m, k, n],
        a,
        b,
        c: c.data.as_mut_ptr(),
        c_strides: (c.row, c.col),
        part,
        write,
    };
    // Blocks of rows follow each other, so that a thread's share of a row-major C is nearly contiguous.
    let across = n.div_ceil(COLUMNS);
    // A core does 32 multiply-adds in a nanosecond, 16 in double precision.
    let work = m.saturating_mul(n).saturating_mul(k) / 128 * size_of::<T>();
    pool.parallel_for(work, m.div_ceil(ROWS) * across, |i| {
        let at = (i / across * ROWS, i % across * COLUMNS);
        T::dispatch(pool.isa, Block(&product, at));
    });
}

/// Whether two elements of a matrix of these sizes and strides are one.
pub(super) fn coincide([m, n]: [usize; 2], [row, col]: [usize; 2]) -> bool {
    if m < 2 || n < 2 {
        return m > 1 && row == 0 || n > 1 && col == 0;
    }
    let (mut gcd, mut rest) = (row, col);
    while rest > 0 {
        (gcd, rest) = (rest, gcd % rest);
    }
    // i · row = j · col first where i = col / gcd and j = row / gcd.
    gcd == 0 || col / gcd < m && row / gcd < n
}

/// A product, to be computed block by block.
struct Multiply<'a, T, B, C> {
    sizes: [usize; 3],
    a: Matrix<'a, T>,
    b: Matrix<'a, B>,
    c: *mut C,
    c_strides: (usize, usize),
    part: Part,
    write: Write,
}

// SAFETY: threads read A and B and write C at the elements of their own blocks, which do not coincide.
unsafe impl<T: Real, B: Real, C: Real> Sync for Multiply<'_, T, B, C> {}

/// The block whose first element is (row, column).
struct Block<'p, 'a, T, B, C>(&'p Multiply<'a, T, B, C>, (usize, usize));

impl<T: Real, B: Real, C: Real> ForVector<T> for Block<'_, '_, T, B, C> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Block(task, (row, column)) = self;
        let [m, k, n] = task.sizes;
        let width = (n - column).min(COLUMNS);
        let panels = width.div_ceil(LANES);
        let (mut packed, mut result) = (
            [const { MaybeUninit::<[T; LANES]>::uninit() }; PANELS * DEPTH],
            [const { MaybeUninit::<[T; LANES]>::uninit() }; PANELS * ROWS],
        );
        // The row blocks that the part needs, each with the depth of its sums.
        let row_block = match task.part {
            Part::All => ROWS,
            Part::LowerA | Part::LowerC => ROW_BLOCK,
        };
        let row_blocks = (row..(row + ROWS).min(m)).step_by(row_block).map(|first| {
            let last = (first + row_block).min(row + ROWS).min(m);
            let depth = match task.part {
                Part::All => k,
                Part::LowerA => last.min(k),
                Part::LowerC if last <= column => 0,
                Part::LowerC => k,
            };
            (first, last - first, depth)
        });
        let deepest = row_blocks
            .clone()
            .map(|row_block| row_block.2)
            .max()
            .unwrap_or(0);
        for from in (0..deepest).step_by(DEPTH) {
            let deep = (deepest - from).min(DEPTH);
            let b = task.b;
            pack::<V, B>(
                &mut packed,
                &b.data[from * b.row + column * b.col..],
                (b.row, b.col),
                deep,
                width,
            );
            let filled = &packed[..panels * deep];
            // SAFETY: `pack` has written these rows: `deep` of each of the panels.
            let x = unsafe {
                std::slice::from_raw_parts(filled.as_ptr().cast::<[T; LANES]>(), filled.len())
            };
            for (first, height, depth) in row_blocks.clone().filter(|row_block| row_block.2 > from)
            {
                let a = task.a;
                let a = Matrix {
                    data: &a.data[first * a.row + from * a.col..],
                    ..a
                };
                let write = if from == 0 { Write::Set } else { Write::Add };
                let x = Rows {
                    rows: x,
                    panel: deep,
                    row: 1,
                };
                let y = &mut result[first - row..];
                // SAFETY: a row block's rows are added to after they were set, where `from` was 0.
                unsafe {
                    gemm_into::<V>(a, height, deep.min(depth - from), x, y, ROWS, panels, write);
                }
            }
        }
        for (first, height, _) in row_blocks.filter(|row_block| row_block.2 > 0) {
            for i in first..first + height {
                for p in 0..panels {
                    // SAFETY: the kernel has written this row of the row block.
                    let sums = unsafe { result[p * ROWS + i - row].assume_init_ref() };
                    let from = column + p * LANES;
                    // SAFETY: C reaches element (i, j) for j below n, as `multiply` asserted, and it is this
                    // block's own.
                    unsafe { task.store::<V>(i, from, &sums[..LANES.min(n - from)]) };
                }
            }
        }
    }
}

impl<T: Real, B: Real, C: Real> Multiply<'_, T, B, C> {
    /// Writes or adds `sums` to elements (i, from ..).
    ///
    /// # Safety
    /// C holds those elements, and no other thread reads or writes them.
    #[inline(always)]
    unsafe fn store<V: Vector<Scalar = T>>(&self, i: usize, from: usize, sums: &[T]) {
        let (row, col) = self.c_strides;
        let to = self.c.wrapping_add(i * row + from * col);
        if let (1, Some(sums)) = (col, sums.first_chunk::<LANES>()) {
            // SAFETY: the caller's promise, for neighbours.
            let c = unsafe { &mut *to.cast::<[C; LANES]>() };
            if let Some(c) = (c as &mut dyn Any).downcast_mut::<[V::Scalar; LANES]>() {
                for i in 0..V::PER_ROW {
                    let sums = V::load(sums, i);
                    match self.write {
                        Write::Set => sums.store(c, i),
                        Write::Add => (V::load(c, i) + sums).store(c, i),
                    }
                }
                return;
            }
            let sums = converted(sums);
            match self.write {
                Write::Set => *c = sums,
                Write::Add => c.iter_mut().zip(sums).for_each(|(c, sum)| *c += sum),
            }
            return;
        }
        for (j, &sum) in sums.iter().enumerate() {
            // SAFETY: the caller's promise.
            let c = unsafe { &mut *to.wrapping_add(j * col) };
            let sum = C::of(sum.to_f64());
            match self.write {
                Write::Set => *c = sum,
                Write::Add => *c += sum,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::InstructionSet;

    /// The sum and the sum of magnitudes of row i and column j.
    fn expected(k: usize, a: impl Fn(usize) -> f64, b: impl Fn(usize) -> f64) -> (f64, f64) {
        (0..k).fold((0.0, 0.0), |(sum, size), p| {
            let term = a(p) * b(p);
            (sum + term, size + term.abs())
        })
    }

    fn check<T: Real>(isa: InstructionSet, [m, k, n]: [usize; 3], part: Part) {
        let number = |i: usize| ((i * 37 + 5) % 41) as f64 / 20.0 - 1.0;
        let a: Vec<T> = (0..m * (k + 3)).map(|i| T::of(number(i))).collect();
        let b: Vec<f32> = (0..n * (k + 1)).map(|i| number(i + 7) as f32).collect();
        let mut bits = Vec::new();
        for threads in [1, 2, 5] {
            for write in [Write::Set, Write::Add] {
                // C by columns.
                let mut c = vec![1.0; m * n];
                multiply(
                    ThreadPool { isa, threads },
                    [m, k, n],
                    Matrix {
                        data: &a[2..],
                        row: k + 3,
                        col: 1,
                    },
                    Matrix {
                        data: &b,
                        row: 1,
                        col: k + 1,
                    },
                    MatrixMut {
                        data: &mut c,
                        row: 1,
                        col: m,
                    },
                    part,
                    write,
                );
                for i in 0..m {
                    for j in (0..n).filter(|&j| part != Part::LowerC || j <= i) {
                        let depth = if part == Part::LowerA {
                            k.min(i + 1)
                        } else {
                            k
                        };
                        if part == Part::LowerA && k > i + 1 {
                            // Row blocks may read on; this test's A is not triangular.
                            continue;
                        }
                        let (sum, size) = expected(
                            depth,
                            |p| Real::to_f64(a[2 + i * (k + 3) + p]),
                            |p| f64::from(b[j * (k + 1) + p]),
                        );
                        let old = if write == Write::Add { 1.0 } else { 0.0 };
                        let tolerance = Real::to_f64(T::epsilon()) * (k + 2) as f64 * (size + 1.0);
                        assert!((c[i + j * m] - sum - old).abs() <= tolerance, "{i} {j}");
                    }
                }
                bits.push((write, c));
            }
        }
        for (write, c) in &bits {
            let first = bits.iter().find(|first| first.0 == *write);
            assert!(
                first.is_some_and(|first| first.1 == *c),
                "the same bits on any thread pool"
            );
        }
    }

    #[test]
    fn any_size_any_instruction_set() {
        for isa in InstructionSet::ALL
            .into_iter()
            .filter(|isa| isa.is_supported())
        {
            let sizes = [
                [3, 5, 7],
                [3, 130, 18],
                [1, 1, 1],
                [130, 129, 33],
                [40, 300, 64],
                [200, 9, 100],
            ];
            for &sizes in &sizes[..if cfg!(miri) { 2 } else { sizes.len() }] {
                check::<f32>(isa, sizes, Part::All);
                check::<f64>(isa, sizes, Part::All);
            }
            let [lower_a, lower_c] = match cfg!(miri) {
                true => [[66, 66, 5], [66, 5, 33]],
                false => [[150, 150, 70], [150, 200, 150]],
            };
            check::<f64>(isa, lower_a, Part::LowerA);
            check::<f64>(isa, lower_c, Part::LowerC);
        }
    }
}
