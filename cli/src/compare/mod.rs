//! `compare`: one architecture, one initialisation, one data set; exact, sliced and variance-reduced sliced
//! score matching. Out: a table, pictures and a report.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use ndarray::{Array2, s};
use scorematch::data::{Columns, Guard, Header, Standardizer, split};
use scorematch::train::Stop;

mod estimator;
mod pictures;
mod sample;
mod training;

use self::sample::Sample;
use super::say;
use scorematch_runs::output::OutputFolder;
use scorematch_runs::report::Page;

#[derive(Args)]
pub(crate) struct Options {
    /// A file of two columns of numbers, in place of Old Faithful
    #[arg(long, value_name = "FILE.csv")]
    data: Option<PathBuf>,
    /// Which columns of the file, by name or number: eruptions,waiting
    #[arg(long, value_name = "A,B", requires = "data")]
    columns: Option<Columns>,
    /// Whether the first line of the file names the columns
    #[arg(long, value_enum, default_value = "auto", requires = "data")]
    header: FirstLine,
    /// The units of training: mean and deviation of each column, or its median and quartiles, which outliers do not move
    #[arg(long, value_enum, default_value = "deviation")]
    units: Units,
    /// What to do about rows that repeat, values on few levels and outliers
    #[arg(long, value_enum, default_value = "warn")]
    data_guard: DataGuard,
    /// Where the report and the pictures go
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
    /// Training steps of each model
    #[arg(long, default_value_t = 4000)]
    steps: u64,
    /// Samples a step
    #[arg(long, default_value_t = 128)]
    batch: usize,
    /// Directions a sample and step, for the sliced losses
    #[arg(long, default_value_t = 1)]
    directions: usize,
    /// Learning rate at its height
    #[arg(long, alias = "rate", default_value_t = 1e-3)]
    learning_rate: f64,
    /// Standard deviation of the noise that blurs quantised data, in standard deviations of the data
    #[arg(long, default_value_t = 0.15)]
    jitter: f64,
    /// Of the split, the initialisation, the batches, the jitter and the directions
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; 0 for all cores
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// What to compute on: cpu, a GPU as cuda:0, or several that train together as cuda:0,1
    #[arg(long, default_value = "cpu")]
    device: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum FirstLine {
    /// It does if a cell of it is text and none is a number
    Auto,
    Yes,
    No,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Units {
    Deviation,
    Robust,
}

#[derive(Clone, Copy, ValueEnum)]
enum DataGuard {
    /// Say so
    Warn,
    /// End before training
    Error,
    /// Do not look
    Silent,
}

impl FirstLine {
    fn header(self) -> Header {
        match self {
            FirstLine::Auto => Header::Auto,
            FirstLine::Yes => Header::Present,
            FirstLine::No => Header::Absent,
        }
    }
}

impl DataGuard {
    fn guard(self) -> Guard {
        match self {
            DataGuard::Warn => Guard::Warn,
            DataGuard::Error => Guard::Error,
            DataGuard::Silent => Guard::Silent,
        }
    }
}

/// Part of the rows that no model learns from.
const HELD_OUT: f64 = 0.2;

const PICTURE_NOTE: &str = "\
Each panel shows the energy −log p of one model, up to its unknown constant, on levels that the panels share. \
Arrows point along the score ∇ log p as drawn, towards likelier places; their length grows with its size up to a \
limit. Away from the data the energy is what the network happens to extrapolate.";

const CURVE_NOTE: &str = "\
Strong lines: the exact J on held-out rows, under noise like the jitter. Pale lines: the loss of the batches that were \
trained on, each in its own objective and with jitter, averaged from one evaluation to the next.";

pub(crate) fn run(options: &Options) -> Result<()> {
    let Options {
        steps,
        batch,
        directions,
        ..
    } = *options;
    ensure!(steps > 0, "--steps 0: at least one step is needed");
    ensure!(batch > 0, "--batch 0: at least one sample is needed");
    ensure!(
        directions > 0,
        "--directions 0: a sliced loss needs at least one"
    );
    let folder = OutputFolder::prepare(&options.out)?;
    let sample = match &options.data {
        Some(file) => Sample::read(
            file,
            options.columns.as_ref().unwrap_or(&Columns::All),
            options.header.header(),
        )?,
        None => Sample::old_faithful(),
    };
    let parts = split(sample.values.view(), HELD_OUT, options.seed)?;
    let units = Standardizer::new()
        .robust(options.units == Units::Robust)
        .names(&sample.labels)
        .fit(parts.train.view())?;
    // In float32 before they are standardized, values that lie near each other and far from 0 would be one.
    let standard =
        |x: &Array2<f64>| -> Result<Array2<f32>> { Ok(units.apply(x.view())?.mapv(|z| z as f32)) };
    let parts = parts.try_map(standard)?;
    let findings =
        options
            .data_guard
            .guard()
            .findings(parts.train.view(), options.jitter, &sample.labels)?;
    let contestants = training::train(options, &parts)?;

    let batch = parts.train.slice(s![..batch.min(parts.train.nrows()), ..]);
    let slicing = estimator::measure(&contestants[0].model, batch, options.seed)?;
    let training_notes = training::notes(options, &sample, &parts, &contestants);
    let (ranking, slicing_notes, slicing) = (
        training::table(&contestants),
        slicing.notes(),
        slicing.table(),
    );
    let landscapes = pictures::landscapes(&contestants, &sample, &units)?;
    let curves = pictures::curves(&contestants)?;
    let mut page = Page::new(
        &format!("Exact and sliced score matching: {}", sample.name),
        &sample.about,
    );
    page.paragraph(&training_notes.join(" "));
    if !findings.is_empty() {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        page.warnings("Findings in the data", &findings);
    }
    page.table(&ranking);
    page.picture(
        &landscapes,
        "Energy contours, data and score field of each model",
    );
    page.paragraph(PICTURE_NOTE);
    page.heading("How the loss fell");
    page.picture(
        &curves,
        "Exact loss on held-out data against steps and against seconds",
    );
    page.paragraph(CURVE_NOTE);
    page.heading("What slicing does, at equal parameters and batch");
    page.paragraph(&slicing_notes.join(" "));
    page.table(&slicing);
    let html = page.html()?;
    // Before the text, whose reader may have left.
    let files = [
        ("energy.png", &landscapes.png[..]),
        ("loss.png", &curves.png),
        ("report.html", html.as_bytes()),
    ]
    .map(|(name, content)| folder.write(name, content));
    say(training_notes.join("\n"));
    for finding in &findings {
        say(format_args!("warning: {finding}"));
    }
    say(format_args!("\n{ranking}\n"));
    for contestant in &contestants {
        if contestant.report.stop != Stop::Finished {
            say(format_args!(
                "{}: {}\n",
                contestant.name, contestant.report.stop
            ));
        }
    }
    say(slicing_notes.join("\n"));
    say(format_args!("\n{slicing}\n"));

    for file in files {
        say(format_args!("wrote {}", file?.display()));
    }
    Ok(())
}
