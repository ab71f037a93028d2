//! The front end: parses the tokens of a spec and lowers each model to a checked graph.
//!
//! `parse` builds the syntax tree (`ast`) from tokens. `lower` evaluates a model once, in order, and builds its graph.
//! All errors are collected; each is reported at a token of the user, with what was expected, what was found and how to
//! fix it. No other module uses the parsing API of syn. The documentation of the `energy!` macro describes the
//! language.
//!
//! Grammar:
//!
//! ```text
//! file       = { const | fn | model }
//! model      = docs [ vis ] Name "(" name ":" shape ")" block
//! block      = "{" { statement } [ expr ] "}"
//! statement  = const | fn | net | param | let | assign | for
//! const      = "const" name "=" expr ";"
//! fn         = "fn" name "(" names ")" ( "=" expr ";" | block )
//! net        = "net" name "(" names ")" [ "as" "text" ] ( "=" expr ";" | block )
//! param      = "param" name ":" shape [ "as" "text" ] [ "=" initialiser ] ";"
//! let        = "let" ( [ "mut" ] name | "(" [ "mut" ] name, … ")" ) [ ":" shape ] "=" expr ";"
//! assign     = ( name | "(" names ")" ) ( "=" | "+=" | "-=" | "*=" | "/=" ) expr ";"
//! for        = "for" name "in" ( expr ".." [ "=" ] expr | list ) block
//! expr       = expr ( "+" | "-" | "*" | "/" ) expr | "-" expr | postfix
//! postfix    = primary { "[" index, … "]" | "as" "text" }
//! index      = expr | [ expr ] ".." [ "=" ] [ expr ]
//! primary    = number | "true" | "false" | name | name "(" expr, … [ name "=" expr, … ] ")"
//!            | "(" expr ")" | "(" expr, … ")" | list
//! list       = "[" expr, … "]"
//! shape      = list
//! ```

// Syntax.
mod ast;
mod attribute;
mod expression;
mod parse;
mod primary;
mod recovery;
mod statement;
mod word;

// Semantics.
mod block;
mod budget;
mod evaluate;
mod function;
mod lower;
mod parameter;
mod scope;
mod value;

// Built-in functions.
mod builtin;
mod elementwise;
mod index;
mod initial;
mod layer;
mod reduce;
mod structure;

// Diagnostics.
mod diagnostic;
mod recipe;
mod suggest;

use crate::guard::guarded;
use crate::ir;
use crate::objectives::Descriptor;
use ast::{File, Item, Place};
use diagnostic::Diagnostics;
use proc_macro2::{Span, TokenStream};

pub use diagnostic::{render, warning_tokens};

/// A model without errors, which can be compiled.
#[derive(Debug)]
pub struct Checked {
    /// The model's name.
    pub name: syn::Ident,
    /// Its visibility.
    pub vis: syn::Visibility,
    /// Its doc comments.
    pub docs: Vec<syn::Attribute>,
    /// The objectives that the model can be trained with.
    pub objectives: Vec<&'static Descriptor>,
    /// The graph of the energy: one output `energy` of shape `[]`, one value per sample.
    pub graph: ir::Graph,
    /// Warnings: constructs that are allowed but probably unintended, such as an activation with a kink.
    pub warnings: Vec<(Span, String)>,
    /// Whether the energy has no kinks as a function of x.
    pub smooth: bool,
}

/// Parses and checks the tokens between the braces of `energy! { }`, or those of a spec file.
///
/// # Errors
///
/// All errors that were found, each with its span, in source order and without duplicates.
pub fn parse_and_check(tokens: TokenStream) -> Result<Vec<Checked>, Vec<syn::Error>> {
    let (file, mut errors) = guarded(|| parse::file(tokens))
        .map_err(|internal| vec![syn::Error::new(Span::call_site(), internal)])?;
    let mut diagnostics = Diagnostics::default();
    let mut checked: Vec<Checked> = Vec::new();
    let mut shared: Vec<&Item> = Vec::new();
    for item in &file.items {
        let Item::Model(model) = item else {
            shared.push(item);
            continue;
        };
        if checked.iter().any(|c| c.name == model.ident) {
            let message = format!("there is a model `{}` already", model.ident);
            diagnostics.error(Place::of(model.ident.span()), message);
        }
        let lower = || lower::lower(&shared, model, Diagnostics::default());
        let (lowered, mut found) = match guarded(lower) {
            Ok(outcome) => outcome,
            Err(internal) => {
                diagnostics.error(Place::of(model.ident.span()), internal.to_string());
                continue;
            }
        };
        let warnings = found.take_warnings();
        diagnostics.append(found);
        let (vis, attributes) = (model.vis.clone(), &model.attributes);
        if let Some(lowered) = lowered {
            let (graph, smooth) = (lowered.graph, lowered.smooth);
            checked.push(Checked {
                name: model.ident.clone(),
                vis,
                docs: attributes.docs.clone(),
                objectives: attributes.objectives.clone(),
                graph,
                warnings,
                smooth,
            });
        }
    }
    if errors.is_empty() && shared.len() == file.items.len() {
        errors.push(syn::Error::new(
            Span::call_site(),
            "expected a model, such as `pub Name(x: [2]) { … }`",
        ));
    }
    errors.extend(diagnostics.into_errors());
    errors.sort_by_key(|e| (e.span().start().line, e.span().start().column));
    if errors.is_empty() {
        Ok(checked)
    } else {
        Err(errors)
    }
}

/// Visibilities and names of the models in a source with errors, as far as it can be parsed. The macro emits a stub for
/// each, so that code that uses a model does not cause further errors.
pub fn declared_models(tokens: TokenStream) -> Vec<(syn::Visibility, syn::Ident)> {
    let items = guarded(|| parse::file(tokens)).map_or(vec![], |(File { items }, _)| items);
    let mut models: Vec<(syn::Visibility, syn::Ident)> = Vec::new();
    for item in items {
        if let Item::Model(model) = item
            && models.iter().all(|m| m.1 != model.ident)
        {
            models.push((model.vis, model.ident));
        }
    }
    models
}
