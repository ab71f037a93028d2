//! The emitted text grows with the number of different statements, and by a line for each statement; not with widths.

use scorematch_compiler::{Sizes, Stage, inspect};

fn text(source: &str) -> String {
    inspect(source, "spec", Stage::Rust, &Sizes::new()).unwrap_or_else(|e| panic!("{e}"))
}

fn lines(source: &str) -> usize {
    text(source).lines().count()
}

/// Functions that the statements of a model share.
fn functions(source: &str) -> usize {
    let text = text(source);
    let heads = text.lines().filter(|line| line.starts_with("    fn s"));
    heads.count()
}

/// Lines that a layer costs, at most: those of all nine programs, and of its parameters.
const MOST_LINES: f64 = 300.0;

const LAYERS: [&str; 3] = [
    "h = silu(dense(h, 4));",
    "h += tanh(dense(h, 4));",
    "h = dense(sin(concat(h, x)), 4);",
];

/// Repeated layers of some kind, as spec text.
fn deep(layer: &str, layers: usize) -> String {
    format!(
        "M(x: [3]) {{ let mut h = dense(x, 4); for i in 0..{layers} {{ {layer} }} dense(h, 1) }}"
    )
}

/// Layers of one kind are the same functions, however many there are.
#[test]
fn functions_do_not_grow_with_the_number_of_layers() {
    for layer in LAYERS {
        let [eight, many] = [8, 32].map(|n| functions(&deep(layer, n)));
        assert_eq!(eight, many, "{layer}");
    }
}

/// A further layer costs the same lines at any depth: a call for each of its statements.
#[test]
fn lines_are_linear_in_the_number_of_layers() {
    for layer in LAYERS {
        let [eight, more, many] = [8, 16, 32].map(|n| lines(&deep(layer, n)));
        let (near, far) = ((more - eight) as f64 / 8.0, (many - more) as f64 / 16.0);
        assert!(
            (far - near).abs() <= 0.01 * near,
            "{layer}: {eight}, {more}, {many}"
        );
        assert!(far < MOST_LINES, "{layer}: {far} lines a layer");
    }
}

/// Widths are numbers in the text. Where they choose another way (compression when a layer is narrower than x, sums
/// that are deferred when x is wide, copies of matrices with long rows, one loop for layers of equal width), both specs are on one side of the choice.
#[test]
fn lines_do_not_depend_on_widths() {
    for (small, large) in [
        (
            "M(x: [3]) { mlp(x, [7, 8], silu) }",
            "M(x: [3]) { mlp(x, [64, 4096], silu) }",
        ),
        (
            "M(x: [9]) { mlp(x, [7, 8], tanh) }",
            "M(x: [100]) { mlp(x, [64, 512], tanh) }",
        ),
        (
            "M(x: [256]) { mlp(x, [32, 8], tanh) }",
            "M(x: [784]) { mlp(x, [112, 64], tanh) }",
        ),
        (
            "M(x: [4, 3]) { let (r, s) = pairs(x); logsumexp(norm_sq(r - s, axis = 1)) }",
            "M(x: [9, 3]) { let (r, s) = pairs(x); logsumexp(norm_sq(r - s, axis = 1)) }",
        ),
        (
            "M(x: [4]) { param w: [6, 4]; sum(softplus(dot(w, x))) + sum(x[1..3] * x[..2]) }",
            "M(x: [40]) { param w: [60, 40]; sum(softplus(dot(w, x))) + sum(x[1..30] * x[..29]) }",
        ),
    ] {
        assert_eq!(lines(small), lines(large), "{small}\n{large}");
    }
}

/// Nor does the length of the lines: no list of numbers grows with a width.
#[test]
fn text_does_not_grow_with_widths() {
    for (small, large) in [
        // A width has four digits in place of one, and offsets into buffers six more.
        (
            "M(x: [3]) { mlp(x, [8, 8, 8], silu) }",
            "M(x: [3]) { mlp(x, [4096, 4096, 4096], silu) }",
        ),
        (
            "M(x: [9, 3]) { let (r, s) = pairs(x); logsumexp(norm_sq(r - s, axis = 1)) }",
            "M(x: [100, 3]) { let (r, s) = pairs(x); logsumexp(norm_sq(r - s, axis = 1)) }",
        ),
    ] {
        let [few, many] = [small, large].map(|source| text(source).len() as f64);
        assert!(many < 1.1 * few, "{small}: {few} bytes become {many}");
    }
}
