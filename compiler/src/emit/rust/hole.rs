//! Marks in emitted text: numbers and names that differ between statements with the same code.
//!
//! Numbers are offsets, sizes and strides; names are those of values. [`super::share`] compares the text around them.

/// Around a number.
pub(super) const NUMBER: [char; 2] = ['\u{2}', '\u{3}'];
/// Around the label of a value.
pub(super) const LABEL: [char; 2] = ['\u{4}', '\u{5}'];

/// A number that may differ between statements with the same code.
pub(super) fn hole(number: usize) -> String {
    format!("{}{number}{}", NUMBER[0], NUMBER[1])
}

/// The label of a value, as a part of names.
pub(super) fn label(label: u32) -> String {
    format!("{}{label}{}", LABEL[0], LABEL[1])
}
