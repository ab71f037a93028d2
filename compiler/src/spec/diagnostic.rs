//! Diagnostics of a spec: collected during the check, reported at the user's tokens.

use super::ast::Place;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use std::collections::HashSet;

/// A marker for an error that has been recorded. Callers that receive it do not report it again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported;

/// A result whose error has been recorded in [`Diagnostics`].
pub(super) type Outcome<T> = Result<T, Reported>;

/// Errors and warnings, in the order in which they were found.
#[derive(Default)]
pub(super) struct Diagnostics {
    errors: Vec<Finding>,
    warnings: Vec<(Place, String)>,
    warned: HashSet<(String, String)>,
}

struct Finding {
    place: Place,
    message: String,
    /// The loop or call in which the error occurred, if the place alone does not show it.
    context: Option<String>,
}

impl Diagnostics {
    pub(super) fn error(&mut self, place: Place, message: String) -> Reported {
        self.errors.push(Finding {
            place,
            message,
            context: None,
        });
        Reported
    }

    /// Adds a warning. Equal warnings at one place are added once, because loops and calls evaluate the same source
    /// repeatedly.
    pub(super) fn warning(&mut self, place: Place, message: String) {
        if self.warned.insert((place.key(), message.clone())) {
            self.warnings.push((place, message));
        }
    }

    /// Appends the diagnostics of another model.
    pub(super) fn append(&mut self, other: Diagnostics) {
        self.errors.extend(other.errors);
        self.warnings.extend(other.warnings);
    }

    pub(super) fn count(&self) -> usize {
        self.errors.len()
    }

    /// Adds the loop or call to all errors from index `first` on. An error that has a context keeps it, so the
    /// innermost one is reported.
    pub(super) fn explain(&mut self, first: usize, context: &str) {
        for finding in &mut self.errors[first..] {
            finding.context.get_or_insert_with(|| context.to_string());
        }
    }

    pub(super) fn into_errors(self) -> Vec<syn::Error> {
        let mut seen = HashSet::new();
        let mut errors = Vec::new();
        for Finding {
            place,
            message,
            context,
        } in self.errors
        {
            // Equal errors at one place are reported once, with the context of the first.
            if seen.insert((place.key(), message.clone())) {
                let context = context.map_or(String::new(), |c| format!(" ({c})"));
                errors.push(syn::Error::new_spanned(place, message + &context));
            }
        }
        errors
    }

    pub(super) fn take_warnings(&mut self) -> Vec<(Span, String)> {
        std::mem::take(&mut self.warnings)
            .into_iter()
            .map(|(place, message)| (place.start(), message))
            .collect()
    }
}

/// Rust code for which rustc prints the warnings at the user's tokens.
///
/// A macro cannot emit warnings on stable Rust, but rustc warns at the use of a deprecated item.
pub fn warning_tokens(warnings: &[(Span, String)]) -> TokenStream {
    let each = warnings.iter().map(|(span, message)| {
        let name = Ident::new("kink", *span);
        quote! {
            const _: () = {
                #[deprecated(note = #message)]
                #[allow(non_upper_case_globals)]
                const #name: () = ();
                #name
            };
        }
    });
    quote! { #(#each)* }
}

/// A diagnostic of a spec file as text: `FILE:LINE:COLUMN: message`, the source line, and a mark under the place.
///
/// `source` is the text of the file from which the span was parsed. Lines and columns count from 1.
pub fn render(span: Span, message: &str, file: &str, source: &str) -> String {
    let (start, end) = (span.start(), span.end());
    let line = source
        .lines()
        .nth(start.line.saturating_sub(1))
        .unwrap_or_default();
    let head = format!("{file}:{}:{}: {message}", start.line, start.column + 1);
    let end = match end.line == start.line {
        true => end.column,
        false => line.chars().count(),
    };
    let (line, start_column, end) = shown(line, start.column, end);
    let width = end.saturating_sub(start_column).max(1);
    let number = start.line.to_string();
    let margin = " ".repeat(number.len());
    // Tabs are kept, so that the mark is under its place.
    let indent: String = line
        .chars()
        .take(start_column)
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    format!(
        "{head}\n {margin} |\n {number} | {line}\n {margin} | {indent}{}",
        "^".repeat(width)
    )
}

/// Characters of a line that are shown at most, and how many of them before the place.
const SHOWN: usize = 160;
const BEFORE: usize = 40;

/// The part of a line around a place that is shown, and where the place begins and ends in it.
fn shown(line: &str, start: usize, end: usize) -> (String, usize, usize) {
    let count = line.chars().count();
    if count <= SHOWN {
        return (line.to_string(), start, end);
    }
    let first = start.saturating_sub(BEFORE).min(count - SHOWN);
    let part: String = line.chars().skip(first).take(SHOWN).collect();
    let before = if first > 0 { "…" } else { "" };
    let after = if first + SHOWN < count { "…" } else { "" };
    let moved =
        |column: usize| column.min(first + SHOWN).saturating_sub(first) + before.chars().count();
    (format!("{before}{part}{after}"), moved(start), moved(end))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        assert_eq!(shown("mlp(x)", 4, 5), ("mlp(x)".to_string(), 4, 5));
        let line = format!("{}ä{}", "a".repeat(1000), "b".repeat(1000));
        for (start, end, marked) in [(1000, 1001, "ä"), (0, 3, "aaa"), (1999, 2001, "bb")] {
            let (text, from, to) = shown(&line, start, end);
            assert!(text.chars().count() <= 162, "{text}");
            let found: String = text.chars().skip(from).take(to - from).collect();
            assert_eq!(found, marked);
        }
        let (text, from, to) = shown(&line, 10, 1900);
        assert!(
            text.ends_with('…') && from == 10 && to == 160,
            "{from} {to}"
        );
    }
}
