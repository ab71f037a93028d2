//! Pictures: arrays of numbers in, PNG bytes out.
//!
//! Everything is drawn at twice the size and averaged down, so that lines and contours are smooth, with a
//! font that is compiled in: a picture looks the same on a machine that has no fonts at all.

mod canvas;
mod energy;
mod lines;
mod palette;

pub(crate) use canvas::Picture;
pub(crate) use energy::{Axis, EnergyPanel, EnergyPicture, Grid};
pub(crate) use lines::{Line, LinePanel, LinePicture, Scale};
pub(crate) use palette::SERIES;
