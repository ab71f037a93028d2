//! Expressions: parses tokens to [`Expr`], with the precedences of Rust.

use super::ast::{Expr, Index, Kind, Operator, Place, Range};
use super::primary::{bracket_list, primary, separated};
use super::recipe;
use super::suggest;
use super::word::alias;
use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, Result, Token, bracketed, token};

/// The largest nesting depth of an expression. All later stages are recursive.
const MAX_DEPTH: usize = 50;
/// The largest number of operators in a chain, which is a tree of this depth.
const MAX_CHAIN: usize = 100;

/// Parses an expression up to a token that cannot continue it.
pub(super) fn expression(input: ParseStream) -> Result<Expr> {
    sum(input, 0)
}

/// `[a, b, …]`
pub(super) fn list(input: ParseStream) -> Result<Expr> {
    if !input.peek(token::Bracket) {
        return Err(input.error(
            "expected a shape in brackets, such as `[64, 2]`, or `[]` for a single number",
        ));
    }
    bracket_list(input, 0)
}

/// `a..b`, `a..=b`, `..`, or a single expression.
pub(super) fn range(input: ParseStream) -> Result<(Range, Place)> {
    range_at(input, 0)
}

fn range_at(input: ParseStream, depth: usize) -> Result<(Range, Place)> {
    let dots = |input: ParseStream| input.peek(Token![..]);
    let no_steps =
        "there are no steps: name the entries, `x[[0, 2, 4]]` or `gather(x, [0, 2, 4], axis = 0)`";
    let no_colons =
        "ranges are written with dots: `x[..3]`, `x[1..4]`, and `x[.., 0]` for a whole axis";
    if input.peek(Token![::]) {
        return Err(input.error(no_steps));
    }
    if input.peek(Token![:]) {
        return Err(input.error(no_colons));
    }
    let start = Place::of(input.span());
    let from = if dots(input) {
        None
    } else {
        Some(sum(input, depth)?)
    };
    if input.peek(Token![::]) {
        return Err(input.error(no_steps));
    }
    if input.peek(Token![:]) {
        return Err(input.error(no_colons));
    }
    if !dots(input) {
        let each = from.expect("without dots there was an expression");
        let place = each.place;
        return Ok((Range::Each(each), place));
    }
    let mut place = start.to(Place::of(input.span()));
    let inclusive = input.peek(Token![..=]);
    if inclusive {
        input.parse::<Token![..=]>()?;
    } else {
        input.parse::<Token![..]>()?;
    }
    let ends = input.is_empty() || input.peek(Token![,]) || input.peek(token::Brace);
    let to = if ends { None } else { Some(sum(input, depth)?) };
    if let Some(to) = &to {
        place = place.to(to.place);
    }
    Ok((
        Range::Between {
            from,
            to,
            inclusive,
        },
        place,
    ))
}

pub(super) fn sum(input: ParseStream, depth: usize) -> Result<Expr> {
    chain(
        input,
        depth,
        &[('+', Operator::Add), ('-', Operator::Sub)],
        |i, d| {
            chain(
                i,
                d,
                &[('*', Operator::Mul), ('/', Operator::Div)],
                negation,
            )
        },
    )
}

/// Parses operands separated by left-associative operators.
fn chain(
    input: ParseStream,
    depth: usize,
    operators: &[(char, Operator)],
    operand: impl Fn(ParseStream, usize) -> Result<Expr>,
) -> Result<Expr> {
    let mut left = operand(input, depth)?;
    let mut length = 0;
    while let Some(op) = operator(input, operators)? {
        let mark: TokenTree = input.parse()?;
        let right = operand(input, depth)?;
        length += 1;
        if length > MAX_CHAIN {
            let message = format!(
                "more than {MAX_CHAIN} operators in a row: give a part a name with `let`, or use `sum`"
            );
            return Err(Error::new(mark.span(), message));
        }
        let place = left.place.to(right.place);
        left = Expr {
            kind: Kind::Binary(op, Box::new(left), Box::new(right)),
            place,
        };
    }
    Ok(left)
}

