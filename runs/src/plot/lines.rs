//! Line charts: panels side by side, each with its own axes, one legend above them all.

use super::canvas::{Area, Picture, size, text, text_width};
use super::palette::{Colour, FAINT, INK};
use anyhow::{Result, ensure};
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

/// How an axis is divided.
#[derive(Clone, Copy, PartialEq)]
pub enum Scale {
    /// Equal distances are equal differences.
    Linear,
    /// Equal distances are equal ratios.
    Log,
}

/// One curve.
pub struct Line {
    /// Its entry in the legend; it has none if this is empty.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// Abscissa and ordinate of each point, in order.
    pub points: Vec<(f64, f64)>,
    /// Draws each point, not only the curve through them.
    pub marked: bool,
    /// Thin and pale.
    pub faint: bool,
}

/// A region between two curves, below the lines.
pub struct Band {
    /// Its colour, which is paled.
    pub colour: Colour,
    /// Abscissa, lower and upper edge, in order.
    pub points: Vec<(f64, [f64; 2])>,
}

/// One pair of axes with its curves.
pub struct LinePanel {
    /// The text above the panel.
    pub title: String,
    /// The text below the horizontal axis.
    pub x_label: String,
    /// The text beside the vertical axis.
    pub y_label: String,
    /// Least and greatest abscissa.
    pub x_range: [f64; 2],
    /// Curves are cut off where they leave it.
    pub y_range: [f64; 2],
    /// How the horizontal axis is divided.
    pub x_scale: Scale,
    /// How the vertical axis is divided.
    pub y_scale: Scale,
    /// Regions below the curves.
    pub bands: Vec<Band>,
    /// The curves, later ones above earlier ones.
    pub lines: Vec<Line>,
}

/// Panels in a row.
pub struct LinePicture {
    /// The panels, from the left.
    pub panels: Vec<LinePanel>,
    /// Width and height of a panel in pixels.
    pub panel: [u32; 2],
}

/// Width and height of a panel in a picture for a wide screen.
pub const WIDE_PANEL: [u32; 2] = [720, 480];
/// Height of a row of the legend, and where the first entry starts.
const ROW: u32 = 26;
const LEFT: u32 = 40;
/// Height of its text, and what an entry is wider than that.
const NAME: f64 = 16.0;
const SAMPLE: u32 = 68;

impl LinePicture {
    /// Draws the row; the legend is that of the first panel.
    pub fn draw(&self) -> Result<Picture> {
        let width = self.panel[0] * self.panels.len() as u32;
        let rows = self.legend_rows(width)?;
        let legend_height = match rows.len() as u32 {
            0 => 0,
            rows => ROW * rows + 16,
        };
        Picture::draw(width, self.panel[1] + legend_height, |area| {
            let (legend, row) = area.split_vertically(size(f64::from(legend_height)));
            let areas = row.split_evenly((1, self.panels.len()));
            for (panel, area) in self.panels.iter().zip(areas) {
                panel.draw(&area)?;
            }
            draw_legend(&rows, &legend)
        })
    }

    /// The first panel's lines, as many to a row as fit, each with its distance from the left edge.
    fn legend_rows(&self, width: u32) -> Result<Vec<Vec<(&Line, u32)>>> {
        let mut rows: Vec<Vec<(&Line, u32)>> = Vec::new();
        let mut left = LEFT;
        let lines = self.panels.first().map_or(&[][..], |panel| &panel.lines);
        for line in lines.iter().filter(|line| !line.name.is_empty()) {
            let entry = SAMPLE + text_width(&line.name, NAME)?.ceil() as u32;
            match rows.last_mut() {
                Some(row) if left + entry <= width => row.push((line, left)),
                _ => {
                    left = LEFT;
                    rows.push(vec![(line, left)]);
                }
            }
            left += entry;
        }
        Ok(rows)
    }
}

