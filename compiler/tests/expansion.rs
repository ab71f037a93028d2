//! Emitted text is linear in the number of operations and does not depend on widths.

use scorematch_compiler::{Stage, inspect};

fn lines(source: &str) -> usize {
    inspect(source, "spec", Stage::Rust)
        .unwrap_or_else(|e| panic!("{e}"))
        .lines()
        .count()
}

/// Repeated layers of some kind, as spec text.
fn deep(layer: &str, layers: usize) -> String {
    format!(
        "M(x: [3]) {{ let mut h = dense(x, 4); for i in 0..{layers} {{ {layer} }} dense(h, 1) }}"
    )
}

/// A further layer costs the same lines at depth 2, 8 and 32. Sums over sample-wise contributions that layers share
/// and phases that open once may cost a few lines more or less, so a hundredth is allowed; anything that grows with
/// depth (one more line a layer for each layer) would be tens of percents off.
#[test]
fn lines_are_linear_in_the_number_of_layers() {
    for layer in [
        "h = silu(dense(h, 4));",
        "h += tanh(dense(h, 4));",
        "h = dense(sin(concat(h, x)), 4);",
    ] {
        let [two, eight, many] = [2, 8, 32].map(|n| lines(&deep(layer, n)));
        let (near, far) = ((eight - two) as f64 / 6.0, (many - eight) as f64 / 24.0);
        assert!(near > 0.0, "{layer}");
        assert!(
            (far - near).abs() <= 0.01 * near,
            "{layer}: {near} lines a layer, then {far}: {two}, {eight}, {many}"
        );
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
    let size = |source: &str| {
        inspect(source, "spec", Stage::Rust)
            .unwrap_or_else(|e| panic!("{e}"))
            .len() as f64
    };
    let small = size("M(x: [3]) { mlp(x, [8, 8, 8], silu) }");
    let large = size("M(x: [3]) { mlp(x, [4096, 4096, 4096], silu) }");
    // A width has four digits in place of one, and offsets into buffers six more.
    assert!(large < 1.1 * small, "{small} bytes become {large}");
}