fn operator(input: ParseStream, operators: &[(char, Operator)]) -> Result<Option<Operator>> {
    let Some((TokenTree::Punct(mark), rest)) = input.cursor().token_tree() else {
        return Ok(None);
    };
    let cure = match (mark.as_char(), rest.punct().map(|p| p.0.as_char())) {
        ('*', Some('*')) | ('^', _) => "`pow(a, 3)` raises to a power",
        ('@', _) => "`dot(a, b)` is the matrix product",
        ('%', _) => "there is no remainder",
        ('&' | '|' | '<' | '>' | '!' | '?', _) => {
            "there are no comparisons and conditions: an energy is one smooth formula"
        }
        ('=', Some('=')) => {
            "there are no comparisons and conditions: an energy is one smooth formula"
        }
        // An assignment such as `a += b`.
        (_, Some('=')) if mark.spacing() == proc_macro2::Spacing::Joint => return Ok(None),
        (c, _) => return Ok(operators.iter().find(|o| o.0 == c).map(|o| o.1)),
    };
    Err(Error::new(
        mark.span(),
        format!("operators are `+`, `-`, `*`, `/`; {cure}"),
    ))
}

fn negation(input: ParseStream, depth: usize) -> Result<Expr> {
    let start = Place::of(input.span());
    if depth > MAX_DEPTH {
        return Err(too_deep(start));
    }
    if input.parse::<Option<Token![-]>>()?.is_none() {
        return postfix(input, depth);
    }
    let inner = negation(input, depth + 1)?;
    let place = start.to(inner.place);
    Ok(Expr {
        kind: Kind::Negative(Box::new(inner)),
        place,
    })
}

fn postfix(input: ParseStream, depth: usize) -> Result<Expr> {
    let mut expr = primary(input, depth)?;
    loop {
        if input.peek(token::Bracket) {
            let inside;
            let brackets = bracketed!(inside in input);
            let axes = separated(&inside, |i| index(i, depth + 1))?.0;
            let place = expr.place.to(Place::of(brackets.span.close()));
            expr = Expr {
                kind: Kind::Index(Box::new(expr), axes),
                place,
            };
        } else if input.peek(Token![as]) {
            if let Some(name) = alias(input)? {
                let place = expr.place.to(name.place);
                expr = Expr {
                    kind: Kind::Named(Box::new(expr), name),
                    place,
                };
            }
        } else if input.peek(Token![.]) && !input.peek(Token![..]) {
            return Err(method(input, &expr)?);
        } else {
            return Ok(expr);
        }
    }
}

/// The error for `a.sum()`, `torch.sum(a)` or `w.T`, with the equivalent expression.
fn method(input: ParseStream, of: &Expr) -> Result<Error> {
    let dot: Token![.] = input.parse()?;
    let mut last = Ident::parse_any(input).map_or("f".to_string(), |m| m.to_string());
    let mut module = matches!(&of.kind, Kind::Name(name) if recipe::is_module(name));
    while input.parse::<Option<Token![.]>>()?.is_some() {
        module = true;
        last = Ident::parse_any(input).map_or(last, |m| m.to_string());
    }
    let value = match &of.kind {
        Kind::Name(name) if !module => name.as_str(),
        _ => "a",
    };
    let here = suggest::elsewhere(&last).unwrap_or(&last);
    let cure = match (here, recipe::call(&last)) {
        ("PI", _) => "write `PI`".to_string(),
        (_, Some(recipe)) => recipe.to_string(),
        ("transpose" | "size" | "flatten", None) => format!("write `{here}({value})`"),
        (_, None) => format!("write `{here}({value}, …)`"),
    };
    let fault = match module {
        true => "functions are called by their name alone",
        false => "values have no methods",
    };
    Ok(Error::new(dot.span, format!("{fault}: {cure}")))
}

fn index(input: ParseStream, depth: usize) -> Result<Index> {
    Ok(match range_at(input, depth)? {
        (Range::Each(at), _) => Index::At(at),
        (range, place) => Index::Range(range, place),
    })
}

fn too_deep(place: Place) -> Error {
    let message = format!("nested deeper than {MAX_DEPTH}: give a part of it a name with `let`");
    Error::new_spanned(place, message)
}
