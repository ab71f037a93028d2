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
mod size;
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
use ast::{File, Item, Model, Place};
use diagnostic::Diagnostics;
use proc_macro2::{Span, TokenStream};
use std::collections::BTreeSet;

pub use diagnostic::{render, warning_tokens};
pub use size::{Axis, Declaration, Sizes};

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
    /// The sizes that the spec leaves free, as [`Sizes`] bound them.
    pub free: BTreeSet<String>,
}

/// Parses and checks the tokens between the braces of `energy! { }`, or those of a spec file. No size may be free.
///
/// # Errors
///
/// As [`check`].
pub fn parse_and_check(tokens: TokenStream) -> Result<Vec<Checked>, Vec<syn::Error>> {
    check(tokens, &Sizes::new(), None)
}

/// Parses a spec and checks its models, or the one with the name `only`. Free sizes are those of `sizes`.
///
/// # Errors
///
/// All errors that were found, each with its span, in source order and without duplicates. That no model has the name
/// `only` is none of them.
pub fn check(
    tokens: TokenStream,
    sizes: &Sizes,
    only: Option<&str>,
) -> Result<Vec<Checked>, Vec<syn::Error>> {
    let mut checked: Vec<Checked> = Vec::new();
    each_model(tokens, |shared, model, diagnostics| {
        if only.is_some_and(|name| model.ident != name) {
            return;
        }
        if checked.iter().any(|c| c.name == model.ident) {
            let message = format!("there is a model `{}` already", model.ident);
            diagnostics.error(Place::of(model.ident.span()), message);
        }
        let (lowered, mut found) = match guarded(|| lower::lower(shared, model, sizes)) {
            Ok(outcome) => outcome,
            Err(internal) => {
                diagnostics.error(Place::of(model.ident.span()), internal.to_string());
                return;
            }
        };
        let warnings = found.take_warnings();
        diagnostics.append(found);
        let attributes = &model.attributes;
        checked.extend(lowered.map(|lowered| Checked {
            name: model.ident.clone(),
            vis: model.vis.clone(),
            docs: attributes.docs.clone(),
            objectives: attributes.objectives.clone(),
            graph: lowered.graph,
            warnings,
            smooth: lowered.smooth,
            free: lowered.free,
        }));
    })?;
    Ok(checked)
}

/// What the headers of the models declare. The bodies are parsed and not checked.
///
/// # Errors
///
/// As [`check`].
pub fn declarations(tokens: TokenStream) -> Result<Vec<Declaration>, Vec<syn::Error>> {
    let mut declarations = Vec::new();
    each_model(tokens, |shared, model, diagnostics| {
        match guarded(|| lower::declared(shared, model)) {
            Ok((shape, found)) => {
                diagnostics.append(found);
                declarations.extend(shape.map(|shape| Declaration {
                    name: model.ident.to_string(),
                    shape,
                }));
            }
            Err(internal) => {
                diagnostics.error(Place::of(model.ident.span()), internal.to_string());
            }
        }
    })?;
    Ok(declarations)
}

/// Parses a spec and calls `visit` with each model and the shared statements that precede it.
fn each_model(
    tokens: TokenStream,
    mut visit: impl FnMut(&[&Item], &Model, &mut Diagnostics),
) -> Result<(), Vec<syn::Error>> {
    let (file, mut errors) = guarded(|| parse::file(tokens))
        .map_err(|internal| vec![syn::Error::new(Span::call_site(), internal)])?;
    let mut diagnostics = Diagnostics::default();
    let mut shared: Vec<&Item> = Vec::new();
    for item in &file.items {
        match item {
            Item::Model(model) => visit(&shared, model, &mut diagnostics),
            Item::Statement(_) => shared.push(item),
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
        Ok(())
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
