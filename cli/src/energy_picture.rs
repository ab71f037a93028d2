//! Energy landscapes side by side: filled contours on shared levels, data, and the score as arrows.
//!
//! In: per model, energies on a grid over a window in data units and scores on a lattice of points.
//! Energies are relative to a level the caller chose (an unnormalised model knows its energy only up to a
//! constant). Out: one row of panels and a colour bar that holds for all of them.

use anyhow::{Context, Result};
use contour::ContourBuilder;
use ndarray::{Array2, ArrayView2};
use plotters::coord::CoordTranslate;
use plotters::prelude::*;
use scorematch_runs::plot::canvas::{Area, Picture, size, text};
use scorematch_runs::plot::palette::{self, DATA, INK};

/// One axis of the window.
pub(crate) struct Axis {
    /// What it measures, with its unit.
    pub(crate) label: String,
    /// Least and greatest value shown.
    pub(crate) range: [f64; 2],
}

/// A rectangular grid over the window: `columns` × `rows` points, the corners among them.
pub(crate) struct Grid {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// One model's landscape.
pub(crate) struct EnergyPanel {
    /// Shown above the panel.
    pub(crate) title: String,
    /// Energy at each grid point, `[rows, columns]`, the first row at the lower edge.
    pub(crate) energy: Array2<f64>,
    /// Where arrows stand and the score there, both in data units.
    pub(crate) arrows: Vec<([f64; 2], [f64; 2])>,
}

/// A row of landscapes over one window.
pub(crate) struct EnergyPicture<'a> {
    pub(crate) axes: [Axis; 2],
    pub(crate) panels: Vec<EnergyPanel>,
    /// The samples, `[n, 2]`.
    pub(crate) data: ArrayView2<'a, f64>,
    /// Contour levels, rising; the bands below the first and above the last are open.
    pub(crate) levels: Vec<f64>,
    /// What the colour bar measures.
    pub(crate) bar_label: String,
}

impl Grid {
    /// The points in data units, row by row from the lower left corner: `[rows * columns, 2]`.
    pub(crate) fn points(&self, axes: &[Axis; 2]) -> Array2<f64> {
        let place = |axis: &Axis, k: usize, n: usize| {
            axis.range[0] + (axis.range[1] - axis.range[0]) * k as f64 / (n - 1) as f64
        };
        Array2::from_shape_fn((self.rows * self.columns, 2), |(point, side)| match side {
            0 => place(&axes[0], point % self.columns, self.columns),
            _ => place(&axes[1], point / self.columns, self.rows),
        })
    }
}

const PANEL: (u32, u32) = (560, 560);
const BAR: u32 = 130;

