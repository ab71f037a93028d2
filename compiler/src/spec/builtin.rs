//! The built-in functions: one table for the check of calls and for suggestions.

use super::ast::{Name, Place, Text};
use super::diagnostic::Outcome;
use super::function::count;
use super::lower::Lower;
use super::suggest::nearest;
use super::value::{Function, Lazy, Value};
use super::{elementwise, initial, layer, reduce, structure};
use crate::ir::{Expr, Pool};

/// A built-in function.
pub(super) struct Builtin {
    pub(super) name: &'static str,
    /// An example of a call.
    pub(super) usage: &'static str,
    /// The smallest and the largest number of arguments.
    pub(super) arguments: (usize, usize),
    pub(super) options: &'static [&'static str],
    pub(super) run: Run,
}

/// The evaluation of a call.
pub(super) enum Run {
    /// A smooth elementwise formula of one argument.
    Formula(fn(&mut Pool, Expr) -> Expr),
    /// An elementwise formula with a kink, and a text that names smooth alternatives.
    Kinked(fn(&mut Pool, Expr) -> Expr, &'static str),
    General(for<'a> fn(&mut Lower<'a>, &Arguments<'a>) -> Outcome<Value<'a>>),
}

/// The evaluated arguments of a call.
pub(super) struct Arguments<'a> {
    /// The place of the function's name.
    pub(super) name: Place,
    /// The place of the whole call.
    pub(super) place: Place,
    pub(super) values: Vec<Value<'a>>,
    pub(super) places: Vec<Place>,
    pub(super) options: Vec<(&'a Name, Place, Value<'a>)>,
    pub(super) alias: Option<&'a Text>,
}

impl<'a> Arguments<'a> {
    pub(super) fn option(&self, name: &str) -> Option<(&Value<'a>, Place)> {
        self.options
            .iter()
            .find(|o| o.0.text == name)
            .map(|o| (&o.2, o.1))
    }
}

fn groups() -> [&'static [Builtin]; 5] {
    [
        elementwise::BUILTINS,
        reduce::BUILTINS,
        structure::BUILTINS,
        layer::BUILTINS,
        initial::BUILTINS,
    ]
}

pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    groups().into_iter().flatten().find(|b| b.name == name)
}

pub(super) fn names<'a>() -> impl Iterator<Item = &'a str> {
    groups().into_iter().flatten().map(|b| b.name)
}

impl<'a> Lower<'a> {
    pub(super) fn call_builtin(
        &mut self,
        builtin: &'static Builtin,
        given: Arguments<'a>,
    ) -> Outcome<Value<'a>> {
        let (fewest, most) = builtin.arguments;
        let found = given.values.len();
        if found > most && most == 0 {
            let name = builtin.name;
            let message = format!(
                "`{name}()` is how a parameter starts, and takes its shape from there: `param w: [10] = {name}();`. As a value a \
                 number serves for an array, since it broadcasts: write `{}`",
                if name == "ones" { "1" } else { "0" }
            );
            return Err(self.fail(given.place, message));
        }
        if found < fewest || found > most {
            let takes = match (fewest, most) {
                (a, b) if a == b => count(a),
                (a, usize::MAX) => format!("at least {}", count(a)),
                (a, b) => format!("{a} to {}", count(b)),
            };
            let message = format!(
                "`{}` takes {takes}, found {found}: {}",
                builtin.name, builtin.usage
            );
            return Err(self.fail(given.place, message));
        }
        for (i, (option, ..)) in given.options.iter().enumerate() {
            if !builtin.options.contains(&option.text.as_str()) {
                let cure = match nearest(&option.text, builtin.options.iter().copied()) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => builtin.usage.to_string(),
                };
                let message = format!("`{}` has no option `{}`: {cure}", builtin.name, option.text);
                return Err(self.fail(option.place, message));
            }
            if given.options[..i].iter().any(|o| o.0.text == option.text) {
                return Err(self.fail(
                    option.place,
                    format!("option `{}` is given twice", option.text),
                ));
            }
        }
        if let Some(alias) = given
            .alias
            .filter(|_| !matches!(builtin.name, "dense" | "mlp"))
        {
            let message = format!(
                "`{}` has no parameters to name; `dense`, `mlp` and calls of a `fn` have",
                builtin.name
            );
            return Err(self.fail(alias.place, message));
        }
        let (formula, kink) = match builtin.run {
            Run::General(run) => return run(self, &given),
            Run::Formula(formula) => (formula, None),
            Run::Kinked(formula, cure) => (formula, Some(cure)),
        };
        let lazy = self.tensor(&given.values[0], given.places[0])?;
        if let Some(cure) = kink {
            self.warn_of_kink(builtin.name, &lazy, given.name, cure);
        }
        let lazy = self.nonlinear(lazy, formula);
        // A function of a number is a number, which can be used as a size or a constant.
        if let (Some(n), Value::Number(_)) = (self.as_number(&lazy), &given.values[0]) {
            // The pool records constants outside the range of float32. The record is dropped here, because later
            // arithmetic can bring the number back into the range; only a number that is not finite is an error.
            self.graph.scalars.take_out_of_range();
            return self.finite(n, given.place);
        }
        Ok(Value::Tensor(lazy))
    }

    /// Warns of a kink in a value that depends on x: losses that use curvature do not include the curvature at the
    /// kink.
    pub(super) fn warn_of_kink(&mut self, name: &str, of: &Lazy, place: Place, cure: &str) {
        if of.axes.sample {
            self.smooth = false;
            let message = format!(
                "`{name}` has a kink, and all its curvature sits in that point: the exact Laplacian and the losses esm, ssm \
                 and ssm_vr miss it and train something else (dsm does not need it); {cure}"
            );
            self.diagnostics.warning(place, message);
        }
    }

    /// f(a) for a function value f.
    pub(super) fn apply(&mut self, f: &Function<'a>, a: Lazy, place: Place) -> Outcome<Lazy> {
        let value = Value::Tensor(a);
        let result = match f {
            Function::User(function) => {
                self.call_user(&function.clone(), vec![value], None, place)?
            }
            Function::Builtin(builtin) => {
                let given = Arguments {
                    name: place,
                    place,
                    values: vec![value],
                    places: vec![place],
                    options: vec![],
                    alias: None,
                };
                self.call_builtin(builtin, given)?
            }
        };
        self.tensor(&result, place)
    }
}

#[cfg(test)]
mod tests {
    /// The language's documentation must name every built-in function.
    #[test]
    fn every_function_is_documented() {
        let text = include_str!("../../../macros/LANGUAGE.md");
        let undocumented = |name: &&str| {
            !text.contains(&format!("`{name}`")) && !text.contains(&format!("`{name}("))
        };
        let missing: Vec<&str> = super::names().filter(undocumented).collect();
        assert_eq!(missing, [""; 0]);
    }
}
