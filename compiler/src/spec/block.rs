//! Blocks: evaluation of the statements in order, and of the value at the end.

use super::ast::{Block, Expr, Name, Pattern, Place, Range, Statement, Text};
use super::diagnostic::{Outcome, Reported};
use super::lower::Lower;
use super::scope::Role;
use super::value::{InitRule, Value};
use crate::ir::Init;

/// The largest number of unrolled copies of loop bodies in a model; more would take too long to compile.
const MAX_COPIES: usize = 4096;

impl<'a> Lower<'a> {
    /// Evaluates the statements and returns the value. Names declared in the block are not visible afterwards.
    pub(super) fn block(&mut self, block: &'a Block) -> Outcome<Value<'a>> {
        let outside = self.scope.enter(self.scope.here());
        let (statements, unfinished) = match (block.statements.split_last(), &block.value) {
            (Some((Statement::Value(last), rest)), None) => (rest, Some(last)),
            _ => (&block.statements[..], None),
        };
        for statement in statements {
            self.statement(statement);
        }
        let value = match (&block.value, unfinished) {
            (Some(value), _) => self.expression(value),
            (None, Some(last)) => {
                self.scope.touch(last);
                Err(self.fail(
                    last.place,
                    "the last expression is the value: remove the `;` after it",
                ))
            }
            (None, None) if self.lossy => Err(Reported),
            (None, None) => {
                let message = "a value is missing here: the last expression, without `;`, such as `dense(h, 1)`";
                Err(self.fail(block.end, message))
            }
        };
        self.scope.leave(outside);
        value
    }

    pub(super) fn statement(&mut self, statement: &'a Statement) {
        match statement {
            Statement::Bad => self.lossy = true,
            Statement::Param {
                name,
                shape,
                alias,
                init,
            } => {
                let value = self.parameter(name, shape, alias.as_ref(), init.as_ref());
                self.scope.bind(name, Role::Param, false, value.ok());
            }
            Statement::Const { name, value: of } => {
                let value = self.expression(of).and_then(|value| match value {
                    Value::Number(_) | Value::List(_) | Value::Bool(_) => Ok(value),
                    other => {
                        let message = format!(
                            "a constant is known when the spec is compiled, found {}: use `let`",
                            other.describe()
                        );
                        Err(self.fail(of.place, message))
                    }
                });
                self.scope.bind(name, Role::Local, false, value.ok());
            }
            Statement::Let {
                pattern,
                shape,
                value,
            } => {
                let bound = self.binding(pattern, shape.as_ref(), value).ok();
                for (i, part) in pattern.names.iter().enumerate() {
                    let value = bound.as_ref().map(|values| values[i].clone());
                    self.scope
                        .bind(&part.name, Role::Local, part.mutable, value);
                }
            }
            Statement::Assign { targets, value, .. } if targets.is_empty() => {
                // The value is only evaluated to report its errors.
                let _ = self.expression(value);
            }
            Statement::Assign { targets, op, value } => {
                let values = match op {
                    None => self
                        .expression(value)
                        .and_then(|v| self.parts(v, targets.len(), targets.len() > 1, value.place)),
                    Some(op) => self.updated(targets, *op, value).map(|v| vec![v]),
                };
                for (i, target) in targets.iter().enumerate() {
                    self.assign(target, values.as_ref().ok().map(|values| values[i].clone()));
                }
            }
            Statement::For {
                variable,
                over,
                body,
            } => {
                // The error has been reported where it occurred. The values of variables that the loop assigns are
                // unknown afterwards.
                if self.repeat(variable, over, body).is_err() {
                    self.scope.touch_block(body);
                    self.spoil(body);
                }
            }
            Statement::Function(function) => {
                if self.define(function).is_err() {
                    self.lossy = true;
                }
            }
            Statement::Value(value) => {
                self.scope.touch(value);
                self.fail(
                    value.place,
                    "this value goes nowhere: give it a name with `let`, or remove it",
                );
            }
        }
    }

    fn parameter(
        &mut self,
        name: &'a Name,
        shape: &'a Expr,
        alias: Option<&Text>,
        init: Option<&'a Expr>,
    ) -> Outcome<Value<'a>> {
        let shape = self.shape(shape);
        let rule = match init {
            Some(init) => {
                let value = self.expression(init);
                value.and_then(|value| self.init_rule(&value, init.place))
            }
            None => Ok(InitRule::Fixed(Init::Constant(0.0))),
        };
        let local = match alias {
            Some(text) => self.interpolated(text),
            None => Ok(name.text.clone()),
        };
        let (shape, rule, local) = (shape?, rule?, local?);
        let full = self.parameters.full(&local);
        let place = alias.map_or(name.place, |a| a.place);
        let node = self.declare(full.clone(), shape, rule, place)?;
        if name.text.starts_with('_') {
            self.parameters.excuse(&full);
        }
        Ok(Value::Tensor(self.plain(node)))
    }