impl EnergyPicture<'_> {
    /// Draws the row.
    pub(crate) fn draw(&self) -> Result<Picture> {
        let count = self.panels.len() as u32;
        Picture::draw(PANEL.0 * count + BAR, PANEL.1, |area| {
            let (panels, bar) = area.split_horizontally(size(f64::from(PANEL.0 * count)));
            for (panel, area) in self
                .panels
                .iter()
                .zip(panels.split_evenly((1, self.panels.len())))
            {
                self.draw_panel(panel, &area)?;
            }
            self.draw_bar(&bar)
        })
    }

    fn draw_panel(&self, panel: &EnergyPanel, area: &Area<'_>) -> Result<()> {
        let [x, y] = &self.axes;
        let mut chart = ChartBuilder::on(area)
            .margin(size(12.0))
            .caption(&panel.title, text(20.0, INK))
            .x_label_area_size(size(48.0))
            .y_label_area_size(size(58.0))
            .build_cartesian_2d(x.range[0]..x.range[1], y.range[0]..y.range[1])?;
        self.fill_bands(panel, chart.plotting_area())?;
        for (line, level) in self.contour_lines(panel)? {
            let strong = level.rem_euclid(2.0) == 0.0;
            let style = WHITE
                .mix(if strong { 0.85 } else { 0.45 })
                .stroke_width(size(0.75));
            chart.draw_series(std::iter::once(PathElement::new(line, style)))?;
        }
        let dots = self.data.rows().into_iter().map(|row| (row[0], row[1]));
        chart.draw_series(
            dots.clone()
                .map(|at| Circle::new(at, size(3.0), WHITE.mix(0.7).filled())),
        )?;
        chart.draw_series(dots.map(|at| Circle::new(at, size(2.2), DATA.mix(0.9).filled())))?;
        let plot = chart.plotting_area();
        let ((left, top), (width, height)) = (plot.get_base_pixel(), plot.dim_in_pixel());
        // Energy per drawn pixel, rightwards and downwards.
        let per_pixel = [
            (x.range[1] - x.range[0]) / f64::from(width),
            (y.range[0] - y.range[1]) / f64::from(height),
        ];
        for (at, score) in &panel.arrows {
            let slope = [score[0] * per_pixel[0], score[1] * per_pixel[1]];
            let (right, down) = plot.map_coordinate(&(at[0], at[1]));
            draw_arrow((right - left, down - top), slope, &plot.strip_coord_spec())?;
        }
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(INK.stroke_width(size(0.75)))
            .x_labels(6)
            .y_labels(7)
            .x_desc(&x.label)
            .y_desc(&y.label)
            .label_style(text(14.0, INK))
            .axis_desc_style(text(15.0, INK))
            .x_label_formatter(&|v| short(*v))
            .y_label_formatter(&|v| short(*v))
            .draw()?;
        Ok(())
    }

    /// Colours each drawn pixel by the band of the energy interpolated there.
    fn fill_bands<X: CoordTranslate>(
        &self,
        panel: &EnergyPanel,
        area: &DrawingArea<BitMapBackend<'_>, X>,
    ) -> Result<()> {
        let (width, height) = area.dim_in_pixel();
        let (rows, columns) = panel.energy.dim();
        let area = area.strip_coord_spec();
        for row in 0..height {
            let v = (1.0 - (f64::from(row) + 0.5) / f64::from(height)) * (rows - 1) as f64;
            for column in 0..width {
                let u = (f64::from(column) + 0.5) / f64::from(width) * (columns - 1) as f64;
                let band = self
                    .levels
                    .partition_point(|&level| level <= bilinear(&panel.energy, v, u));
                let colour = palette::band(band, self.levels.len() + 1);
                area.draw_pixel((column as i32, row as i32), &colour)?;
            }
        }
        Ok(())
    }

    /// Polylines in data units with their level.
    fn contour_lines(&self, panel: &EnergyPanel) -> Result<Vec<(Vec<(f64, f64)>, f64)>> {
        let (rows, columns) = panel.energy.dim();
        let [x, y] = &self.axes;
        let step = |axis: &Axis, n: usize| (axis.range[1] - axis.range[0]) / (n - 1) as f64;
        let values: Vec<f64> = panel.energy.iter().copied().collect();
        // The crate takes a value as the middle of a cell that starts at the origin.
        let lines = ContourBuilder::new(columns, rows, true)
            .x_step(step(x, columns))
            .y_step(step(y, rows))
            .x_origin(x.range[0] - 0.5 * step(x, columns))
            .y_origin(y.range[0] - 0.5 * step(y, rows))
            .lines(&values, &self.levels)
            .context("contour lines")?;
        let mut polylines = Vec::new();
        for line in &lines {
            for string in &line.geometry().0 {
                // It closes open lines by a detour around the grid, half a cell outside.
                for piece in string.0.split(|c| !inside(x, c.x) || !inside(y, c.y)) {
                    let points = piece.iter().map(|c| (c.x, c.y)).collect();
                    polylines.push((points, line.threshold()));
                }
            }
        }
        Ok(polylines)
    }

    fn draw_bar(&self, area: &Area<'_>) -> Result<()> {
        let bands = self.levels.len() + 1;
        let (top, bottom) = (size(52.0) as i32, size(f64::from(PANEL.1) - 62.0) as i32);
        let (left, right) = (size(6.0) as i32, size(28.0) as i32);
        let edge = |k: usize| bottom - (bottom - top) * k as i32 / bands as i32;
        for k in 0..bands {
            let corners = [(left, edge(k + 1)), (right, edge(k))];
            area.draw(&Rectangle::new(corners, palette::band(k, bands).filled()))?;
        }
        let frame = INK.stroke_width(size(0.75));
        area.draw(&Rectangle::new([(left, top), (right, bottom)], frame))?;
        for (k, level) in self.levels.iter().enumerate() {
            let at = (right + size(6.0) as i32, edge(k + 1) - size(8.0) as i32);
            area.draw_text(&short(*level), &text(14.0, INK), at)?;
        }
        let style = text(15.0, INK).transform(FontTransform::Rotate270);
        let (length, _) = area.estimate_text_size(&self.bar_label, &text(15.0, INK))?;
        let start = (size(72.0) as i32, (top + bottom + length as i32) / 2);
        area.draw_text(&self.bar_label, &style, start)?;
        Ok(())
    }
}

/// Energy at fractional grid place (row `v`, column `u`).
fn bilinear(grid: &Array2<f64>, v: f64, u: f64) -> f64 {
    let (i, j) = (
        (v as usize).min(grid.nrows() - 2),
        (u as usize).min(grid.ncols() - 2),
    );
    let (s, t) = (v - i as f64, u - j as f64);
    (1.0 - s) * ((1.0 - t) * grid[[i, j]] + t * grid[[i, j + 1]])
        + s * ((1.0 - t) * grid[[i + 1, j]] + t * grid[[i + 1, j + 1]])
}

/// Draws the score at `at`, if it is a direction at all.
///
/// An arrow points down the slope as drawn, square to the contours; its length grows with the slope up to a
/// limit, so that the pull far from the data does not cover the picture.
fn draw_arrow(tail: (i32, i32), slope: [f64; 2], area: &Area<'_>) -> Result<()> {
    let steepness = slope[0].hypot(slope[1]);
    if !steepness.is_normal() {
        return Ok(());
    }
    // Half of the greatest length is reached where the energy falls by 1 within some 55 pixels.
    let length = f64::from(size(24.0)) * (steepness * f64::from(size(30.0))).tanh();
    let along = [slope[0] / steepness, slope[1] / steepness];
    let head = (0.45 * length).min(f64::from(size(6.5)));
    let place = |forward: f64, side: f64| {
        (
            tail.0 + (forward * along[0] - side * along[1]).round() as i32,
            tail.1 + (forward * along[1] + side * along[0]).round() as i32,
        )
    };
    let ink = INK.mix(0.8);
    let neck = length - head;
    area.draw(&PathElement::new(
        [tail, place(neck, 0.0)],
        ink.stroke_width(size(1.0)),
    ))?;
    let corners = vec![
        place(length, 0.0),
        place(neck, 0.42 * head),
        place(neck, -0.42 * head),
    ];
    area.draw(&Polygon::new(corners, ink.filled()))?;
    Ok(())
}

fn inside(axis: &Axis, value: f64) -> bool {
    let slack = 1e-9 * (axis.range[1] - axis.range[0]);
    (axis.range[0] - slack..=axis.range[1] + slack).contains(&value)
}

/// A tick label without trailing noise.
fn short(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded == 0.0 {
        "0".into()
    } else {
        format!("{rounded}")
    }
}
