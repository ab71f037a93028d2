//! What the spec language means: small specs, evaluated and held against the same formula in Rust.

use scorematch_compiler::ir::{Feed, Graph, Input, Op, eval};
use scorematch_compiler::spec::{Checked, parse_and_check};

fn check(source: &str) -> Checked {
    let tokens = source.parse().expect("the spec is made of tokens");
    let mut models =
        parse_and_check(tokens).unwrap_or_else(|e| panic!("{source}: {:?}", texts(&e)));
    models.remove(0)
}

fn texts(errors: &[syn::Error]) -> Vec<String> {
    errors.iter().map(|e| e.to_string()).collect()
}

fn refusals(source: &str) -> Vec<String> {
    texts(&parse_and_check(source.parse().expect("the spec is made of tokens")).expect_err(source))
}

/// The energy of one sample; entry i of the j-th parameter is 0.1·(i + 1) + j.
fn energy(graph: &Graph, x: &[f64]) -> f64 {
    let entry = |i: usize, j: usize| 0.1 * (i as f64 + 1.0) + j as f64;
    let fill = |(j, p): (usize, &scorematch_compiler::ir::Param)| {
        (0..p.shape.iter().product()).map(|i| entry(i, j)).collect()
    };
    let params = graph.params.iter().enumerate().map(fill).collect();
    let inputs = [(Input::X, x.to_vec())].into_iter().collect();
    eval(
        graph,
        &Feed {
            batch: 1,
            directions: 1,
            params,
            inputs,
        },
    )[0]
    .data[0]
}

fn value(body: &str, x: &[f64]) -> f64 {
    energy(
        &check(&format!("M(x: [{}]) {{ {body} }}", x.len())).graph,
        x,
    )
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
        "found {found}, expected {expected}"
    );
}

fn names(source: &str) -> Vec<String> {
    check(source)
        .graph
        .params
        .into_iter()
        .map(|p| p.name)
        .collect()
}

#[test]
fn elementwise_functions() {
    let z = 0.7f64;
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let softplus = |z: f64| z.exp().ln_1p();
    let phi = |z: f64| 0.5 * (1.0 + libm::erf(z / 2f64.sqrt()));
    for (call, expected) in [
        ("silu(x)", z * sigmoid(z)),
        ("tanh(x)", z.tanh()),
        ("softplus(x)", softplus(z)),
        ("gelu(x)", z * phi(z)),
        ("mish(x)", z * softplus(z).tanh()),
        ("sigmoid(x)", sigmoid(z)),
        ("log_sigmoid(x)", sigmoid(z).ln()),
        ("logcosh(x)", z.cosh().ln()),
        ("sin(x)", z.sin()),
        ("cos(x)", z.cos()),
        ("exp(x)", z.exp()),
        ("log(x)", z.ln()),
        ("log1p(x)", z.ln_1p()),
        ("sqrt(x)", z.sqrt()),
        ("sq(x)", z * z),
        ("erf(x)", libm::erf(z)),
        ("pow(x, 3)", z.powi(3)),
        ("pow(x, -1.5)", z.powf(-1.5)),
        ("abs(-x)", z),
        ("relu(x) + relu(-x)", z),
        ("leaky_relu(-x, slope = 0.1)", -0.1 * z),
        ("leaky_relu(x) + leaky_relu(-x)", 0.99 * z),
    ] {
        close(value(call, &[z]), expected);
    }
}

#[test]
fn arithmetic_and_constants() {
    close(
        value(
            "const H = 7; const G = (H - 1) / 2; x[G] * G",
            &[1., 2., 3., 4.],
        ),
        12.0,
    );
    close(value("1 / 2 * x", &[3.0]), 1.5);
    close(value("-x - -2 * x / 4", &[3.0]), -1.5);
    close(
        value("sum(x * [1, 2, 3]) + PI", &[1., 1., 1.]),
        6.0 + std::f64::consts::PI,
    );
    close(value("sum([[1, 2], [3, 4]] * x)", &[10., 1.]), 46.0);
    close(value("2 * sqrt(4) * x / exp(0)", &[1.0]), 4.0);
    close(value("const W = [1, 2]; x * W[1] + size(x)", &[3.0]), 7.0);
}

#[test]
fn shapes_broadcast_as_in_numpy() {
    close(
        value(
            "let a = reshape(x, [2, 1]) * [[1, 2, 3]]; let b: [2, 3] = a; sum(b)",
            &[1., 10.],
        ),
        66.0,
    );
    close(
        value(
            "let b: [2, 2] = x + reshape(x, [2, 1]); b[0, 0] + 100 * b[1, 0] + b[1][1]",
            &[1., 2.],
        ),
        2.0 + 300.0 + 4.0,
    );
}

