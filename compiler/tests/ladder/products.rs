//! Statements that multiply: layers, and NumPy's matmul in every pairing of ranks.

use super::recipe::Kind;
use super::statements::digit;
use super::writer::{MOST, Value, Writer};

/// Layers on the last axis, each with parameters of its own.
pub(super) fn layers(w: &mut Writer, kind: Kind, v: &Value, n: u16) {
    let units = 1 + digit(n, 0, 4);
    let mut shape = v.shape.clone();
    let operand = if shape.is_empty() {
        shape = vec![1];
        format!("reshape({}, [1])", v.name)
    } else {
        v.name.clone()
    };
    let inputs = v.last();
    *shape.last_mut().expect("a layer's operand has an axis") = units;
    if shape.iter().product::<usize>() > MOST {
        return w.bind(&format!("0.5 * {}", v.name), v.shape.clone(), &[v], v.size);
    }
    let size = 0.8 * v.size + 0.6;
    match kind {
        Kind::Dense => {
            let bias = ["", ", bias = false"][digit(n, 1, 2)];
            w.bind(
                &format!("dense({operand}, {units}{bias})"),
                shape,
                &[v],
                size,
            );
        }
        Kind::Mlp => {
            let act = ["tanh", "silu", "softplus", "gelu", "sin"][digit(n, 1, 5)];
            let widths = ["[]", "[3]", "[1]", "[2, 4]"][digit(n, 2, 4)];
            let text = format!("mlp({operand}, {widths}, {act}, out = {units})");
            w.bind(&format!("reshape({text}, {shape:?})"), shape, &[v], size);
        }
        Kind::Residual => {
            let name = w.fresh("r");
            w.line(format!("let mut {name} = {operand};"));
            w.line(format!(
                "for i in 0..2 {{ {name} += 0.5 * tanh(dense({name}, {inputs})); }}"
            ));
            *shape.last_mut().expect("a layer's operand has an axis") = inputs;
            w.bind(&name, shape, &[v], v.size + 0.5);
        }
        _ => {
            // A net on the sample and on a parameter: the second call is the same for every sample.
            let (name, points) = (w.fresh("g"), w.param(vec![2, inputs]));
            w.line(format!("net {name}(y) {{ softplus(dense(y, {units})) }}"));
            w.bind(&format!("{name}({operand})"), shape, &[v], size);
            w.bind(
                &format!("{name}({})", points.name),
                vec![2, units],
                &[],
                size,
            );
        }
    }
}

/// NumPy's matmul in every pairing of ranks, with parameters and with itself.
pub(super) fn dot(w: &mut Writer, v: &Value, b: u16, n: u16) {
    let (name, units, choice) = (v.name.clone(), 1 + digit(n, 0, 3), digit(n, 1, 4));
    let with = |w: &mut Writer, shape: Vec<usize>| w.param(shape).name;
    let (text, shape) = match v.shape[..] {
        [] => (format!("{name} * {}", with(w, vec![])), vec![]),
        [k] => match choice {
            0 => {
                let other = w.take(b);
                let second = if other.shape == [k] {
                    other.name.clone()
                } else {
                    w.bind(
                        &format!("0.5 * {}", other.name),
                        other.shape.clone(),
                        &[&other],
                        other.size,
                    );
                    name.clone()
                };
                let of = if second == name {
                    vec![v]
                } else {
                    vec![v, &other]
                };
                let size = v.size * other.size.max(v.size) * (k as f64).sqrt();
                return w.bind(&format!("dot({name}, {second})"), vec![], &of, size);
            }
            1 => (
                format!("dot({}, {name})", with(w, vec![units, k])),
                vec![units],
            ),
            2 => (
                format!("dot({name}, {})", with(w, vec![k, units])),
                vec![units],
            ),
            _ => (format!("dot({}, {name})", with(w, vec![k])), vec![]),
        },
        [r, k] => match choice {
            0 => (format!("dot({name}, transpose({name}))"), vec![r, r]),
            1 => (format!("dot({name}, {})", with(w, vec![k])), vec![r]),
            2 => (format!("dot({}, {name})", with(w, vec![r])), vec![k]),
            _ => (
                format!("dot({}, {name})", with(w, vec![units, r])),
                vec![units, k],
            ),
        },
        [m, r, _] if choice < 2 => (
            format!("dot({name}, transpose({name}, [0, 2, 1]))"),
            vec![m, r, r],
        ),
        [m, r, k] => (
            format!("dot({name}, {})", with(w, vec![m, k, units])),
            vec![m, r, units],
        ),
        _ => unreachable!("values have at most three axes"),
    };
    if shape.iter().product::<usize>() > MOST {
        // A parameter may be declared by now, and must be used: the average of the product is small.
        return w.bind(&format!("mean({text})"), vec![], &[v], v.size);
    }
    let size = v.size * v.size.max(0.8) * (v.last() as f64).sqrt();
    w.bind(&text, shape, &[v], size);
}
