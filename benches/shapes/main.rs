//! The benchmark `step` for shapes of other kinds: widths that no vector divides, uneven and many layers, residual blocks,
//! one wide layer, a batch below a tile, ten thousand features.
//!
//! `cargo bench --bench shapes -- [options of step] [NAME ...]`. A target of its own, because every model costs rustc
//! seconds and these are run more rarely. Names give D,H,B or all widths.

#[path = "../measure/mod.rs"]
mod measure;

use measure::Shape;
use scorematch::energy;

energy! {
    Net13x96(x: [13]) { mlp(x, [96, 96, 96], silu) }
    Net7x33(x: [7]) { mlp(x, [33, 33, 33], silu) }
    Uneven(x: [5]) { mlp(x, [17, 40, 9], silu) }
    Deep(x: [8]) { mlp(x, [48, 48, 48, 48, 48, 48], silu) }
    Wide(x: [20]) { mlp(x, [1000], silu) }
    Net10x128(x: [10]) { mlp(x, [128, 128, 128], silu) }
    Net10000x128(x: [10000]) { mlp(x, [128, 128, 128], silu) }

    Residual32(x: [10]) {
        param log_k: [];
        let mut h = silu(dense(x, 32) as "inp");
        for i in 1..=2 {
            h += silu(dense(h, 32) as "block{i}");
        }
        dense(h, 1) as "out" + 0.5 * exp(log_k) * norm_sq(x)
    }
    Residual64(x: [10]) {
        param log_k: [];
        let mut h = silu(dense(x, 64) as "inp");
        for i in 1..=2 {
            h += silu(dense(h, 64) as "block{i}");
        }
        dense(h, 1) as "out" + 0.5 * exp(log_k) * norm_sq(x)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    measure::run(&[
        Shape::of::<Net13x96Spec>("13,96,100", 100),
        Shape::of::<Net7x33Spec>("7,33,128", 128),
        Shape::of::<UnevenSpec>("5-17-40-9,64", 64),
        Shape::of::<DeepSpec>("8-48-48-48-48-48-48,128", 128),
        Shape::of::<WideSpec>("20-1000,128", 128),
        Shape::of::<Net10x128Spec>("10,128,7", 7),
        Shape::of::<Net10000x128Spec>("10000,128,128", 128),
        Shape::of::<Residual32Spec>("residual:10,32,128", 128),
        Shape::of::<Residual64Spec>("residual:10,64,128", 128),
    ])
}
