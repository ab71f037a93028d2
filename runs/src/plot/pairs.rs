//! Every pair of columns, data beside samples: histograms on the diagonal, data below it, samples above.
//!
//! All panels of a column share their axis. It spans the bulk of the data, so that a few rows far out, of data or of
//! samples, do not make the rest a dot; what lies outside is not drawn.

use anyhow::Result;
use ndarray::{ArrayView1, ArrayView2};
use plotters::prelude::*;

use super::canvas::{Area, Picture, size, text};
use super::palette::{Colour, INK, SERIES};
use super::ticks::ticks;
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

/// A rectangle that a pair of columns, or one, is drawn in.
#[derive(Clone, Copy)]
struct Cell {
    left: i32,
    top: i32,
    side: i32,
}

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

impl Cell {
    /// Where a point is drawn; `None` outside the axes.
    fn place(&self, x: f64, x_range: [f64; 2], y: f64, y_range: [f64; 2]) -> Option<(i32, i32)> {
        let part = |value: f64, [low, high]: [f64; 2]| {
            let part = (value - low) / (high - low);
            (0.0..=1.0).contains(&part).then_some(part)
        };
        let side = f64::from(size(f64::from(self.side)));
        let (left, top) = pixels(self.left, self.top);
        let right = (part(x, x_range)? * side) as i32;
        let down = ((1.0 - part(y, y_range)?) * side) as i32;
        Some((left + right, top + down))
    }

    fn draw_histograms(
        &self,
        area: &Area<'_>,
        data: ArrayView1<'_, f64>,
        samples: Option<Vec<f64>>,
        range: [f64; 2],
    ) -> Result<()> {
        let bins = (data.len() as f64).sqrt().clamp(10.0, 40.0) as usize;
        let of_data = histogram(data.iter(), range, bins);
        let of_samples = samples.map(|samples| histogram(samples.iter(), range, bins));
        let all = of_data.iter().chain(of_samples.iter().flatten());
        let highest = 1.08 * all.copied().fold(f64::MIN_POSITIVE, f64::max);
        let corner = |bin: usize, height: f64| {
            self.place(bin as f64, [0.0, bins as f64], height, [0.0, highest])
        };
        for (bin, height) in of_data.iter().enumerate() {
            if let (Some(low), Some(high)) = (corner(bin, 0.0), corner(bin + 1, *height)) {
                area.draw(&Rectangle::new([low, high], DATA.mix(0.4).filled()))?;
            }
        }
        let Some(heights) = of_samples else {
            return Ok(());
        };
        let steps = heights.iter().enumerate();
        let outline =
            steps.flat_map(|(bin, height)| [corner(bin, *height), corner(bin + 1, *height)]);
        let outline: Vec<(i32, i32)> = outline.flatten().collect();
        area.draw(&PathElement::new(outline, SAMPLES.stroke_width(size(1.6))))?;
        Ok(())
    }

    fn draw_frame(&self, area: &Area<'_>) -> Result<()> {
        let corners = [
            (self.left, self.top),
            (self.left + self.side, self.top + self.side),
        ];
        let corners = corners.map(|(x, y)| pixels(x, y));
        let style = INK.mix(0.45).stroke_width(size(0.75));
        area.draw(&Rectangle::new(corners, style))?;
        Ok(())
    }

    fn label_below(&self, area: &Area<'_>, range: [f64; 2], name: &str) -> Result<()> {
        let bottom = self.top + self.side;
        let style = text(12.0, INK);
        for (value, label) in ticks(range, 4) {
            let Some((x, _)) = self.place(value, range, 0.0, [0.0, 1.0]) else {
                continue;
            };
            let y = pixels(0, bottom).1;
            let tick = PathElement::new(
                [(x, y), (x, y + size(4.0) as i32)],
                INK.stroke_width(size(0.75)),
            );
            area.draw(&tick)?;
            let half = area.estimate_text_size(&label, &style)?.0 as i32 / 2;
            let (left, right) = (pixels(self.left, 0).0, pixels(self.left + self.side, 0).0);
            // A label that would run into that of the next panel.
            if x - half >= left - size(3.0) as i32 && x + half <= right + size(3.0) as i32 {
                area.draw_text(&label, &style, (x - half, y + size(6.0) as i32))?;
            }
        }
        let style = text(13.5, INK);
        let (name, width) = fit(area, name, &style, self.side)?;
        let middle = pixels(self.left + self.side / 2, bottom + 28);
        area.draw_text(&name, &style, (middle.0 - width / 2, middle.1))?;
        Ok(())
    }

    /// Labels of the vertical axis, at the left border or at the right one.
    fn label_beside(&self, area: &Area<'_>, range: [f64; 2], name: &str, left: bool) -> Result<()> {
        let edge = if left {
            self.left
        } else {
            self.left + self.side
        };
        let outwards = if left { -1 } else { 1 };
        let x = pixels(edge, 0).0;
        let style = text(12.0, INK);
        let mut widest = 0;
        for (value, label) in ticks(range, 4) {
            let Some((_, y)) = self.place(0.0, [0.0, 1.0], value, range) else {
                continue;
            };
            let ends = [(x, y), (x + outwards * size(4.0) as i32, y)];
            area.draw(&PathElement::new(ends, INK.stroke_width(size(0.75))))?;
            let (width, height) = area.estimate_text_size(&label, &style)?;
            widest = widest.max(width as i32);
            let start = match left {
                true => x - size(7.0) as i32 - width as i32,
                false => x + size(7.0) as i32,
            };
            area.draw_text(&label, &style, (start, y - height as i32 / 2))?;
        }
        let style = text(13.5, INK);
        let (name, width) = fit(area, name, &style, self.side)?;
        let style = style.transform(FontTransform::Rotate270);
        let middle = pixels(edge, self.top + self.side / 2).1;
        let beyond = widest + size(12.0) as i32;
        let line = match left {
            true => (x - beyond - size(16.0) as i32).max(size(2.0) as i32),
            false => x + beyond,
        };
        area.draw_text(&name, &style, (line, middle + width / 2))?;
        Ok(())
    }
}

/// A point of the finished picture in drawn pixels.
fn pixels(x: i32, y: i32) -> (i32, i32) {
    (size(f64::from(x)) as i32, size(f64::from(y)) as i32)
}

/// The name, cut if it is longer than `room` pixels of the finished picture; and its length in drawn pixels.
fn fit(area: &Area<'_>, name: &str, style: &TextStyle<'_>, room: i32) -> Result<(String, i32)> {
    let room = size(f64::from(room));
    let mut shown = name.to_owned();
    let mut letters: Vec<char> = name.chars().collect();
    loop {
        let (width, _) = area.estimate_text_size(&shown, style)?;
        if width <= room || letters.pop().is_none() {
            return Ok((shown, width as i32));
        }
        shown = letters.iter().chain(&['…']).collect();
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

/// The part of the values that falls into each bin.
fn histogram<'v>(
    values: impl ExactSizeIterator<Item = &'v f64>,
    [low, high]: [f64; 2],
    bins: usize,
) -> Vec<f64> {
    let each = 1.0 / values.len().max(1) as f64;
    let mut parts = vec![0.0; bins];
    for value in values.filter(|value| (low..=high).contains(*value)) {
        let bin = ((value - low) / (high - low) * bins as f64) as usize;
        parts[bin.min(bins - 1)] += each;
    }
    parts
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

    #[test]
    fn a_histogram_adds_up_to_what_it_shows() {
        let values = [0.0, 0.5, 1.0, 2.0];
        assert_eq!(histogram(values.iter(), [0.0, 1.0], 2), [0.25, 0.5]);
    }
}
