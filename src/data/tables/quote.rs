//! Excerpts of a file in messages, short enough for any file.

use crate::data::quote::{NAME, cut};

/// The largest number of characters of a cell in a message.
const CELL: usize = 60;
/// The largest number of names in a list.
const NAMES: usize = 8;

/// `text` in quotes and escaped, truncated to 60 characters; the number of characters is added if it is truncated.
pub(super) fn quoted(text: &str) -> String {
    cut(text, CELL)
}

/// The first few names separated by commas, and the number of the others.
pub(super) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let mut list: Vec<String> = names.take(NAMES).map(|name| cut(name, NAME)).collect();
    if more > 0 {
        list.push(format!("and {more} more"));
    }
    list.join(", ")
}

/// ` ("name")`, or an empty text if there is no name.
pub(super) fn title(name: Option<&str>) -> String {
    name.map(|name| format!(" ({})", quoted(name)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_short() {
        assert_eq!(quoted("it's \"3\"\n"), r#""it's \"3\"\n""#);
        assert_eq!(quoted(&"a".repeat(60)), format!("{:?}", "a".repeat(60)));
        let long = quoted(&"\u{1}".repeat(40_000_000 / 8));
        assert!(
            long.len() < 100 && long.ends_with("…\" (5000000 characters)"),
            "{long}"
        );
        let names: Vec<String> = (0..10_000).map(|name| name.to_string()).collect();
        let list = listed(names.iter().map(String::as_str));
        assert!(
            list.starts_with("\"0\", \"1\"") && list.ends_with(", and 9992 more"),
            "{list}"
        );
    }
}
