//! Energies that use one parameter at several places: one network on parts of x, on −x, on its own output; one matrix
//! several times, tied to its transpose, in a loop. The gradient of such a parameter is a sum over its places.

use super::edges::stands;

/// A body of a model, and the shape of its input.
type Spec = (&'static str, &'static str);

const SPECS: [Spec; 18] = [
    // One network at two places of x.
    (
        "net f(a) = dense(tanh(dense(a, 4)), 1); f(x[..3]) + f(x[3..])",
        "[6]",
    ),
    (
        "net f(d) = dense(tanh(dense(d, 3)), 1); f(x) + f(-x)",
        "[2]",
    ),
    (
        "net f(a) = mlp(a, [3, 4], silu); f(x) + f(2 * x) + f(sin(x))",
        "[3]",
    ),
    // At overlapping places, and at rows of x.
    (
        "net f(a) = mlp(a, [3], tanh, out = 2); norm_sq(f(x[..2]) - f(x[1..3]) + f(x[2..]))",
        "[4]",
    ),
    (
        "net f(r) = mlp(r, [3], softplus); f(x[0]) * f(x[1]) + sum(f(x))",
        "[2, 3]",
    ),
    // On its own output.
    (
        "net f(a) = dense(tanh(dense(a, 4)), 3); norm_sq(f(f(x)))",
        "[3]",
    ),
    (
        "net f(a) { dense(tanh(dense(a, 5)), 3) } sum(f(x[..3]) * f(x[3..])) + sum(f(f(x[1..4]))) + 0.5 * norm_sq(x)",
        "[6]",
    ),
    (
        "net f(a) = x + silu(dense(a, 3)); norm_sq(f(f(f(x))))",
        "[3]",
    ),
    // A network that calls a network.
    (
        "net f(a) = silu(dense(a, 2)); net g(a) = dense(f(f(a)) + a, 2); norm_sq(g(g(x))) + sum(f(x))",
        "[2]",
    ),
    // One matrix twice, with its transpose, as its own square.
    ("param w: [2, 2]; norm_sq(dot(w, dot(w, x)))", "[2]"),
    (
        "param w: [3, 3]; norm_sq(tanh(dot(w, tanh(dot(transpose(w), x)))))",
        "[3]",
    ),
    ("param w: [3, 3]; norm_sq(tanh(dot(dot(w, w), x)))", "[3]"),
    (
        "param w: [3, 3]; dot(x, dot(dot(w, transpose(w)), x)) + norm_sq(sin(dot(x, w)))",
        "[3]",
    ),
    // A tied autoencoder.
    (
        "param w: [5, 7]; param b: [5]; 0.5 * norm_sq(x - dot(transpose(w), tanh(dot(w, x) + b)))",
        "[7]",
    ),
    // One layer several times in a loop.
    (
        "param w: [4, 4]; param b: [4]; param a: [4]; let mut h = x; for i in 0..4 { h = silu(dot(w, h) + b); } dot(a, h) + 0.5 * norm_sq(x)",
        "[4]",
    ),
    // A vector that serves as a row, a column, a bias and a scale.
    (
        "param a: [3]; dot(a, sin(x)) + norm_sq(a * x + a) + logsumexp(reshape(a, [3, 1]) * x)",
        "[3]",
    ),
    // Parts of one matrix.
    (
        "param w: [4, 3]; norm_sq(tanh(dot(w[..2], x)) - sin(dot(w[2..], x)) + dot(w[1..3], sq(x)))",
        "[3]",
    ),
    // On every pair, and on every particle.
    (
        "net f(d) { dense(tanh(dense(d, 3)), 1) } let (r, s) = pairs(reshape(x, [3, 2])); sum(f(norm_sq(r - s, axis = 1, keep = true))) + sum(f(norm_sq(reshape(x, [3, 2]), axis = 1, keep = true)))",
        "[6]",
    ),
];

#[test]
fn parameters_at_several_places() {
    for (body, x) in SPECS {
        stands(body, x);
    }
}
