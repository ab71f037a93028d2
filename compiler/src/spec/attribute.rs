//! Attributes of a model.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Ident, Token};

use super::suggest::nearest;
use crate::objectives::{self, Descriptor};

/// The attributes of a model.
#[derive(Debug)]
pub(super) struct Attributes {
    /// Doc comments.
    pub(super) docs: Vec<Attribute>,
    /// The objectives that the model can be trained with: those named in `#[objectives(…)]`, or all.
    pub(super) objectives: Vec<&'static Descriptor>,
}

/// Parses the attributes. Errors are added to `errors`.
pub(super) fn attributes(attributes: Vec<Attribute>, errors: &mut Vec<Error>) -> Attributes {
    let (docs, others): (Vec<_>, Vec<_>) = attributes
        .into_iter()
        .partition(|attribute| attribute.path().is_ident("doc"));
    let mut named: Option<Vec<&'static Descriptor>> = None;
    for attribute in &others {
        if !attribute.path().is_ident("objectives") {
            let message = "a model takes doc comments and `#[objectives(…)]`; other attributes have nothing to act on here";
            errors.push(Error::new_spanned(attribute, message));
        } else if named.is_some() {
            let message = "the objectives were named before: one list names all of them";
            errors.push(Error::new_spanned(attribute, message));
        } else {
            let mut list = Vec::new();
            for word in words(attribute, errors) {
                objective(&word, &mut list, errors);
            }
            named = Some(list);
        }
    }
    Attributes {
        docs,
        objectives: named.unwrap_or_else(|| objectives::ALL.to_vec()),
    }
}

/// The names in `#[objectives(a, b)]`.
fn words(attribute: &Attribute, errors: &mut Vec<Error>) -> Vec<Ident> {
    let parser = Punctuated::<Ident, Token![,]>::parse_terminated;
    let list = attribute.meta.require_list();
    match list.and_then(|list| parser.parse2(list.tokens.clone())) {
        Ok(words) => words.into_iter().collect(),
        Err(_) => {
            let message = "expected names of objectives: `#[objectives(esm, dsm)]`";
            errors.push(Error::new_spanned(attribute, message));
            Vec::new()
        }
    }
}

/// Adds the objective with this name to `list`.
fn objective(word: &Ident, list: &mut Vec<&'static Descriptor>, errors: &mut Vec<Error>) {
    let text = word.to_string();
    match Descriptor::named(&text) {
        Some(entry) if list.contains(&entry) => {
            errors.push(Error::new_spanned(word, format!("`{text}` is named twice")));
        }
        Some(entry) => list.push(entry),
        None => {
            let names = objectives::ALL.map(|entry| entry.name);
            let cure = match nearest(&text, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are `{}`", names.join("`, `")),
            };
            let message = format!("no objective is called `{text}`; {cure}");
            errors.push(Error::new_spanned(word, message));
        }
    }
}
