//! One training step of an MLP with three SiLU layers on a GPU: µs for each shape, objective and kind of product.
//!
//! `steps [cuda:0 | cuda:0,1]` prints `scorematch OBJECTIVE PRODUCTS D H B MEDIAN_US`; the median over launches of the time of a
//! launch over its steps, launches of a tenth of a second. Where cuBLAS is found, `reference OBJECTIVE PRODUCTS D H B
//! MEDIAN_US RATIO` follows: the same step with products by cuBLAS in a graph, of float32 or TF32, and how many times the
//! fused step's its time is. Before all of them `ceiling PRODUCTS TFLOP/s` and
//! `ceiling copy GB/s`, of matrices of 8192 rows, by the device's events.

use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use ndarray::Array2;
use rand::{SeedableRng, rngs::StdRng};
use scorematch::train::{Adam, Objective, Trainer};
use scorematch::{Device, Model, Spec, energy};
use scorematch_compiler::diff::Program;
use scorematch_compiler::emit::{Size, reference};
use scorematch_compiler::lower::{Target, lower};
use scorematch_compiler::objectives;
use scorematch_compiler::plan::plan;
use scorematch_compiler::spec::parse_and_check;
use scorematch_cuda_tests::reference::{Batch, Gpu, Module, Run, Training};

/// Declares models, and their declarations as text.
macro_rules! declared {
    ($($spec:tt)*) => {
        energy! { $($spec)* }
        const SPECS: &str = stringify!($($spec)*);
    };
}

declared! {
    Net2x64(x: [2]) { mlp(x, [64, 64, 64], silu) }
    Net10x128(x: [10]) { mlp(x, [128, 128, 128], silu) }
    Net50x128(x: [50]) { mlp(x, [128, 128, 128], silu) }
    Net200x128(x: [200]) { mlp(x, [128, 128, 128], silu) }
    Net784x128(x: [784]) { mlp(x, [128, 128, 128], silu) }
    Net128x256(x: [128]) { mlp(x, [256, 256, 256], silu) }
}

/// Steps of a run; launches grow to their full length within the first half.
const STEPS: u64 = 4096;
/// Rows of the matrices that ceilings are measured with.
const CEILING: usize = 8192;
const JITTER: f32 = 0.1;
const RATE: f32 = 1e-5;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A device, and the same with cuBLAS for the two kinds of product, if it is there.
struct Machine {
    device: Device,
    libraries: Option<[Rc<Gpu>; 2]>,
}

fn run<S: Spec>(machine: &Machine, hidden: usize, batch: usize) -> Outcome<()> {
    // Entries spread over (−1.7, 1.7), of variance one.
    let x = Array2::from_shape_fn((batch, S::DIM), |(b, i)| {
        let u = ((b * S::DIM + i) as f32 * 0.618_034).fract();
        (2.0 * u - 1.0) * 3f32.sqrt()
    });
    let shape = format!("{} {hidden} {batch}", S::DIM);
    for (objective, program) in [
        (Objective::esm(), Program::Loss(&objectives::ESM)),
        (Objective::ssm(1), Program::Loss(&objectives::SSM)),
    ] {
        let devices = [
            ("3xtf32", machine.device.clone()),
            ("tf32", machine.device.clone().tf32()),
        ];
        for (i, (products, device)) in devices.into_iter().enumerate() {
            let mut model = Model::<S, f32>::init(&mut StdRng::seed_from_u64(0));
            let before = model.params().to_vec();
            let report = Trainer::new(objective)
                .optimizer(Adam::new(f64::from(RATE)))
                .steps(STEPS)
                .batch(batch)
                .jitter(f64::from(JITTER))
                .device(device)
                .progress(false)
                .fit(&mut model, &x)?;
            let ends = &report.step_ends;
            let half = ends.len() / 2;
            let us = median(
                ends[half..]
                    .windows(2)
                    .map(|w| 1e6 * (w[1] - w[0]))
                    .collect(),
            );
            println!("scorematch {objective} {products} {shape} {us:.1}");
            if let Some(libraries) = &machine.libraries {
                let rows = x.as_slice().ok_or("rows follow each other")?;
                let step = step::<S>(&libraries[i], program, &before, rows, batch)?;
                let by_library = time(&step)?;
                let products = ["float32", "tf32"][i];
                let ratio = by_library / us;
                println!("reference {objective} {products} {shape} {by_library:.1} {ratio:.2}");
            }
        }
    }
    Ok(())
}

