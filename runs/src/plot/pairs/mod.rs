//! Every pair of columns, data beside samples: histograms on the diagonal, data below it, samples above.
//!
//! All panels of a column share their axis. It spans the bulk of the data, so that a few rows far out, of data or of
//! samples, do not make the rest a dot; what lies outside is not drawn.

mod cell;

use anyhow::Result;
use ndarray::{ArrayView1, ArrayView2};
use plotters::prelude::*;

use self::cell::{Cell, pixels};
use super::canvas::{Area, Picture, size, text};
use super::palette::{Colour, INK, SERIES};
use crate::statistics::quantile::quantile;

/// The most columns that are legible.
pub const MOST_COLUMNS: usize = 6;
/// The most points of one panel.
const MOST_POINTS: usize = 2000;
/// Part of the data that an axis leaves out at each end, before it is widened.
const LEFT_OUT: f64 = 0.005;
/// By how much an axis is wider than the rest, at each end.
const MARGIN: f64 = 0.1;

const DATA: Colour = SERIES[0];
const SAMPLES: Colour = SERIES[1];

/// Some columns of data, and of samples if there are any.
pub struct PairsPicture<'a> {
    /// The name of each column.
    pub names: &'a [String],
    /// `[rows, columns]`, at least one column and at most [`MOST_COLUMNS`].
    pub data: ArrayView2<'a, f64>,
    /// As many columns.
    pub samples: Option<ArrayView2<'a, f64>>,
}

// In pixels of the finished picture.
const GAP: i32 = 8;
const LEFT: i32 = 84;
const RIGHT: i32 = 84;
const TOP: i32 = 40;
const BOTTOM: i32 = 58;
const NO_LABELS: i32 = 16;

impl PairsPicture<'_> {
    /// Draws the panels.
    pub fn draw(&self) -> Result<Picture> {
        let count = self.names.len() as i32;
        let side = match count {
            1 => 380,
            2 => 300,
            3 => 240,
            4 => 200,
            _ => 164,
        };
        // One histogram alone needs no room for labels beside it.
        let (left, right) = match (count, self.samples) {
            (1, _) => (NO_LABELS, NO_LABELS),
            (_, None) => (LEFT, NO_LABELS),
            _ => (LEFT, RIGHT),
        };
        let inner = side * count + GAP * (count - 1);
        let cell = |row: i32, column: i32| Cell {
            left: left + column * (side + GAP),
            top: TOP + row * (side + GAP),
            side,
        };
        let ranges: Vec<[f64; 2]> = self.data.columns().into_iter().map(range).collect();
        let (width, height) = (left + inner + right, TOP + inner + BOTTOM);
        Picture::draw(width as u32, height as u32, |area| {
            self.draw_legend(area, left)?;
            for row in 0..count {
                for column in 0..count {
                    self.draw_cell(area, cell(row, column), &ranges, [row, column])?;
                }
                let bottom = cell(count - 1, row);
                bottom.label_below(area, ranges[row as usize], &self.names[row as usize])?;
                // The first row has no scatter but above the diagonal: its labels are at the other border.
                if row > 0 {
                    let first = cell(row, 0);
                    first.label_beside(
                        area,
                        ranges[row as usize],
                        &self.names[row as usize],
                        true,
                    )?;
                } else if count > 1 && self.samples.is_some() {
                    cell(0, count - 1).label_beside(area, ranges[0], &self.names[0], false)?;
                }
            }
            Ok(())
        })
    }

    /// The part of the samples that lies outside the axes in at least one column, or is not finite.
    pub fn samples_outside(&self) -> f64 {
        let Some(samples) = self.samples else {
            return 0.0;
        };
        let ranges: Vec<[f64; 2]> = self.data.columns().into_iter().map(range).collect();
        let is_outside = |row: &ArrayView1<'_, f64>| {
            let mut each = row.iter().zip(&ranges);
            each.any(|(value, [low, high])| !(*low..=*high).contains(value))
        };
        let outside = samples.rows().into_iter().filter(is_outside).count();
        outside as f64 / samples.nrows().max(1) as f64
    }

    fn draw_legend(&self, area: &Area<'_>, left: i32) -> Result<()> {
        let mut left = left;
        for (name, colour, shown) in [
            ("data", DATA, true),
            ("samples", SAMPLES, self.samples.is_some()),
        ] {
            if shown {
                let dot = Circle::new(pixels(left + 7, 17), size(5.0), colour.filled());
                area.draw(&dot)?;
                area.draw_text(name, &text(15.0, INK), pixels(left + 18, 12))?;
                left += 80;
            }
        }
        Ok(())
    }

    fn draw_cell(
        &self,
        area: &Area<'_>,
        cell: Cell,
        ranges: &[[f64; 2]],
        [row, column]: [i32; 2],
    ) -> Result<()> {
        let (y, x) = (row as usize, column as usize);
        let (rows, colour) = match (row > column, self.samples) {
            (true, _) => (self.data, DATA),
            (false, Some(samples)) => (samples, SAMPLES),
            (false, None) if row < column => return Ok(()),
            (false, None) => (self.data, DATA),
        };
        if row == column {
            let samples = self.samples.map(|samples| samples.column(x).to_vec());
            cell.draw_histograms(area, self.data.column(x), samples, ranges[x])?;
        } else {
            let stride = rows.nrows().div_ceil(MOST_POINTS).max(1);
            let points = rows.rows().into_iter().step_by(stride);
            let opacity = if rows.nrows() > 400 { 0.35 } else { 0.6 };
            for point in points {
                if let Some(at) = cell.place(point[x], ranges[x], point[y], ranges[y]) {
                    let style = colour.mix(opacity).filled();
                    area.draw(&Circle::new(at, size(1.6), style))?;
                }
            }
        }
        cell.draw_frame(area)
    }
}

