//! Numbers in emitted text that other statements may have otherwise: offsets, sizes, strides.
//!
//! An emitter marks them, so that the text around them can be compared.

/// Marks the first and the last character of a number.
const MARKS: [char; 2] = ['\u{2}', '\u{3}'];

/// A number that may differ between statements with the same text.
pub(super) fn hole(number: usize) -> String {
    format!("{}{number}{}", MARKS[0], MARKS[1])
}

/// Text whose numbers stand as they are.
pub(super) fn filled(text: &str) -> String {
    text.replace(MARKS, "")
}