#[test]
fn products_follow_matmul() {
    let x = [1., 2., 3., 4.];
    close(value("dot(x, x)", &x), 30.0);
    close(
        value(
            "let m = reshape(x, [2, 2]); sum(dot(m, [1, 10]) * [1, 100])",
            &x,
        ),
        21.0 + 4300.0,
    );
    close(
        value(
            "let m = reshape(x, [2, 2]); sum(dot([1, 10], m) * [1, 100])",
            &x,
        ),
        31.0 + 4200.0,
    );
    close(
        value(
            "let m = reshape(x, [2, 2]); let p = dot(m, transpose(m)); p[0, 1] + 1000 * p[1][1]",
            &x,
        ),
        11.0 + 25000.0,
    );
    close(
        value(
            "let m = reshape(x, [2, 1, 2]); let p: [2, 1, 1] = dot(m, transpose(m, [0, 2, 1])); sum(p)",
            &x,
        ),
        30.0,
    );
    close(
        value(
            "let m = reshape(x, [2, 2]); sum(dot(reshape(m, [1, 2, 2]), reshape(m, [2, 2, 1])))",
            &x,
        ),
        5.0 + 11.0 + 11.0 + 25.0,
    );
}

#[test]
fn reductions() {
    let x = [1., 2., 3., 4., 5., 6.];
    close(value("mean(x)", &x), 3.5);
    close(value("norm_sq(x)", &x), 91.0);
    close(
        value(
            "let m = reshape(x, [2, 3]); let s: [3] = sum(m, axis = 0); s[2]",
            &x,
        ),
        9.0,
    );
    close(
        value(
            "let m = reshape(x, [2, 3]); let s: [2, 1] = mean(m, axis = -1, keep = true); s[1, 0]",
            &x,
        ),
        5.0,
    );
    close(
        value("let m = reshape(x, [2, 3]); sum(m, axis = [0, 1])", &x),
        21.0,
    );
    let lse = |v: &[f64]| v.iter().map(|x| x.exp()).sum::<f64>().ln();
    close(value("logsumexp(x)", &x), lse(&x));
    close(
        value(
            "let m = reshape(x, [2, 3]); let s: [2] = logsumexp(m, axis = 1); s[0]",
            &x,
        ),
        lse(&x[..3]),
    );
    close(
        value(
            "let m = reshape(x, [2, 3]); let s: [1, 3] = logsumexp(m, axis = 0, keep = true); s[0, 1]",
            &x,
        ),
        lse(&[2., 5.]),
    );
    close(
        value(
            "let m = reshape(x, [2, 3]); let s: [1, 1] = logsumexp(m, keep = true); sum(s)",
            &x,
        ),
        lse(&x),
    );
    close(value("softmax(x)[1]", &x), (2.0 - lse(&x)).exp());
    close(
        value("softmax(reshape(x, [2, 3]), axis = 0)[1, 1]", &x),
        (5.0 - lse(&[2., 5.])).exp(),
    );
    close(
        value("log_softmax(reshape(x, [2, 3]))[1, 0]", &x),
        4.0 - lse(&x[3..]),
    );
    close(value("logsumexp(1000 * x)", &[1., 1.]), 1000.0 + 2f64.ln());
}

#[test]
fn entries_are_moved() {
    let x = [1., 2., 3., 4., 5., 6.];
    close(
        value(
            "x[-1] + 10 * x[0..2][1] + 100 * x[..=1][1] + 1000 * x[-2..][0]",
            &x,
        ),
        6.0 + 20.0 + 200.0 + 5000.0,
    );
    close(
        value(
            "let m = reshape(x, [-1, 3]); let c: [2] = m[.., 1]; c[1]",
            &x,
        ),
        5.0,
    );
    close(
        value(
            "let m = reshape(x, [3, 2]); let g: [2, 2] = m[[2, 0]]; g[0, 1] * g[1, 0]",
            &x,
        ),
        6.0,
    );
    close(
        value(
            "let m = reshape(x, [2, 3]); let g: [2, 1] = gather(m, [2], axis = 1); g[1, 0]",
            &x,
        ),
        6.0,
    );
    close(value("let c: [7] = concat(x, [9]); c[6] * c[0]", &x), 9.0);
    close(
        value(
            "let m = reshape(x, [2, 3]); let c: [2, 6] = concat(m, m, axis = 1); c[1, 3]",
            &x,
        ),
        4.0,
    );
    close(
        value("let s: [3] = stack(x[0], x[5], 7); s[1] * s[2]", &x),
        42.0,
    );
    close(
        value(
            "let s: [3, 2] = stack(x[..3], x[3..], axis = 1); s[2, 1] - s[2, 0]",
            &x,
        ),
        3.0,
    );
    close(
        value("let t: [3, 2] = transpose(reshape(x, [2, 3])); t[2, 0]", &x),
        3.0,
    );
    close(value("flatten(reshape(x, [2, 3]))[4]", &x), 5.0);
    // Pairs (0, 1), (0, 2), (1, 2) of three rows.
    close(
        value(
            "let (a, b) = pairs(reshape(x, [3, 2])); sum((b - a) * [[1, 0], [10, 0], [100, 0]])",
            &x,
        ),
        2.0 + 40.0 + 200.0,
    );
}

