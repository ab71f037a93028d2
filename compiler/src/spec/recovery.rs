//! Recovery from syntax errors: where parsing continues, and the placeholder for tokens that could not be parsed.

use super::ast::{Expr, Kind, Place};
use super::expression::expression;
use proc_macro2::{Delimiter, TokenTree};
use syn::buffer::Cursor;
use syn::parse::ParseStream;
use syn::{Error, Ident, Token};

/// Parses `= expression;`. After an error the value is [`Kind::Bad`], so that the name is still declared.
pub(super) fn assigned(input: ParseStream, errors: &mut Vec<Error>) -> Expr {
    if let Err(error) = input.parse::<Token![=]>() {
        errors.push(error);
        let (place, begin) = (Place::of(input.span()), input.cursor());
        skip(input, false);
        return Expr {
            kind: Kind::Bad(words(begin, input.cursor())),
            place,
        };
    }
    recovered(input, errors)
}

pub(super) fn recovered(input: ParseStream, errors: &mut Vec<Error>) -> Expr {
    let (start, begin) = (Place::of(input.span()), input.cursor());
    let parsed = expression(input).and_then(|value| {
        if input.parse::<Option<Token![;]>>()?.is_none() {
            return Err(match input.is_empty() {
                true => Error::new_spanned(value.place, "expected `;` after this"),
                false => input.error("expected `;` or an operator"),
            });
        }
        Ok(value)
    });
    parsed.unwrap_or_else(|error| {
        errors.push(error);
        skip(input, false);
        Expr {
            kind: Kind::Bad(words(begin, input.cursor())),
            place: start,
        }
    })
}

/// The identifiers between two positions of the source.
fn words(mut from: Cursor, to: Cursor) -> Vec<String> {
    let mut trees = Vec::new();
    while from != to
        && let Some((tree, rest)) = from.token_tree()
    {
        trees.push(tree);
        from = rest;
    }
    let mut words = Vec::new();
    while let Some(tree) = trees.pop() {
        match tree {
            TokenTree::Ident(word) => words.push(word.to_string()),
            TokenTree::Group(group) => trees.extend(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    words
}

/// Whether a declaration that begins with this word is next.
pub(super) fn starts_with(input: ParseStream, word: &str) -> bool {
    input
        .cursor()
        .ident()
        .is_some_and(|(ident, _)| ident == word)
        && (input.peek2(Ident) || input.peek2(Token![_]))
}

/// Skips the rest of a statement, and at least one token after `start`.
pub(super) fn skip_from(input: ParseStream, start: Cursor) {
    if input.cursor() == start {
        // At the end of the tokens there is no token to skip.
        let _ = input.parse::<TokenTree>();
    }
    skip(input, true);
}

/// Skips to the next statement. `block`: whether a block in braces ends the current statement.
pub(super) fn skip(input: ParseStream, block: bool) {
    while let Some((tree, _)) = input.cursor().token_tree() {
        let word = input.peek(Token![let])
            || input.peek(Token![for])
            || input.peek(Token![fn])
            || input.peek(Token![const]);
        if word
            || starts_with(input, "param")
            || starts_with(input, "net")
            || input.parse::<TokenTree>().is_err()
        {
            return;
        }
        match &tree {
            TokenTree::Punct(mark) if mark.as_char() == ';' => return,
            // An `else` after the block continues the same statement, which is one of another language.
            TokenTree::Group(group)
                if block && group.delimiter() == Delimiter::Brace && !input.peek(Token![else]) =>
            {
                return;
            }
            _ => {}
        }
    }
}
