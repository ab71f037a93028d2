//! One training step of an MLP with three SiLU layers on a GPU: µs for each shape, objective and kind of product.
//!
//! `steps [cuda:0 | cuda:0,1]` prints `scorematch OBJECTIVE PRODUCTS D H B MEDIAN_US`; the median over launches of the time of a
//! launch over its steps, launches of a tenth of a second.

use ndarray::Array2;
use rand::{SeedableRng, rngs::StdRng};
use scorematch::train::{Adam, Objective, Trainer};
use scorematch::{Device, Model, Result, Spec, energy};

energy! {
    Net2x64(x: [2]) { mlp(x, [64, 64, 64], silu) }
    Net10x128(x: [10]) { mlp(x, [128, 128, 128], silu) }
    Net50x128(x: [50]) { mlp(x, [128, 128, 128], silu) }
    Net200x128(x: [200]) { mlp(x, [128, 128, 128], silu) }
    Net784x128(x: [784]) { mlp(x, [128, 128, 128], silu) }
    Net128x256(x: [128]) { mlp(x, [256, 256, 256], silu) }
}

/// Steps of a run; launches grow to their full length within the first half.
const STEPS: u64 = 4096;

fn run<S: Spec>(device: &Device, hidden: usize, batch: usize) -> Result<()> {
    // Entries spread over (−1.7, 1.7), of variance one.
    let x = Array2::from_shape_fn((batch, S::DIM), |(b, i)| {
        let u = ((b * S::DIM + i) as f32 * 0.618_034).fract();
        (2.0 * u - 1.0) * 3f32.sqrt()
    });
    for objective in [Objective::Esm, Objective::ssm(1)] {
        for (products, device) in [("3xtf32", device.clone()), ("tf32", device.clone().tf32())] {
            let mut model = Model::<S, f32>::init(&mut StdRng::seed_from_u64(0));
            let report = Trainer::new(objective)
                .optimizer(Adam::new(1e-5))
                .steps(STEPS)
                .batch(batch)
                .jitter(0.1)
                .device(device)
                .progress(false)
                .fit(&mut model, &x)?;
            let ends = &report.step_ends;
            let half = ends.len() / 2;
            let mut times: Vec<f64> = ends[half..].windows(2).map(|w| w[1] - w[0]).collect();
            times.sort_by(f64::total_cmp);
            let us = times.get(times.len() / 2).map_or(f64::NAN, |s| 1e6 * s);
            println!(
                "scorematch {objective} {products} {} {hidden} {batch} {us:.1}",
                S::DIM
            );
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    let wanted = std::env::args().skip(1).find(|a| a.starts_with("cuda"));
    let device: Device = wanted.as_deref().unwrap_or("cuda:0").parse()?;
    println!("{device}");
    run::<Net2x64Spec>(&device, 64, 128)?;
    run::<Net10x128Spec>(&device, 128, 128)?;
    run::<Net50x128Spec>(&device, 128, 1024)?;
    run::<Net200x128Spec>(&device, 128, 1024)?;
    run::<Net784x128Spec>(&device, 128, 1024)?;
    run::<Net128x256Spec>(&device, 256, 8192)
}
