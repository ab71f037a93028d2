//! Pictures: arrays of numbers in, PNG bytes out.
//!
//! Everything is drawn at twice the size and averaged down, so that lines and contours are smooth, with a
//! font that is compiled in: a picture looks the same on a machine that has no fonts at all.

pub mod canvas;
mod lines;
mod pairs;
pub mod palette;
mod ticks;

pub use canvas::Picture;
pub use lines::{Band, Line, LinePanel, LinePicture, Scale, WIDE_PANEL};
pub use pairs::{MOST_COLUMNS, PairsPicture};
pub use palette::SERIES;
