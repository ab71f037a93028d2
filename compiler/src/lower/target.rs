//! What lowering must know of the machine that runs a program.

/// Properties of a target on which the lowered form depends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
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
    /// Emitted Rust on a CPU. At rows of 64 entries the copy costs what it saves (measured); with fewer than 32 rows a
    /// micro-kernel takes few steps.
    pub const CPU: Target = Target {
        transposes: Some(Transposes {
            columns: 128,
            rows: 32,
        }),
    };

    /// CUDA C, whose products read either order from shared memory.
    pub const CUDA: Target = Target { transposes: None };
}
