//! `scale`: time of one loss with its gradient against the dimension D, the network otherwise the same.
//!
//! Three ways: exact in one streamed pass, one sliced direction, and the textbook's exact loop, a pass for
//! each coordinate. The loop computes the same number as the exact pass, which is checked.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::zoo::{Mlp2Spec, Mlp10Spec, Mlp50Spec, Mlp200Spec};
use anyhow::{Result, ensure};
use clap::Args;
use ndarray::{Array2, Array3, Axis};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};
use scorematch::{DirectionDistribution, Loss, Model, Projections, RandomDraw, Spec};

use super::power_law::exponent;
use super::say;
use scorematch_runs::output::OutputFolder;
use scorematch_runs::plot::{Line, LinePanel, LinePicture, SERIES, Scale, WIDE_PANEL};
use scorematch_runs::table::Table;

#[derive(Args)]
pub(crate) struct Options {
    /// Where the picture goes
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
    /// Samples a step
    #[arg(long, default_value_t = 128)]
    batch: usize,
    /// Threads; 0 for all cores
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// What to compute on: cpu, or a GPU as cuda:0
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// Seconds of one loss with its gradient.
struct Timing {
    dim: usize,
    exact: f64,
    sliced: f64,
    textbook: f64,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    ensure!(
        options.batch > 0,
        "--batch 0: at least one sample is needed"
    );
    let folder = OutputFolder::prepare(&options.out)?;
    let timings = [
        measure::<Mlp2Spec>(options)?,
        measure::<Mlp10Spec>(options)?,
        measure::<Mlp50Spec>(options)?,
        measure::<Mlp200Spec>(options)?,
    ];
    let ways: [(&str, fn(&Timing) -> f64); 3] = [
        ("exact, one streamed pass", |t| t.exact),
        ("sliced, one direction", |t| t.sliced),
        ("exact, D backward passes", |t| t.textbook),
    ];
    let exponents = ways.map(|(_, of)| exponent(timings.iter().map(|t| (t.dim as f64, of(t)))));

