//! Colours that stay apart for colour-blind readers and in print.

use plotters::style::RGBColor;

/// A colour, opaque.
pub type Colour = RGBColor;

/// Lines of a chart, in order (Okabe and Ito, 2008).
pub const SERIES: [Colour; 4] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(117, 112, 179),
];

/// Text and axes.
pub const INK: Colour = RGBColor(40, 44, 52);
/// Grids and borders.
pub const FAINT: Colour = RGBColor(225, 228, 232);
/// Points of data over a landscape.
pub const DATA: Colour = RGBColor(230, 97, 1);

/// From likely (deep) to unlikely (pale), a sequential scale of even lightness steps.
const DEPTH: [[f64; 3]; 6] = [
    [33.0, 72.0, 130.0],
    [44.0, 114.0, 168.0],
    [84.0, 160.0, 192.0],
    [144.0, 202.0, 209.0],
    [202.0, 231.0, 224.0],
    [246.0, 250.0, 244.0],
];

/// Colour of band `band` of `bands`, the first the likeliest.
pub fn band(band: usize, bands: usize) -> Colour {
    let place = band as f64 / (bands.max(2) - 1) as f64 * (DEPTH.len() - 1) as f64;
    let below = (place as usize).min(DEPTH.len() - 2);
    let t = (place - below as f64).min(1.0);
    let mix = |c: usize| (DEPTH[below][c] * (1.0 - t) + DEPTH[below + 1][c] * t).round() as u8;
    RGBColor(mix(0), mix(1), mix(2))
}
