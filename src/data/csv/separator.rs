//! What stands between cells. How it is told from a text is in `format.rs`.

use serde::{Deserialize, Serialize};

/// What stands between the cells of a line.
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
    /// `,`, beside which numbers have a decimal point.
    Comma,
    /// Any number of blanks and tabs.
    Blank,
}
