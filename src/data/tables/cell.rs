//! One cell of a file: a number, a missing value, or text.

use super::Separator;

/// The content of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// A number; infinite if it is too large for float64.
    Number(f64, Decimal),
    /// `inf`.
    Infinite,
    /// `NaN`.
    Nan,
    /// An empty cell, or a word for a missing value.
    Missing,
    /// Any other text.
    Text,
}

/// The decimal separator of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decimal {
    /// The number has no decimals.
    None,
    Point,
    Comma,
}

/// The words for a missing value that programs write, in lower case.
const MISSING: [&str; 12] = [
    "", "na", "n/a", "#n/a", "<na>", "null", "nil", "none", "missing", "-", "?", ".",
];

impl Cell {
    /// The content of the cell `text` of a line with this separator; whitespace around it is ignored.
    pub(super) fn of(text: &str, separator: Separator) -> Cell {
        let text = bare(text);
        if let Ok(value) = text.parse::<f64>() {
            let is_word = !text.bytes().any(|byte| byte.is_ascii_digit());
            return match is_word {
                true if value.is_nan() => Cell::Nan,
                true => Cell::Infinite,
                false if text.contains('.') => Cell::Number(value, Decimal::Point),
                false => Cell::Number(value, Decimal::None),
            };
        }
        if let Some(value) = decimal_comma(text)
            && separator != Separator::Comma
        {
            return Cell::Number(value, Decimal::Comma);
        }
        if MISSING.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Cell::Missing;
        }
        Cell::Text
    }
}

/// Whether float64 does not hold the integer `text`, whose value was read as `value`.
pub(super) fn is_rounded(text: &str, value: f64) -> bool {
    const EXACT: f64 = (1_u64 << 53) as f64;
    value.abs() >= EXACT
        && bare(text)
            .parse()
            .is_ok_and(|exact: i128| exact != value as i128)
}

/// A cell without surrounding whitespace. Quotes around the rest are removed too, because the `csv` reader keeps them
/// if whitespace precedes them.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    match text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(within) => within.trim(),
        None => text,
    }
}

/// A number with one comma between digits and no point.
fn decimal_comma(text: &str) -> Option<f64> {
    let (whole, decimals) = text.split_once(',')?;
    let is_decimal = whole.ends_with(|c: char| c.is_ascii_digit())
        && decimals.starts_with(|c: char| c.is_ascii_digit())
        && !text.contains('.');
    is_decimal
        .then(|| format!("{whole}.{decimals}").parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_words_and_what_is_missing() {
        let number = |value, decimal| Cell::Number(value, decimal);
        for (text, comma, other) in [
            ("1", number(1.0, Decimal::None), number(1.0, Decimal::None)),
            (
                "-1.5e3",
                number(-1500.0, Decimal::Point),
                number(-1500.0, Decimal::Point),
            ),
            ("1,5", Cell::Text, number(1.5, Decimal::Comma)),
            ("-1,5e-2", Cell::Text, number(-0.015, Decimal::Comma)),
            ("1,234,567", Cell::Text, Cell::Text),
            ("1,234.5", Cell::Text, Cell::Text),
            ("1,", Cell::Text, Cell::Text),
            (",5", Cell::Text, Cell::Text),
            (
                "1e999",
                number(f64::INFINITY, Decimal::None),
                number(f64::INFINITY, Decimal::None),
            ),
            (
                "\"2\"",
                number(2.0, Decimal::None),
                number(2.0, Decimal::None),
            ),
            ("nan", Cell::Nan, Cell::Nan),
            ("-Inf", Cell::Infinite, Cell::Infinite),
            ("", Cell::Missing, Cell::Missing),
            ("NA", Cell::Missing, Cell::Missing),
            ("Null", Cell::Missing, Cell::Missing),
            ("x", Cell::Text, Cell::Text),
            ("\"", Cell::Text, Cell::Text),
        ] {
            assert_eq!(Cell::of(text, Separator::Comma), comma, "{text:?}");
            assert_eq!(Cell::of(text, Separator::Semicolon), other, "{text:?}");
        }
    }
}