/// The axis of a column; a column whose rows are all one value gets a place around it.
fn range(values: ArrayView1<'_, f64>) -> [f64; 2] {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(least), Some(greatest)) = (sorted.first(), sorted.last()) else {
        return [0.0, 1.0];
    };
    let bulk = [LEFT_OUT, 1.0 - LEFT_OUT].map(|part| quantile(&sorted, part));
    for [low, high] in [bulk, [*least, *greatest]] {
        let margin = MARGIN * (high - low);
        // In numbers of 64 bits, an axis far from 0 cannot be arbitrarily narrow.
        if margin > 1e-10 * low.abs().max(high.abs()) {
            return [low - margin, high + margin];
        }
    }
    let half = if *least == 0.0 {
        1.0
    } else {
        0.5 * least.abs()
    };
    [least - half, least + half]
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn names(count: usize) -> Vec<String> {
        (0..count)
            .map(|k| format!("a long name of column {k} ∇"))
            .collect()
    }

    #[test]
    fn every_shape_of_data_is_drawn() {
        let wave = |rows: usize, columns: usize| {
            Array2::from_shape_fn((rows, columns), |(i, j)| ((i * (j + 3)) as f64).sin())
        };
        let broken = array![[f64::NAN, 1e300], [f64::INFINITY, -1e300]];
        let constant = Array2::from_elem((50, 2), 3.25);
        for (data, samples) in [
            (wave(500, 3), Some(wave(5000, 3))),
            (wave(500, 6), None),
            (wave(1, 2), Some(wave(1, 2))),
            (wave(40, 1), Some(wave(3, 1))),
            (wave(40, 2), Some(broken.clone())),
            (broken, None),
            (constant.clone(), Some(constant)),
            (Array2::zeros((0, 2)), Some(Array2::zeros((0, 2)))),
        ] {
            let picture = PairsPicture {
                names: &names(data.ncols()),
                data: data.view(),
                samples: samples.as_ref().map(|samples| samples.view()),
            };
            let drawn = picture.draw().unwrap();
            assert!(drawn.width <= 1200 && drawn.png.len() > 500);
        }
    }

    #[test]
    fn axes_span_the_bulk() {
        let mut values: Vec<f64> = (0..=1000).map(f64::from).collect();
        values.push(1e9);
        let [low, high] = range(ArrayView1::from(&values));
        assert!((-100.0..0.0).contains(&low) && (1000.0..1200.0).contains(&high));
        assert_eq!(range(ArrayView1::from(&[4.0; 9])), [2.0, 6.0]);
        assert_eq!(range(ArrayView1::from(&[0.0; 9])), [-1.0, 1.0]);
        // All but a few rows are one value.
        let mut levels = vec![0.0; 2000];
        levels[7] = 10.0;
        assert_eq!(range(ArrayView1::from(&levels)), [-1.0, 11.0]);
    }

    #[test]
    fn samples_outside_are_counted() {
        let data = Array2::from_shape_fn((100, 1), |(i, _)| i as f64);
        let samples = array![[5.0], [1e4], [f64::NAN], [50.0]];
        let picture = PairsPicture {
            names: &names(1),
            data: data.view(),
            samples: Some(samples.view()),
        };
        assert_eq!(picture.samples_outside(), 0.5);
    }
}
