//! Every operation of the language, evaluated and held against the same formula in Rust.

use super::{check, close, energy};

fn value(body: &str, x: &[f64]) -> f64 {
    energy(
        &check(&format!("M(x: [{}]) {{ {body} }}", x.len())).graph,
        x,
    )
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
    close(value("cumsum(x)[4]", &x), x[..5].iter().sum());
    close(value("cumsum(x)[0]", &x), x[0]);
    close(value("cumsum(reshape(x, [2, 3]))[1, 1]", &x), x[3] + x[4]);
    close(
        value("cumsum(reshape(x, [2, 3]), axis = 0)[1, 2]", &x),
        x[2] + x[5],
    );
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
fn layers_act_on_the_last_axis() {
    // W = [[0.1, 0.2], [0.3, 0.4]], b = [1.1, 1.2]
    let x = [1.0, 10.0];
    close(
        value("let y: [2] = dense(x, 2); y[0] + 100 * y[1]", &x),
        3.2 + 550.0,
    );
    close(value("sum(dense(x, 2, bias = false))", &x), 2.1 + 4.3);
    let rows = "let y: [2, 1, 2] = dense(reshape(x, [2, 1, 2]), 2); y[1, 0, 0]";
    close(value(rows, &[0.0, 0.0, 1.0, 10.0]), 3.2);
    // One hidden unit: tanh(0.1·1 + 0.2·10 + 1.1), then 2.1·h + 3.1.
    close(value("mlp(x, [1], tanh)", &x), 2.1 * 3.2f64.tanh() + 3.1);
    close(
        value("fn act(z) = 2 * tanh(z); mlp(x, [1], act)", &x),
        4.2 * 3.2f64.tanh() + 3.1,
    );
}

#[test]
fn several_axes_are_reduced_together() {
    let value = |body: &str| {
        let x: Vec<f64> = (0..12).map(|i| (1.7 * f64::from(i)).sin()).collect();
        energy(&check(&format!("M(x: [2, 3, 2]) {{ {body} }}")).graph, &x)
    };
    for (joint, apart) in [
        ("logsumexp(x, axis = [0, 1, 2])", "logsumexp(x)"),
        ("logsumexp(x, axis = [])[1, 2, 0]", "x[1, 2, 0]"),
        (
            "logsumexp(x, axis = [-1, 0])[2]",
            "logsumexp(logsumexp(x, axis = 2), axis = 0)[2]",
        ),
        (
            "logsumexp(x, axis = [1, 1])[1, 0]",
            "logsumexp(x, axis = 1)[1, 0]",
        ),
        (
            "logsumexp(x, axis = [0, 2], keep = true)[0, 2, 0]",
            "logsumexp(logsumexp(x, axis = 2), axis = 0)[2]",
        ),
        (
            "softmax(x, axis = [0, 2])[1, 2, 0]",
            "exp(x - logsumexp(x, axis = [0, 2], keep = true))[1, 2, 0]",
        ),
        (
            "log_softmax(x, axis = [2, 0])[1, 0, 1]",
            "(x - logsumexp(x, axis = [0, 2], keep = true))[1, 0, 1]",
        ),
    ] {
        close(value(joint), value(apart));
    }
}
