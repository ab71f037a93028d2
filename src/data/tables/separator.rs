//! Separators between the cells of a line of text.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The separator between the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Separator {
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Bar,
    /// `,`; numbers then have a decimal point.
    Comma,
    /// Any number of blanks and tabs.
    Blank,
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Separator::Semicolon => "semicolons",
            Separator::Tab => "tabs",
            Separator::Bar => "bars",
            Separator::Comma => "commas",
            Separator::Blank => "blanks",
        })
    }
}
