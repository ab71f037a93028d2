//! What a reader is told: plain values that serialize.

use serde::{Deserialize, Serialize};

use super::{Columns, Constants, Header, Missing, Separator, TextColumns};

/// The settings of a reader. An absent field has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) columns: Columns,
    pub(super) header: Header,
    /// `None`: the one with which most cells are numbers.
    pub(super) separator: Option<Separator>,
    pub(super) missing: Missing,
    /// `None`: text is an error where columns are named, and left out where all are asked for.
    pub(super) text: Option<TextColumns>,
    pub(super) constant: Constants,
    pub(super) array: Option<String>,
    pub(super) sheet: Option<String>,
}

impl Settings {
    /// What is done about columns without numbers.
    pub(super) fn text(&self) -> TextColumns {
        self.text.unwrap_or(match self.columns {
            Columns::All => TextColumns::LeaveOut,
            Columns::Of(_) => TextColumns::Error,
        })
    }
}
