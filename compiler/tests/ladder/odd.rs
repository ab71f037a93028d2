//! Inputs at the edge of sense: every one is refused with a message or goes through all stages.

use scorematch_compiler::{Sizes, Stage, inspect};

/// What all stages say of a spec: nothing, or why it is refused.
fn all_stages(source: &str) -> Result<(), String> {
    for stage in [
        Stage::Ir,
        Stage::Opt,
        Stage::Plan,
        Stage::Lower,
        Stage::Rust,
        Stage::Cuda,
    ] {
        let text = inspect(source, "odd.energy", stage, &Sizes::new())?;
        if stage == Stage::Rust {
            syn::parse_file(&text).unwrap_or_else(|e| panic!("{source}: {e}"));
        }
    }
    Ok(())
}

/// Exponents that no 32-bit integer holds.
#[test]
fn powers_of_powers() {
    for body in [
        "sum(pow(pow(pow(pow(pow(pow(x, 63), 63), 63), 63), 63), 63))",
        "sum(pow(pow(pow(pow(pow(pow(1 + sq(x), -63), 63), 63), 63), 63), 63))",
        "let a = pow(pow(pow(pow(pow(x, 63), 63), 63), 63), 63); sum(a * a * a * a * a * a)",
        "let mut a = x; for i in 0..40 { a = a * a; } sum(a)",
        "let mut a = pow(1 + sq(x), -63); for i in 0..9 { a = a * a * a; } sum(a)",
    ] {
        let outcome = all_stages(&format!("Model(x: [2]) {{ {body} }}"));
        outcome.unwrap_or_else(|message| panic!("{body}: {message}"));
    }
}

#[test]
fn inputs_at_the_edge_of_sense_are_compiled() {
    for body in [
        "sum(sq(x) * 0 + x)",
        "sum(sqrt(sq(x)))",
        "sum(pow(x, 1e7)) + sum(pow(x, 0.1))",
        "sum(1e-320 * x) + sum(x * 4.9e-324)",
        "norm_sq(x - x) + sum(x)",
        "dot(x, x) / dot(x, x) + x[0]",
        "sum(leaky_relu(x, slope = 1)) + sum(leaky_relu(x, slope = 0))",
        "sum(abs(relu(abs(x))))",
        "relu(sum(abs(x)) - 1) * norm_sq(x)",
        "logsumexp(x[..1]) + sum(softmax(x[..1]) * x)",
        "let s = softmax(x); dot(s, log_softmax(s)) + logsumexp(softmax(logsumexp(x) * x))",
        "sum(erf(mish(gelu(logcosh(log_sigmoid(softplus(silu(x))))))))",
        "let m = reshape(x, [2, 1, 1]); sum(dot(m, m)) + sum(dot(transpose(m, [0, 2, 1]), m))",
        "net f(a) { param w: [2]; dot(w, a) } f(x) + f(dot(x, x) * [1, 2])",
        "param a: []; sum(exp(a * x)) / exp(a) + a * a * a * sum(x) + pow(a, 3) * norm_sq(x)",
        "let (a, b) = pairs(stack(x, 2 * x, x)); let (c, d) = pairs(a - b); sum(tanh(c * d))",
        "sum(stack(x)) + sum(concat(x))",
    ] {
        let outcome = all_stages(&format!("Model(x: [2]) {{ {body} }}"));
        outcome.unwrap_or_else(|message| panic!("{body}: {message}"));
    }
    // Wide inputs, whose products with x are formed after the tiles.
    for (x, body) in [
        (
            "[300]",
            "net f(a) = dense(tanh(dense(a, 4)), 1); f(x) + f(-x) + f(2 * x)",
        ),
        (
            "[512]",
            "net f(a) = dense(tanh(dense(a, 4)), 1); f(x[..256]) + f(x[256..])",
        ),
        (
            "[300]",
            "param w: [5, 300]; norm_sq(x - dot(transpose(w), tanh(dot(w, x))))",
        ),
        ("[300]", "param w: [300, 300]; norm_sq(dot(w, dot(w, x)))"),
        (
            "[40]",
            "param w: [30, 40]; norm_sq(tanh(dot(tanh(dot(w, x)), w)))",
        ),
    ] {
        let outcome = all_stages(&format!("Model(x: {x}) {{ {body} }}"));
        outcome.unwrap_or_else(|message| panic!("{body}: {message}"));
    }
}

#[test]
fn inputs_beyond_sense_are_refused() {
    for body in [
        "sum(x[-9223372036854775808])",
        "sum(x, axis = -9e99)",
        "sum(reshape(x, [-1, -1]))",
        "sum(transpose(x, [0, 0]))",
        "for i in 0..9e18 { } sum(x)",
        "sum(exp(exp(exp(100))) * x)",
        "sum(log(-1) * x)",
        "sum(gather(x, []))",
        "sum(pow(x, 1e300))",
    ] {
        let refused = all_stages(&format!("Model(x: [2]) {{ {body} }}")).expect_err(body);
        assert!(!refused.contains("internal error"), "{body}: {refused}");
    }
}
