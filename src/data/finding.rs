//! Findings: properties of data that mislead a model, and their remedies.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::quote;

/// Distance from the median, in robust deviations, above which a value is an outlier. Heavy-tailed data stays below it
/// except in huge samples.
pub(super) const FAR: f64 = 100.0;

/// A property of data that misleads a model. Its text names the effect and the remedy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// Some rows equal an earlier row to the last bit, and the noise is too small to separate them.
    Repeats {
        /// Number of rows.
        rows: usize,
        /// Number of rows that equal an earlier one.
        repeated: usize,
        /// Number of occurrences of the most frequent row.
        most: usize,
        /// The standard deviation of the noise that is added in training.
        noise: f64,
        /// The smallest sufficient standard deviation of the noise.
        needed: f64,
    },
    /// The values of some columns have few levels, and the noise is too small to bridge them.
    Levels {
        /// The columns.
        columns: Vec<Levels>,
        /// The standard deviation of the noise that is added in training.
        noise: f64,
    },
    /// Some columns have outliers so large that they dominate the loss or the units.
    Outliers {
        /// The columns.
        columns: Vec<Outliers>,
    },
}

/// A column with few levels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Levels {
    /// The column, from 1.
    pub column: usize,
    /// Its name, if it is known.
    pub name: Option<String>,
    /// Number of distinct values.
    pub levels: usize,
    /// Number of rows in which they were counted.
    pub rows: usize,
    /// The smallest sufficient standard deviation of the noise; at least half the median distance between neighbouring
    /// levels.
    pub needed: f64,
}

/// A column with outliers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outliers {
    /// The column, from 1.
    pub column: usize,
    /// Its name, if it is known.
    pub name: Option<String>,
    /// Number of rows that are [outliers](super::examine).
    pub rows: usize,
    /// The largest distance from the median, in robust deviations.
    #[serde(with = "crate::number")]
    pub farthest: f64,
    /// The robust deviation, in the units of the array.
    pub deviation: f64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Repeats {
                rows,
                repeated,
                most,
                noise,
                needed,
            } => write!(
                f,
                "{repeated} of {rows} rows repeat an earlier row to the last bit, the commonest stands {most} times: J has no \
                 lower bound on repeated rows, a model lowers it without end by narrowing onto them. Drop the repeats, or \
                 blur them with a jitter of {needed:.2} or more, which is {noise} now"
            ),
            Finding::Levels { columns, noise } => write!(
                f,
                "rounded values, {}: a model lowers J without end by narrowing onto the levels. Blur them with more jitter, \
                 which is {noise} now, or leave the columns out; where a cast to float32 rounded them, standardize in \
                 float64 and cast after that",
                list(
                    columns,
                    |Levels {
                         column,
                         name,
                         levels,
                         rows,
                         needed,
                     }| format!(
                        "{} has {levels} levels in {rows} rows and needs a jitter of {needed:.2}",
                        quote::column(*column, name.as_deref())
                    )
                )
            ),
            Finding::Outliers { columns } => write!(
                f,
                "rows more than {FAR} robust deviations from the median, {}: they decide about the loss and about units of \
                 mean and deviation, in which all other rows are one place. Drop or transform them, or take units of median \
                 and quartiles (`Standardizer::robust`)",
                list(
                    columns,
                    |Outliers {
                         column,
                         name,
                         rows,
                         farthest,
                         deviation,
                     }| format!(
                        "{rows} in {}, the farthest at {farthest:.0}, where the robust deviation is {deviation:.1e}",
                        quote::column(*column, name.as_deref())
                    )
                )
            ),
        }
    }
}

/// The first few columns, and the number of the others.
fn list<C>(columns: &[C], show: impl Fn(&C) -> String) -> String {
    const SHOWN: usize = 4;
    let mut list: Vec<String> = columns.iter().take(SHOWN).map(show).collect();
    if columns.len() > SHOWN {
        list.push(format!("and {} columns more", columns.len() - SHOWN));
    }
    list.join("; ")
}
