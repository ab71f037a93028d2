//! Tables as files.

use std::path::Path;

use anyhow::{Result, bail};
use ndarray::ArrayView2;
use scorematch::__private::write_whole;

use crate::npy;

/// Writes a table of numbers in the format that the file's name ends in, whole or not at all.
///
/// # Errors
/// The format is not known, or the file cannot be written.
pub(crate) fn write(path: &Path, names: &[String], values: ArrayView2<'_, f64>) -> Result<()> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let bytes = match extension {
        Some("csv") => csv(names, values)?.into_bytes(),
        Some("npy") => npy::bytes(values),
        _ => bail!(
            "{}: name a file that ends in .csv, .npy or .parquet",
            path.display()
        ),
    };
    Ok(write_whole(path, &bytes)?)
}

/// A table as CSV.
///
/// # Errors
/// None that is known of.
pub(crate) fn csv(names: &[String], values: ArrayView2<'_, f64>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names)?;
    for row in values.rows() {
        writer.write_record(row.iter().map(f64::to_string))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
