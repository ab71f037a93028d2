//! The shape of a launch: the row of a program's table, the scratch that lies in shared memory, and the number of
//! blocks.

use crate::program::{DeviceCode, Launch};

/// The limits of a device on which the shape of a launch depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Shared memory of a block, in bytes.
    pub(super) shared: usize,
    /// Multiprocessors.
    pub(super) processors: usize,
}

/// What a program is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub(super) launch: Launch,
    /// The scratch that lies in shared memory: none (0), per-direction values (1), all (2).
    pub(super) in_shared: usize,
}

/// Threads of a block, as `kernels/cuda/thread_group.cuh` has it.
pub(super) const THREADS: usize = 256;

impl Shape {
    /// The shape for a batch of `batch` samples, with `directions` directions each where they are given.
    ///
    /// The most columns, of which at least a tile for every multiprocessor is left where there are as many samples;
    /// per-direction scratch in shared memory where any shape allows it.
    pub(super) fn choose(
        code: &DeviceCode,
        limits: Limits,
        batch: usize,
        directions: usize,
    ) -> Shape {
        let fits = |l: &Launch| 4 * l.chunk_scratch.max(l.products) <= limits.shared;
        let rank = |l: &Launch| {
            let busy = l.samples == 8 || batch >= l.samples * limits.processors;
            // Directions beyond the given number are computed too.
            let wasted = l.directions > directions.max(1);
            (
                fits(l),
                busy && !wasted,
                busy,
                l.samples * l.directions,
                l.samples,
            )
        };
        let best = code.launches.iter().max_by_key(|l| rank(l));
        let launch = *best.unwrap_or(&code.launches[0]);
        let all = 4 * (launch.sample_scratch + launch.chunk_scratch).max(launch.products);
        let in_shared = match (all <= limits.shared, fits(&launch)) {
            (true, _) => 2,
            (false, true) => 1,
            _ => 0,
        };
        Shape { launch, in_shared }
    }

    /// Shared memory of a block, in bytes.
    pub(super) fn shared_bytes(&self) -> usize {
        let Launch {
            sample_scratch,
            chunk_scratch,
            products,
            ..
        } = self.launch;
        let scratch = match self.in_shared {
            0 => 0,
            1 => chunk_scratch,
            _ => sample_scratch + chunk_scratch,
        };
        4 * scratch.max(products)
    }

    /// Scratch of a block outside of shared memory, in scalars.
    pub(super) fn workspace(&self) -> usize {
        let Launch {
            sample_scratch,
            chunk_scratch,
            ..
        } = self.launch;
        match self.in_shared {
            0 => sample_scratch + chunk_scratch,
            1 => sample_scratch,
            _ => 0,
        }
    }

    /// Tiles of a batch.
    pub(super) fn tiles(&self, batch: usize) -> usize {
        batch.div_ceil(self.launch.samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn row(samples: usize, directions: usize) -> Launch {
        Launch {
            samples,
            directions,
            sample_scratch: 4000 * samples,
            chunk_scratch: 800 * samples * directions,
            products: 0,
        }
    }

    const CODE: DeviceCode = DeviceCode {
        entry: "run",
        source: "",
        launches: &[
            row(8, 1),
            row(16, 1),
            row(32, 1),
            row(8, 2),
            row(16, 2),
            row(32, 2),
            row(8, 4),
            row(16, 4),
            row(8, 8),
        ],
    };

    fn chosen(shared: usize, batch: usize, directions: usize) -> (usize, usize, usize) {
        let limits = Limits {
            shared,
            processors: 132,
        };
        let shape = Shape::choose(&CODE, limits, batch, directions);
        assert!(shape.shared_bytes() <= shared, "{shape:?}");
        (
            shape.launch.samples,
            shape.launch.directions,
            shape.in_shared,
        )
    }

    #[test]
    fn large_batches_take_many_columns_and_small_ones_many_blocks() {
        assert_eq!(chosen(227 << 10, 8192, 128), (32, 2, 1));
        assert_eq!(chosen(227 << 10, 128, 128), (8, 8, 1));
        assert_eq!(chosen(227 << 10, 2500, 128), (16, 4, 1));
        assert_eq!(chosen(227 << 10, 8192, 1), (32, 1, 1));
        assert_eq!(chosen(99 << 10, 8192, 128), (16, 1, 1));
        assert_eq!(chosen(227 << 10, 100, 1), (8, 1, 2));
        assert_eq!(chosen(20 << 10, 100, 1), (8, 1, 0));
    }
}
