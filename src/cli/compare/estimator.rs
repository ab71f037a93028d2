//! Sliced against exact at one point: the same parameters, the same batch, many draws of directions.

use anyhow::Result;
use ndarray::ArrayView2;
use scorematch::{Directions, Draw, Loss, Model, Slices, Spec};

use crate::cli::table::Table;

/// Directions a sample.
const COUNTS: [usize; 3] = [1, 4, 16];
/// Draws behind each mean and variance.
const DRAWS: u32 = 1000;

/// What slicing does to a loss and its gradient.
pub(super) struct Slicing {
    rows: usize,
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

/// Compares the sliced losses with the exact one at the parameters of `model` on `batch`, `[B, D]`.
pub(super) fn measure<S: Spec>(
    model: &Model<S, f32>,
    batch: ArrayView2<'_, f32>,
    seed: u64,
) -> Result<Slicing> {
    let mut exact_gradient = vec![0.0; S::PARAM_LEN];
    let exact = model.loss_gradient(batch, &Loss::Esm, &mut exact_gradient)?;
    let mut gradient = vec![0.0; S::PARAM_LEN];
    let kinds: [(_, fn(Slices<'static, f32>) -> Loss<'static, f32>); 2] =
        [("SSM", Loss::Ssm), ("SSM-VR", Loss::SsmVr)];
    let mut found = Vec::new();
    for count in COUNTS {
        for (name, loss) in kinds {
            let (mut errors, mut cosines) = (Vec::new(), 0.0);
            for step in 0..u64::from(DRAWS) {
                let kind = Directions::Rademacher;
                let loss = loss(Slices::Drawn(Draw {
                    kind,
                    count,
                    seed,
                    step,
                }));
                errors.push(model.loss_gradient(batch, &loss, &mut gradient)? - exact);
                cosines += cosine(&gradient, &exact_gradient);
            }
            let n = f64::from(DRAWS);
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
    Ok(Slicing {
        rows: batch.nrows(),
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
        let Slicing { rows, exact, .. } = self;
        vec![
            format!("Sliced against exact at one point: the parameters of the ESM model and one batch of {rows} rows,"),
            format!("where the exact loss is {exact:.4}; Rademacher directions, drawn {DRAWS} times. Bias and variance are those"),
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
