//! Statements that use parameters again: matrices and networks that were declared before, networks on parts of a value
//! and on their own output, tied and iterated layers.

use super::recipe::Kind;
use super::statements::digit;
use super::writer::{MOST, Net, Value, Writer};

const ACTIVATIONS: [&str; 5] = ["tanh", "silu", "softplus", "gelu", "sin"];

pub(super) fn write(w: &mut Writer, kind: Kind, v: &Value, n: u16) {
    // A number is a vector of one entry here.
    let v = &match v.shape[..] {
        [] => {
            w.bind(&format!("reshape({}, [1])", v.name), vec![1], &[v], v.size);
            w.take(0)
        }
        _ => v.clone(),
    };
    match kind {
        Kind::Matrix => matrix(w, v, n),
        Kind::Tied => tied(w, v, n),
        Kind::Iterated => iterated(w, v, n),
        Kind::Parts => parts(w, v, n),
        _ => call(w, v, n),
    }
}

/// A matrix that serves again on the last axis, as it is or transposed; the first time it is declared.
fn matrix(w: &mut Writer, v: &Value, n: u16) {
    let k = v.last();
    let fits = |m: &&Value| m.shape.contains(&k);
    let known: Vec<Value> = w.matrices.iter().filter(fits).cloned().collect();
    let m = match known.len() {
        0 => {
            let m = w.param(vec![1 + digit(n, 0, 3), k]);
            w.matrices.push(m.clone());
            m
        }
        count => known[digit(n, 0, count)].clone(),
    };
    let rows = m.shape[0];
    // NumPy's matmul with a vector on the left takes the first axis of the matrix.
    let (right, units) = match m.shape[1] == k && (rows != k || digit(n, 1, 2) == 0) {
        true => (format!("transpose({})", m.name), rows),
        false => (m.name.clone(), m.shape[1]),
    };
    let mut shape = v.shape.clone();
    *shape.last_mut().expect("the value has an axis") = units;
    let text = format!("dot({}, {right})", v.name);
    if v.shape.len() > 2 || shape.iter().product::<usize>() > MOST {
        let text = format!("mean(dot(flatten({0})[..{k}], {right}))", v.name);
        return w.bind(&text, vec![], &[v], v.size);
    }
    w.bind(&text, shape, &[v], v.size * (k as f64).sqrt());
}

/// Through a matrix, and back through its transpose.
fn tied(w: &mut Writer, v: &Value, n: u16) {
    let (k, act) = (v.last(), ACTIVATIONS[digit(n, 0, 5)]);
    let m = w.param(vec![1 + digit(n, 1, 3), k]);
    w.matrices.push(m.clone());
    let (row, m) = (format!("reshape({}, [-1, {k}])", v.name), m.name);
    let code = format!("{act}(dot({row}, transpose({m})))");
    let text = format!("reshape(dot({code}, {m}), {:?})", v.shape);
    w.bind(&text, v.shape.clone(), &[v], v.size + 0.5);
}

/// One layer several times.
fn iterated(w: &mut Writer, v: &Value, n: u16) {
    let (k, act) = (v.last(), ACTIVATIONS[digit(n, 0, 5)]);
    let (m, b) = (w.param(vec![k, k]).name, w.param(vec![k]).name);
    let h = w.fresh("h");
    w.line(format!("let mut {h} = reshape({}, [-1, {k}]);", v.name));
    let product = [
        format!("dot({h}, {m})"),
        format!("dot({h}, transpose({m}))"),
    ];
    let step = [
        format!("{h} = {act}({} + {b});", product[digit(n, 1, 2)]),
        format!("{h} += 0.5 * {act}({}) * {b};", product[digit(n, 1, 2)]),
    ];
    let times = 2 + digit(n, 2, 3);
    w.line(format!(
        "for i in 0..{times} {{ {} }}",
        step[digit(n, 3, 2)]
    ));
    let text = format!("reshape({h}, {:?})", v.shape);
    w.bind(&text, v.shape.clone(), &[v], v.size + 0.5);
}

/// One network on two parts of the last axis, which may overlap, and on what else there is.
fn parts(w: &mut Writer, v: &Value, n: u16) {
    let k = v.last();
    let part = k.div_ceil(2);
    let net = net(w, part, n);
    let whole = "..,".repeat(v.shape.len() - 1);
    let slice = |from: usize| format!("{}[{whole} {from}..{}]", v.name, from + part);
    let (first, second) = (slice(0), slice(k - part));
    let name = &net.name;
    let text = match digit(n, 4, 4) {
        0 => format!("{name}({first}) + {name}({second})"),
        1 => format!("{name}({first}) * {name}(-{first})"),
        2 => format!("{name}({first}) - 0.5 * {name}({second} + sin({first}))"),
        _ => format!("{name}({second}) * sigmoid({name}(2 * {second}))"),
    };
    let mut shape = v.shape.clone();
    *shape.last_mut().expect("the value has an axis") = net.units;
    if shape.iter().product::<usize>() > MOST {
        return w.bind(&format!("mean({text})"), vec![], &[v], 1.0);
    }
    w.bind(&text, shape, &[v], 2.0);
}

/// A network that serves again: on the value, on its own output, on a constant.
fn call(w: &mut Writer, v: &Value, n: u16) {
    let net = net(w, v.last(), n);
    let name = &net.name;
    let once = format!("{name}({})", v.name);
    let text = match digit(n, 4, 4) {
        _ if net.units != v.last() => format!("{once} - {name}(0.5 * {})", v.name),
        0 => format!("{name}({once})"),
        1 => format!("{name}({name}({once} + {}))", v.name),
        2 => format!("{once} * {name}(sq({}))", v.name),
        _ => once,
    };
    let mut shape = v.shape.clone();
    *shape.last_mut().expect("the value has an axis") = net.units;
    if shape.iter().product::<usize>() > MOST {
        return w.bind(&format!("mean({text})"), vec![], &[v], 1.0);
    }
    w.bind(&text, shape, &[v], 2.0);
}

/// A network from vectors of that length: one that is there, or a new one, which may call one that is there.
fn net(w: &mut Writer, inputs: usize, n: u16) -> Net {
    let fits = |net: &&Net| net.inputs == inputs;
    let known: Vec<Net> = w.nets.iter().filter(fits).cloned().collect();
    if !known.is_empty() && digit(n, 0, 3) != 0 {
        return known[digit(n, 1, known.len())].clone();
    }
    let name = w.fresh("n");
    let units = [inputs, 1, inputs, 2][digit(n, 1, 4)];
    let act = ACTIVATIONS[digit(n, 2, 5)];
    let inner = match known.last() {
        Some(inner) => format!("{}(y)", inner.name),
        None => "y".to_string(),
    };
    let body = match digit(n, 3, 4) {
        0 => format!("mlp({inner}, [3], {act}, out = {units})"),
        1 => format!(
            "param s: [{inputs}]; let h = {act}(dense(y * s, 2)); dense(h, {units}, bias = false)"
        ),
        2 => format!("{act}(dense({inner}, {units}) as \"only\")"),
        _ => format!("let a = {act}(dense({inner}, 3)); dense({act}(dense(a, 3)) + a, {units})"),
    };
    w.line(format!("net {name}(y) {{ {body} }}"));
    let net = Net {
        name,
        inputs,
        units,
    };
    w.nets.push(net.clone());
    net
}
