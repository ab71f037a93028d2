//! What every instruction set must do: the kernels against plain loops in double precision, over sizes that fit no
//! block.

mod gemm;
mod rank_k;
mod sign_lookup;
mod sums;

use proptest::prelude::*;

use super::LANES;
use crate::simd::{ForVector, InstructionSet, Real, Vector};

/// How a test of a kernel draws its cases; unoptimised they take long.
fn config() -> ProptestConfig {
    within_reason(ProptestConfig::with_cases(if cfg!(debug_assertions) {
        12
    } else {
        96
    }))
}

/// Under Miri a case takes seconds, and there is no directory to note the failing ones in.
pub(super) fn within_reason(config: ProptestConfig) -> ProptestConfig {
    if cfg!(miri) {
        ProptestConfig {
            cases: 3,
            failure_persistence: None,
            ..config
        }
    } else {
        config
    }
}

/// The instruction sets of this machine.
fn instruction_sets() -> impl Iterator<Item = InstructionSet> {
    InstructionSet::ALL
        .into_iter()
        .filter(|isa| isa.is_supported())
}

/// Numbers in ±1 that depend on `seed` and the position alone.
fn noise(seed: u64, i: usize) -> f64 {
    let mut z = seed.wrapping_add((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn scalars<T: Real>(seed: u64, len: usize) -> Vec<T> {
    (0..len).map(|i| T::of(noise(seed, i))).collect()
}

fn rows<T: Real>(seed: u64, len: usize) -> Vec<[T; LANES]> {
    (0..len)
        .map(|i| std::array::from_fn(|lane| T::of(noise(seed, i * LANES + lane))))
        .collect()
}

/// Sizes, the strides' slack and the orientation of a call.
#[derive(Clone, Copy, Debug)]
struct Case {
    m: usize,
    k: usize,
    panels: usize,
    /// Rows and scalars left between neighbours.
    slack: usize,
    transposed: bool,
    /// Lanes that are asked for.
    lanes: usize,
    seed: u64,
}

/// Lanes of an instruction set's vectors.
struct VectorLanes;

impl<T: Real> ForVector<T> for VectorLanes {
    type Out = usize;
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> usize {
        V::LANES
    }
}

fn case() -> impl Strategy<Value = Case> {
    let size = || {
        let sizes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 33, 96, 100, 257];
        let largest = if cfg!(miri) { 9 } else { 257 };
        prop::sample::select(Vec::from_iter(
            sizes.into_iter().filter(move |&size| size <= largest),
        ))
    };
    (
        size(),
        size(),
        0..12usize,
        0..3usize,
        any::<bool>(),
        prop::sample::select(vec![LANES, LANES, 1, 4, 7, 8, 9]),
        any::<u64>(),
    )
        .prop_map(|(m, k, panels, slack, transposed, lanes, seed)| Case {
            m,
            k,
            panels,
            slack,
            transposed,
            lanes,
            seed,
        })
}

impl Case {
    /// Lanes that an instruction set computes: whole vectors.
    fn written<T: Real>(&self, isa: InstructionSet) -> usize {
        let vector = T::dispatch(isa, VectorLanes);
        self.lanes.next_multiple_of(vector).min(LANES)
    }

    /// Strides (row, column) of an `m × k` matrix, and the length that holds it.
    fn matrix(&self) -> (usize, usize, usize) {
        let Case { m, k, slack, .. } = *self;
        let (row, col) = if self.transposed {
            (1 + slack / 2, m * (1 + slack / 2) + slack)
        } else {
            (k + slack, 1)
        };
        (row, col, m * row + k * col + 1)
    }

    /// Strides (panel, row) of `n` features, and the length that holds them.
    fn panel(&self, n: usize) -> (usize, usize, usize) {
        let row = 1 + self.slack;
        if self.transposed {
            // Panels innermost, as where a feature axis is contracted across the panels of a tile.
            (
                1,
                self.panels.max(1) * row,
                n * self.panels.max(1) * row + self.panels,
            )
        } else {
            (
                n * row + self.slack,
                row,
                self.panels * (n * row + self.slack),
            )
        }
    }
}
