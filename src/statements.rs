//! How a compiled program runs: tables of statements, each a function that is called with its numbers. Statements that differ in
//! numbers alone are one function.

use std::ops::Range;

use scorematch_kernels::panel::chunk;
use scorematch_kernels::simd::Real;

use crate::program::{Common, Tile};

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