    fn binding(
        &mut self,
        pattern: &'a Pattern,
        shape: Option<&'a Expr>,
        of: &'a Expr,
    ) -> Outcome<Vec<Value<'a>>> {
        let declared = shape.map(|s| self.shape(s)).transpose();
        let value = self.expression(of)?;
        let mut values = self.parts(value, pattern.names.len(), pattern.tuple, of.place)?;
        for (value, part) in values.iter_mut().zip(&pattern.names) {
            self.settle(value, &part.name);
        }
        for value in &values {
            self.affordable(value, of.place)?;
        }
        if let (Some(expected), Some(place)) = (declared?, shape.map(|s| s.place)) {
            let found = self.tensor(&values[0], of.place)?.shape;
            if found != expected {
                return Err(self.fail(
                    place,
                    format!("declared {expected:?}, but the value has shape {found:?}"),
                ));
            }
        }
        Ok(values)
    }

    /// Makes a named value a node, so that all its uses share the node.
    fn settle(&mut self, value: &mut Value<'a>, name: &Name) {
        if let Value::Tensor(lazy) = value {
            let node = self.node(lazy.clone());
            self.graph
                .hints
                .entry(node)
                .or_insert_with(|| name.text.clone());
            *lazy = self.plain(node);
        }
    }

    /// The value as the parts of a tuple, or as the only part if the pattern is not a tuple.
    fn parts(
        &mut self,
        value: Value<'a>,
        count: usize,
        tuple: bool,
        place: Place,
    ) -> Outcome<Vec<Value<'a>>> {
        match value {
            Value::Tuple(parts) if tuple && parts.len() == count => Ok(parts.to_vec()),
            other if tuple => Err(self.fail(
                place,
                format!(
                    "expected a tuple of {count} values, found {}",
                    other.describe()
                ),
            )),
            Value::Tuple(parts) => {
                let message = format!(
                    "this is a tuple of {} values: take it apart with `let (a, b) = …;`",
                    parts.len()
                );
                Err(self.fail(place, message))
            }
            Value::Init(_) | Value::Function(_) => Err(self.fail(
                place,
                format!("expected an array or a number, found {}", value.describe()),
            )),
            other => Ok(vec![other]),
        }
    }

    fn assign(&mut self, target: &'a Name, value: Option<Value<'a>>) {
        let Some(binding) = self.scope.value(&target.text) else {
            // The name is unknown: report an error with a suggestion.
            let _ = self.named_value(&target.text, target.place);
            return;
        };
        if !binding.mutable {
            let name = &target.text;
            binding.used.set(true);
            self.fail(
                target.place,
                format!(
                    "`{name}` is fixed: declare it with `let mut {name} = …;` to give it new values"
                ),
            );
            return;
        }
        let value = value.map(|mut value| {
            self.settle(&mut value, target);
            value
        });
        *binding.value.borrow_mut() = value;
    }

    /// Marks the values of variables that the loop assigns as unknown.
    fn spoil(&mut self, body: &'a Block) {
        for statement in &body.statements {
            match statement {
                Statement::Assign { targets, .. } => {
                    let bindings = targets.iter().filter_map(|t| self.scope.value(&t.text));
                    for binding in bindings.filter(|b| b.mutable) {
                        *binding.value.borrow_mut() = None;
                    }
                }
                Statement::For { body, .. } => self.spoil(body),
                Statement::Param { .. }
                | Statement::Const { .. }
                | Statement::Let { .. }
                | Statement::Function(_)
                | Statement::Value(_)
                | Statement::Bad => {}
            }
        }
    }

    fn repeat(&mut self, variable: &'a Name, over: &'a Range, body: &'a Block) -> Outcome<()> {
        let items = self.range_items(over)?;
        if let Some(value) = &body.value {
            self.scope.touch(value);
            return Err(self.fail(
                value.place,
                "a loop has no value: assign to a `let mut` outside it, with `;` at the end",
            ));
        }
        for item in items {
            self.copies += 1;
            if self.copies > MAX_COPIES {
                let message = format!(
                    "loops are unrolled into at most {MAX_COPIES} copies; use arrays and broadcasting instead"
                );
                return Err(self.fail(variable.place, message));
            }
            let outside = self.scope.enter(self.scope.here());
            let before = self.diagnostics.count();
            self.scope
                .bind(variable, Role::Loop, false, Some(item.clone()));
            body.statements.iter().for_each(|s| self.statement(s));
            self.scope.leave(outside);
            if self.diagnostics.count() > before {
                let value = item.describe().replace("the number ", "");
                self.diagnostics.explain(
                    before,
                    &format!("in the loop at {} = {value}", variable.text),
                );
                return Err(Reported);
            }
        }
        Ok(())
    }

    /// The values of the loop variable.
    fn range_items(&mut self, over: &'a Range) -> Outcome<Vec<Value<'a>>> {
        let (from, to, inclusive) = match over {
            Range::Between {
                from: Some(from),
                to: Some(to),
                inclusive,
            } => (from, to, *inclusive),
            Range::Between { .. } => return Err(Reported),
            Range::Each(each) => {
                let value = self.expression(each)?;
                let items = self.list(&value, each.place, "what a loop runs over")?;
                return Ok(items.to_vec());
            }
        };
        let what = "the bound of a loop";
        let (first, last) = (self.expression(from), self.expression(to));
        let (first, last) = (
            self.integer(&first?, from.place, what)?,
            self.integer(&last?, to.place, what)?,
        );
        let end = last.saturating_add(i64::from(inclusive));
        if end.saturating_sub(first) > MAX_COPIES as i64 {
            let message = format!(
                "loops are unrolled into at most {MAX_COPIES} copies; use arrays and broadcasting instead"
            );
            return Err(self.fail(from.place.to(to.place), message));
        }
        Ok((first..end).map(|i| Value::Number(i as f64)).collect())
    }
}
