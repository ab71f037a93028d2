//! What was found about data that misleads a model, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::quote;

/// Robust deviations from the median at which a value is far out. Heavy tails stay below, in all but huge samples.
pub(super) const FAR: f64 = 100.0;

/// Something about data that misleads a model. Its text says what that does and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// Rows that equal an earlier row to the last bit, and noise that does not tell them apart.
    Repeats {
        /// Rows there are.
        rows: usize,
        /// Rows that equal an earlier one.
        repeated: usize,
        /// How often the commonest row stands.
        most: usize,
        /// The deviation of the noise that is added in training.
        noise: f64,
        /// What would be enough.
        needed: f64,
    },
    /// Columns whose values lie on few levels, and noise that does not bridge them.
    Levels {
        /// The columns.
        columns: Vec<Levels>,
        /// The deviation of the noise that is added in training.
        noise: f64,
    },
    /// Columns with rows so far out that they decide about the loss or about the units.
    Outliers {
        /// The columns.
        columns: Vec<Outliers>,
    },
}

/// A column on few levels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Levels {
    /// The column, from 1.
    pub column: usize,
    /// Its name, where that is known.
    pub name: Option<String>,
    /// Distinct values.
    pub levels: usize,
    /// Rows that they were counted in.
    pub rows: usize,
    /// The deviation of noise that would be enough, half the distance between neighbouring levels at least.
    pub needed: f64,
}

/// A column with rows far out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outliers {
    /// The column, from 1.
    pub column: usize,
    /// Its name, where that is known.
    pub name: Option<String>,
    /// Rows that are [far out](super::examine).
    pub rows: usize,
    /// The distance of the farthest from the median, in robust deviations.
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

/// The first few columns, and how many more there are.
fn list<C>(columns: &[C], show: impl Fn(&C) -> String) -> String {
    const SHOWN: usize = 4;
    let mut list: Vec<String> = columns.iter().take(SHOWN).map(show).collect();
    if columns.len() > SHOWN {
        list.push(format!("and {} columns more", columns.len() - SHOWN));
    }
    list.join("; ")
}
