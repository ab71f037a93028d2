//! Tables to files. Takes names and a matrix of finite numbers; writes CSV, npy or Parquet, as the name of the file says,
//! whole or not at all. Values are read back bit for bit.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use ndarray::ArrayView2;

use super::{Format, TableError};
use crate::data::{DataError, check_finite};
use crate::error::Result;
use crate::whole_file::write_with;

/// Writes `values`, `[rows, columns]`, with a name for each column, to a file whose name ends with `.csv` (commas, the
/// fewest decimals that read back as the same number; names that are numbers are read as data unless
/// [`Header::Present`](super::Header::Present) says otherwise), `.npy` (float64, without the names) or `.parquet` (doubles). A
/// file that is there is replaced; after an error it is as it was.
///
/// # Errors
/// The name of the file has another ending or one whose feature this build lacks; a value is not finite; the number of
/// names is not that of the columns; the file cannot be written.
pub fn write_table<'x, N: AsRef<str>>(
    path: impl AsRef<Path>,
    names: &[N],
    values: impl Into<ArrayView2<'x, f64>>,
) -> Result<()> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    write(path.as_ref(), &names, values.into())
}

fn write(path: &Path, names: &[&str], values: ArrayView2<f64>) -> Result<()> {
    if names.len() != values.ncols() {
        return Err(DataError::Names {
            found: names.len(),
            expected: values.ncols(),
        }
        .into());
    }
    check_finite("the table to be written", values)?;
    let format = Format::named(path);
    let is_plain = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    match format {
        Some(Format::Csv) if is_plain => on_disk(path, |file| csv(file, names, values)),
        #[cfg(feature = "npy")]
        Some(Format::Npy) => on_disk(path, |file| super::npy::write(file, values)),
        #[cfg(feature = "parquet")]
        Some(Format::Parquet) => on_disk(path, |file| super::parquet::write(file, names, values)),
        #[cfg(not(feature = "npy"))]
        Some(Format::Npy) => Err(lacks(path, Format::Npy, "npy")),
        #[cfg(not(feature = "parquet"))]
        Some(Format::Parquet) => Err(lacks(path, Format::Parquet, "parquet")),
        _ => Err(TableError::Write {
            file: path.to_owned(),
            what: "tables are written to names that end with .csv, .npy or .parquet".to_owned(),
        }
        .into()),
    }
}

#[cfg(not(all(feature = "npy", feature = "parquet")))]
fn lacks(path: &Path, format: Format, feature: &'static str) -> crate::error::Error {
    TableError::FeatureOff {
        file: path.to_owned(),
        what: format!("and writing {format} files"),
        feature,
    }
    .into()
}

fn on_disk(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<&mut std::fs::File>) -> io::Result<()>,
) -> Result<()> {
    write_with(path, |file| {
        let mut file = BufWriter::with_capacity(1 << 16, file);
        content(&mut file)?;
        file.flush()
    })
}

/// The shortest decimals that read back as the same number; Rust prints them so.
fn csv(file: &mut impl Write, names: &[&str], values: ArrayView2<f64>) -> io::Result<()> {
    for (column, name) in names.iter().enumerate() {
        if column > 0 {
            file.write_all(b",")?;
        }
        write!(file, "\"{}\"", name.replace('"', "\"\""))?;
    }
    file.write_all(b"\n")?;
    let mut line = String::new();
    for row in values.rows() {
        line.clear();
        for (column, value) in row.iter().enumerate() {
            if column > 0 {
                line.push(',');
            }
            // The debug form has an exponent where the other would have hundreds of digits.
            let text = format!("{value:?}");
            line.push_str(text.strip_suffix(".0").unwrap_or(&text));
        }
        line.push('\n');
        file.write_all(line.as_bytes())?;
    }
    Ok(())
}
