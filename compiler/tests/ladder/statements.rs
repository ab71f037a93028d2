//! A step as statements of the spec language. A step that its value has no shape for says nothing.

use super::again;
use super::products::{dot, layers};
use super::recipe::{Kind, Step};
use super::writer::{MOST, Value, Writer};
use scorematch_compiler::ir::broadcast;

/// Every scalar function of the language as a formula in `{}`, with what it makes of the size of its argument.
/// `sq` under a logarithm or a root keeps their arguments from zero, `tanh` and friends keep the kinked ones' from the
/// kink, on either side of it.
const FUNCTIONS: [(&str, fn(f64) -> f64); 29] = [
    ("silu({})", same),
    ("tanh({})", same),
    ("softplus({})", some),
    ("gelu({})", same),
    ("mish({})", same),
    ("sigmoid({})", same),
    ("log_sigmoid({})", some),
    ("logcosh({})", same),
    ("sin({})", same),
    ("cos({})", some),
    ("exp(-sq({}))", some),
    ("exp(0.5 * {})", some),
    ("log(1.5 + sq({}))", some),
    ("log1p(sq({}))", same),
    ("sqrt(1 + sq({}))", some),
    ("sq({})", |s| s * s),
    ("erf({})", same),
    ("pow({}, 3)", |s| 2.0 * s * s * s),
    ("pow(1.5 + sq({}), -1.5)", some),
    ("pow(2 + tanh({}), 2.5)", |_| 6.0),
    ("pow(1 + sq({}), -2)", some),
    ("abs(2 + tanh({}))", |_| 2.0),
    ("abs(tanh({}) - 2)", |_| 2.0),
    ("relu(1.5 + tanh({}))", |_| 1.5),
    ("{} + relu(tanh({}) - 1.5)", same),
    ("leaky_relu(sin({}) - 1.5)", same),
    ("leaky_relu(2 + cos({}), slope = 0.1)", |_| 2.0),
    ("-{}", same),
    ("1 / (1.5 + sq({}))", same),
];

fn same(size: f64) -> f64 {
    size
}

fn some(size: f64) -> f64 {
    size.max(1.0)
}

/// Numbers of a step beyond the first, independent enough of each other.
pub(super) fn digit(n: u16, place: u32, base: usize) -> usize {
    usize::from(n.wrapping_mul(0x6D2B).rotate_left(5 * place)) % base
}