/// A step of the reference, as a graph that has been launched once.
fn step<S: Spec>(
    gpu: &Rc<Gpu>,
    program: Program,
    params: &[f32],
    rows: &[f32],
    samples: usize,
) -> Outcome<Run> {
    let models = parse_and_check(SPECS.parse()?).map_err(|errors| errors[0].to_string())?;
    let model = models.iter().find(|m| m.name == S::NAME);
    let energy = &model.ok_or("the model is declared above")?.graph;
    let plan = plan(&scorematch_compiler::program(energy, program));
    let lowered = lower(&plan, &Target::CUDA);
    let size = Size::of(&lowered, samples, 1);
    let emitted = reference(program, &lowered, &size);
    let module = Module::of(gpu, &[&emitted], &size)?;
    let batch = Batch {
        params,
        x: rows,
        directions: rows,
        samples,
        count: 1,
        ..Batch::default()
    };
    let mut run = Run::new(gpu, &module, &lowered, &emitted, &batch)?;
    let training = Training {
        dim: S::DIM,
        params: params.len(),
        draws: [program == Program::Loss(&objectives::SSM), false],
        jitter: JITTER,
        rate: RATE,
    };
    run.train(&training, rows)?;
    run.calls()?;
    run.capture()?;
    run.replay()?;
    run.finish()?;
    Ok(run)
}

/// µs of a step: the median over rounds of a tenth of a second.
fn time(step: &Run) -> Outcome<f64> {
    let round = |steps: u32| -> Outcome<Duration> {
        let start = Instant::now();
        for _ in 0..steps {
            step.replay()?;
        }
        step.finish()?;
        Ok(start.elapsed())
    };
    let one = round(16)? / 16;
    let steps = (100_000_000 / one.as_nanos().max(1)).clamp(1, 100_000) as u32;
    let rounds: Outcome<Vec<f64>> = (0..9)
        .map(|_| Ok(1e6 * round(steps)?.as_secs_f64() / f64::from(steps)))
        .collect();
    Ok(median(rounds?))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> Outcome<()> {
    let wanted = std::env::args().skip(1).find(|a| a.starts_with("cuda"));
    let name = wanted.as_deref().unwrap_or("cuda:0");
    let device: Device = name.parse()?;
    println!("{device}");
    // Of several the first.
    let index = name.split([':', ',']).nth(1);
    let index = index.map_or(Ok(0), str::parse)?;
    let open = |tf32| Gpu::open(index, tf32).map(Rc::new);
    let libraries = open(false).and_then(|float32| Ok([float32, open(true)?]));
    if let Err(message) = &libraries {
        println!("no reference: {message}");
    }
    if let Ok([float32, tf32]) = &libraries {
        let (float32, tf32) = (float32.ceilings(CEILING)?, tf32.ceilings(CEILING)?);
        println!("ceiling float32 {:.1}", float32.products / 1e12);
        println!("ceiling tf32 {:.1}", tf32.products / 1e12);
        println!("ceiling copy {:.0}", tf32.copies / 1e9);
    }
    let machine = Machine {
        device,
        libraries: libraries.ok(),
    };
    run::<Net2x64Spec>(&machine, 64, 128)?;
    run::<Net10x128Spec>(&machine, 128, 128)?;
    run::<Net50x128Spec>(&machine, 128, 1024)?;
    run::<Net200x128Spec>(&machine, 128, 1024)?;
    run::<Net784x128Spec>(&machine, 128, 1024)?;
    run::<Net128x256Spec>(&machine, 256, 8192)
}
