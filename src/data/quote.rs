//! What a message shows of a file: enough to find the place, never the file itself.

/// Characters of a cell in a message.
const CELL: usize = 60;
/// Characters of each name in a list of names.
const NAME: usize = 24;
/// Names in a list.
const NAMES: usize = 8;

/// `text` in quotes and escaped, cut after some 60 characters; what is cut is counted.
pub(crate) fn quoted(text: &str) -> String {
    cut(text, CELL)
}

/// The first few of some names between commas, and how many more there are.
pub(crate) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let mut list: Vec<String> = names.take(NAMES).map(|name| cut(name, NAME)).collect();
    if more > 0 {
        list.push(format!("and {more} more"));
    }
    list.join(", ")
}

/// As [`quoted`], cut after `limit` characters.
fn cut(text: &str, limit: usize) -> String {
    let (mut shown, mut width) = (String::from('"'), 0);
    for character in text.chars() {
        let start = shown.len();
        match character {
            // Only the quotes that the text stands in are escaped.
            '\'' => shown.push('\''),
            _ => shown.extend(character.escape_debug()),
        }
        width += shown[start..].chars().count();
        if width > limit {
            shown.truncate(start);
            return format!("{shown}…\" ({} characters)", text.chars().count());
        }
    }
    shown.push('"');
    shown
}

/// A column by its number, from 1, and its name where it has one.
pub(crate) fn column(number: usize, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("column {number} ({})", cut(name, NAME)),
        None => format!("column {number} (from 1)"),
    }
}

/// ` ("name")`, or nothing where there is no name.
pub(crate) fn title(name: Option<&str>) -> String {
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
