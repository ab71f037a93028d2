//! Activations and other elementwise functions, each defined by a formula from which its derivatives are derived.

use super::builtin::{Arguments, Builtin, Run};
use super::diagnostic::Outcome;
use super::lower::Lower;
use super::value::Value;
use crate::ir::{Expr, Func, Pool};

const fn formula(
    name: &'static str,
    usage: &'static str,
    f: fn(&mut Pool, Expr) -> Expr,
) -> Builtin {
    Builtin {
        name,
        usage,
        arguments: (1, 1),
        options: &[],
        run: Run::Formula(f),
    }
}

pub(super) const BUILTINS: &[Builtin] = &[
    // z·σ(z)
    formula("silu", "silu(z)", |s, z| {
        let gate = s.call(Func::Sigmoid, z);
        s.mul(z, gate)
    }),
    formula("tanh", "tanh(z)", |s, z| s.call(Func::Tanh, z)),
    formula("softplus", "softplus(z)", |s, z| s.call(Func::Softplus, z)),
    // z·Φ(z), exact; the form with tanh is an approximation.
    formula("gelu", "gelu(z)", |s, z| {
        let cdf = s.call(Func::NormalCdf, z);
        s.mul(z, cdf)
    }),
    // z·tanh(softplus(z))
    formula("mish", "mish(z)", |s, z| {
        let gate = s.call(Func::MishGate, z);
        s.mul(z, gate)
    }),
    formula("sigmoid", "sigmoid(z)", |s, z| s.call(Func::Sigmoid, z)),
    // ln σ(z) = −softplus(−z)
    formula("log_sigmoid", "log_sigmoid(z)", |s, z| {
        let negative = s.neg(z);
        let softplus = s.call(Func::Softplus, negative);
        s.neg(softplus)
    }),
    formula("logcosh", "logcosh(z)", |s, z| s.call(Func::Logcosh, z)),
    formula("sin", "sin(z)", |s, z| s.call(Func::Sin, z)),
    formula("cos", "cos(z)", |s, z| s.call(Func::Cos, z)),
    formula("exp", "exp(z)", |s, z| s.call(Func::Exp, z)),
    formula("log", "log(z)", |s, z| s.call(Func::Log, z)),
    formula("log1p", "log1p(z)", |s, z| s.call(Func::Log1p, z)),
    formula("sqrt", "sqrt(z)", |s, z| s.call(Func::Sqrt, z)),
    formula("sq", "sq(z)", |s, z| s.powi(z, 2)),
    formula("erf", "erf(z)", |s, z| s.call(Func::Erf, z)),
    Builtin {
        name: "abs",
        usage: "abs(z)",
        arguments: (1, 1),
        options: &[],
        run: Run::Kinked(
            |s, z| s.call(Func::Abs, z),
            "use `sqrt(sq(z) + eps)` or `logcosh`",
        ),
    },
    Builtin {
        name: "relu",
        usage: "relu(z)",
        arguments: (1, 1),
        options: &[],
        run: Run::Kinked(|s, z| s.call(Func::Relu, z), "use `softplus` or `silu`"),
    },
    Builtin {
        name: "leaky_relu",
        usage: "leaky_relu(z, slope = 0.01)",
        arguments: (1, 1),
        options: &["slope"],
        run: Run::General(leaky_relu),
    },
    Builtin {
        name: "pow",
        usage: "pow(z, 3)",
        arguments: (2, 2),
        options: &[],
        run: Run::General(pow),
    },
];

/// slope·z + (1 − slope)·max(z, 0)
fn leaky_relu<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Value<'a>> {
    let z = lower.tensor(&given.values[0], given.places[0])?;
    let slope = match given.option("slope") {
        Some((value, place)) => lower.real(value, place, "the slope")?,
        None => 0.01,
    };
    lower.warn_of_kink("leaky_relu", &z, given.name, "use `softplus` or `silu`");
    let lazy = lower.nonlinear(z, |s, z| {
        let relu = s.call(Func::Relu, z);
        s.linear(&[(slope, z), (1.0 - slope, relu)])
    });
    Ok(Value::Tensor(lazy))
}

/// zᵖ for a constant p
fn pow<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Value<'a>> {
    let z = lower.tensor(&given.values[0], given.places[0]);
    let p = match &given.values[1] {
        Value::Number(p) => *p,
        other => {
            let message = format!(
                "an exponent is a number, found {}: write `exp(p * log(z))` for one that varies",
                other.describe()
            );
            return Err(lower.fail(given.places[1], message));
        }
    };
    let z = z?;
    if let Value::Number(base) = given.values[0] {
        return lower.finite(base.powf(p), given.place);
    }
    Ok(Value::Tensor(lower.nonlinear(z, |s, z| s.pow(z, p))))
}
