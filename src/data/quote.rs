//! Names in messages, cut where they are long.

/// Characters of a name in a message.
pub(super) const NAME: usize = 24;

/// `text` in quotes and escaped, cut after `limit` characters; what is cut is counted.
pub(super) fn cut(text: &str, limit: usize) -> String {
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
pub(super) fn column(number: usize, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("column {number} ({})", cut(name, NAME)),
        None => format!("column {number} (from 1)"),
    }
}
