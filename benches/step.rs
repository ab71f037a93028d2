//! One training step (loss, gradient, Adam) of an MLP with three SiLU layers: median µs for each shape and objective.
//!
//! `cargo bench --bench step -- [--threads N] [D,H,B ...]`; prints `scorematch OBJECTIVE D H B MEDIAN_US`, the lines
//! that `benches/peers.py` prints for JAX.

use ndarray::Array2;
use rand::{SeedableRng, rngs::StdRng};
use scorematch::train::{Adam, Objective, Stepper};
use scorematch::{Model, Spec, energy};
use std::time::{Duration, Instant};

energy! {
    Net2x64(x: [2]) { mlp(x, [64, 64, 64], silu) }
    Net2x128(x: [2]) { mlp(x, [128, 128, 128], silu) }
    Net10x128(x: [10]) { mlp(x, [128, 128, 128], silu) }
    Net50x128(x: [50]) { mlp(x, [128, 128, 128], silu) }
    Net200x128(x: [200]) { mlp(x, [128, 128, 128], silu) }
    Net784x128(x: [784]) { mlp(x, [128, 128, 128], silu) }
}

/// Samples for at least this long.
const BUDGET: Duration = Duration::from_secs(2);

fn median_us(mut step: impl FnMut()) -> f64 {
    (0..3).for_each(|_| step());
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < BUDGET || times.len() < 5 {
        let one = Instant::now();
        step();
        times.push(one.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn run<S: Spec>(hidden: usize, batch: usize, threads: Option<usize>) -> scorematch::Result<()> {
    let mut rng = StdRng::seed_from_u64(0);
    for objective in [Objective::Esm, Objective::ssm(1)] {
        let mut model = Model::<S, f32>::init(&mut rng);
        if let Some(threads) = threads {
            model.set_threads(threads);
        }
        // Entries spread over (−1.7, 1.7), of variance one.
        let x = Array2::from_shape_fn((batch, S::DIM), |(b, i)| {
            let u = ((b * S::DIM + i) as f32 * 0.618_034).fract();
            (2.0 * u - 1.0) * 3f32.sqrt()
        });
        let mut stepper = Stepper::new(&model, Adam::new(1e-3))?;
        let mut number = 0;
        let mut failed = None;
        let us = median_us(|| {
            number += 1;
            if let Err(error) = stepper.step(&mut model, x.view(), &objective.loss(0, number), 1.0)
            {
                failed = Some(error);
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let name = if matches!(objective, Objective::Esm) {
            "esm"
        } else {
            "ssm"
        };
        println!("scorematch {name} {} {hidden} {batch} {us:.1}", S::DIM);
    }
    Ok(())
}

fn main() -> scorematch::Result<()> {
    let mut threads = None;
    let mut shapes: Vec<String> = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--threads" => threads = args.next().and_then(|n| n.parse().ok()),
            "--bench" => {}
            _ => shapes.push(arg),
        }
    }
    let wanted = |shape: &str| shapes.is_empty() || shapes.iter().any(|s| s == shape);
    type Run = fn(usize, usize, Option<usize>) -> scorematch::Result<()>;
    let all: [(&str, Run, usize); 6] = [
        ("2,64,128", run::<Net2x64Spec>, 64),
        ("2,128,128", run::<Net2x128Spec>, 128),
        ("10,128,128", run::<Net10x128Spec>, 128),
        ("50,128,128", run::<Net50x128Spec>, 128),
        ("200,128,128", run::<Net200x128Spec>, 128),
        ("784,128,128", run::<Net784x128Spec>, 128),
    ];
    for (shape, run, hidden) in all {
        if wanted(shape) {
            run(hidden, 128, threads)?;
        }
    }
    Ok(())
}
