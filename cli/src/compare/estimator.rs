//! Sliced against exact at one point: the same parameters, the same batch, many draws of directions.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ndarray::{ArrayView2, s};
use scorematch::train::Objective;
use scorematch::{Loss, Model, Spec};

use scorematch_runs::table::Table;

/// Directions a sample.
const COUNTS: [usize; 3] = [1, 4, 16];
/// Draws behind each mean and variance of a small batch.
const MOST_DRAWS: usize = 1000;
/// Samples times draws: what a large batch takes in draws, so that its time is that of a batch of 128.
const WORK: usize = 128 * MOST_DRAWS;
/// Samples at most. Fewer than 250 draws would leave the variance uncertain by more than a tenth.
const MOST_ROWS: usize = WORK / 250;

/// What slicing does to a loss and its gradient.
pub(super) struct Slicing {
    rows: usize,
    /// Samples that were given.
    batch: usize,
    draws: usize,
    exact: f64,
    found: Vec<Spread>,
}

/// Sliced losses of one kind, drawn many times.
struct Spread {
    name: &'static str,
    count: usize,
    /// Mean of the sliced loss less the exact loss.
    bias: f64,
    /// Standard error of that mean.
    bias_error: f64,
    /// Variance of one sliced loss.
    variance: f64,
    /// Mean cosine between one sliced gradient and the exact one.
    cosine: f64,
}

/// How many samples of a batch are taken, and how often directions are drawn for them.
fn extent(batch: usize) -> (usize, usize) {
    let rows = batch.min(MOST_ROWS);
    (rows, (WORK / rows.max(1)).min(MOST_DRAWS))
}

/// A bar on stderr; nothing where that is not a terminal.
fn progress(draws: usize) -> Result<ProgressBar> {
    let style =
        ProgressStyle::with_template("sliced against exact {bar:24} {pos}/{len}, {eta} left")?;
    let target = ProgressDrawTarget::stderr_with_hz(10);
    Ok(ProgressBar::with_draw_target(Some(draws as u64), target).with_style(style))
}

/// Compares the sliced losses with the exact one at the parameters of `model` on samples of `batch`, `[B, D]`.
pub(super) fn measure<S: Spec>(
    model: &Model<S, f32>,
    batch: ArrayView2<'_, f32>,
    seed: u64,
) -> Result<Slicing> {
    let (rows, draws) = extent(batch.nrows());
    let whole = batch.nrows();
    let batch = batch.slice(s![..rows, ..]);
    let progress = progress(2 * COUNTS.len() * draws)?;
    let mut exact_gradient = vec![0.0; S::PARAM_LEN];
    let exact = model.loss_gradient(batch, &Loss::esm(), &mut exact_gradient)?;
    let mut gradient = vec![0.0; S::PARAM_LEN];
    let kinds: [(_, fn(usize) -> Objective); 2] =
        [("SSM", Objective::ssm), ("SSM-VR", Objective::ssm_vr)];
    let mut found = Vec::new();
    for count in COUNTS {
        for (name, objective) in kinds {
            let (mut errors, mut cosines) = (Vec::new(), 0.0);
            for step in 0..draws as u64 {
                let loss = objective(count).loss(seed, step);
                errors.push(model.loss_gradient(batch, &loss, &mut gradient)? - exact);
                cosines += cosine(&gradient, &exact_gradient);
                progress.inc(1);
            }
            let n = draws as f64;
            let bias = errors.iter().sum::<f64>() / n;
            let variance = errors.iter().map(|e| (e - bias).powi(2)).sum::<f64>() / (n - 1.0);
            found.push(Spread {
                name,
                count,
                bias,
                bias_error: (variance / n).sqrt(),
                variance,
                cosine: cosines / n,
            });
        }
    }
    progress.finish_and_clear();
    Ok(Slicing {
        rows,
        batch: whole,
        draws,
        exact,
        found,
    })
}

impl Slicing {
    /// A row for each kind and number of directions.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new([
            "loss",
            "directions",
            "bias ± its error",
            "variance",
            "gradient cosine",
        ]);
        for spread in &self.found {
            table.row([
                spread.name.into(),
                spread.count.to_string(),
                format!("{:+.4} ± {:.4}", spread.bias, spread.bias_error),
                format!("{:.4}", spread.variance),
                format!("{:.3}", spread.cosine),
            ]);
        }
        table
    }

    /// What a reader needs beside the numbers, a sentence or two an item.
    pub(super) fn notes(&self) -> Vec<String> {
        let Slicing {
            rows,
            batch,
            draws,
            exact,
            ..
        } = self;
        let samples = match rows == batch {
            true => format!("one batch of {rows} rows"),
            false => format!("{rows} rows of a batch of {batch}"),
        };
        vec![
            format!("Sliced against exact at one point: the parameters of the ESM model and {samples},"),
            format!("where the exact loss is {exact:.4}; Rademacher directions, drawn {draws} times. Bias and variance are those"),
            "of the sliced loss; the cosine is between one sliced gradient and the exact one, on average.".into(),
        ]
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(&a, &b)| f64::from(a) * f64::from(b))
            .sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_has_a_bound_for_any_batch() {
        for batch in [1, 5, 128, 129, 512, 513, 4096, 1 << 30] {
            let (rows, draws) = extent(batch);
            assert!(rows * draws <= WORK && rows <= batch, "{batch}");
            assert!((250..=MOST_DRAWS).contains(&draws), "{batch}: {draws}");
        }
        assert_eq!(extent(128), (128, MOST_DRAWS));
    }
}
