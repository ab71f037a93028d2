//! Evaluation: how long one sample takes, and how many samples a second a large batch allows.
//!
//! ```text
//! cargo bench --bench latency -- [--threads N] [--batch B] [--seconds S] [--json FILE] [NAME ...]
//! ```
//!
//! Energy, score, Laplacian and Hessian-vector product of D-H-H-H-1 networks in f32, called as a user calls them: the input
//! checked and the output allocated in every call. Medians over S seconds (1). Without `--threads` on one thread and on all (0);
//! one sample is one tile, and never more than one thread's work. A NAME is a part of `energy 2-64`, for instance.

#[path = "../measure/clock.rs"]
mod clock;
#[path = "../measure/numbers.rs"]
mod numbers;
#[path = "../measure/options.rs"]
mod options;
#[path = "../../kernels/benches/peak/mod.rs"]
mod peak;
#[path = "../measure/table.rs"]
mod table;

use std::hint::black_box;
use std::time::Duration;

use ndarray::Axis;
use scorematch::{Spec, energy};
use scorematch_kernels::panel::LANES;
use scorematch_kernels::simd::InstructionSet;
use serde_json::{Value, json};

use clock::{Times, clock};
use options::{Options, Result};
use table::{Column, Table};

energy! {
    Net2x64(x: [2]) { mlp(x, [64, 64, 64], silu) }
    Net10x128(x: [10]) { mlp(x, [128, 128, 128], silu) }
}

/// Seconds of a measurement of the peak.
const PEAK: f64 = 0.2;

/// What is evaluated.
#[derive(Clone, Copy)]
enum Quantity {
    Energy,
    Score,
    Laplacian,
    Hvp,
}

/// A quantity of a network.
struct Subject {
    name: &'static str,
    quantity: Quantity,
    /// Multiply-adds that are counted for a sample, see [`work`].
    work: usize,
    time: fn(Quantity, usize, usize, Duration) -> scorematch::Result<(Times, usize)>,
}

impl Subject {
    const fn of<S: Spec>(name: &'static str, quantity: Quantity, hidden: usize) -> Self {
        Subject {
            name,
            quantity,
            work: work(quantity, S::DIM, hidden),
            time: time::<S>,
        }
    }
}

/// Multiply-adds of the matrix products for one sample of D-H-H-H-1, elementwise work and the last layer left out.
///
/// Two hidden products are done once each for the energy, twice for the score (primal, adjoint), once more for each of
/// r = min(D, H) tangents for the Laplacian (which is a sum of squares of tangents weighted by the adjoint), and four times
/// for ∇²E·v (primal, adjoint, and the tangents of both). The first layer: Wx; for the score also its transpose, for ∇²E·v
/// also Wv.
const fn work(quantity: Quantity, dim: usize, hidden: usize) -> usize {
    let rank = if dim < hidden { dim } else { hidden };
    let (times, first) = match quantity {
        Quantity::Energy => (1, 1),
        Quantity::Score => (2, 2),
        Quantity::Laplacian => (2 + rank, 1),
        Quantity::Hvp => (4, 3),
    };
    2 * hidden * hidden * times + dim * hidden * first
}

/// Times of a call, and the threads that the model had.
fn time<S: Spec>(
    quantity: Quantity,
    batch: usize,
    threads: usize,
    budget: Duration,
) -> scorematch::Result<(Times, usize)> {
    let mut model = numbers::model::<S, f32>();
    model.set_threads(threads);
    let x = numbers::samples::<f32>(batch, S::DIM);
    let signs = numbers::signs::<f32>(batch, S::DIM);
    let v = signs.index_axis(Axis(0), 0);
    let mut failed = None;
    let times = clock(budget, || {
        let done = match quantity {
            Quantity::Energy => model.energy(x.view()).map(|out| drop(black_box(out))),
            Quantity::Score => model.score(x.view()).map(|out| drop(black_box(out))),
            Quantity::Laplacian => model.laplacian(x.view()).map(|out| drop(black_box(out))),
            Quantity::Hvp => model.hvp(x.view(), v).map(|out| drop(black_box(out))),
        };
        if let Err(error) = done {
            failed = Some(error);
        }
    });
    match failed {
        Some(error) => Err(error),
        None => Ok((times, model.threads())),
    }
}

