//! The layout of a text file, as it was read.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Separator;

/// The layout that a text file was read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Layout {
    /// Whether the first line was read as the names of the columns.
    pub header: bool,
    /// The separator between cells.
    pub separator: Separator,
    /// Whether numbers have a decimal comma.
    pub decimal_comma: bool,
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = if self.header {
            "names of columns"
        } else {
            "data"
        };
        write!(
            f,
            "first line read as {first}, {} between cells",
            self.separator
        )?;
        if self.decimal_comma {
            f.write_str(", decimal commas")?;
        }
        Ok(())
    }
}