pub(super) fn write(w: &mut Writer, step: Step) {
    let Step { kind, a, b, n } = step;
    if kind == Kind::Param {
        let k = 1 + digit(n, 0, 3);
        let shapes = [vec![], vec![k], vec![k, 1 + digit(n, 1, 3)], vec![1]];
        return w.declare(shapes[digit(n, 2, 4)].clone());
    }
    let v = w.take(a);
    match kind {
        Kind::Param => {}
        Kind::Function => {
            let (formula, size) = FUNCTIONS[usize::from(n) % FUNCTIONS.len()];
            w.bind(
                &formula.replace("{}", &v.name),
                v.shape.clone(),
                &[&v],
                size(v.size),
            );
        }
        Kind::UserFunction => {
            let name = w.fresh("f");
            w.line(format!(
                "fn {name}(z, c) = z * sigmoid(1.702 * z) + c * cos(z);"
            ));
            let c = w.param(vec![]);
            let text = format!("{name}({}, {})", v.name, c.name);
            w.bind(&text, v.shape.clone(), &[&v], v.size + 0.6);
        }
        Kind::Arithmetic => arithmetic(w, &v, b, n),
        Kind::ConstantArray => {
            // A zero is never alone: times an array of zeros, a parameter would be lost and the spec refused.
            let items: Vec<String> = (0..v.last())
                .map(|i| format!("{}", [0.5, -1.25, 2.0, 0.0][(i + digit(n, 0, 3)) % 4]))
                .collect();
            let op = ["*", "+", "-"][digit(n, 1, 3)];
            let shape = broadcast(&v.shape, &[v.last()]).expect("the last axis is as long");
            let text = format!("{} {op} [{}]", v.name, items.join(", "));
            w.bind(&text, shape, &[&v], v.size + 1.0);
        }
        Kind::Dense | Kind::Mlp | Kind::Residual | Kind::SharedNet => layers(w, kind, &v, n),
        Kind::Dot => dot(w, &v, b, n),
        Kind::Matrix | Kind::Tied | Kind::Iterated | Kind::Parts | Kind::Network => {
            again::write(w, kind, &v, n)
        }
        Kind::Transpose if v.shape.len() > 1 => {
            let mut order: Vec<usize> = (0..v.shape.len()).collect();
            order.rotate_left(1 + digit(n, 0, v.shape.len() - 1));
            let shape = order.iter().map(|&i| v.shape[i]).collect();
            w.bind(
                &format!("transpose({}, {order:?})", v.name),
                shape,
                &[&v],
                v.size,
            );
        }
        Kind::Reshape => {
            let len = v.len();
            let factors: Vec<usize> = (1..=len).filter(|&k| len.is_multiple_of(k)).collect();
            let k = factors[digit(n, 0, factors.len())];
            let (text, shape) = match digit(n, 1, 4) {
                0 => (format!("flatten({})", v.name), vec![len]),
                1 => (format!("reshape({}, [{k}, -1])", v.name), vec![k, len / k]),
                2 if v.shape.len() < 3 => {
                    let taller = [&[1], &v.shape[..]].concat();
                    (format!("reshape({}, {taller:?})", v.name), taller)
                }
                _ => (
                    format!("reshape({}, [{}, {k}])", v.name, len / k),
                    vec![len / k, k],
                ),
            };
            w.bind(&text, shape, &[&v], v.size);
        }
        Kind::Index | Kind::Gather | Kind::Pairs if !v.shape.is_empty() => entries(w, kind, &v, n),
        Kind::Concat if !v.shape.is_empty() && 2 * v.len() <= MOST => {
            let other = w.take(b);
            let fits = other.shape == v.shape && other.name != v.name;
            let second = if fits {
                other.name.clone()
            } else {
                format!("tanh({})", v.name)
            };
            if !fits {
                // It was taken and must be used.
                w.bind(
                    &format!("0.5 * {}", other.name),
                    other.shape.clone(),
                    &[&other],
                    other.size,
                );
            }
            let axis = digit(n, 0, v.shape.len());
            let mut shape = v.shape.clone();
            shape[axis] *= 2;
            let of = if fits { vec![&v, &other] } else { vec![&v] };
            let text = format!("concat({}, {second}, axis = {axis})", v.name);
            w.bind(&text, shape, &of, v.size.max(other.size));
        }
        Kind::ReduceToColumns if v.shape.len() < 3 && 2 * v.len() <= MOST => {
            let axis = digit(n, 0, v.shape.len() + 1);
            let mut shape = v.shape.clone();
            shape.insert(axis, 2);
            // A number has the first axis only.
            let option = if v.shape.is_empty() {
                String::new()
            } else {
                format!(", axis = {axis}")
            };
            w.bind(
                &format!("stack({0}, sin({0}){option})", v.name),
                shape,
                &[&v],
                v.size,
            );
        }
        Kind::Reduce => reduce(w, &v, n),
        // Along one entry both are constants, and an energy must depend on x.
        Kind::Softmax if v.shape.iter().any(|&len| len > 1) => {
            let long: Vec<usize> = (0..v.shape.len()).filter(|&i| v.shape[i] > 1).collect();
            let axis = long[digit(n, 0, long.len())];
            let name = ["softmax", "log_softmax"][digit(n, 1, 2)];
            let text = format!("{name}({}, axis = {axis})", v.name);
            w.bind(&text, v.shape.clone(), &[&v], v.size.max(1.0));
        }
        Kind::ScalarProduct => {
            let other = w.take(b);
            let text = format!("{} * {}", Writer::number(&v), Writer::number(&other));
            w.bind(&text, vec![], &[&v, &other], v.size * other.size);
        }
        // Too few or too many axes for the step: the value that was taken must still be used.
        Kind::Transpose
        | Kind::Index
        | Kind::Gather
        | Kind::Pairs
        | Kind::Concat
        | Kind::ReduceToColumns
        | Kind::Softmax => w.bind(&format!("0.5 * {}", v.name), v.shape.clone(), &[&v], v.size),
    }
}

/// Two values broadcast against each other; one that does not fit is averaged first.
fn arithmetic(w: &mut Writer, v: &Value, b: u16, n: u16) {
    let other = w.take(b);
    let fitting = broadcast(&v.shape, &other.shape).filter(|s| s.iter().product::<usize>() <= MOST);
    let (second, shape) = match fitting {
        Some(shape) => (other.name.clone(), shape),
        None => (Writer::number(&other), v.shape.clone()),
    };
    let a = &v.name;
    let (text, size) = match digit(n, 0, 6) {
        0 => (format!("{a} + {second}"), v.size + other.size),
        1 => (format!("{a} - 0.75 * {second}"), v.size + other.size),
        2 => (format!("{a} * {second}"), v.size * other.size),
        3 => (format!("{a} / (1.5 + sq({second}))"), v.size),
        4 => (format!("{second} / (2 + tanh({a}))"), other.size),
        5 => (
            format!("sq({a} - 0.5 * {second})"),
            (v.size + other.size).powi(2),
        ),
        6 => (format!("1.25 * {a} - {second} + 0.7"), v.size + other.size),
        _ => {
            // One sum of what varies over samples, what does not, and a number.
            let (p, q) = (w.param(vec![]).name, w.param(vec![]).name);
            (
                format!("{second} * cos({a} + {p} - 2 * {q} + 0.7)"),
                other.size,
            )
        }
    };
    w.bind(&text, shape, &[v, &other], size);
}

