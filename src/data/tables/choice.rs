//! Which columns of a file are read. Takes the names and the kinds of all columns; produces the places of those that are
//! chosen and hold numbers, with a sentence for each kind that is left out.

use std::path::Path;

use super::notes::{counted, left_out};
use super::settings::Settings;
use super::{Columns, TableError, TextColumns};

/// What a column of a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Date,
    Nested,
    /// An index that pandas writes beside the data.
    Index,
    /// No value at all.
    Empty,
}

impl Kind {
    /// The end of a sentence about columns of this kind.
    pub(super) fn told(self) -> &'static str {
        match self {
            Kind::Number => "of numbers",
            Kind::Text => "of text",
            Kind::Date => "of dates or times",
            Kind::Nested => "of nested values",
            Kind::Index => "that pandas wrote as an index",
            Kind::Empty => "without any value",
        }
    }
}

/// The columns that are read, by position from 0, and what is to be said about the others.
pub(super) struct Choice {
    pub(super) places: Vec<usize>,
    pub(super) notes: Vec<String>,
}

/// Chooses among columns with these kinds and names, if the file has names. If the file is not `typed`, a column of text
/// that is an error stays chosen: its first cell is told where it is read.
///
/// # Errors
/// As [`Columns::places`]; [`TableError::NotNumbers`] for a chosen column of a typed file that holds something else;
/// [`TableError::NoNumbers`] if no column is left.
pub(super) fn choose(
    settings: &Settings,
    file: &Path,
    header: Option<&[String]>,
    kinds: &[Kind],
    typed: bool,
) -> Result<Choice, TableError> {
    let mut places = settings.columns.places(file, header, kinds.len())?;
    let all = settings.columns == Columns::All;
    let leave_out = settings.text() == TextColumns::LeaveOut;
    let mut notes = Vec::new();
    let name = |place: usize| match header {
        Some(names) if !names[place].is_empty() => names[place].clone(),
        _ => format!("column {}", place + 1),
    };
    if all && places.len() < kinds.len() {
        let unnamed = counted((kinds.len() - places.len()) as u64, "column");
        notes.push(format!("left out {unnamed} without a name"));
    }
    for kind in [
        Kind::Text,
        Kind::Date,
        Kind::Nested,
        Kind::Index,
        Kind::Empty,
    ] {
        let is_left_out = match kind {
            Kind::Index => all,
            Kind::Empty => all && leave_out,
            _ => leave_out,
        };
        let names: Vec<String> = places
            .iter()
            .filter(|&&place| kinds[place] == kind)
            .map(|&place| name(place))
            .collect();
        if is_left_out && !names.is_empty() {
            places.retain(|&place| kinds[place] != kind);
            notes.push(left_out(kind.told(), &names));
        }
    }
    let other = |place: &&usize| matches!(kinds[**place], Kind::Text | Kind::Date | Kind::Nested);
    if typed && let Some(&place) = places.iter().find(other) {
        return Err(TableError::NotNumbers {
            file: file.to_owned(),
            column: place + 1,
            name: header.map(|names| names[place].clone()),
            holds: kinds[place].told(),
        });
    }
    if places.is_empty() {
        return Err(TableError::NoNumbers {
            file: file.to_owned(),
            notes,
        });
    }
    Ok(Choice { places, notes })
}
