//! The pictures of a comparison: landscapes over the data's window, and the held-out loss as it fell.

use anyhow::Result;
use ndarray::{Array2, ArrayView2};
use scorematch::data::Standardization;
use scorematch::train::HeldOut;

use super::sample::Sample;
use super::training::Contestant;
use crate::energy_picture::{Axis, EnergyPanel, EnergyPicture, Grid};
use scorematch_runs::plot::{Line, LinePanel, LinePicture, Picture, SERIES, Scale, WIDE_PANEL};

/// Energies that one colour stands for, above the least energy of a datum.
const LEVELS: std::ops::RangeInclusive<u8> = 1..=8;
const CONTOUR_GRID: Grid = Grid {
    columns: 161,
    rows: 161,
};
/// Arrows along each side.
const ARROWS: usize = 15;

/// Energy contours, data and score field of each model, on shared levels and in the data's units.
pub(super) fn landscapes(
    contestants: &[Contestant],
    sample: &Sample,
    units: &Standardization,
) -> Result<Picture> {
    let axes = [0, 1].map(|side| {
        let column = sample.values.column(side);
        let low = column.iter().copied().fold(f64::INFINITY, f64::min);
        let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let margin = 0.25 * (high - low);
        Axis {
            label: sample.labels[side].clone(),
            range: [low - margin, high + margin],
        }
    });
    let grid_points = CONTOUR_GRID.points(&axes);
    let arrow_points = arrow_places(&axes);
    let mut panels = Vec::new();
    for contestant in contestants {
        let model = &contestant.model;
        let standard = |x: ArrayView2<'_, f64>| -> Result<Array2<f32>> {
            Ok(units.apply(x)?.mapv(|z| z as f32))
        };
        let at_data = model.energy(standard(sample.values.view())?.view())?;
        let least = at_data.iter().copied().fold(f32::INFINITY, f32::min);
        let energy = model.energy(standard(grid_points.view())?.view())?;
        let energy = energy
            .mapv(|e| f64::from(e - least))
            .into_shape_with_order((CONTOUR_GRID.rows, CONTOUR_GRID.columns))?;
        let score = model.score(standard(arrow_points.view())?.view())?;
        let score = units.score_in_data_units(score.mapv(f64::from).view())?;
        let rows = arrow_points.rows().into_iter().zip(score.rows());
        panels.push(EnergyPanel {
            title: contestant.name.clone(),
            energy,
            arrows: rows.map(|(at, s)| ([at[0], at[1]], [s[0], s[1]])).collect(),
        });
    }
    let picture = EnergyPicture {
        axes,
        panels,
        data: sample.values.view(),
        levels: LEVELS.map(f64::from).collect(),
        bar_label: "energy above that of the likeliest datum (nats)".into(),
    };
    picture.draw()
}

/// A lattice that stands half a step inside the window.
fn arrow_places(axes: &[Axis; 2]) -> Array2<f64> {
    Array2::from_shape_fn((ARROWS * ARROWS, 2), |(point, side)| {
        let k = [point % ARROWS, point / ARROWS][side];
        let [low, high] = axes[side].range;
        low + (high - low) * (k as f64 + 0.5) / ARROWS as f64
    })
}

/// Exact J on held-out rows against steps and against seconds; pale beside it, the mean loss of the batches
/// trained on since the evaluation before.
pub(super) fn curves(contestants: &[Contestant]) -> Result<Picture> {
    let picture = LinePicture {
        panel: WIDE_PANEL,
        panels: vec![
            panel(contestants, "Loss against steps", "steps", |at| {
                at.step as f64
            }),
            panel(
                contestants,
                "Loss against time",
                "seconds of training",
                |at| at.seconds,
            ),
        ],
    };
    picture.draw()
}

fn panel(
    contestants: &[Contestant],
    title: &str,
    x_label: &str,
    x: fn(&HeldOut) -> f64,
) -> LinePanel {
    let mut lines = Vec::new();
    for (contestant, colour) in contestants.iter().zip(SERIES) {
        let report = &contestant.report;
        let held_out = &report.held_out;
        let trained_on = held_out.windows(2).filter_map(|pair| {
            let loss = report.mean_loss(pair[0].step..pair[1].step)?;
            Some((x(&pair[1]), loss))
        });
        let judged_on = held_out.iter().map(|at| (x(at), at.loss));
        for (points, faint) in [(trained_on.collect(), true), (judged_on.collect(), false)] {
            let name = match faint {
                true => String::new(),
                false => contestant.name.clone(),
            };
            lines.push(Line {
                name,
                colour,
                points,
                marked: false,
                faint,
            });
        }
    }
    lines.sort_by_key(|line| !line.faint);
    let all = || {
        lines
            .iter()
            .flat_map(|line: &Line| &line.points)
            .filter(|p| p.1.is_finite())
    };
    let last = all().map(|p| p.0).fold(f64::MIN_POSITIVE, f64::max);
    let least = all().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let first = all()
        .find(|p| p.0 == 0.0)
        .map_or(least + 1.0, |p| p.1.max(least + 1e-6));
    let margin = 0.06 * (first - least);
    LinePanel {
        title: title.into(),
        x_label: x_label.into(),
        y_label: "J (standardised units)".into(),
        x_range: [0.0, last],
        y_range: [least - margin, first + margin],
        x_scale: Scale::Linear,
        y_scale: Scale::Linear,
        bands: Vec::new(),
        lines,
    }
}
