//! One panel of a picture of pairs: points or histograms in a frame, and the labels beside it.

use anyhow::Result;
use ndarray::ArrayView1;
use plotters::prelude::*;

use super::{DATA, SAMPLES};
use crate::plot::canvas::{Area, size, text};
use crate::plot::palette::INK;
use crate::plot::ticks::ticks;

/// A rectangle that a pair of columns, or one, is drawn in.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) side: i32,
}

impl Cell {
    /// Where a point is drawn; `None` outside the axes.
    pub(super) fn place(
        &self,
        x: f64,
        x_range: [f64; 2],
        y: f64,
        y_range: [f64; 2],
    ) -> Option<(i32, i32)> {
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

    pub(super) fn draw_histograms(
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

    pub(super) fn draw_frame(&self, area: &Area<'_>) -> Result<()> {
        let corners = [
            (self.left, self.top),
            (self.left + self.side, self.top + self.side),
        ];
        let corners = corners.map(|(x, y)| pixels(x, y));
        let style = INK.mix(0.45).stroke_width(size(0.75));
        area.draw(&Rectangle::new(corners, style))?;
        Ok(())
    }

    pub(super) fn label_below(&self, area: &Area<'_>, range: [f64; 2], name: &str) -> Result<()> {
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
    pub(super) fn label_beside(
        &self,
        area: &Area<'_>,
        range: [f64; 2],
        name: &str,
        left: bool,
    ) -> Result<()> {
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
pub(super) fn pixels(x: i32, y: i32) -> (i32, i32) {
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

    #[test]
    fn a_histogram_adds_up_to_what_it_shows() {
        let values = [0.0, 0.5, 1.0, 2.0];
        assert_eq!(histogram(values.iter(), [0.0, 1.0], 2), [0.25, 0.5]);
    }
}
