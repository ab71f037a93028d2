//! What can be wrong with a matrix of numbers.

use std::fmt;

use super::{Finding, quote};

/// An error in scaling, dividing or judging data. Columns count from 1.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Columns that cannot be scaled to unit deviation.
    #[error("{}", constant(columns, *rows, *float32))]
    Constant {
        /// All such columns.
        columns: Vec<ConstantColumn>,
        /// Number of rows.
        rows: usize,
        /// Whether the array was of float32, which may have rounded the rows to one value.
        float32: bool,
    },
    /// Names for another number of columns than there are.
    #[error("{found} names for {expected} columns; give one for each, or none")]
    Names {
        /// Names given.
        found: usize,
        /// Columns there are.
        expected: usize,
    },
    /// Too few rows for what was asked.
    #[error("{found} rows, but {what} needs at least {needed}")]
    TooFewRows {
        /// What needs them.
        what: &'static str,
        /// Rows there are.
        found: usize,
        /// Rows needed.
        needed: usize,
    },
    /// Findings about the data, where [`Guard::Error`](super::Guard::Error) makes them an error.
    #[error(
        "{}",
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    )]
    Guarded {
        /// What was found, at least one.
        findings: Vec<Finding>,
    },
}

/// A column whose rows hold one value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConstantColumn {
    /// The column, from 1.
    pub column: usize,
    /// Its name, where that is known.
    pub name: Option<String>,
    /// The value.
    pub value: f64,
}

/// The message: a `main` that returns an error, and `unwrap`, print this.
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
