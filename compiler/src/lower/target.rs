//! The properties of a target machine that lowering needs.

/// Properties of a target on which the lowered form depends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// Features between values of scratch.
    pub padding: usize,
    /// Features, of a panel of samples, of per-sample scratch that a tile may have, and of all that a chunk of directions
    /// touches: what a second-level cache holds.
    pub cache: usize,
    /// Panels of a tile, at most.
    pub panels: usize,
    /// Directions of a chunk times panels of a tile, at most.
    pub chunk: usize,
    /// Which transposes of matrices are copied once a step, if the target gains from that.
    pub transposes: Option<Transposes>,
}

/// When a product that reads a matrix by its columns reads a transposed copy instead.
///
/// A micro-kernel of y = Wᵀ x takes a few neighbours of every row of W. Where rows are long, these neighbours share few
/// sets of the first-level cache and as many pages, and every panel loads them again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transposes {
    /// Entries of a row of W from which the copy pays.
    pub columns: usize,
    /// Rows of W from which it pays.
    pub rows: usize,
}

impl Target {
    /// Emitted Rust on a CPU.
    ///
    /// Values of 64 features would follow each other at the stride of a cache way, and a loop over a dozen of them would
    /// find them all in one set; so a feature lies between them. The cache is one of 1 MiB, in features of 16
    /// single-precision samples. With four panels a micro-kernel reaches its speed (of 2, 4, 6 and 8). A loop goes through
    /// all directions of a chunk with its per-sample operands and its sums in registers, and rank-k updates take as many
    /// panels at once (8 of 4, 8, 12 and 16). At rows of 64 entries a transposed copy costs what it saves; with fewer than
    /// 32 rows a micro-kernel takes few steps.
    pub const CPU: Target = Target {
        padding: 1,
        cache: 1024 * 1024 / 64,
        panels: 4,
        chunk: 8,
        transposes: Some(Transposes {
            columns: 128,
            rows: 32,
        }),
    };

    /// CUDA C, whose products read a matrix in either order from shared memory. Tiles and chunks are a matter of the launch.
    pub const CUDA: Target = Target {
        transposes: None,
        ..Target::CPU
    };
}
