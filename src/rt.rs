//! Everything that emitted code names: the program seam, vectors, panels, and a few helpers of its own.

use std::ops::Range;

pub use crate::panel::*;
pub use crate::program::*;
pub use crate::simd::*;

/// What a statement of a tile works on beside the tile: directions `t0 .. t0 + tn`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Chunk {
    /// The first direction.
    pub t0: usize,
    /// The number of directions; 0 outside the stream.
    pub tn: usize,
    /// Whether the lower triangle of the gradient of L determines the rest of it.
    pub lower_suffices: bool,
}

/// A statement of a tile, which is called with its numbers: offsets, sizes and strides.
pub type TileStatement<T> = fn(&mut Tile<'_, T>, Chunk, &[usize]);

/// A batch-independent statement, which is called with its numbers.
pub type BatchStatement<T> = fn(&mut Common<'_, T>, &[usize]);

/// Runs the statements of a tile outside its stream.
pub fn run_tile<T: Real>(
    tile: &mut Tile<'_, T>,
    statements: &'static [(TileStatement<T>, &'static [usize])],
) {
    for (statement, numbers) in statements {
        statement(tile, Chunk::default(), numbers);
    }
}

/// Runs the statements of a stream for some directions, chunk by chunk.
pub fn run_chunks<T: Real>(
    tile: &mut Tile<'_, T>,
    directions: Range<usize>,
    most: usize,
    lower_suffices: bool,
    statements: &'static [(TileStatement<T>, &'static [usize])],
) {
    let most = chunk(directions.len(), most, tile.panels);
    let mut t0 = directions.start;
    while t0 < directions.end {
        let tn = (directions.end - t0).min(most);
        let chunk = Chunk {
            t0,
            tn,
            lower_suffices,
        };
        for (statement, numbers) in statements {
            statement(tile, chunk, numbers);
        }
        t0 += tn;
    }
}

/// Runs batch-independent statements.
pub fn run_batch<T: Real>(
    common: &mut Common<'_, T>,
    statements: &'static [(BatchStatement<T>, &'static [usize])],
) {
    for (statement, numbers) in statements {
        statement(common, numbers);
    }
}

/// The numbers of a statement.
///
/// # Panics
/// The statement takes another number of them.
#[inline(always)]
pub fn numbers<const N: usize>(numbers: &[usize]) -> &[usize; N] {
    numbers
        .try_into()
        .expect("a table gives each statement its numbers")
}

/// The given ranges (start, length) of a buffer, all at once. `ascending` is the order in which they follow each other.
///
/// # Panics
/// Two ranges overlap, one is empty or reaches past the end, or the order is another: the compiler keeps them apart.
#[inline(always)]
pub fn split<E, const N: usize>(
    buffer: &mut [E],
    ranges: [(usize, usize); N],
    ascending: [usize; N],
) -> [&mut [E]; N] {
    assert_apart(buffer.len(), &ranges, &ascending);
    let start = buffer.as_mut_ptr();
    // SAFETY: every range lies in the buffer and no two overlap, as just asserted; the buffer stays borrowed.
    ranges.map(|(at, len)| unsafe { std::slice::from_raw_parts_mut(start.add(at), len) })
}

/// In a function of its own: the library's `get_disjoint_mut` puts its checks into every step of every program, which
/// were a large part of the code to compile.
///
/// Each of the N ranges that `ascending` names starts behind the one before and is not empty, so they are N different
/// ranges: all of them.
#[inline(never)]
fn assert_apart(room: usize, ranges: &[(usize, usize)], ascending: &[usize]) {
    let mut free = 0;
    for &i in ascending {
        let (start, len) = ranges[i];
        let end = start.checked_add(len);
        assert!(
            start >= free && len > 0 && end.is_some_and(|end| end <= room),
            "the compiler keeps the buffers of one statement apart"
        );
        free = start + len;
    }
}

/// How many of `count` directions a chunk holds, in chunks as even as they can be: with the panels of the tile no more
/// than `most` to a kernel call, but one at least.
pub fn chunk(count: usize, most: usize, panels: usize) -> usize {
    let fit = (most / panels.max(1)).max(1);
    count.div_ceil(count.div_ceil(fit).max(1)).max(1)
}

/// Zeros in the first `rows` rows of `panels` panels, which are `panel` rows apart.
#[inline(always)]
pub fn clear<T: Real>(values: &mut [[T; LANES]], panel: usize, panels: usize, rows: usize) {
    for values in values.chunks_exact_mut(panel).take(panels) {
        values[..rows].as_flattened_mut().fill(T::of(0.0));
    }
}

/// What stands in for a model whose declaration has mistakes, so that code that uses the model does not fail too.
pub enum Failed {}

impl Spec for Failed {
    const NAME: &'static str = "a model with mistakes in its declaration";
    const X_SHAPE: &'static [usize] = &[1];
    const DIM: usize = 1;
    const PARAMS: &'static [ParamInfo] = &[];
    const PARAM_LEN: usize = 0;
    const SMOOTH: bool = true;
    type Energy = Failed;
    type Score = Failed;
    type Laplacian = Failed;
    type Hvp = Failed;
    type Curvature = Failed;
    type Esm = Failed;
    type Ssm = Failed;
    type SsmVr = Failed;
    type Dsm = Failed;
}

impl Program for Failed {
    const LAYOUT: Layout = Layout {
        shared: 0,
        scratch_rows: 0,
        stream_reads: &[],
        stream_sums: &[],
        acc: 0,
        panels: 1,
        chunk: 1,
        tangents: Tangents::None,
        out_rows: 0,
        uses: Uses {
            v: false,
            omega: false,
        },
        deferred: &[],
    };

    fn tile<V: Vector>(_: &mut Tile<'_, V::Scalar>) {}
}