    let mut table = Table::new(["D", ways[0].0, ways[1].0, ways[2].0, "loop ÷ streamed"]);
    for t in &timings {
        let [exact, sliced, textbook] = [t.exact, t.sliced, t.textbook].map(milliseconds);
        table.row([
            t.dim.to_string(),
            exact,
            sliced,
            textbook,
            format!("{:.1}", t.textbook / t.exact),
        ]);
    }
    let [exact, sliced, textbook] = exponents.map(|e| format!("D^{e:.2}"));
    table.row(["fitted".into(), exact, sliced, textbook, String::new()]);
    let lines = ways
        .iter()
        .zip(exponents)
        .zip(SERIES)
        .map(|(((name, of), exponent), colour)| Line {
            name: format!("{name}: time ∝ D^{exponent:.2}"),
            colour,
            points: timings
                .iter()
                .map(|t| (t.dim as f64, 1e3 * of(t)))
                .collect(),
            marked: true,
            faint: false,
        });
    let lines: Vec<Line> = lines.collect();
    let times = || {
        lines
            .iter()
            .flat_map(|line| line.points.iter().map(|p| p.1))
    };
    let y_range = [
        0.6 * times().fold(f64::INFINITY, f64::min),
        1.7 * times().fold(0.0, f64::max),
    ];
    let panel = LinePanel {
        title: format!("One loss and its gradient, batch {}", options.batch),
        x_label: "dimension D of the data".into(),
        y_label: "time (ms)".into(),
        x_range: [1.5, 300.0],
        y_range,
        x_scale: Scale::Log,
        y_scale: Scale::Log,
        bands: Vec::new(),
        lines,
    };
    let picture = LinePicture {
        panel: WIDE_PANEL,
        panels: vec![panel],
    }
    .draw()?;
    let written = folder.write("scale.png", &picture.png);
    say(format_args!(
        "One loss and its gradient: SiLU MLP of widths D, 64, 64, 64, 1; batch {}; float32\n",
        options.batch
    ));
    say(&table);
    say(format_args!("\nPicture: {}", written?.display()));
    Ok(())
}

/// Times the three ways on a fresh model and checks that the two exact ones agree.
fn measure<S: Spec>(options: &Options) -> Result<Timing> {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(0);
    let mut model = Model::<S, f32>::init(rng);
    model.set_threads(options.threads);
    model.set_device(options.device.parse()?)?;
    let x = Array2::from_shape_simple_fn((options.batch, S::DIM), || StandardNormal.sample(rng));
    let mut gradient = vec![0.0; S::PARAM_LEN];

    let exact_loss = model.loss_gradient(x.view(), &Loss::esm(), &mut gradient)?;
    let exact_gradient = gradient.clone();
    let exact =
        median_seconds(|| Ok(model.loss_gradient(x.view(), &Loss::esm(), &mut gradient)?))?;
    let mut step = 0;
    let sliced = median_seconds(|| {
        step += 1;
        let draw = RandomDraw {
            kind: DirectionDistribution::Rademacher,
            count: 1,
            seed: 0,
            step,
        };
        Ok(model.loss_gradient(
            x.view(),
            &Loss::ssm(Projections::Drawn(draw)),
            &mut gradient,
        )?)
    })?;

    let mut sum = vec![0.0; S::PARAM_LEN];
    let mut loop_loss = 0.0;
    let textbook = median_seconds(|| {
        loop_loss = coordinate_loop(&model, &x, &mut gradient, &mut sum)?;
        Ok(loop_loss)
    })?;
    let largest = exact_gradient.iter().fold(0.0f32, |m, g| m.max(g.abs()));
    let difference = sum
        .iter()
        .zip(&exact_gradient)
        .fold(0.0f32, |m, (a, b)| m.max((a - b).abs()));
    ensure!(
        difference < 2e-3 * largest
            && (loop_loss - exact_loss).abs() < 2e-3 * (1.0 + exact_loss.abs()),
        "D = {}: the streamed pass and the loop disagree: losses {exact_loss} and {loop_loss}, gradients by {difference}",
        S::DIM
    );
    Ok(Timing {
        dim: S::DIM,
        exact,
        sliced,
        textbook,
    })
}

/// The exact loss as textbooks write it, ½‖∇E‖² − Σᵢ ∂²E/∂xᵢ², a pass forward and back for each i; leaves the
/// gradient in `sum`.
///
/// A pass along the coordinate eᵢ gives ½‖∇E‖² − ∂²E/∂xᵢ²; the first term is wanted once, not D times, and a
/// pass along 0 gives it alone.
fn coordinate_loop<S: Spec>(
    model: &Model<S, f32>,
    x: &Array2<f32>,
    gradient: &mut [f32],
    sum: &mut [f32],
) -> Result<f64> {
    let mut direction = Array3::zeros((1, x.nrows(), S::DIM));
    sum.fill(0.0);
    let mut loss = 0.0;
    for coordinate in 0..=S::DIM {
        let surplus = coordinate == S::DIM;
        direction.fill(0.0);
        if !surplus {
            direction.index_axis_mut(Axis(2), coordinate).fill(1.0);
        }
        let weight = if surplus { 1.0 - S::DIM as f32 } else { 1.0 };
        let projections = Projections::Given(direction.view());
        loss += f64::from(weight)
            * model.loss_gradient(x.view(), &Loss::ssm_vr(projections), gradient)?;
        sum.iter_mut()
            .zip(&*gradient)
            .for_each(|(s, g)| *s += weight * g);
    }
    Ok(loss)
}

/// Median time of `work`, run for about a quarter of a second and at least three times.
fn median_seconds(mut work: impl FnMut() -> Result<f64>) -> Result<f64> {
    work()?;
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.len() < 3 || begun.elapsed() < Duration::from_millis(250) {
        let start = Instant::now();
        let loss = work()?;
        times.push(start.elapsed().as_secs_f64());
        ensure!(loss.is_finite(), "the loss is {loss}");
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn milliseconds(seconds: f64) -> String {
    let ms = 1e3 * seconds;
    format!("{ms:.*} ms", if ms < 10.0 { 3 } else { 1 })
}
