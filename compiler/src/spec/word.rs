//! Names, and names in string literals.

use super::ast::{Name, Place, Text};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitStr, Result, Token};

pub(super) fn name(input: ParseStream) -> Result<Name> {
    let ident = Ident::parse_any(input)?;
    reserved(&ident)?;
    Ok(Name {
        text: ident.to_string(),
        place: Place::of(ident.span()),
    })
}

/// Reports an error for keywords of this language and of Rust.
fn reserved(ident: &Ident) -> Result<()> {
    let word = ident.to_string();
    if is_keyword(&word) || matches!(word.as_str(), "param" | "net") {
        return Err(Error::new(
            ident.span(),
            format!("`{word}` is a reserved word; choose another name, such as `{word}_`"),
        ));
    }
    Ok(())
}

/// Whether the word is a keyword of Rust.
pub(super) fn is_keyword(word: &str) -> bool {
    syn::parse_str::<Ident>(word).is_err()
}

fn text(input: ParseStream) -> Result<Text> {
    let literal: LitStr = input.parse()?;
    Ok(Text {
        text: literal.value(),
        place: Place::of(literal.span()),
    })
}

/// Parses `as "name"`, if it is next.
pub(super) fn alias(input: ParseStream) -> Result<Option<Text>> {
    if input.parse::<Option<Token![as]>>()?.is_none() {
        return Ok(None);
    }
    if !input.peek(LitStr) {
        return Err(input.error("expected a name in quotes after `as`, such as `as \"net.0\"`"));
    }
    text(input).map(Some)
}
