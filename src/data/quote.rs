//! Names in messages, truncated if they are long.

/// The largest number of characters of a name in a message.
pub(super) const NAME: usize = 24;

/// `text` in quotes and escaped, truncated to `limit` characters; the number of characters is added if it is truncated.
pub(super) fn cut(text: &str, limit: usize) -> String {
    let (mut shown, mut width) = (String::from('"'), 0);
    for character in text.chars() {
        let start = shown.len();
        match character {
            // Of the two kinds of quotes only `"`, which surrounds the text, is escaped.
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

/// A column by its number, from 1, and by its name if it has one.
pub(super) fn column(number: usize, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("column {number} ({})", cut(name, NAME)),
        None => format!("column {number} (from 1)"),
    }
}
