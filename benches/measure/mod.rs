//! Training steps of some shapes, timed for every objective, on one thread and all: what `step` and `shapes` do.
//!
//! The multiply-add peak of a core is measured before and after in this process, for each type of scalars, and the better
//! taken: clocks drift on shared machines, so only a ratio taken in one run says something.

mod clock;
mod numbers;
mod options;
#[path = "../../kernels/benches/peak/mod.rs"]
mod peak;
mod report;
mod shape;
mod step;
mod table;

use scorematch_kernels::simd::InstructionSet;
use serde_json::json;

use options::{Options, Result};
use report::{COLUMNS, Row};
pub(crate) use shape::Shape;
use shape::objectives;
use step::Case;
use table::Table;

/// Seconds of a measurement of the peak.
const PEAK: f64 = 0.2;

/// The scalars.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Precision {
    Single,
    Double,
}

impl Precision {
    fn name(self) -> &'static str {
        match self {
            Precision::Single => "f32",
            Precision::Double => "f64",
        }
    }

    fn peak(self, isa: InstructionSet) -> f64 {
        match self {
            Precision::Single => peak::peak::<f32>(isa, PEAK),
            Precision::Double => peak::peak::<f64>(isa, PEAK),
        }
    }
}

/// The benchmark's whole run over the shapes that the command line chooses from `all`.
pub(crate) fn run(all: &[Shape]) -> Result<()> {
    let mut precisions = vec![Precision::Single];
    let mut chosen = Vec::new();
    let options = Options::parse(|flag, value| {
        match (flag, value) {
            ("--precision", "f32") => precisions = vec![Precision::Single],
            ("--precision", "f64") => precisions = vec![Precision::Double],
            ("--precision", "both") => precisions = vec![Precision::Single, Precision::Double],
            ("--precision", _) => return Err(format!("no type {value}: f32 f64 both").into()),
            ("--objective", _) => {
                let objective = objectives().into_iter().find(|(name, _)| *name == value);
                chosen.push(objective.ok_or(format!("no objective {value}: esm ssm ssm_vr dsm"))?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    if chosen.is_empty() {
        chosen.extend(objectives());
    }
    let shapes = options.select(all, |shape| shape.name)?;
    let isa = InstructionSet::detect()?;

    let before: Vec<_> = precisions.iter().map(|p| p.peak(isa)).collect();
    let mut rows = Vec::new();
    for shape in shapes {
        for &(name, objective) in &chosen {
            for (&precision, &peak) in precisions.iter().zip(&before) {
                for &threads in &options.threads {
                    let time = match precision {
                        Precision::Single => shape.single,
                        Precision::Double => shape.double,
                    };
                    let timing = time(&Case {
                        objective,
                        batch: shape.batch,
                        threads,
                        budget: options.budget,
                    })?;
                    rows.push(Row {
                        shape: shape.name,
                        objective: name,
                        precision: precision.name(),
                        timing,
                        work: shape.work(objective),
                        peak,
                    });
                }
            }
        }
    }
    let mut peaks = serde_json::Map::new();
    for (precision, before) in precisions.into_iter().zip(before) {
        let (name, after) = (precision.name(), precision.peak(isa));
        let peak = before.max(after);
        for row in rows.iter_mut().filter(|row| row.precision == name) {
            row.peak = peak;
        }
        let [best, before, after] = [peak, before, after].map(|rate| rate * 1e-9);
        println!("{name}, {isa}, {best:.1} GFLOP/s a core ({before:.1} before, {after:.1} after)");
        peaks.insert(name.to_owned(), json!(peak));
    }
    let columns = COLUMNS;
    print!(
        "{}",
        Table {
            columns,
            rows: &rows
        }
    );
    let steps: Vec<_> = rows.iter().map(Row::json).collect();
    options.write(&json!({ "instruction_set": isa.to_string(), "peak": peaks, "steps": steps }))
}
