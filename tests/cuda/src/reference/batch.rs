//! What a program is given, where it lies on the device, and that products stay inside of it.

use cudarc::driver::DeviceRepr;
use scorematch_compiler::emit::{CublasGemm, Matrix, Memory};
use scorematch_compiler::lower::Lowered;
use scorematch_compiler::plan::Stream;

use super::Result;

/// What a program is given.
#[derive(Clone, Copy, Default, Debug)]
pub struct Batch<'a> {
    /// Parameters in their order.
    pub params: &'a [f32],
    /// Samples, one after another.
    pub x: &'a [f32],
    /// A vector for each, or nothing.
    pub v: &'a [f32],
    /// Directions by their number, then by sample; or nothing.
    pub directions: &'a [f32],
    /// Samples.
    pub samples: usize,
    /// Directions of each.
    pub count: usize,
    /// The noise level.
    pub sigma: f32,
}

impl Batch<'_> {
    /// That the program finds all that it reads.
    pub(super) fn check(&self, program: &Lowered) -> Result<()> {
        let rows = self.samples * program.dim;
        let params = program.params;
        let vectors = if program.inputs.v { rows } else { 0 };
        let directions = match program.stream {
            Stream::Given => self.count * rows,
            Stream::None | Stream::Exact(_) => 0,
        };
        for (what, found, needed) in [
            ("parameters", self.params.len(), params),
            ("samples", self.x.len(), rows),
            ("vectors", self.v.len(), vectors),
            ("directions", self.directions.len(), directions),
        ] {
            if found < needed {
                return Err(format!(
                    "{what} of a batch have {found} entries, and the program reads {needed}"
                ));
            }
        }
        Ok(())
    }

    /// Scalars that leave the program as outputs: `[batch, width]`, for each direction where every one has results.
    pub(super) fn outputs(&self, program: &Lowered) -> usize {
        let streamed = program.results_per_direction();
        self.samples * program.out_rows() * if streamed { self.count } else { 1 }
    }
}

/// `Arguments` of `kernels/cuda/tile.cuh`. Addresses on the device, 0 for none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arguments {
    pub(super) params: u64,
    pub(super) x: u64,
    pub(super) v: u64,
    pub(super) directions: u64,
    pub(super) shared: u64,
    pub(super) acc: u64,
    pub(super) partials: u64,
    pub(super) out: u64,
    pub(super) deferred: u64,
    pub(super) workspace: u64,
    pub(super) arrived: u64,
    pub(super) batch: i32,
    pub(super) count: i32,
    pub(super) whole: i32,
    pub(super) weight: f32,
    pub(super) sigma: f32,
}

// SAFETY: the fields are those of the device's structure, in its order and with its alignment.
unsafe impl DeviceRepr for Arguments {}

/// Scalars of the buffers that hold matrices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    pub(super) params: usize,
    pub(super) shared: usize,
    pub(super) sums: usize,
    pub(super) scratch: usize,
}

/// Where the matrices of a product are, which lie inside their buffers.
pub(super) fn place(
    gemm: &CublasGemm,
    arguments: &Arguments,
    lengths: &Lengths,
) -> Result<[u64; 3]> {
    // Rows and columns of a factor as it is stored.
    let stored = |transposed, rows, columns| match transposed {
        true => (columns, rows),
        false => (rows, columns),
    };
    let find = |matrix: &Matrix, (rows, columns): (usize, usize)| {
        let (address, len) = match matrix.memory {
            Memory::Params => (arguments.params, lengths.params),
            Memory::Shared => (arguments.shared, lengths.shared),
            Memory::Sums => (arguments.acc, lengths.sums),
            Memory::Scratch => (arguments.workspace, lengths.scratch),
        };
        let end = matrix.start + (gemm.times - 1) * matrix.step + (columns - 1) * matrix.ld + rows;
        if end > len {
            return Err(format!(
                "a matrix ends at {end}, and its buffer at {len}: {gemm:?}"
            ));
        }
        Ok(address + 4 * matrix.start as u64)
    };
    Ok([
        find(&gemm.a.0, stored(gemm.a.1, gemm.m, gemm.k))?,
        find(&gemm.b.0, stored(gemm.b.1, gemm.k, gemm.n))?,
        find(&gemm.c, (gemm.m, gemm.n))?,
    ])
}
