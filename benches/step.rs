//! One training step (loss, gradient, Adam) of a network with three SiLU layers: median time and fraction of peak.
//!
//! ```text
//! cargo bench --bench step -- [--threads N] [--seconds S] [--json FILE] [D,H,B ...]
//! ```
//!
//! Without `--threads` every shape runs on one thread and on all. The multiply-add peak of a core is measured before
//! and after in this process, and the better taken. The nominal work of a step with r directions (r = min(D, H) exact, 1
//! sliced) is 2·((K−1)·H²·B·(3r + 6) + 4·D·H·B) operations for K = 3 layers; the triangle that entry compression leaves
//! and the products that need not be done are not subtracted. `benches/peers.py` runs this beside JAX.

mod peak;

use ndarray::Array2;
use rand::{SeedableRng, rngs::StdRng};
use scorematch::simd::Form;
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

/// Samples of a batch.
const BATCH: usize = 128;

/// What was timed.
struct Timing {
    objective: &'static str,
    dim: usize,
    hidden: usize,
    threads: usize,
    /// Median seconds of a step.
    seconds: f64,
}

impl Timing {
    /// Nominal floating-point operations of a step.
    fn work(&self) -> f64 {
        let (d, h, b) = (self.dim as f64, self.hidden as f64, BATCH as f64);
        let r = if self.objective == "esm" {
            d.min(h)
        } else {
            1.0
        };
        2.0 * (2.0 * h * h * b * (3.0 * r + 6.0) + 4.0 * d * h * b)
    }
}

fn median(mut step: impl FnMut(), budget: Duration) -> f64 {
    (0..3).for_each(|_| step());
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < budget || times.len() < 5 {
        let one = Instant::now();
        step();
        times.push(one.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn run<S: Spec>(
    hidden: usize,
    threads: usize,
    budget: Duration,
    timings: &mut Vec<Timing>,
) -> scorematch::Result<()> {
    let mut rng = StdRng::seed_from_u64(0);
    for (name, objective) in [("esm", Objective::Esm), ("ssm", Objective::ssm(1))] {
        let mut model = Model::<S, f32>::init(&mut rng);
        model.set_threads(threads);
        // Entries spread over (−1.7, 1.7), of variance one.
        let x = Array2::from_shape_fn((BATCH, S::DIM), |(b, i)| {
            let u = ((b * S::DIM + i) as f32 * 0.618_034).fract();
            (2.0 * u - 1.0) * 3f32.sqrt()
        });
        let mut stepper = Stepper::new(&model, Adam::new(1e-3))?;
        let mut number = 0;
        let mut failed = None;
        let step = || {
            number += 1;
            let loss = objective.loss(0, number);
            if let Err(error) = stepper.step(&mut model, x.view(), &loss, 1.0) {
                failed = Some(error);
            }
        };
        let seconds = median(step, budget);
        if let Some(error) = failed {
            return Err(error);
        }
        timings.push(Timing {
            objective: name,
            dim: S::DIM,
            hidden,
            threads: model.threads(),
            seconds,
        });
    }
    Ok(())
}

type Run = fn(usize, usize, Duration, &mut Vec<Timing>) -> scorematch::Result<()>;

const SHAPES: [(usize, usize, Run); 6] = [
    (2, 64, run::<Net2x64Spec>),
    (2, 128, run::<Net2x128Spec>),
    (10, 128, run::<Net10x128Spec>),
    (50, 128, run::<Net50x128Spec>),
    (200, 128, run::<Net200x128Spec>),
    (784, 128, run::<Net784x128Spec>),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut threads, mut seconds, mut json, mut shapes) = (None, 2.0, None, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--threads" => threads = Some(value()?.parse()?),
            "--seconds" => seconds = value()?.parse()?,
            "--json" => json = Some(value()?),
            // What cargo passes to every benchmark.
            "--bench" => {}
            _ => shapes.push(arg),
        }
    }
    let known = SHAPES.map(|(d, h, _)| format!("{d},{h},{BATCH}"));
    if let Some(unknown) = shapes.iter().find(|shape| !known.contains(shape)) {
        return Err(format!("no shape {unknown}; there are {}", known.join(" ")).into());
    }
    let form = Form::detect()?;
    let before = peak::peak::<f32>(form, 0.2);
    let mut timings = Vec::new();
    for ((_, hidden, run), shape) in SHAPES.into_iter().zip(known) {
        if shapes.is_empty() || shapes.contains(&shape) {
            for threads in threads.map_or(vec![1, 0], |threads| vec![threads]) {
                run(
                    hidden,
                    threads,
                    Duration::from_secs_f64(seconds),
                    &mut timings,
                )?;
            }
        }
    }
    let peak = before.max(peak::peak::<f32>(form, 0.2));
    println!("f32, {form}, {:.1} GFLOP/s a core", peak / 1e9);
    println!("objective  D,H,B        threads  median µs  of peak");
    let mut rows = Vec::new();
    for t in &timings {
        let fraction = t.work() / t.seconds / (peak * t.threads as f64);
        let shape = format!("{},{},{BATCH}", t.dim, t.hidden);
        let us = t.seconds * 1e6;
        println!(
            "{:9}  {shape:12}  {:6}  {us:9.1}  {fraction:7.2}",
            t.objective, t.threads
        );
        rows.push(serde_json::json!({
            "objective": t.objective, "shape": shape, "threads": t.threads, "us": us, "fraction": fraction,
        }));
    }
    if let Some(file) = json {
        let all = serde_json::json!({ "form": form.to_string(), "peak": peak, "steps": rows });
        std::fs::write(&file, all.to_string()).map_err(|e| format!("{file}: {e}"))?;
    }
    Ok(())
}
