//! Formats of tables, and the endings of names that stand for them.

use std::fmt;
use std::path::Path;

/// A format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Text with separators between cells, possibly compressed.
    Csv,
    /// An array of NumPy.
    Npy,
    /// An archive of arrays of NumPy.
    Npz,
    /// Columns of Apache Parquet.
    Parquet,
    /// A workbook of Excel.
    Xlsx,
}

impl Format {
    /// The format that the name of a file ends with.
    pub(super) fn named(file: &Path) -> Option<Format> {
        let extension = file.extension()?.to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            "csv" | "tsv" | "tab" | "txt" | "dat" => Some(Format::Csv),
            "npy" => Some(Format::Npy),
            "npz" => Some(Format::Npz),
            "parquet" | "pq" => Some(Format::Parquet),
            "xlsx" | "xlsm" => Some(Format::Xlsx),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "CSV",
            Format::Npy => "npy",
            Format::Npz => "npz",
            Format::Parquet => "Parquet",
            Format::Xlsx => "xlsx",
        })
    }
}
