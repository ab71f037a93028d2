//! Pictures: arrays of numbers in, PNG bytes out.
//!
//! Everything is drawn at twice the size and averaged down, so that lines and contours are smooth, with a
//! font that is compiled in: a picture looks the same on a machine that has no fonts at all.

pub mod canvas;
mod lines;
pub mod palette;

pub use canvas::Picture;
pub use lines::{Line, LinePanel, LinePicture, Scale};
pub use palette::SERIES;