#[test]
fn loops_functions_and_assignment() {
    close(
        value(
            "let mut s = 0; for i in 0..3 { s += i * x[i]; } s",
            &[1., 2., 3.],
        ),
        8.0,
    );
    close(
        value(
            "let mut s = x; for w in [2, 3] { s *= w; s -= 1; } sum(s)",
            &[1., 2.],
        ),
        (1.0 * 2.0 - 1.0) * 3.0 - 1.0 + (2.0 * 2.0 - 1.0) * 3.0 - 1.0,
    );
    close(
        value(
            "let (mut a, mut b) = (x[0], x[1]); for _ in 0..=2 { (a, b) = (b, a + b); } b",
            &[1., 1.],
        ),
        5.0,
    );
    close(
        value(
            "fn f(a, b) { let c = a * b; c + a } let c = 5; f(x, c) + f(x, 1)",
            &[2.0],
        ),
        12.0 + 4.0,
    );
    close(
        value(
            "const A = 2; fn f(z) = A * z; const A = 3; f(x) + A",
            &[1.0],
        ),
        5.0,
    );
    close(
        energy(
            &check("const A = 2; fn twice(z) = A * z; M(x: []) { twice(x) }").graph,
            &[4.0],
        ),
        8.0,
    );
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

#[test]
fn kinks_warn_where_they_meet_the_input() {
    let kinked = check("M(x: [2]) { sum(relu(x)) }");
    assert!(!kinked.smooth && kinked.warnings.len() == 1);
    assert!(
        kinked.warnings[0].1.contains("softplus"),
        "the cure is named"
    );
    let smooth = check("M(x: [2]) { param w: [2]; dot(abs(w), x) }");
    assert!(smooth.smooth && smooth.warnings.is_empty());
    let repeated =
        check("M(x: [2]) { let mut h = x; for i in 0..3 { h = relu(dense(h, 2)); } sum(h) }");
    assert_eq!(repeated.warnings.len(), 1, "one text warns once");
}

#[test]
fn one_mistake_is_one_message() {
    assert_eq!(
        refusals("M(x: [2]) { let h = dense(y, 3); let k = tanh(h); sum(k * k) }").len(),
        1
    );
    assert_eq!(
        refusals("M(x: [2]) { fn f(z) = z + nothing; sum(f(x)) + sum(f(sq(x))) }").len(),
        1
    );
    assert_eq!(
        refusals("M(x: [2]) { let mut h = x; for i in 0..9 { h = h + [1, 2, 3]; } sum(h) }").len(),
        1
    );
    assert_eq!(
        refusals("M(x: [2]) { let h = 3 + ; let k = 4 5; sum(h * k * x) }").len(),
        2
    );
}

#[test]
fn deep_specs_do_not_overflow_the_stack() {
    let mut functions = String::from("fn f0(z) = z + 1; ");
    (1..400).for_each(|i| functions.push_str(&format!("fn f{i}(z) = (f{}(z)); ", i - 1)));
    assert!(
        refusals(&format!("M(x: [2]) {{ {functions} sum(f399(x)) }}"))[0].contains("nested deeper")
    );
    let chain = vec!["x"; 5000].join(" + ");
    assert!(refusals(&format!("M(x: [2]) {{ sum({chain}) }}"))[0].contains("nested deeper"));
    let open = "sum(".repeat(3000) + "x" + &")".repeat(3000);
    assert!(refusals(&format!("M(x: [2]) {{ {open} }}"))[0].contains("nested deeper"));
    let lets = "let h = tanh(h + 1); ".repeat(3000);
    check(&format!("M(x: [2]) {{ let h = x; {lets} sum(h) }}"));
}

/// A text with one word less, or with one twice, is refused or means something; it never panics.
#[test]
fn damaged_specs_never_panic() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/specs");
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let source = std::fs::read_to_string(entry.expect("the folder can be read").path())
            .expect("the file can be read");
        let words = words(&source);
        for i in 0..words.len() {
            let with = |part: &[&str]| [&words[..i], part, &words[i + 1..]].concat().join(" ");
            for damaged in [
                with(&[]),
                with(&[words[i], words[i]]),
                with(&["0"]),
                with(&["x"]),
                with(&[";"]),
            ] {
                if let Ok(tokens) = damaged.parse() {
                    let _ = parse_and_check(tokens);
                }
            }
        }
    }
}

/// Words and marks of a text without comments.
fn words(source: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for line in source
        .lines()
        .filter(|l| !l.trim_start().starts_with("///"))
    {
        let mut rest = line.trim();
        while let Some(first) = rest.chars().next() {
            let wordy = |c: char| c.is_alphanumeric() || c == '_' || c == '"';
            let end = rest
                .find(|c: char| wordy(c) != wordy(first))
                .unwrap_or(rest.len());
            let end = if wordy(first) { end } else { first.len_utf8() };
            words.push(&rest[..end]);
            rest = rest[end..].trim_start();
        }
    }
    words
}
