//! A drawing surface: a closure draws on an oversized bitmap, PNG bytes come out.

use anyhow::{Context, Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};
use std::sync::OnceLock;

/// How many drawn pixels are averaged into one of the picture, along each side.
pub const SUPERSAMPLE: u32 = 2;

/// The area that a picture's parts are drawn on.
pub type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

const FONT: &str = "DejaVu Sans";

/// A finished picture.
pub struct Picture {
    /// The file's content.
    pub png: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
}

impl Picture {
    /// Runs `draw` on a white surface of `width` × `height` pixels of the finished picture.
    ///
    /// Lengths inside `draw` are in drawn pixels, [`SUPERSAMPLE`] to one of the picture; [`size`] converts.
    pub fn draw(
        width: u32,
        height: u32,
        draw: impl FnOnce(&Area<'_>) -> Result<()>,
    ) -> Result<Picture> {
        prepare_font()?;
        let (w, h) = (width * SUPERSAMPLE, height * SUPERSAMPLE);
        let mut drawn = vec![255u8; (w * h * 3) as usize];
        {
            let area = BitMapBackend::with_buffer(&mut drawn, (w, h)).into_drawing_area();
            draw(&area)?;
            area.present()?;
        }
        let pixels = average(&drawn, width as usize, height as usize);
        Ok(Picture {
            png: encode(&pixels, width, height)?,
            width,
        })
    }
}

/// A length or font size of the finished picture, in drawn pixels.
pub fn size(pixels: f64) -> u32 {
    (pixels * f64::from(SUPERSAMPLE)).round() as u32
}

/// A text style of `pixels` height in the finished picture.
pub fn text(pixels: f64, colour: RGBColor) -> TextStyle<'static> {
    (FONT, f64::from(size(pixels))).into_font().color(&colour)
}

/// The width of a text of `pixels` height, in pixels of the finished picture.
pub fn text_width(content: &str, pixels: f64) -> Result<f64> {
    prepare_font()?;
    let ((left, _), (right, _)) = text(pixels, BLACK).font.layout_box(content)?;
    Ok(f64::from(right - left) / f64::from(SUPERSAMPLE))
}

/// Plotters keeps fonts in a process-wide table and has none of its own.
fn prepare_font() -> Result<()> {
    static READY: OnceLock<bool> = OnceLock::new();
    let ready = READY
        .get_or_init(|| register_font(FONT, FontStyle::Normal, dejavu::sans::regular()).is_ok());
    ready
        .then_some(())
        .ok_or_else(|| anyhow!("the built-in font could not be read"))
}

fn average(drawn: &[u8], width: usize, height: usize) -> Vec<u8> {
    let s = SUPERSAMPLE as usize;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let sum: u32 = (0..s * s)
                    .map(|k| (y * s + k / s, x * s + k % s))
                    .map(|(row, column)| u32::from(drawn[(row * width * s + column) * 3 + channel]))
                    .sum();
                pixels.push((sum / (SUPERSAMPLE * SUPERSAMPLE)) as u8);
            }
        }
    }
    pixels
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().context("PNG header")?;
    writer.write_image_data(pixels).context("PNG data")?;
    writer.finish().context("PNG end")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_of_the_asked_size() {
        let picture = Picture::draw(40, 30, |area| {
            area.draw_text("∇E θ ½", &text(10.0, BLACK), (4, 4))?;
            Ok(())
        })
        .unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(&picture.png));
        let mut reader = decoder.read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (40, 30));
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert!(pixels.iter().any(|&p| p < 128), "the text left no ink");
    }
}
