//! Initialisers of parameters.

use super::builtin::{Arguments, Builtin, Run};
use super::diagnostic::Outcome;
use super::lower::Lower;
use super::value::{InitRule, Value};
use crate::ir::{Init, in_range};

type General = for<'a> fn(&mut Lower<'a>, &Arguments<'a>) -> Outcome<Value<'a>>;

const fn initialiser(
    name: &'static str,
    usage: &'static str,
    arguments: usize,
    run: General,
) -> Builtin {
    Builtin {
        name,
        usage,
        arguments: (arguments, arguments),
        options: &[],
        run: Run::General(run),
    }
}

pub(super) const BUILTINS: &[Builtin] = &[
    initialiser("zeros", "zeros()", 0, |_, _| fixed(Init::Constant(0.0))),
    initialiser("ones", "ones()", 0, |_, _| fixed(Init::Constant(1.0))),
    initialiser("constant", "constant(0.5)", 1, |lower, given| {
        let value = lower.real(&given.values[0], given.places[0], "the constant")?;
        if !in_range(value) {
            return Err(lower.out_of_range(value, given.places[0]));
        }
        fixed(Init::Constant(value))
    }),
    initialiser("normal", "normal(0.1)", 1, |lower, given| {
        let std = spread(lower, given, "the standard deviation")?;
        fixed(Init::Normal(std))
    }),
    initialiser("uniform", "uniform(0.1)", 1, |lower, given| {
        let bound = spread(lower, given, "the bound")?;
        fixed(Init::Uniform(bound))
    }),
    initialiser("fan_in", "fan_in()", 0, |_, _| {
        Ok(Value::Init(InitRule::FanIn))
    }),
];

fn fixed<'a>(init: Init) -> Outcome<Value<'a>> {
    Ok(Value::Init(InitRule::Fixed(init)))
}

fn spread<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>, what: &str) -> Outcome<f64> {
    match lower.real(&given.values[0], given.places[0], what)? {
        n if !in_range(n) => Err(lower.out_of_range(n, given.places[0])),
        n if n > 0.0 => Ok(n),
        n => Err(lower.fail(
            given.places[0],
            format!("{what} must be above 0, found {n}; zeros() starts from zero"),
        )),
    }
}