fn draw_legend(rows: &[Vec<(&Line, u32)>], area: &Area<'_>) -> Result<()> {
    for (row, entries) in rows.iter().enumerate() {
        let middle = size(f64::from(ROW * row as u32 + 24)) as i32;
        for (line, left) in entries {
            let ends = [*left, left + 34].map(|x| (size(f64::from(x)) as i32, middle));
            if line.points.len() > 1 {
                area.draw(&PathElement::new(ends, line.stroke()))?;
            }
            if line.marked {
                let at = ((ends[0].0 + ends[1].0) / 2, middle);
                area.draw(&Circle::new(at, size(4.0), line.colour.filled()))?;
            }
            let at = (ends[1].0 + size(8.0) as i32, middle - size(4.5) as i32);
            area.draw_text(&line.name, &text(NAME, INK), at)?;
        }
    }
    Ok(())
}

impl Line {
    fn stroke(&self) -> ShapeStyle {
        match self.faint {
            true => self.colour.mix(0.35).stroke_width(size(1.0)),
            false => self.colour.stroke_width(size(2.2)),
        }
    }
}

impl LinePanel {
    fn draw(&self, area: &Area<'_>) -> Result<()> {
        for (range, scale) in [(self.x_range, self.x_scale), (self.y_range, self.y_scale)] {
            ensure!(range[0] < range[1], "the axis range {range:?} is empty");
            ensure!(
                scale == Scale::Linear || range[0] > 0.0,
                "a log axis starts at {}",
                range[0]
            );
        }
        let (x, y) = (
            self.x_range[0]..self.x_range[1],
            self.y_range[0]..self.y_range[1],
        );
        match (self.x_scale, self.y_scale) {
            (Scale::Linear, Scale::Linear) => self.draw_on(area, x, y),
            (Scale::Log, Scale::Linear) => self.draw_on(area, x.log_scale(), y),
            (Scale::Linear, Scale::Log) => self.draw_on(area, x, y.log_scale()),
            (Scale::Log, Scale::Log) => self.draw_on(area, x.log_scale(), y.log_scale()),
        }
    }