/// Entries, ranges, rows and pairs of rows.
fn entries(w: &mut Writer, kind: Kind, v: &Value, n: u16) {
    let axis = digit(n, 0, v.shape.len());
    let len = v.shape[axis];
    let start = digit(n, 1, len);
    let whole = "..,".repeat(axis);
    let mut shape = v.shape.clone();
    match kind {
        Kind::Index if digit(n, 2, 5) == 0 => {
            let indices = [start, digit(n, 3, len)];
            shape[axis] = indices.len();
            if shape.iter().product::<usize>() > MOST {
                return w.bind(&format!("0.5 * {}", v.name), v.shape.clone(), &[v], v.size);
            }
            let text = format!("{}[{whole} {indices:?}]", v.name);
            w.bind(&text, shape, &[v], v.size);
        }
        Kind::Index if digit(n, 2, 2) == 0 => {
            shape.remove(axis);
            w.bind(&format!("{}[{whole} {start}]", v.name), shape, &[v], v.size);
        }
        Kind::Index => {
            let end = start + 1 + digit(n, 3, len - start);
            shape[axis] = end - start;
            w.bind(
                &format!("{}[{whole} {start}..{end}]", v.name),
                shape,
                &[v],
                v.size,
            );
        }
        Kind::Gather => {
            // Entries may come twice: the transpose adds them up.
            let indices = [start, digit(n, 2, len), digit(n, 3, len)];
            shape[axis] = indices.len();
            if shape.iter().product::<usize>() > MOST {
                return w.bind(&format!("0.5 * {}", v.name), v.shape.clone(), &[v], v.size);
            }
            let text = format!("gather({}, {indices:?}, axis = {axis})", v.name);
            w.bind(&text, shape, &[v], v.size);
        }
        _ => {
            let rows = v.shape[0];
            shape[0] = rows * (rows.max(1) - 1) / 2;
            if rows < 2 || shape.iter().product::<usize>() > MOST {
                return w.bind(&format!("0.5 * {}", v.name), v.shape.clone(), &[v], v.size);
            }
            let (r, s) = (w.fresh("r"), w.fresh("s"));
            w.line(format!("let ({r}, {s}) = pairs({});", v.name));
            w.bind(&format!("{r} - {s}"), shape, &[v], v.size * 1.4);
        }
    }
}

fn reduce(w: &mut Writer, v: &Value, n: u16) {
    let name = ["sum", "mean", "norm_sq", "logsumexp"][digit(n, 0, 4)];
    let growth = |len: usize, size: f64| match name {
        "sum" => size * (len as f64).sqrt(),
        "norm_sq" => size * size * len as f64,
        "logsumexp" => size + (len as f64).ln(),
        _ => size,
    };
    if v.shape.is_empty() || digit(n, 1, 4) == 0 {
        let text = format!("{name}({})", v.name);
        return w.bind(&text, vec![], &[v], growth(v.len(), v.size));
    }
    let axis = digit(n, 2, v.shape.len());
    let keep = digit(n, 3, 2) == 1;
    if v.shape.len() > 1 && name != "logsumexp" && digit(n, 4, 3) == 0 {
        return over_two_axes(w, v, name, axis, keep);
    }
    let mut shape = v.shape.clone();
    let len = shape[axis];
    if keep {
        shape[axis] = 1;
    } else {
        shape.remove(axis);
    }
    let option = if keep { ", keep = true" } else { "" };
    let text = format!("{name}({}, axis = {axis}{option})", v.name);
    w.bind(&text, shape, &[v], growth(len, v.size));
}

/// A reduction over an axis and the next one, which may be the first again, counted from the end.
fn over_two_axes(w: &mut Writer, v: &Value, name: &str, axis: usize, keep: bool) {
    let rank = v.shape.len();
    let axes = [axis, (axis + 1) % rank];
    let len: usize = axes.iter().map(|&i| v.shape[i]).product();
    let kept = |i: usize| !axes.contains(&i);
    let shape: Vec<usize> = match keep {
        true => (0..rank)
            .map(|i| if kept(i) { v.shape[i] } else { 1 })
            .collect(),
        false => (0..rank).filter(|&i| kept(i)).map(|i| v.shape[i]).collect(),
    };
    let option = if keep { ", keep = true" } else { "" };
    let second = axes[1] as i64 - rank as i64;
    let text = format!("{name}({}, axis = [{axis}, {second}]{option})", v.name);
    let size = match name {
        "sum" => v.size * (len as f64).sqrt(),
        "norm_sq" => v.size * v.size * len as f64,
        _ => v.size,
    };
    w.bind(&text, shape, &[v], size);
}
