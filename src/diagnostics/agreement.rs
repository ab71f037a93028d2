//! Two ways to one quantity, and how far apart they are.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest difference between what a program computes and what it should.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Agreement {
    /// What was compared with what.
    pub what: String,
    /// The largest absolute difference over the largest magnitude of either (or over 1, if all are
    /// smaller than that).
    #[serde(with = "crate::number")]
    pub error: f64,
    /// The largest error that counts as agreement.
    pub tolerance: f64,
}

impl Agreement {
    /// Compares `found` with `expected`, entry by entry.
    pub(super) fn of(
        what: impl Into<String>,
        tolerance: f64,
        pairs: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let (mut difference, mut scale) = (0.0f64, 1.0f64);
        for (found, expected) in pairs {
            let distance = (found - expected).abs();
            // `max` would pass over a NaN.
            difference = if distance.is_nan() {
                f64::INFINITY
            } else {
                difference.max(distance)
            };
            scale = scale.max(found.abs()).max(expected.abs());
        }
        Self {
            what: what.into(),
            error: difference / scale,
            tolerance,
        }
    }

    /// Whether they agree.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.error <= self.tolerance
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.holds() { "holds" } else { "FAILS" };
        write!(
            f,
            "{}: {verdict}, error {:.1e} of at most {:.0e}",
            self.what, self.error, self.tolerance
        )
    }
}
