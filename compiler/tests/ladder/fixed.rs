//! Energies built by hand that together use every operation.

use scorematch_compiler::ir::{Axes, Func, Graph, Init, Input, NodeId};

fn dense(g: &mut Graph, name: &str, x: NodeId, out: usize) -> NodeId {
    let inputs = *g.shape(x).last().expect("dense acts on an axis");
    let w = g.param(
        &format!("{name}.weight"),
        vec![out, inputs],
        Init::Uniform(1.0),
    );
    let b = g.param(&format!("{name}.bias"), vec![out], Init::Uniform(1.0));
    let y = match g.shape(x).len() {
        1 => g.einsum("oi,i->o", &[w, x]),
        _ => g.einsum("oi,ni->no", &[w, x]),
    };
    g.add(y, b)
}

fn silu(g: &mut Graph, z: NodeId) -> NodeId {
    g.map(&[z], |s, v| {
        let sigmoid = s.call(Func::Sigmoid, v[0]);
        s.mul(v[0], sigmoid)
    })
}

fn finish(mut g: Graph, e: NodeId) -> Graph {
    let e = g.reshape(e, vec![]);
    assert_eq!(g.axes(e), Axes::SAMPLE);
    g.outputs.push(("energy".to_string(), e));
    g
}

/// A multilayer perceptron with the given hidden widths.
fn mlp(d: usize, widths: &[usize]) -> Graph {
    let mut g = Graph::new(vec![d]);
    let mut h = g.input(Input::X);
    for (i, &w) in widths.iter().enumerate() {
        let z = dense(&mut g, &format!("net.{}", 2 * i), h, w);
        h = silu(&mut g, z);
    }
    let e = dense(&mut g, "out", h, 1);
    finish(g, e)
}

/// By name.
pub(crate) fn energies() -> Vec<(&'static str, Graph)> {
    let mut all = vec![
        ("mlp", mlp(3, &[5, 4])),
        ("one hidden", mlp(2, &[4])),
        ("wide", mlp(9, &[3, 4])),
    ];

    // ½k‖x − μ‖² + a network with a skip connection by concatenation.
    let mut g = Graph::new(vec![4]);
    let x = g.input(Input::X);
    let z = dense(&mut g, "a", x, 3);
    let h = g.call(Func::Tanh, z);
    let joined = g.concat(&[h, x], 0);
    let z = dense(&mut g, "b", joined, 3);
    let h = g.call(Func::Softplus, z);
    let e = dense(&mut g, "c", h, 1);
    let k = g.param("log_k", vec![], Init::Constant(0.0));
    let mu = g.param("mu", vec![4], Init::Constant(0.0));
    let u = g.sub(x, mu);
    let q = g.map(&[u, k], |s, v| {
        let square = s.powi(v[0], 2);
        let scale = s.call(Func::Exp, v[1]);
        let product = s.mul(square, scale);
        s.scale(0.5, product)
    });
    let q = g.sum_all(q);
    let e = g.reshape(e, vec![]);
    let e = g.add(e, q);
    all.push(("skip", finish(g, e)));

    // A mixture by a stable logsumexp.
    let mut g = Graph::new(vec![2]);
    let x = g.input(Input::X);
    let mu = g.param("mu", vec![3, 2], Init::Normal(1.0));
    let log_s = g.param("log_s", vec![3], Init::Constant(0.0));
    let u = g.sub(x, mu);
    let u = g.map(&[u], |s, v| s.powi(v[0], 2));
    let d2 = g.sum(u, &[1]);
    let logits = g.map(&[d2, log_s], |s, v| {
        let scaled = s.scale(-2.0, v[1]);
        let inverse = s.call(Func::Exp, scaled);
        let product = s.mul(v[0], inverse);
        s.linear(&[(-0.5, product), (-2.0, v[1])])
    });
    let m = g.at_max(logits, logits, 0);
    let shifted = g.map(&[logits, m], |s, v| {
        let difference = s.sub(v[0], v[1]);
        s.call(Func::Exp, difference)
    });
    let total = g.sum_all(shifted);
    let m = g.reshape(m, vec![]);
    let e = g.map(&[total, m], |s, v| {
        let log = s.call(Func::Log, v[0]);
        s.linear(&[(-1.0, log), (-1.0, v[1])])
    });
    all.push(("mixture", finish(g, e)));

    // Particles: gather of pairs, one network on every squared distance, and a bilinear term x·tanh(Wx).
    let mut g = Graph::new(vec![6]);
    let x = g.input(Input::X);
    let r = g.reshape(x, vec![3, 2]);
    let (a, b) = (g.gather(r, 0, &[0, 0, 1]), g.gather(r, 0, &[1, 2, 2]));
    let u = g.map(&[a, b], |s, v| {
        let difference = s.sub(v[0], v[1]);
        s.powi(difference, 2)
    });
    let d2 = g.sum(u, &[1]);
    let d2 = g.reshape(d2, vec![3, 1]);
    let z = dense(&mut g, "pair.0", d2, 4);
    let h = g.call(Func::Sin, z);
    let z = dense(&mut g, "pair.1", h, 1);
    let e = g.sum_all(z);
    let w = g.param("w", vec![6, 6], Init::Normal(1.0));
    let y = g.einsum("oi,i->o", &[w, x]);
    let y = g.call(Func::Tanh, y);
    let bilinear = g.einsum("i,i->", &[x, y]);
    let e = g.add(e, bilinear);
    all.push(("particles", finish(g, e)));

    // A coupling layer: slices, concatenation, exp scale; and a Gaussian.
    let mut g = Graph::new(vec![4]);
    let x = g.input(Input::X);
    let (a, b) = (g.slice(x, 0, 0, 2), g.slice(x, 0, 2, 2));
    let z = dense(&mut g, "m0", a, 5);
    let h = g.call(Func::Softplus, z);
    let m = dense(&mut g, "m1", h, 2);
    let b = g.add(b, m);
    let y = g.concat(&[b, a], 0);
    let log_scale = g.param("log_scale", vec![4], Init::Constant(0.0));
    let y = g.map(&[y, log_scale], |s, v| {
        let scale = s.call(Func::Exp, v[1]);
        s.mul(v[0], scale)
    });
    let e = g.einsum("i,i->", &[y, y]);
    let log_sum = g.sum_all(log_scale);
    let e = g.map(&[e, log_sum], |s, v| s.linear(&[(0.5, v[0]), (-1.0, v[1])]));
    all.push(("coupling", finish(g, e)));

    // ½‖Lᵀ(x − μ)‖²
    let mut g = Graph::new(vec![3]);
    let x = g.input(Input::X);
    let l = g.param("L", vec![3, 3], Init::Normal(1.0));
    let mu = g.param("mu", vec![3], Init::Constant(0.0));
    let u = g.sub(x, mu);
    let y = g.einsum("io,i->o", &[l, u]);
    let e = g.einsum("i,i->", &[y, y]);
    let e = g.scale(0.5, e);
    all.push(("gaussian", finish(g, e)));
    all
}
