//! Matrices of float64 in NumPy's format, version 1.0: the files that a run keeps for itself.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use ndarray::{Array2, ArrayView2};

const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";

/// The bytes of a file that holds this matrix.
#[must_use]
pub fn bytes(x: ArrayView2<'_, f64>) -> Vec<u8> {
    let mut header = format!(
        "{{'descr': '<f8', 'fortran_order': False, 'shape': ({}, {}), }}",
        x.nrows(),
        x.ncols()
    );
    // The data begins at a multiple of 64, after a newline.
    let length = (MAGIC.len() + 2 + header.len() + 1).next_multiple_of(64);
    header += &" ".repeat(length - MAGIC.len() - 2 - header.len() - 1);
    header.push('\n');
    let mut bytes = MAGIC.to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(x.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// Reads a file that [`bytes`] made.
///
/// # Errors
/// The file cannot be read, or it is another file.
pub fn read(path: &Path) -> Result<Array2<f64>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&bytes).with_context(|| format!("{} is damaged", path.display()))
}

fn parse(bytes: &[u8]) -> Result<Array2<f64>> {
    let damaged = "it is not a matrix that a run keeps";
    let rest = bytes.strip_prefix(MAGIC).context(damaged)?;
    let (length, rest) = rest.split_first_chunk::<2>().context(damaged)?;
    let (header, data) = rest
        .split_at_checked(usize::from(u16::from_le_bytes(*length)))
        .context(damaged)?;
    let header = std::str::from_utf8(header).context(damaged)?;
    let (_, shape) = header.split_once("'shape': (").context(damaged)?;
    let (shape, _) = shape.split_once(')').context(damaged)?;
    let (rows, columns) = shape.split_once(", ").context(damaged)?;
    let (rows, columns): (usize, usize) = (rows.parse()?, columns.parse()?);
    let (values, []) = data.as_chunks::<8>() else {
        anyhow::bail!(damaged)
    };
    ensure!(rows.checked_mul(columns) == Some(values.len()), damaged);
    let values = values.iter().map(|&bytes| f64::from_le_bytes(bytes));
    Ok(Array2::from_shape_vec((rows, columns), values.collect())?)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for x in [
            array![[1.0, -2.5, 1e300], [0.1, 0.0, 5e-324]],
            Array2::zeros((0, 3)),
        ] {
            let written = bytes(x.view());
            assert_eq!(parse(&written).unwrap(), x);
            assert!((0..written.len()).all(|place| parse(&written[..place]).is_err()));
        }
        assert_eq!(bytes(array![[1.0]].view()).len(), 128 + 8);
    }
}
