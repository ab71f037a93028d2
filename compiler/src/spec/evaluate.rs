//! Evaluation of expressions: from syntax to [`Value`].

use super::ast::{Call, Expr, Kind, Name, Operator, Place, Text};
use super::builtin::{self, Arguments};
use super::diagnostic::{Outcome, Reported};
use super::lower::Lower;
use super::recipe;
use super::suggest::nearest;
use super::value::{Function, Value};
use crate::ir::broadcast;

impl<'a> Lower<'a> {
    /// The value of an expression. After an error the names in the expression count as used.
    pub(super) fn expression(&mut self, e: &'a Expr) -> Outcome<Value<'a>> {
        let value = self.value_of(e);
        if value.is_err() {
            self.scope.touch(e);
        }
        value
    }

    fn value_of(&mut self, e: &'a Expr) -> Outcome<Value<'a>> {
        self.proceed(e.place)?;
        self.descend(e.place)?;
        let value = match &e.kind {
            Kind::Bad(_) => Err(Reported),
            Kind::Number(n) => Ok(Value::Number(*n)),
            Kind::Bool(b) => Ok(Value::Bool(*b)),
            Kind::Name(name) => self.named_value(name, e.place),
            Kind::Negative(a) => self.value_of(a).and_then(|value| match value {
                Value::Number(n) => Ok(Value::Number(-n)),
                other => {
                    let lazy = self.tensor(&other, a.place)?;
                    Ok(Value::Tensor(self.scaled(-1.0, lazy)))
                }
            }),
            Kind::Binary(op, a, b) => {
                let (left, right) = (self.value_of(a), self.value_of(b));
                left.and_then(|l| {
                    right.and_then(|r| self.binary(*op, (l, a.place), (r, b.place), e.place))
                })
            }
            Kind::Call(call) => self.call(call, None, e.place),
            Kind::Named(inner, text) => match &inner.kind {
                Kind::Call(call) => self.call(call, Some(text), inner.place),
                _ => {
                    let _ = self.value_of(inner);
                    let message = "`as` names the parameters of one call, such as `dense(x, 64) as \"net.0\"`";
                    Err(self.fail(text.place, message))
                }
            },
            Kind::Index(of, axes) => self
                .value_of(of)
                .and_then(|value| self.indexed(value, of.place, axes, e.place)),
            Kind::List(items) => self
                .all(items)
                .and_then(|items| self.listed(items, e.place))
                .map(Value::List),
            Kind::Tuple(items) => self
                .all(items)
                .and_then(|items| self.listed(items, e.place))
                .map(Value::Tuple),
        };
        self.ascend();
        let value = value?;
        self.affordable(&value, e.place)?;
        Ok(value)
    }

    /// The values of several expressions. All are evaluated, also after an error.
    fn all(&mut self, items: &'a [Expr]) -> Outcome<Vec<Value<'a>>> {
        let values: Vec<Outcome<Value<'a>>> = items.iter().map(|i| self.value_of(i)).collect();
        values.into_iter().collect()
    }

    /// The value of a name.
    pub(super) fn named_value(&mut self, name: &str, place: Place) -> Outcome<Value<'a>> {
        if let Some(binding) = self.scope.value(name) {
            binding.used.set(true);
            return binding.value.borrow().clone().ok_or(Reported);
        }
        if let Some(function) = self.scope.function(name) {
            function.used.set(true);
            return Ok(Value::Function(Function::User(function)));
        }
        if let Some(builtin) = builtin::find(name) {
            return Ok(Value::Function(Function::Builtin(builtin)));
        }
        if name == "PI" {
            return Ok(Value::Number(std::f64::consts::PI));
        }
        if self.lossy {
            return Err(Reported);
        }
        let message = match nearest(name, self.scope.value_names().chain(["PI"])) {
            _ if self.declared.contains(name) => {
                format!(
                    "`{name}` is not declared yet at this point: move its declaration up, out of any inner block"
                )
            }
            _ if recipe::name(name).is_some() => {
                let cure = recipe::name(name).unwrap_or_default();
                format!("unknown name `{name}`: {cure}")
            }
            Some(known) => {
                self.scope
                    .value(&known)
                    .inspect(|binding| binding.used.set(true));
                format!("unknown name `{name}`: did you mean `{known}`?")
            }
            None => format!(
                "unknown name `{name}`: declare it with `const {name} = …;`, `let {name} = …;` or `param {name}: […];` \
                 (names of the surrounding Rust cannot be seen here)"
            ),
        };
        Err(self.fail(place, message))
    }

    fn call(
        &mut self,
        call: &'a Call,
        alias: Option<&'a Text>,
        place: Place,
    ) -> Outcome<Value<'a>> {
        let values = self.all(&call.arguments);
        let options: Vec<_> = call
            .options
            .iter()
            .map(|(name, e)| (name, e.place, self.value_of(e)))
            .collect();
        let name = &call.name;
        if let Some(function) = self.scope.function(&name.text) {
            function.used.set(true);
            if let Some((option, ..)) = options.first() {
                let message = format!(
                    "`{}` takes its arguments in order, without names",
                    name.text
                );
                return Err(self.fail(option.place, message));
            }
            let values = values?;
            return self.blamed(place, |lower| {
                lower.call_user(&function, values, alias, place)
            });
        }
        let Some(builtin) = builtin::find(&name.text) else {
            return Err(self.unknown_function(name));
        };
        let mut known = Vec::new();
        for (option, place, value) in options {
            known.push((option, place, value?));
        }
        let places = call.arguments.iter().map(|a| a.place).collect();
        self.call_builtin(
            builtin,
            Arguments {
                name: name.place,
                place,
                values: values?,
                places,
                options: known,
                alias,
            },
        )
    }

    fn unknown_function(&mut self, name: &Name) -> Reported {
        let text = &name.text;
        if self.lossy && self.declared.contains(text) {
            return Reported;
        }
        let near = nearest(text, builtin::names().chain(self.scope.function_names()));
        let message = match near {
            _ if self.inside.contains(&text.as_str()) => {
                format!(
                    "`{text}` calls itself: calls are inlined, so they would never end; use `for` to repeat"
                )
            }
            _ if self.scope.value(text).is_some() => {
                format!(
                    "`{text}` is a value, not a function: multiply with `{text} * (…)`, take entries with `{text}[…]`"
                )
            }
            _ if self.declared.contains(text) => {
                format!(
                    "`{text}` is not declared yet at this point: move its declaration up, out of any inner block"
                )
            }
            _ if recipe::call(text).is_some() => {
                let cure = recipe::call(text).unwrap_or_default();
                format!("unknown function `{text}`: {cure}")
            }
            Some(known) => format!("unknown function `{text}`: did you mean `{known}`?"),
            None => format!(
                "unknown function `{text}`: declare it with `fn {text}(z) = …;`, or use one of the built-in functions"
            ),
        };
        self.fail(name.place, message)
    }

    /// The result of a binary operation, with the broadcasting rules of NumPy.
    pub(super) fn binary(
        &mut self,
        op: Operator,
        (left, left_place): (Value<'a>, Place),
        (right, right_place): (Value<'a>, Place),
        place: Place,
    ) -> Outcome<Value<'a>> {
        let zero = |v: &Value| matches!(v, Value::Number(n) if *n == 0.0);
        if op == Operator::Div && zero(&right) {
            return Err(self.fail(right_place, "division by zero"));
        }
        if let (Value::Number(a), Value::Number(b)) = (&left, &right) {
            let number = match op {
                Operator::Add => a + b,
                Operator::Sub => a - b,
                Operator::Mul => a * b,
                Operator::Div => a / b,
            };
            return self.finite(number, place);
        }
        let (a, b) = (
            self.tensor(&left, left_place),
            self.tensor(&right, right_place),
        );
        let (a, b) = (a?, b?);
        match broadcast(&a.shape, &b.shape) {
            Some(shape) => self.check_entries(&shape, place)?,
            None => {
                let (symbol, cure) = (op.symbol(), broadcast_cure(&a.shape, &b.shape));
                let message = format!(
                    "shapes {:?} {symbol} {:?} do not fit: {cure}",
                    a.shape, b.shape
                );
                return Err(self.fail(place, message));
            }
        }
        Ok(Value::Tensor(match op {
            Operator::Add => self.plus(a, 1.0, b),
            Operator::Sub => self.plus(a, -1.0, b),
            Operator::Mul => self.times(a, b),
            Operator::Div => {
                let inverse = self.inverse(b);
                self.times(a, inverse)
            }
        }))
    }

    /// The value of `target op value`, for `h += …`.
    pub(super) fn updated(
        &mut self,
        targets: &'a [Name],
        op: Operator,
        value: &'a Expr,
    ) -> Outcome<Value<'a>> {
        let right = self.expression(value);
        let [target] = targets else {
            let message = format!(
                "`{}=` changes one name; write `(a, b) = (…, …);` for several",
                op.symbol()
            );
            return Err(self.fail(value.place, message));
        };
        let left = self.named_value(&target.text, target.place)?;
        let place = target.place.to(value.place);
        let value = self.binary(op, (left, target.place), (right?, value.place), place)?;
        self.affordable(&value, place)?;
        Ok(value)
    }

    /// A list of sizes.
    pub(super) fn shape(&mut self, e: &'a Expr) -> Outcome<Vec<usize>> {
        let items = match &e.kind {
            Kind::List(items) => items,
            Kind::Bad(_) => return Err(Reported),
            _ => {
                let value = self.expression(e)?;
                return Err(self.fail(
                    e.place,
                    format!(
                        "a shape is a list such as `[3, 2]`, found {}",
                        value.describe()
                    ),
                ));
            }
        };
        let values: Vec<Outcome<usize>> = items
            .iter()
            .map(|item| {
                let value = self.expression(item)?;
                self.size(&value, item.place, "this size")
            })
            .collect();
        values.into_iter().collect()
    }
}

/// The part of an error message that tells how to make two shapes broadcast.
fn broadcast_cure(a: &[usize], b: &[usize]) -> String {
    for (short, long) in [(a, b), (b, a)] {
        if let ([n], [m, _]) = (short, long)
            && n == m
        {
            return format!(
                "axes align from the last; write `reshape(…, [{n}, 1])` for the {short:?} to go down the rows"
            );
        }
    }
    let rank = a.len().max(b.len());
    let at = |s: &[usize], i: usize| (i + s.len()).checked_sub(rank).map_or(1, |k| s[k]);
    let clash = (0..rank)
        .rev()
        .find(|&i| at(a, i) != at(b, i) && at(a, i) != 1 && at(b, i) != 1);
    let (m, n) = clash.map_or((0, 0), |i| (at(a, i), at(b, i)));
    format!("{m} and {n} meet (axes align from the last); make them equal, or one of them 1")
}
