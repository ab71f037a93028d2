//! Sentences that say what a reader did.

use super::place::Locator;
use super::quote::listed;
use super::source::Seen;

/// Places of missing values that are told.
const PLACES: usize = 3;

/// Rows that are left out because of a missing value.
#[derive(Clone, Debug, Default)]
pub(super) struct Dropped {
    pub(super) rows: u64,
    /// Row number and chosen column of the first of them.
    first: Vec<(u64, usize)>,
}

impl Dropped {
    /// Counts a row with this number whose value in a chosen column is missing.
    pub(super) fn add(&mut self, number: u64, column: usize) {
        self.rows += 1;
        if self.first.len() < PLACES {
            self.first.push((number, column));
        }
    }

    /// The first of them.
    pub(super) fn first(&self) -> Option<(u64, usize)> {
        self.first.first().copied()
    }

    /// The sentence, if rows are left out.
    pub(super) fn note(&self, locator: &Locator) -> Option<String> {
        let places: Vec<String> = self
            .first
            .iter()
            .map(|&(number, column)| locator.within(number, column))
            .collect();
        let more = if self.rows > places.len() as u64 {
            ", …"
        } else {
            ""
        };
        (self.rows > 0).then(|| {
            format!(
                "left out {} with missing values: {}{more}",
                counted(self.rows, "row"),
                places.join("; ")
            )
        })
    }
}

/// Sentences about values.
pub(super) fn values(seen: &Seen, locator: &Locator) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some((number, column)) = seen.first_rounded {
        notes.push(format!(
            "rounded {} beyond 2^53 to float64, the first at {}",
            counted(seen.rounded, "integer"),
            locator.within(number, column)
        ));
    }
    if seen.booleans > 0 {
        notes.push(format!(
            "read {} as 0 or 1",
            counted(seen.booleans, "boolean")
        ));
    }
    if seen.as_text > 0 {
        notes.push(format!(
            "read {} that the sheet holds as text",
            counted(seen.as_text, "number")
        ));
    }
    notes
}

/// `left out 2 columns WHY: "a", "b"`.
pub(super) fn left_out(why: &str, names: &[String]) -> String {
    let columns = counted(names.len() as u64, "column");
    format!(
        "left out {columns} {why}: {}",
        listed(names.iter().map(String::as_str))
    )
}

/// The sentence about columns that hold one value.
pub(super) fn constant(columns: &[(String, f64)]) -> Option<String> {
    const SHOWN: usize = 8;
    let mut list: Vec<String> = columns
        .iter()
        .take(SHOWN)
        .map(|(name, value)| format!("{} holds {value}", listed([name.as_str()].into_iter())))
        .collect();
    if columns.len() > SHOWN {
        list.push(format!("and {} more", columns.len() - SHOWN));
    }
    (!columns.is_empty()).then(|| {
        format!(
            "left out {} with one value in all rows: {}",
            counted(columns.len() as u64, "column"),
            list.join(", ")
        )
    })
}

/// `1 row`, `2 rows`.
pub(super) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
