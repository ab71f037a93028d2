//! The operands of operators: numbers, names, calls, parentheses and lists.

use super::ast::{Call, Expr, Kind, Name, Place};
use super::expression::sum;
use super::word::{is_keyword, name};
use proc_macro2::{Delimiter, Group, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, Lit, Result, Token, bracketed, parenthesized, token};

pub(super) fn primary(input: ParseStream, depth: usize) -> Result<Expr> {
    if input.peek(token::Paren) {
        return parentheses(input, depth);
    }
    if input.peek(token::Bracket) {
        return bracket_list(input, depth);
    }
    if input.peek(Lit) {
        return literal(input);
    }
    // Names and calls. Rust keywords are accepted here too, so that the error can name a replacement.
    if input.peek(Ident::peek_any) && !input.peek(Token![_]) {
        if input.peek2(Token![::]) {
            return Err(input.error(
                "paths of the surrounding Rust cannot be seen here: declare a `const` in the spec",
            ));
        }
        let word = input.fork().call(Ident::parse_any)?.to_string();
        if is_keyword(&word) {
            let cure = match word.as_str() {
                "if" | "else" | "match" | "where" => {
                    "there are no conditions: `let g = sigmoid(k * (z - c));` and `g * a + (1 - g) * b` blend smoothly"
                }
                "while" | "loop" | "break" | "continue" => "a loop is `for i in 0..4 { … }`",
                "return" => "the last expression, without `;`, is the value",
                _ => {
                    "formulas are built from calls and operators, without branches: an energy is smooth"
                }
            };
            return Err(input.error(format!("`{word}` has no meaning here; {cure}")));
        }
        let name = name(input)?;
        if !input.peek(token::Paren) {
            return Ok(Expr {
                place: name.place,
                kind: Kind::Name(name.text),
            });
        }
        let inside;
        let parens = parenthesized!(inside in input);
        let place = name.place.to(Place::of(parens.span.close()));
        return Ok(Expr {
            kind: Kind::Call(call(name, &inside, depth + 1)?),
            place,
        });
    }
    // A group without delimiters is a fragment `$e:expr` of another macro.
    if let Some((TokenTree::Group(group), _)) = input.cursor().token_tree()
        && group.delimiter() == Delimiter::None
    {
        let group: Group = input.parse()?;
        return (|inside: ParseStream| sum(inside, depth + 1)).parse2(group.stream());
    }
    Err(input.error("expected a value: a number, a name, a call such as `silu(h)`, or parentheses"))
}

/// Parses the arguments and options between the parentheses of a call.
fn call(function: Name, inside: ParseStream, depth: usize) -> Result<Call> {
    let mut call = Call {
        name: function,
        arguments: Vec::new(),
        options: Vec::new(),
    };
    while !inside.is_empty() {
        if inside.peek(Ident) && inside.peek2(Token![=]) && !inside.peek2(Token![==]) {
            let option = name(inside)?;
            inside.parse::<Token![=]>()?;
            call.options.push((option, sum(inside, depth)?));
        } else {
            let value = sum(inside, depth)?;
            if let Some((option, _)) = call.options.last() {
                let message = format!(
                    "arguments come before options: move this before `{} = …`",
                    option.text
                );
                return Err(Error::new_spanned(value.place, message));
            }
            call.arguments.push(value);
        }
        if !inside.is_empty() && !inside.peek(Token![,]) {
            return Err(inside.error("expected `,` or an operator"));
        }
        inside.parse::<Option<Token![,]>>()?;
    }
    Ok(call)
}

fn parentheses(input: ParseStream, depth: usize) -> Result<Expr> {
    let inside;
    let parens = parenthesized!(inside in input);
    let place = Place::of(parens.span.open()).to(Place::of(parens.span.close()));
    let (mut items, trailing) = separated(&inside, |i| sum(i, depth + 1))?;
    match items.pop() {
        Some(only) if items.is_empty() && !trailing => Ok(Expr {
            kind: only.kind,
            place,
        }),
        last => {
            items.extend(last);
            Ok(Expr {
                kind: Kind::Tuple(items),
                place,
            })
        }
    }
}

pub(super) fn bracket_list(input: ParseStream, depth: usize) -> Result<Expr> {
    let inside;
    let brackets = bracketed!(inside in input);
    let place = Place::of(brackets.span.open()).to(Place::of(brackets.span.close()));
    let (items, _) = separated(&inside, |i| sum(i, depth + 1))?;
    Ok(Expr {
        kind: Kind::List(items),
        place,
    })
}

/// Parses items separated by commas; also returns whether there is a trailing comma.
pub(super) fn separated<T>(
    inside: ParseStream,
    item: impl Fn(ParseStream) -> Result<T>,
) -> Result<(Vec<T>, bool)> {
    let (mut items, mut trailing) = (Vec::new(), false);
    while !inside.is_empty() {
        items.push(item(inside)?);
        if !inside.is_empty() && !inside.peek(Token![,]) {
            return Err(inside.error("expected `,` or an operator"));
        }
        trailing = inside.parse::<Option<Token![,]>>()?.is_some();
    }
    Ok((items, trailing))
}

fn literal(input: ParseStream) -> Result<Expr> {
    let literal: Lit = input.parse()?;
    let place = Place::of(literal.span());
    if !literal.suffix().is_empty() {
        let message = format!("numbers have no type here: remove `{}`", literal.suffix());
        return Err(Error::new(literal.span(), message));
    }
    let kind = match &literal {
        Lit::Int(n) => match n.base10_parse::<u64>() {
            Ok(value) if value < 1 << 53 => Kind::Number(value as f64),
            _ => {
                return Err(Error::new(
                    n.span(),
                    "this integer does not fit: the largest is 2^53 - 1",
                ));
            }
        },
        Lit::Float(n) => match n.base10_parse::<f64>() {
            Ok(value) if value.is_finite() => Kind::Number(value),
            _ => {
                return Err(Error::new(
                    n.span(),
                    "this number does not fit into a float64: the largest is about 1.8e308",
                ));
            }
        },
        Lit::Bool(b) => Kind::Bool(b.value()),
        Lit::Str(s) => {
            return Err(Error::new(
                s.span(),
                "a text stands only after `as`, as the name of parameters",
            ));
        }
        other => return Err(Error::new(other.span(), "expected a number")),
    };
    Ok(Expr { kind, place })
}
