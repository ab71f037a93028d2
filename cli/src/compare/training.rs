//! Each objective trained from one initialisation on the same rows, and what came of it as a table.

use crate::zoo::Mlp2;
use anyhow::Result;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use scorematch::data::{Guard, Split};
use scorematch::train::{Adam, HeldOut, Objective, Report, Schedule, Stop, Trainer};

use super::sample::Sample;
use super::{Options, Units};
use scorematch_runs::table::Table;

/// Evaluations of the held-out loss in a run.
const EVALUATIONS: u64 = 100;
/// Decay of the average of the parameters over the steps, which is what is judged and kept.
const AVERAGING: f64 = 0.99;

/// One objective and what it made of the common initialisation.
pub(super) struct Contestant {
    pub(super) name: String,
    pub(super) model: Mlp2,
    pub(super) report: Report,
}

/// Trains each objective on rows in the units of training.
///
/// What Ctrl-C cuts short is kept, what it prevents is left out.
pub(super) fn train(options: &Options, parts: &Split<f32>) -> Result<Vec<Contestant>> {
    let mut start = Mlp2::init(&mut Xoshiro256PlusPlus::seed_from_u64(options.seed));
    start.set_threads(options.threads);
    start.set_device(options.device.parse()?)?;
    let count = options.directions;
    let sliced = |name: &str| match count {
        1 => format!("{name}, 1 direction"),
        _ => format!("{name}, {count} directions"),
    };
    let mut contestants = Vec::new();
    for (name, objective) in [
        ("ESM".to_owned(), Objective::esm()),
        (sliced("SSM"), Objective::ssm(count)),
        (sliced("SSM-VR"), Objective::ssm_vr(count)),
    ] {
        let mut model = start.clone();
        let report = Trainer::new(objective)
            .optimizer(Adam::new(options.learning_rate))
            .schedule(Schedule::cosine())
            .ema(AVERAGING)
            .steps(options.steps)
            .batch(options.batch)
            .seed(options.seed)
            .jitter(options.jitter)
            // The rows were looked at before, once for all.
            .data_guard(Guard::Silent)
            .stop_on_signals(true)
            .validation(&parts.held_out, options.steps.div_ceil(EVALUATIONS))
            .fit(&mut model, &parts.train)?;
        let interrupted = report.stop == Stop::Interrupted;
        contestants.push(Contestant {
            name,
            model,
            report,
        });
        if interrupted {
            break;
        }
    }
    Ok(contestants)
}

/// A row for each objective.
pub(super) fn table(contestants: &[Contestant]) -> Table {
    let mut table = Table::new([
        "objective",
        "held-out J ± se",
        "J of training rows",
        "time per step",
        "time to best J",
        "step of best J",
        "total time",
    ]);
    for Contestant { name, report, .. } in contestants {
        let best = |of: fn(HeldOut) -> String| report.best.map_or("–".to_owned(), of);
        table.row([
            name.clone(),
            best(|b| b.estimate().to_string()),
            report
                .training_rows
                .map_or("–".to_owned(), |rows| rows.to_string()),
            format!("{:.0} µs", 1e6 * report.seconds_per_step),
            best(|b| format!("{:.3} s", b.seconds)),
            best(|b| b.step.to_string()),
            format!("{:.3} s", report.seconds),
        ]);
    }
    table
}

/// What a reader needs beside the numbers, a sentence or two an item.
pub(super) fn notes(
    options: &Options,
    sample: &Sample,
    parts: &Split<f32>,
    contestants: &[Contestant],
) -> Vec<String> {
    let Options {
        steps,
        learning_rate,
        jitter,
        seed,
        ..
    } = options;
    let (train, held_out) = (parts.train.nrows(), parts.held_out.nrows());
    let batch = options.batch.min(train);
    let evaluation = contestants
        .iter()
        .find_map(|contestant| contestant.report.evaluation)
        .map_or("J".to_owned(), |evaluation| evaluation.to_string());
    let Sample { name, layout, .. } = sample;
    let layout = layout.as_ref().map(|layout| format!(" File: {layout}."));
    let units = match options.units {
        Units::Deviation => "mean and deviation",
        Units::Robust => "median and quartiles",
    };
    vec![
        format!("{name}: {train} rows to learn from, {held_out} held out, in units of {units}.{}", layout.unwrap_or_default()),
        format!("One network 2-64-64-64-1 (SiLU), one initialisation, {steps} steps of Adam with {batch} samples a step,"),
        format!("learning rate {learning_rate} falling along a cosine, jitter {jitter} of a standard deviation, parameters averaged, seed {seed}."),
        "J = mean ½‖∇E‖² − ΔE in standardised units, exact whatever was trained; less is better.".into(),
        format!("Held-out rows are judged by {evaluation}, the same for all models; training rows, as many, likewise."),
        "Each model is kept as it was at its best J, the last that lay below the one before by more than a standard".into(),
        "error of their difference over the rows. Times are of training alone.".into(),
    ]
}
