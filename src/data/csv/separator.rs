//! Separators between cells. They are detected in `format.rs`.

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
