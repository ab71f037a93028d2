//! What a spec becomes: its loops, and its parameters with their names.

use super::check;
use scorematch_compiler::ir::Op;

fn names(source: &str) -> Vec<String> {
    check(source)
        .graph
        .params
        .into_iter()
        .map(|p| p.name)
        .collect()
}

#[test]
fn a_formula_is_one_loop() {
    let maps = |body: &str| {
        let graph = check(&format!("M(x: [4]) {{ {body} }}")).graph;
        graph
            .nodes
            .iter()
            .filter(|n| matches!(n.op, Op::Map { .. }))
            .count()
    };
    assert_eq!(maps("sum(silu(x))"), 1);
    assert_eq!(maps("fn act(z) = z * sigmoid(1.702 * z); sum(act(x))"), 1);
    assert_eq!(
        maps("fn gate(a, b) = a * sigmoid(b); fn act(z) = gate(z, 2 * z) - 1; sum(act(x) / 2)"),
        1
    );
    let nested = "sq(1 + ".repeat(40) + "x" + &")".repeat(40);
    assert!(
        (2..20).contains(&maps(&format!("sum({nested})"))),
        "long formulas are cut"
    );
    // exp(s) is the same for all samples, and sq of a sum of two values that vary stays a square of one.
    assert_eq!(maps("param s: []; sum(exp(s) * sq(x))"), 2);
    assert_eq!(maps("sum(sq(tanh(x) + x[[1, 0, 3, 2]]))"), 2);
}

#[test]
fn what_is_the_same_for_all_samples_is_computed_once() {
    let graph =
        check("M(x: [3]) { param z: [5, 3]; net f(y) { tanh(dense(y, 4)) } sum(dot(f(z), f(x))) }")
            .graph;
    let shared = graph
        .nodes
        .iter()
        .filter(|n| matches!(n.op, Op::Contract { .. }) && !n.axes.sample)
        .count();
    assert_eq!(shared, 1, "the layer on the rows of z has no batch axis");
}

#[test]
fn parameters_are_named() {
    assert_eq!(
        names(
            "M(x: [2]) { param w: [2]; let h = dense(x * w, 3); let h = dense(h, 3, bias = false) as \"mid\"; dense(h, 1) }"
        ),
        [
            "w",
            "dense0.weight",
            "dense0.bias",
            "mid.weight",
            "dense1.weight",
            "dense1.bias"
        ]
    );
    assert_eq!(
        names("M(x: [2]) { mlp(x, [3], tanh) + mlp(x, [], tanh) + mlp(x, [], tanh) as \"a.b\" }"),
        [
            "net.0.weight",
            "net.0.bias",
            "net.2.weight",
            "net.2.bias",
            "net1.0.weight",
            "net1.0.bias",
            "a.b.0.weight",
            "a.b.0.bias"
        ]
    );
}

#[test]
fn a_fn_makes_new_layers_and_a_net_shares_them() {
    assert_eq!(
        names("M(x: [2]) { fn f(y) = dense(y, 1, bias = false); f(x) + f(x) + f(x) as \"g\" }"),
        ["dense0.weight", "dense1.weight", "g.dense0.weight"]
    );
    assert_eq!(
        names("M(x: [2]) { net f(y) = dense(y, 1, bias = false); f(x) + f(2 * x) }"),
        ["f.dense0.weight"]
    );
    assert_eq!(
        names(
            "M(x: [2]) { net f(y) { mlp(y, [3], tanh) + mlp(y, [], tanh) } f(x) + f(x[[1, 0]]) }"
        ),
        [
            "f.0.weight",
            "f.0.bias",
            "f.2.weight",
            "f.2.bias",
            "f.net1.0.weight",
            "f.net1.0.bias"
        ]
    );
    assert_eq!(
        names(
            "M(x: [2]) { let mut e = 0; for i in 0..2 { net f(y) as \"k{i}\" { param w: [2]; net g(z) = dense(z, 1, bias = false); dot(w, y) + g(y) } e += f(x) * f(-x); } e }"
        ),
        ["k0.w", "k0.g.dense0.weight", "k1.w", "k1.g.dense0.weight"]
    );
}
