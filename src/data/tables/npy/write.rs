//! Writes an npy file: version 1, float64 of little-endian bytes, row by row.

use std::io::{self, Write};

use ndarray::ArrayView2;

/// The start of the elements is a multiple of this.
const ALIGNMENT: usize = 64;

/// Writes a matrix.
pub(crate) fn write(file: &mut impl Write, values: ArrayView2<f64>) -> io::Result<()> {
    let (rows, columns) = values.dim();
    let mut header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // Magic number, version and length of the header are ten bytes; a line end ends the header.
    let length = (10 + header.len() + 1).next_multiple_of(ALIGNMENT) - 10;
    header.extend(std::iter::repeat_n(' ', length - 1 - header.len()));
    header.push('\n');
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(length as u16).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    for value in values.iter() {
        file.write_all(&value.to_le_bytes())?;
    }
    Ok(())
}
