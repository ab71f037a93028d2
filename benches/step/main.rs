//! One training step (loss, gradient, Adam) of three SiLU layers, for the six shapes that peers are compared at.
//!
//! ```text
//! cargo bench --bench step -- [--threads N] [--objective esm|ssm|ssm_vr|dsm] [--precision f32|f64|both]
//!                             [--seconds S] [--json FILE] [[--shape] NAME ...]
//! ```
//!
//! Prints medians over S seconds (1) and fractions of the peak that is measured in the same process. Without
//! `--threads` every case runs on one thread and on all (0). A NAME is a shape D,H,B or a part of one. What counts as
//! work is written at `Shape::work`. `SCOREMATCH_SIMD` chooses the instruction set. `--bench shapes` is the same for
//! shapes of other kinds.

#[path = "../measure/mod.rs"]
mod measure;

use measure::Shape;
use scorematch::energy;

energy! {
    Net2x64(x: [2]) { mlp(x, [64, 64, 64], silu) }
    Net2x128(x: [2]) { mlp(x, [128, 128, 128], silu) }
    Net10x128(x: [10]) { mlp(x, [128, 128, 128], silu) }
    Net50x128(x: [50]) { mlp(x, [128, 128, 128], silu) }
    Net200x128(x: [200]) { mlp(x, [128, 128, 128], silu) }
    Net784x128(x: [784]) { mlp(x, [128, 128, 128], silu) }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    measure::run(&[
        Shape::of::<Net2x64Spec>("2,64,128", 128),
        Shape::of::<Net2x128Spec>("2,128,128", 128),
        Shape::of::<Net10x128Spec>("10,128,128", 128),
        Shape::of::<Net50x128Spec>("50,128,128", 128),
        Shape::of::<Net200x128Spec>("200,128,128", 128),
        Shape::of::<Net784x128Spec>("784,128,128", 128),
    ])
}
