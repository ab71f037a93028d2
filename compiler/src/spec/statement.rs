//! Statements: parses tokens to [`Statement`].

use super::ast::{
    Block, Expr, Function, Kind, Name, Operator, Pattern, PatternName, Place, Range, Statement,
};
use super::expression::{expression, list, range};
use super::parse::block;
use super::recovery::{assigned, recovered, skip, starts_with};
use super::word::{alias, name};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, Result, Token, parenthesized, token};

pub(super) fn statement(input: ParseStream, errors: &mut Vec<Error>) -> Result<Statement> {
    if input.peek(Token![let]) {
        return binding(input, errors);
    }
    if input.peek(Token![const]) {
        input.parse::<Token![const]>()?;
        let name = name(input)?;
        if input.parse::<Option<Token![:]>>()?.is_some() {
            input.parse::<Ident>()?;
            errors.push(Error::new_spanned(
                name.place,
                format!("a constant has no type here: `const {} = …;`", name.text),
            ));
        }
        let value = assigned(input, errors);
        return Ok(Statement::Const { name, value });
    }
    if input.peek(Token![for]) {
        return repetition(input, errors);
    }
    if input.peek(Token![fn]) {
        input.parse::<Token![fn]>()?;
        return function(input, errors, false);
    }
    if starts_with(input, "net") {
        input.parse::<Ident>()?;
        return function(input, errors, true);
    }
    if starts_with(input, "param") {
        input.parse::<Ident>()?;
        return parameter(input, errors);
    }
    let value = expression(input)?;
    match assignment(input)? {
        None => Ok(Statement::Value(value)),
        Some(op) => {
            let targets = targets(value, errors);
            let value = recovered(input, errors);
            Ok(Statement::Assign { targets, op, value })
        }
    }
}

fn binding(input: ParseStream, errors: &mut Vec<Error>) -> Result<Statement> {
    input.parse::<Token![let]>()?;
    let one = |input: ParseStream| -> Result<PatternName> {
        let mutable = input.parse::<Option<Token![mut]>>()?.is_some();
        Ok(PatternName {
            mutable,
            name: name(input)?,
        })
    };
    let pattern = if input.peek(token::Paren) {
        let inside;
        parenthesized!(inside in input);
        let names = inside
            .parse_terminated(one, Token![,])?
            .into_iter()
            .collect();
        Pattern { tuple: true, names }
    } else {
        Pattern {
            tuple: false,
            names: vec![one(input)?],
        }
    };
    let shape = match input.parse::<Option<Token![:]>>()? {
        Some(_) => Some(list(input)?),
        None => None,
    };
    let value = assigned(input, errors);
    Ok(Statement::Let {
        pattern,
        shape,
        value,
    })
}

fn parameter(input: ParseStream, errors: &mut Vec<Error>) -> Result<Statement> {
    let name = name(input)?;
    if input.parse::<Option<Token![:]>>()?.is_none() {
        return Err(input.error(format!(
            "expected the parameter's shape: `param {}: [3, 2];`",
            name.text
        )));
    }
    let shape = list(input)?;
    let alias = alias(input)?;
    if input.parse::<Option<Token![;]>>()?.is_some() {
        return Ok(Statement::Param {
            name,
            shape,
            alias,
            init: None,
        });
    }
    if !input.peek(Token![=]) {
        errors.push(
            input.error("expected `;`, `as \"name\"` or an initialiser such as `= normal(0.1)`"),
        );
        skip(input, false);
        return Ok(Statement::Param {
            name,
            shape,
            alias,
            init: None,
        });
    }
    let init = Some(assigned(input, errors));
    Ok(Statement::Param {
        name,
        shape,
        alias,
        init,
    })
}

fn repetition(input: ParseStream, errors: &mut Vec<Error>) -> Result<Statement> {
    input.parse::<Token![for]>()?;
    let variable = if input.peek(Token![_]) {
        let underscore: Token![_] = input.parse()?;
        Name {
            text: "_".to_string(),
            place: Place::of(underscore.span),
        }
    } else {
        name(input)?
    };
    input.parse::<Token![in]>()?;
    let (over, place) = range(input)?;
    if let Range::Between { from: None, .. } | Range::Between { to: None, .. } = over {
        return Err(Error::new_spanned(
            place,
            "a loop has both ends: `for i in 0..4 { … }`",
        ));
    }
    let body = block(input, errors)?;
    Ok(Statement::For {
        variable,
        over,
        body,
    })
}

fn function(input: ParseStream, errors: &mut Vec<Error>, shares: bool) -> Result<Statement> {
    let function_name = name(input)?;
    if !input.peek(token::Paren) {
        let word = if shares { "net" } else { "fn" };
        return Err(input.error(format!(
            "expected arguments: `{word} {}(z) = …;`",
            function_name.text
        )));
    }
    let inside;
    parenthesized!(inside in input);
    let arguments: Vec<Name> = inside
        .parse_terminated(name, Token![,])?
        .into_iter()
        .collect();
    let alias = alias(input)?;
    if let Some(text) = alias.as_ref().filter(|_| !shares) {
        let message = "a `fn` owns no parameters to name; `net` does, and a call of a `fn` can be named: `f(x) as \"a\"`";
        errors.push(Error::new_spanned(text.place, message));
    }
    let body = if input.peek(token::Brace) {
        block(input, errors)?
    } else {
        let value = assigned(input, errors);
        let end = value.place;
        Block {
            statements: vec![],
            value: Some(value),
            end,
        }
    };
    Ok(Statement::Function(Function {
        shares,
        name: function_name,
        arguments,
        alias,
        body,
    }))
}

/// Parses `=`, `+=`, `-=`, `*=` or `/=`, if it is next.
fn assignment(input: ParseStream) -> Result<Option<Option<Operator>>> {
    fn take<T: Parse>(
        input: ParseStream,
        op: Option<Operator>,
    ) -> Result<Option<Option<Operator>>> {
        input.parse::<T>()?;
        Ok(Some(op))
    }
    if input.peek(Token![+=]) {
        take::<Token![+=]>(input, Some(Operator::Add))
    } else if input.peek(Token![-=]) {
        take::<Token![-=]>(input, Some(Operator::Sub))
    } else if input.peek(Token![*=]) {
        take::<Token![*=]>(input, Some(Operator::Mul))
    } else if input.peek(Token![/=]) {
        take::<Token![/=]>(input, Some(Operator::Div))
    } else if input.peek(Token![=]) {
        take::<Token![=]>(input, None)
    } else {
        Ok(None)
    }
}

/// The names that an assignment changes; none if an error was reported.
fn targets(target: Expr, errors: &mut Vec<Error>) -> Vec<Name> {
    let place = target.place;
    let parts = match target.kind {
        Kind::Tuple(parts) => parts,
        kind => vec![Expr { kind, place }],
    };
    let names: Option<Vec<Name>> = parts
        .into_iter()
        .map(|p| match p.kind {
            Kind::Name(text) => Some(Name {
                text,
                place: p.place,
            }),
            _ => None,
        })
        .collect();
    if names.is_none() {
        errors.push(Error::new_spanned(
            place,
            "only a name can be assigned to; entries are not: build the value with `concat`",
        ));
    }
    names.unwrap_or_default()
}