const SUBJECTS: [Subject; 8] = {
    use Quantity::*;
    [
        Subject::of::<Net2x64Spec>("energy 2-64-64-64-1", Energy, 64),
        Subject::of::<Net2x64Spec>("score 2-64-64-64-1", Score, 64),
        Subject::of::<Net2x64Spec>("laplacian 2-64-64-64-1", Laplacian, 64),
        Subject::of::<Net2x64Spec>("hvp 2-64-64-64-1", Hvp, 64),
        Subject::of::<Net10x128Spec>("energy 10-128-128-128-1", Energy, 128),
        Subject::of::<Net10x128Spec>("score 10-128-128-128-1", Score, 128),
        Subject::of::<Net10x128Spec>("laplacian 10-128-128-128-1", Laplacian, 128),
        Subject::of::<Net10x128Spec>("hvp 10-128-128-128-1", Hvp, 128),
    ]
};

/// A quantity that was timed.
struct Row {
    name: &'static str,
    batch: usize,
    threads: usize,
    times: Times,
    /// Nominal floating-point operations a second.
    rate: f64,
    /// The part of the peak of the threads that can have had work.
    fraction: f64,
}

const COLUMNS: &[Column<Row>] = &[
    Column {
        heading: "quantity",
        cell: |row| row.name.to_owned(),
    },
    Column {
        heading: "batch",
        cell: |row| row.batch.to_string(),
    },
    Column {
        heading: "threads",
        cell: |row| row.threads.to_string(),
    },
    Column {
        heading: "median µs",
        cell: |row| format!("{:.2}", row.times.median * 1e6),
    },
    Column {
        heading: "spread",
        cell: |row| format!("{:.0} %", row.times.spread * 100.0),
    },
    Column {
        heading: "million samples/s",
        cell: |row| format!("{:.3}", row.samples() * 1e-6),
    },
    Column {
        heading: "of peak",
        cell: |row| format!("{:.2}", row.fraction),
    },
];

impl Row {
    /// Samples a second.
    fn samples(&self) -> f64 {
        self.batch as f64 / self.times.median
    }

    fn json(&self) -> Value {
        json!({
            "quantity": self.name,
            "batch": self.batch,
            "threads": self.threads,
            "us": self.times.median * 1e6,
            "spread": self.times.spread,
            "samples_per_s": self.samples(),
            "fraction": self.fraction,
        })
    }
}

fn main() -> Result<()> {
    let mut batches = vec![1, 4096];
    let options = Options::parse(|flag, value| {
        let known = flag == "--batch";
        if known {
            batches = vec![value.parse()?];
        }
        Ok(known)
    })?;
    let subjects = options.select(&SUBJECTS, |subject| subject.name)?;
    let isa = InstructionSet::detect()?;
    let before = peak::peak::<f32>(isa, PEAK);
    let mut rows = Vec::new();
    for subject in subjects {
        for &batch in &batches {
            for &threads in &options.threads {
                let (times, threads) =
                    (subject.time)(subject.quantity, batch, threads, options.budget)?;
                rows.push(Row {
                    name: subject.name,
                    batch,
                    threads,
                    times,
                    rate: (2 * batch * subject.work) as f64 / times.median,
                    fraction: 0.0,
                });
            }
        }
    }
    let after = peak::peak::<f32>(isa, PEAK);
    let peak = before.max(after);
    for row in &mut rows {
        // A panel of samples is the least that a thread takes.
        let busy = row.threads.min(row.batch.div_ceil(LANES));
        row.fraction = row.rate / (peak * busy as f64);
    }
    let [best, before, after] = [peak, before, after].map(|rate| rate * 1e-9);
    println!("f32, {isa}, {best:.1} GFLOP/s a core ({before:.1} before, {after:.1} after)");
    let columns = COLUMNS;
    print!(
        "{}",
        Table {
            columns,
            rows: &rows
        }
    );
    let results: Vec<_> = rows.iter().map(Row::json).collect();
    options.write(&json!({ "instruction_set": isa.to_string(), "peak": peak, "results": results }))
}
