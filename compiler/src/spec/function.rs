//! User-defined functions: `fn`, which is inlined at each call, and `net`, whose calls share its parameters.

use super::ast::{self, Expr, Kind, Place, Statement, Text};
use super::builtin::{self, Run};
use super::diagnostic::Outcome;
use super::lower::Lower;
use super::scope::{Role, Visible};
use super::value::{Lazy, Value};
use std::cell::Cell;
use std::rc::Rc;

/// A function and the names that are visible where it is declared.
pub(super) struct UserFunction<'a> {
    pub(super) syntax: &'a ast::Function,
    pub(super) visible: Visible,
    /// The full prefix of the parameters of a `net`.
    prefix: Option<String>,
    called: Cell<bool>,
    /// Whether the body consists of elementwise operations only, so that it becomes part of the caller's formula.
    pub(super) elementwise: bool,
    pub(super) used: Cell<bool>,
    /// Whether the names in the body have been marked as used after an error.
    pub(super) touched: Cell<bool>,
}

impl<'a> Lower<'a> {
    pub(super) fn define(&mut self, syntax: &'a ast::Function) -> Outcome<()> {
        let name = &syntax.name;
        if builtin::find(&name.text).is_some() {
            self.fail(
                name.place,
                format!("`{}` is built in: choose another name", name.text),
            );
        }
        for (i, argument) in syntax.arguments.iter().enumerate() {
            if syntax.arguments[..i]
                .iter()
                .any(|a| a.text == argument.text)
            {
                self.fail(
                    argument.place,
                    format!("there is an argument `{}` already", argument.text),
                );
            }
        }
        let local = match &syntax.alias {
            Some(text) => self.interpolated(text)?,
            None => name.text.clone(),
        };
        let prefix = syntax.shares.then(|| self.parameters.full(&local));
        let statements = &syntax.body.statements;
        let elementwise = statements.is_empty()
            && syntax
                .body
                .value
                .as_ref()
                .is_some_and(|v| self.is_elementwise(v));
        self.scope.define(UserFunction {
            syntax,
            visible: self.scope.here(),
            prefix,
            called: Cell::new(false),
            elementwise,
            used: Cell::new(false),
            touched: Cell::new(false),
        });
        Ok(())
    }

    fn is_elementwise(&self, e: &Expr) -> bool {
        match &e.kind {
            Kind::Number(_) | Kind::Name(_) => true,
            Kind::Negative(a) => self.is_elementwise(a),
            Kind::Binary(_, a, b) => self.is_elementwise(a) && self.is_elementwise(b),
            Kind::Call(call) => {
                let elementwise = match self.scope.function(&call.name.text) {
                    Some(f) => f.elementwise,
                    None => builtin::find(&call.name.text)
                        .is_some_and(|b| !matches!(b.run, Run::General(_))),
                };
                elementwise && call.arguments.iter().all(|a| self.is_elementwise(a))
            }
            _ => false,
        }
    }

    /// Evaluates the body with the given arguments.
    pub(super) fn call_user(
        &mut self,
        function: &Rc<UserFunction<'a>>,
        arguments: Vec<Value<'a>>,
        alias: Option<&Text>,
        place: Place,
    ) -> Outcome<Value<'a>> {
        let syntax = function.syntax;
        let name = &syntax.name.text;
        if arguments.len() != syntax.arguments.len() {
            let expected: Vec<&str> = syntax.arguments.iter().map(|a| a.text.as_str()).collect();
            let usage = format!("{name}({})", expected.join(", "));
            return Err(self.fail(
                place,
                format!(
                    "`{usage}` takes {}, found {}",
                    count(expected.len()),
                    arguments.len()
                ),
            ));
        }
        let naming = match (&function.prefix, alias) {
            (Some(_), Some(text)) => {
                let message = format!(
                    "a net is named where it is declared: `net {name}(…) as \"{}\"`",
                    text.text
                );
                return Err(self.fail(text.place, message));
            }
            (Some(prefix), None) => Some(prefix.clone()),
            (None, Some(text)) => {
                let local = self.interpolated(text)?;
                Some(self.parameters.full(&local))
            }
            (None, None) => None,
        };
        let again = function.prefix.is_some() && function.called.replace(true);
        let mut values = Vec::new();
        for value in arguments {
            values.push(match value {
                Value::Tensor(lazy) => Value::Tensor(self.argument(lazy, function.elementwise)),
                other => other,
            });
        }
        self.descend(place)?;
        self.inside.push(name);
        let before = self.diagnostics.count();
        let named = naming.is_some();
        if let Some(prefix) = naming {
            self.parameters.enter(prefix, again, place);
        }
        let shapes: Vec<Option<Vec<usize>>> = values.iter().map(shape_of).collect();
        let outside = self.scope.enter(function.visible);
        for (name, value) in syntax.arguments.iter().zip(values) {
            self.scope.bind(name, Role::Argument, false, Some(value));
        }
        let result = self.block(&syntax.body);
        self.scope.leave(outside);
        if named {
            self.parameters.leave();
        }
        if self.diagnostics.count() > before {
            let context = describe(syntax, &shapes);
            self.diagnostics.explain(before, &context);
        }
        self.inside.pop();
        self.ascend();
        result
    }

    /// The argument as a formula if the body is elementwise, so that the formulas are joined. Otherwise it becomes a
    /// node, because the body may use it several times.
    fn argument(&mut self, lazy: Lazy, elementwise: bool) -> Lazy {
        if elementwise {
            self.single(lazy)
        } else {
            self.settled(lazy)
        }
    }
}

fn shape_of(value: &Value<'_>) -> Option<Vec<usize>> {
    match value {
        Value::Tensor(lazy) => Some(lazy.shape.clone()),
        _ => None,
    }
}

fn describe(syntax: &ast::Function, shapes: &[Option<Vec<usize>>]) -> String {
    let mut parts = Vec::new();
    for (name, shape) in syntax.arguments.iter().zip(shapes) {
        if let Some(shape) = shape {
            parts.push(format!("{}: {shape:?}", name.text));
        }
    }
    match parts.is_empty() {
        true => format!("in `{}`", syntax.name.text),
        false => format!("in `{}` with {}", syntax.name.text, parts.join(", ")),
    }
}

/// For example `1 argument`, `2 arguments`.
pub(super) fn count(n: usize) -> String {
    format!("{n} argument{}", if n == 1 { "" } else { "s" })
}

/// Adds every name that the statements declare, at any nesting depth.
pub(super) fn declared_names(
    statements: &[Statement],
    names: &mut std::collections::HashSet<String>,
) {
    for statement in statements {
        match statement {
            Statement::Param { name, .. } | Statement::Const { name, .. } => {
                names.insert(name.text.clone());
            }
            Statement::Let { pattern, .. } => {
                names.extend(pattern.names.iter().map(|n| n.name.text.clone()))
            }
            Statement::For { variable, body, .. } => {
                names.insert(variable.text.clone());
                declared_names(&body.statements, names);
            }
            Statement::Function(f) => {
                names.insert(f.name.text.clone());
                declared_names(&f.body.statements, names);
            }
            Statement::Assign { .. } | Statement::Value(_) | Statement::Bad => {}
        }
    }
}
