//! The shapes in which a program can be launched: samples of a tile, directions of a chunk, and the memory that they
//! need.

use super::value::InputRows;
use crate::lower::Lowered;
use crate::plan::Stream;

/// One shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Launch {
    /// Samples of a tile: the columns of per-sample values, a multiple of 8.
    pub samples: usize,
    /// Directions of a chunk; per-direction values have as many columns for each sample.
    pub directions: usize,
    /// Scalars of per-sample scratch of a block.
    pub sample_scratch: usize,
    /// Scalars of per-direction scratch of a block.
    pub chunk_scratch: usize,
    /// Scalars of shared memory that the sums over the batch need once scratch is done with.
    pub products: usize,
}

impl std::fmt::Display for Launch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} samples x {} directions: {} scalars of per-sample, {} of per-direction scratch",
            self.samples, self.directions, self.sample_scratch, self.chunk_scratch
        )
    }
}

/// Rows of scratch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub(super) sample: usize,
    pub(super) chunk: usize,
}

impl Rows {
    pub(super) fn of(program: &Lowered) -> Rows {
        Rows {
            sample: InputRows::of(program).end,
            chunk: program.chunk_rows,
        }
    }
}

/// Threads of a block, as the sources of `kernels/` have it unless told otherwise.
const THREADS: usize = 256;
/// More directions in a chunk, and more columns, gain nothing: weights are read once for 64 columns.
const MOST_DIRECTIONS: usize = 8;
const MOST_COLUMNS: usize = 64;

/// The shapes of a program.
pub(super) fn launches(program: &Lowered) -> Vec<Launch> {
    let rows = Rows::of(program);
    let directions: Vec<usize> = match program.stream {
        Stream::None => vec![1],
        // Chunks of equal size.
        Stream::Exact(count) => {
            let mut sizes: Vec<usize> = [1, 2, 4, MOST_DIRECTIONS]
                .iter()
                .map(|&most| count.div_ceil(count.div_ceil(most)))
                .collect();
            sizes.dedup();
            sizes
        }
        Stream::Given => vec![1, 2, 4, MOST_DIRECTIONS],
    };
    let products = if program.deferred_rows(program.deferred.len()) == 0 {
        0
    } else {
        THREADS / 32 * 512
    };
    let mut launches = Vec::new();
    for &directions in &directions {
        for samples in [8, 16, 32] {
            if samples > 8 && samples * directions > MOST_COLUMNS {
                continue;
            }
            launches.push(Launch {
                samples,
                directions,
                sample_scratch: rows.sample * padded(samples),
                chunk_scratch: rows.chunk * padded(samples * directions),
                products,
            });
        }
    }
    launches
}

/// The distance of rows, as `kernels/cuda/thread_group.cuh` has it.
pub(super) fn padded(columns: usize) -> usize {
    match columns {
        0..=8 => 8,
        9..=24 => 24,
        n => (n + 23) / 32 * 32 + 8,
    }
}
