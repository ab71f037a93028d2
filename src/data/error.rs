//! Errors in a matrix of numbers.

use std::fmt;

use super::{Finding, quote};

/// An error in scaling, splitting or examining data. Columns count from 1.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Columns cannot be scaled to unit standard deviation.
    #[error("{}", constant(columns, *rows, *float32))]
    Constant {
        /// All such columns.
        columns: Vec<ConstantColumn>,
        /// Number of rows.
        rows: usize,
        /// Whether the array was float32, in which different values may have been rounded to one.
        float32: bool,
    },
    /// The number of names differs from the number of columns.
    #[error("{found} names for {expected} columns; give one for each, or none")]
    Names {
        /// Number of names.
        found: usize,
        /// Number of columns.
        expected: usize,
    },
    /// There are too few rows for an operation.
    #[error("{found} rows, but {what} needs at least {needed}")]
    TooFewRows {
        /// The operation.
        what: &'static str,
        /// Number of rows.
        found: usize,
        /// Number of rows that the operation needs.
        needed: usize,
    },
    /// Findings about the data, which [`Guard::Error`](super::Guard::Error) makes an error.
    #[error(
        "{}",
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    )]
    Guarded {
        /// The findings; there is at least one.
        findings: Vec<Finding>,
    },
}

/// A column with the same value in all rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConstantColumn {
    /// The column, from 1.
    pub column: usize,
    /// Its name, if it is known.
    pub name: Option<String>,
    /// The value.
    pub value: f64,
}

/// The same text as `Display`, because `unwrap` and a `main` that returns an error print the `Debug` form.
impl fmt::Debug for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn constant(columns: &[ConstantColumn], rows: usize, float32: bool) -> String {
    const SHOWN: usize = 8;
    let one = |column: &ConstantColumn| {
        let ConstantColumn {
            column,
            name,
            value,
        } = column;
        format!("{} holds {value}", quote::column(*column, name.as_deref()))
    };
    let mut list: Vec<String> = columns.iter().take(SHOWN).map(one).collect();
    if columns.len() > SHOWN {
        list.push(format!(
            "and {} columns more hold one value",
            columns.len() - SHOWN
        ));
    }
    let precision = if float32 {
        " The array is float32, which keeps 24 bits: if the values differ in their source, standardize them in float64 \
         and cast to float32 after that."
    } else {
        ""
    };
    format!(
        "cannot standardize: in every one of {rows} rows {}. Leave such columns out, keep them with \
         `Standardizer::constant(ConstantColumns::Unscaled)`, or give units of your own with \
         `Standardization::new`.{precision}",
        list.join(", ")
    )
}
