//! Models and statements: parses tokens to [`File`] and collects the syntax errors.
//!
//! After an error, parsing continues at the next statement, so that one build reports several errors.

use super::ast::{Block, Expr, File, Item, Kind, Model, Name, Place, Statement};
use super::attribute::attributes as read_attributes;
use super::expression::list;
use super::recovery::{skip, skip_from};
use super::statement::statement;
use super::word::name;
use proc_macro2::{Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Ident, Result, Token, braced, parenthesized, token};

const MAX_BRACKETS: usize = 250;

/// The syntax tree of a spec, and its syntax errors.
pub(super) fn file(tokens: TokenStream) -> (File, Vec<Error>) {
    if let Some(group) = too_deep(&tokens) {
        let message = format!("brackets are nested deeper than {MAX_BRACKETS}");
        return (
            File { items: vec![] },
            vec![Error::new(group.span_open(), message)],
        );
    }
    let (mut items, mut errors) = (Vec::new(), Vec::new());
    let parsed = (|input: ParseStream| {
        while !input.is_empty() {
            let start = input.cursor();
            match item(input, &mut errors) {
                Ok(item) => items.push(item),
                Err(error) => {
                    errors.push(error);
                    items.push(Item::Statement(Statement::Bad));
                    skip_from(input, start);
                }
            }
        }
        Ok(())
    })
    .parse2(tokens);
    // After an error, syn reports the skipped tokens as unexpected; this error is dropped.
    if let (Err(error), true) = (parsed, errors.is_empty()) {
        errors.push(error);
    }
    (File { items }, errors)
}

/// A group that is nested too deeply, if there is one. The parser of tokens is recursive.
fn too_deep(tokens: &TokenStream) -> Option<Group> {
    let mut stack: Vec<(usize, TokenStream)> = vec![(0, tokens.clone())];
    while let Some((depth, tokens)) = stack.pop() {
        for tree in tokens {
            if let TokenTree::Group(group) = tree {
                if depth == MAX_BRACKETS {
                    return Some(group);
                }
                stack.push((depth + 1, group.stream()));
            }
        }
    }
    None
}

fn item(input: ParseStream, errors: &mut Vec<Error>) -> Result<Item> {
    let before = errors.len();
    let attributes = input.call(Attribute::parse_outer)?;
    if input.peek(Token![const]) || input.peek(Token![fn]) {
        return statement(input, errors).map(Item::Statement);
    }
    let vis: syn::Visibility = input.parse()?;
    let word = input
        .fork()
        .parse::<Ident>()
        .map(|i| i.to_string())
        .unwrap_or_default();
    if matches!(word.as_str(), "param" | "net")
        || input.peek(Token![let])
        || input.peek(Token![for])
    {
        return Err(
            input.error("only `const` and `fn` stand outside a model; move this into its braces")
        );
    }
    if !input.peek(Ident) {
        return Err(input.error("expected the name of a model, such as `pub Name(x: [2]) { … }`"));
    }
    let ident: Ident = input.parse()?;
    let attributes = read_attributes(attributes, errors);
    if !input.peek(token::Paren) {
        return Err(input.error(format!(
            "expected the input and its shape: `{ident}(x: [2]) {{ … }}`"
        )));
    }
    let header;
    parenthesized!(header in input);
    let read = model_input(&header);
    let mut body = block(input, errors)?;
    let (input_name, shape) = read.unwrap_or_else(|error| {
        // The input is unknown, so names in the body may be.
        errors.push(error);
        body.statements.push(Statement::Bad);
        let place = Place::of(ident.span());
        (
            Name {
                text: "x".to_string(),
                place,
            },
            Expr {
                kind: Kind::Bad(vec![]),
                place,
            },
        )
    });
    Ok(Item::Model(Model {
        attributes,
        vis,
        ident,
        input: input_name,
        axes: named_axes(&shape),
        shape,
        body,
        damaged: errors.len() > before,
    }))
}

fn model_input(header: ParseStream) -> Result<(Name, Expr)> {
    let input_name = name(header)?;
    if header.parse::<Option<Token![:]>>()?.is_none() {
        let message = format!(
            "expected the shape of the input: `{}: [2]`",
            input_name.text
        );
        return Err(Error::new_spanned(input_name.place, message));
    }
    let shape = list(header)?;
    if !header.is_empty() {
        return Err(header
            .error("an energy has one input, and what is not to be modelled is a parameter or a constant. Inputs that are concatenated are \
                 modelled together: the score and every loss differentiate in all of them"));
    }
    Ok((input_name, shape))
}

/// The axes of a shape that are names.
fn named_axes(shape: &Expr) -> Vec<Name> {
    let Kind::List(items) = &shape.kind else {
        return vec![];
    };
    let name = |item: &Expr| {
        let Kind::Name(text) = &item.kind else {
            return None;
        };
        Some(Name {
            text: text.clone(),
            place: item.place,
        })
    };
    items.iter().filter_map(name).collect()
}

/// `{ statements value }`
pub(super) fn block(input: ParseStream, errors: &mut Vec<Error>) -> Result<Block> {
    if !input.peek(token::Brace) {
        return Err(input.error("expected `{`"));
    }
    let inside;
    let braces = braced!(inside in input);
    let end = Place::of(braces.span.close());
    let mut block = Block {
        statements: Vec::new(),
        value: None,
        end,
    };
    while !inside.is_empty() {
        if inside.parse::<Option<Token![;]>>()?.is_some() {
            continue;
        }
        let start = inside.cursor();
        let parsed = inside.call(Attribute::parse_outer).and_then(|attributes| {
            if let Some(other) = attributes.iter().find(|a| !a.path().is_ident("doc")) {
                errors.push(Error::new_spanned(
                    other,
                    "only doc comments stand before a statement",
                ));
            }
            statement(&inside, errors)
        });
        match parsed {
            Ok(Statement::Value(value)) if inside.is_empty() => block.value = Some(value),
            Ok(Statement::Value(value)) => {
                if !inside.peek(Token![;]) {
                    errors.push(inside.error("expected `;` or an operator"));
                    skip(&inside, false);
                    block.statements.push(Statement::Bad);
                }
                block.statements.push(Statement::Value(value));
            }
            Ok(statement) => block.statements.push(statement),
            Err(error) => {
                errors.push(error);
                block.statements.push(Statement::Bad);
                skip_from(&inside, start);
            }
        }
    }
    Ok(block)
}
