//! What a report says about held-out rows: the loss with an interval, and residuals of the scores.

use super::{HeldOut, Page};
use crate::statistics::bootstrap::{Interval, RESAMPLES, largest_share, mean_interval};
use crate::statistics::residuals::{ColumnResiduals, MARKED, Residual};
use crate::table::Table;

/// The level of the interval.
const LEVEL: f64 = 0.95;
/// The seed of its resamples.
const SEED: u64 = 0;
/// Fewer rows make a poor interval.
const FEW_ROWS: usize = 30;
/// The largest share of the spread that one row has without a word of caution.
const LARGE_SHARE: f64 = 0.25;

impl HeldOut {
    /// The mean loss, its interval and what that means.
    pub(super) fn add_loss(&self, page: &mut Page) {
        page.heading("Loss on held-out rows");
        let count = self.losses.len();
        let broken = self.losses.iter().filter(|loss| !loss.is_finite()).count();
        if count == 0 {
            page.paragraph("No rows were held out.");
            return;
        }
        if broken > 0 {
            page.warnings(
                "The loss is not finite",
                &[format!(
                    "on {broken} of {count} rows, so that there is no mean. Train with a smaller learning rate, or look at \
                     these rows"
                )],
            );
            return;
        }
        let mean = self.losses.iter().sum::<f64>() / count as f64;
        let interval = mean_interval(&self.losses, LEVEL, RESAMPLES, SEED);
        let percent = 100.0 * LEVEL;
        let about = match interval {
            Some(Interval { low, high }) => format!(
                "{}, {percent:.0} % interval {} to {}",
                self.loss,
                number(low),
                number(high)
            ),
            None => format!("{}, of one row, without an interval", self.loss),
        };
        page.figure(&number(mean), &about);
        let mut note = format!(
            "The mean over {count} rows, in the units of training; less is better. Only differences between models of the \
             same data in the same units mean something."
        );
        if interval.is_some() {
            note += &format!(
                " Intervals made like this one, from other held-out rows, contain the loss over all possible rows in about \
                 {percent:.0} % of cases: a percentile bootstrap over rows with {RESAMPLES} resamples. The interval does \
                 not know that another seed trains another model, nor that these rows may have chosen the best step."
            );
        }
        let share = largest_share(&self.losses);
        if interval.is_some() && count < FEW_ROWS {
            note += &format!(" With {count} rows it is too short.");
        } else if share > LARGE_SHARE {
            note += &format!(
                " One row makes up {:.0} % of the spread. Losses with such heavy tails have intervals that are too short; a \
                 trimmed mean as held-out estimator is steadier.",
                100.0 * share
            );
        }
        page.note(&note);
    }

    /// The table of residuals, those columns first that fit least.
    pub(super) fn add_residuals(&self, residuals: &[ColumnResiduals], page: &mut Page) {
        page.heading("Residuals of the score");
        if residuals.is_empty() {
            page.paragraph("Residuals need two rows or more.");
            return;
        }
        let mut table = Table::new(["column", "shift", "± se", "z", "width", "± se", "z"]);
        for of in residuals {
            let cells = [&of.mean, &of.slope].map(cells);
            let name = self.names[of.column].clone();
            let cells = std::iter::once(name).chain(cells.into_iter().flatten());
            if of.is_marked() {
                table.marked_row(cells);
            } else {
                table.row(cells);
            }
        }
        page.table(&table);
        let marked = residuals.iter().filter(|of| of.is_marked()).count();
        let verdict = match (marked, residuals.len()) {
            (0, _) => format!("No column has |z| > {MARKED}."),
            (1, all) => format!("1 of {all} columns, which is marked, has |z| > {MARKED}."),
            (_, all) => {
                format!("{marked} of {all} columns, which are marked, have |z| > {MARKED}.")
            }
        };
        page.paragraph(&verdict);
        let noise = match &self.noise[..] {
            "" => String::new(),
            noise => format!(", under {noise} as in training"),
        };
        page.note(&format!(
            "Under any smooth density that decays at infinity, the score of a column has mean 0, and its covariance with \
             the column is −1. Shift is the mean score times the deviation of the column: positive where the model lies too \
             high. Width is 1 + the covariance: negative where the model is too narrow, positive where it is too wide. \
             Neither has a unit, and a perfect model has 0 of both; but a model with 0 of both may have other faults. They \
             are means over the held-out rows{noise}. z, in standard errors, says whether a residual is chance; the residual \
             says whether it matters: a small one with a large z is a small error that many rows make certain. Among many \
             columns some have |z| > {MARKED} by chance, and more with heavy tails."
        ));
    }
}

/// A residual, its standard error and its z.
fn cells(residual: &Residual) -> [String; 3] {
    let z = match residual.z() {
        Some(z) => format!("{z:.1}"),
        None => "–".into(),
    };
    [number(residual.value), number(residual.standard_error), z]
}

/// Four decimals, or a power of ten where they would say nothing.
fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e6).contains(&magnitude) {
        format!("{value:.4}")
    } else if value.is_finite() {
        format!("{value:.2e}")
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn held_out(losses: Vec<f64>) -> HeldOut {
        let count = losses.len();
        let rows = Array2::from_shape_fn((count, 1), |(i, _)| (i as f64).sin());
        HeldOut {
            names: vec!["x".into()],
            losses,
            loss: "J under noise 0.1".into(),
            points: rows.clone(),
            scores: -2.0 * &rows,
            rows,
            noise: String::new(),
        }
    }

    fn html(add: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::new("title", "lead");
        add(&mut page);
        page.html().unwrap()
    }

    #[test]
    fn the_loss_has_an_interval_and_cautions() {
        let even: Vec<f64> = (0..100).map(|k| f64::from(k % 10)).collect();
        let page = html(|page| held_out(even.clone()).add_loss(page));
        assert!(
            page.contains("4.5000 <small>J under noise 0.1, 95 % interval"),
            "{page}"
        );
        assert!(!page.contains("too short"));
        let mut heavy = even;
        heavy[3] = 1e3;
        assert!(html(|page| held_out(heavy).add_loss(page)).contains("heavy tails"));
        assert!(html(|page| held_out(vec![1.0, 2.0]).add_loss(page)).contains("too short"));
        assert!(html(|page| held_out(vec![1.0]).add_loss(page)).contains("without an interval"));
        let page = html(|page| held_out(vec![1.0, f64::NAN]).add_loss(page));
        assert!(page.contains("on 1 of 2 rows"));
        assert!(html(|page| held_out(Vec::new()).add_loss(page)).contains("No rows"));
    }

    #[test]
    fn a_column_that_does_not_fit_is_marked() {
        let held_out = held_out(vec![0.0; 400]);
        let residuals = crate::statistics::residuals::column_residuals(
            held_out.points.view(),
            held_out.scores.view(),
        );
        // Twice the identity has covariance −2·var, and the variance of the sine is ½: the residual is 0.
        assert!(!residuals[0].is_marked());
        let page = html(|page| held_out.add_residuals(&residuals, page));
        assert!(page.contains("No column has"));
        let scores = 1.5 * &held_out.scores;
        let residuals =
            crate::statistics::residuals::column_residuals(held_out.points.view(), scores.view());
        let page = html(|page| held_out.add_residuals(&residuals, page));
        assert!(page.contains("class=\"marked\"") && page.contains("1 of 1 columns"));
    }

    #[test]
    fn numbers_are_short() {
        let found = [-1.23456, 0.0, 1e-5, 2.5e7, f64::NAN].map(number);
        assert_eq!(found, ["-1.2346", "0.0000", "1.00e-5", "2.50e7", "NaN"]);
    }
}