    fn draw_on<X, Y>(&self, area: &Area<'_>, x: X, y: Y) -> Result<()>
    where
        X: AsRangedCoord<Value = f64>,
        Y: AsRangedCoord<Value = f64>,
        X::CoordDescType: ValueFormatter<f64>,
        Y::CoordDescType: ValueFormatter<f64>,
    {
        let mut chart = ChartBuilder::on(area)
            .margin(size(10.0))
            .margin_right(size(24.0))
            .caption(&self.title, text(18.0, INK))
            .x_label_area_size(size(48.0))
            .y_label_area_size(size(74.0))
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .bold_line_style(FAINT.stroke_width(size(0.75)))
            .light_line_style(FAINT.mix(0.4).stroke_width(size(0.5)))
            .axis_style(INK.stroke_width(size(0.75)))
            .max_light_lines(
                if self.x_scale == Scale::Log || self.y_scale == Scale::Log {
                    10
                } else {
                    1
                },
            )
            .x_labels(8)
            .y_labels(8)
            .x_desc(&self.x_label)
            .y_desc(&self.y_label)
            .label_style(text(14.0, INK))
            .axis_desc_style(text(15.0, INK))
            .x_label_formatter(&|v| tick(*v))
            .y_label_formatter(&|v| tick(*v))
            .draw()?;
        for band in &self.bands {
            for region in band.regions(self.x_range, self.y_range) {
                let style = band.colour.mix(0.22).filled();
                chart.draw_series(std::iter::once(Polygon::new(region, style)))?;
            }
        }
        for line in &self.lines {
            let stroke = line.stroke();
            if line.marked {
                let shown = line
                    .points
                    .iter()
                    .filter(|&&(x, y)| within(x, self.x_range) && within(y, self.y_range));
                let dots = shown.map(|&at| Circle::new(at, size(4.0), line.colour.filled()));
                chart.draw_series(dots)?;
            }
            for piece in clip(&line.points, self.x_range, self.y_range) {
                chart.draw_series(std::iter::once(PathElement::new(piece, stroke)))?;
            }
        }
        Ok(())
    }
}

impl Band {
    /// The outlines of the parts inside the ranges: cut at the upper and the lower edge, and ended at points that are not
    /// finite or lie beyond the left or right edge.
    fn regions(&self, x: [f64; 2], y: [f64; 2]) -> Vec<Vec<(f64, f64)>> {
        let shown = |(at, [low, high]): &(f64, [f64; 2])| {
            within(*at, x) && low.is_finite() && high.is_finite()
        };
        let parts = self.points.split(|point| !shown(point));
        let outline = |part: &[(f64, [f64; 2])]| {
            let edge = |k: usize| {
                part.iter()
                    .map(move |(at, ends)| (*at, ends[k].clamp(y[0], y[1])))
            };
            edge(0).chain(edge(1).rev()).collect()
        };
        parts.filter(|part| part.len() > 1).map(outline).collect()
    }
}

fn within(value: f64, range: [f64; 2]) -> bool {
    (range[0]..=range[1]).contains(&value)
}

/// The pieces of a curve inside the ranges: cut where it crosses the upper or lower edge, and at points
/// that are not finite or lie beyond the left or right edge.
fn clip(points: &[(f64, f64)], x: [f64; 2], y: [f64; 2]) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    for pair in points.windows(2) {
        let Some([from, to]) = clip_segment([pair[0], pair[1]], x, y) else {
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

fn clip_segment(ends: [(f64, f64); 2], x: [f64; 2], y: [f64; 2]) -> Option<[(f64, f64); 2]> {
    let [(u0, v0), (u1, v1)] = ends;
    let shown = |u: f64, v: f64| v.is_finite() && within(u, x);
    let above = v0 > y[1] && v1 > y[1];
    let below = v0 < y[0] && v1 < y[0];
    if !shown(u0, v0) || !shown(u1, v1) || above || below {
        return None;
    }
    let cut = |u: f64, v: f64| {
        let edge = v.clamp(y[0], y[1]);
        if edge == v {
            (u, v)
        } else {
            (u0 + (u1 - u0) * (edge - v0) / (v1 - v0), edge)
        }
    };
    Some([cut(u0, v0), cut(u1, v1)])
}

/// A tick label: plain from a ten-thousandth up to five digits, else in powers of ten.
fn tick(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 {
        "0".into()
    } else if (1e-4..1e5).contains(&magnitude) {
        format!("{}", (value * 1e6).round() / 1e6)
    } else {
        format!("{value:.0e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_cut_at_the_edges() {
        let points = [
            (0.0, 0.5),
            (1.0, 1.5),
            (2.0, 0.5),
            (3.0, f64::NAN),
            (4.0, 0.0),
            (5.0, 0.2),
        ];
        let pieces = clip(&points, [0.0, 4.5], [0.0, 1.0]);
        assert_eq!(
            pieces,
            [vec![(0.0, 0.5), (0.5, 1.0)], vec![(1.5, 1.0), (2.0, 0.5)]]
        );
    }

    #[test]
    fn a_band_is_cut_at_the_edges_and_ends_where_it_is_not_finite() {
        let band = Band {
            colour: INK,
            points: vec![
                (0.0, [0.2, 1.5]),
                (1.0, [0.1, 0.3]),
                (2.0, [f64::NEG_INFINITY, f64::INFINITY]),
                (3.0, [0.0, 0.1]),
            ],
        };
        let regions = band.regions([0.0, 4.0], [0.0, 1.0]);
        assert_eq!(regions, [[(0.0, 0.2), (1.0, 0.1), (1.0, 0.3), (0.0, 1.0)]]);
    }

    #[test]
    fn tick_labels_are_short() {
        let labels = [0.0, 0.30000000000000004, 1500.0, 1e6, -2.0e-5].map(tick);
        assert_eq!(labels, ["0", "0.3", "1500", "1e6", "-2e-5"]);
    }
}
