//! Index arithmetic as text, for every target.

/// Σ name · stride, with strides as `number` prints them.
pub(super) fn linear<'a>(
    terms: impl IntoIterator<Item = (&'a str, usize)>,
    number: impl Fn(usize) -> String,
) -> String {
    let terms: Vec<String> = terms
        .into_iter()
        .filter(|term| term.1 != 0)
        .map(|(name, stride)| match stride {
            1 => name.to_string(),
            _ => format!("{name} * {}", number(stride)),
        })
        .collect();
    if terms.is_empty() {
        "0".to_string()
    } else {
        terms.join(" + ")
    }
}

/// A number as it is.
pub(super) fn number(number: usize) -> String {
    number.to_string()
}

/// Names of nested feature loops.
pub(super) fn loop_names(loops: usize) -> Vec<String> {
    match loops {
        1 => vec!["u".to_string()],
        n => (0..n).map(|d| format!("u{d}")).collect(),
    }
}
