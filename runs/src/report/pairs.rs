//! The picture of pairs of columns in a report, and what is to be said about it.

use anyhow::Result;
use ndarray::{ArrayView2, Axis};

use super::{HeldOut, Page};
use crate::plot::{MOST_COLUMNS, PairsPicture, Picture};
use crate::statistics::residuals::ColumnResiduals;

/// Held-out rows beside samples, those columns first that fit least.
pub(super) fn add_pairs(
    held_out: &HeldOut,
    samples: Option<ArrayView2<'_, f64>>,
    residuals: &[ColumnResiduals],
    page: &mut Page,
) -> Result<Picture> {
    let count = held_out.names.len();
    let mut columns: Vec<usize> = match residuals.is_empty() {
        true => (0..count).collect(),
        false => residuals.iter().map(|of| of.column).collect(),
    };
    columns.truncate(MOST_COLUMNS);
    columns.sort_unstable();
    let names: Vec<String> = columns
        .iter()
        .map(|&column| held_out.names[column].clone())
        .collect();
    let data = held_out.rows.select(Axis(1), &columns);
    let samples = samples.map(|samples| samples.select(Axis(1), &columns));
    let pairs = PairsPicture {
        names: &names,
        data: data.view(),
        samples: samples.as_ref().map(|samples| samples.view()),
    };
    let picture = pairs.draw()?;
    let mut note = String::from(match (&samples, columns.len()) {
        (None, _) => "Held-out rows; no samples were drawn.",
        (Some(_), 1) => "Held-out rows (filled) and samples of the model (outlined).",
        (Some(_), _) => {
            "Held-out rows (below the diagonal, and filled histograms) and samples of the model (above it, and outlined \
             histograms)."
        }
    });
    if columns.len() < count {
        note += &format!(
            " Of {count} columns, the {} with the largest |z| of the residuals.",
            columns.len()
        );
    }
    if let (Some(_), false) = (&samples, held_out.noise.is_empty()) {
        note += &format!(
            " The model was trained under {}, so its samples are wider than the rows by as much.",
            held_out.noise
        );
    }
    note += " Axes span the bulk of the rows.";
    let outside = pairs.samples_outside();
    if outside > 0.0 {
        note += &format!(" {:.1} % of the samples lie outside them.", 100.0 * outside);
    }
    match samples {
        Some(_) => page.heading("Data and samples"),
        None => page.heading("Data"),
    }
    page.picture(&picture, "Every pair of columns, data and samples");
    page.note(&note);
    Ok(picture)
}
