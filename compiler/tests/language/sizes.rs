//! Sizes that a spec leaves free: where they may stand, and what is said about those that are not known.

use super::{close, energy};
use scorematch_compiler::spec::check;
use scorematch_compiler::{Axis, Sizes, compile_source, declared};

const SPEC: &str = "const H = 2;
pub Free(x: [D]) {
    fn tail(z) = z[D - 1];
    const ROWS = [D, H * D];
    param w: [D, 2 * D];
    let mut s = 0;
    for i in 0..D { s += i * x[i]; }
    s + tail(x) + sum(w) * size(x) + sum(mlp(x, [H * D], silu) as \"d{D}\") + dot(reshape(x, [D]), x) / D + ROWS[1]
}
pub Fixed(x: [4, H]) { norm_sq(x) }
pub Grid(x: [N, D, N]) { norm_sq(x) }";

fn sizes(given: &[(&str, usize)]) -> Sizes {
    given
        .iter()
        .map(|(name, size)| (name.to_string(), *size))
        .collect()
}

/// The refusal of `source` with these sizes.
fn refusal(source: &str, given: &[(&str, usize)]) -> String {
    compile_source(source, "spec", &sizes(given), None).expect_err(source)
}

#[test]
fn a_free_size_is_a_constant_like_any_other() {
    let tokens: proc_macro2::TokenStream = SPEC.parse().expect("tokens");
    let model = check(tokens, &sizes(&[("D", 3)]), Some("Free"))
        .unwrap_or_else(|errors| panic!("{:?}", super::texts(&errors)))
        .remove(0);
    let graph = &model.graph;
    assert_eq!(graph.x_shape, [3]);
    let shapes: Vec<(&str, &[usize])> = graph
        .params
        .iter()
        .map(|p| (p.name.as_str(), &p.shape[..]))
        .collect();
    assert_eq!(shapes[0], ("w", &[3, 6][..]));
    assert_eq!(shapes[1], ("d3.0.weight", &[6, 3][..]));
}

#[test]
fn values_are_those_of_the_spec_with_numbers() {
    let body = |d: &str| {
        format!(
            "{{ let mut s = 0; for i in 0..{d} {{ s += i * x[i]; }} s + sum(dense(x, 2 * {d})) + x[{d} - 1] / {d} }}"
        )
    };
    let free = format!("M(x: [D]) {}", body("D"));
    let tokens = free.parse().expect("tokens");
    let free = check(tokens, &sizes(&[("D", 3)]), None)
        .expect("a sound spec")
        .remove(0);
    let fixed = super::check(&format!("M(x: [3]) {}", body("3")));
    let x = [1.0, 2.0, -0.5];
    close(energy(&free.graph, &x), energy(&fixed.graph, &x));
}

#[test]
fn headers_are_told_without_sizes() {
    let found = declared(SPEC, "spec").expect("sound headers");
    let free = |name: &str| Axis::Free(name.to_string());
    let expected = [
        ("Free", vec![free("D")]),
        ("Fixed", vec![Axis::Fixed(4), Axis::Fixed(2)]),
        ("Grid", vec![free("N"), free("D"), free("N")]),
    ];
    let found: Vec<_> = found.into_iter().map(|d| (d.name, d.shape)).collect();
    assert_eq!(
        found,
        expected.map(|(name, shape)| (name.to_string(), shape))
    );
    assert!(
        declared("M(x: [3]) { sum(nothing) }", "spec").is_ok(),
        "bodies are not checked"
    );
    for (wrong, said) in [
        ("M(x: [0]) { sum(x) }", "this size is zero"),
        ("M(x: [2 * D]) { sum(x) }", "unknown name `D`"),
        ("M(x: [3]) { sum(x }", "Rust tokens"),
        ("M(x: [3]) { sum(x) + }", "expected a value"),
    ] {
        let message = declared(wrong, "spec").expect_err(wrong);
        assert!(
            message.starts_with("spec:1:") && message.contains(said),
            "{message}"
        );
    }
}

#[test]
fn one_model_of_several_is_compiled() {
    let source = "pub A(x: [D]) { norm_sq(x) } pub B(x: [E]) { sum(relu(x)) + norm_sq(x) } pub C(x: [2]) { sum(y) }";
    let one = |name: &str, given: &[(&str, usize)]| {
        compile_source(source, "spec", &sizes(given), Some(name))
    };
    let compiled = one("B", &[("E", 5)]).expect("B is sound");
    assert!(compiled.rust.contains("pub type B") && !compiled.rust.contains("pub type A"));
    assert_eq!(compiled.warnings.len(), 1);
    assert!(
        compiled.warnings[0].starts_with("spec:1:50: `relu`"),
        "{:?}",
        compiled.warnings
    );
    assert!(
        one("A", &[("D", 5)])
            .expect("A is sound")
            .warnings
            .is_empty()
    );
    let message = one("Z", &[]).expect_err("there is no Z");
    assert_eq!(
        message,
        "spec: there is no model `Z`; the models are `A`, `B`, `C`"
    );
    let message = one("A", &[("D", 2), ("E", 2)]).expect_err("E is a size of B");
    assert_eq!(
        message,
        "spec: no axis of an input has the size `E`; free are `D`"
    );
    assert!(
        one("C", &[])
            .expect_err("y is unknown")
            .contains("unknown name `y`")
    );
}

#[test]
fn a_size_that_is_not_known_is_one_error_at_its_token() {
    let message = refusal("M(x: [D]) { sum(dense(x, D)) + x[D - 1] }", &[]);
    assert_eq!(
        message,
        "spec:1:7: the size of `D` is not known here: write a number; `scorematch train` takes it from the data\n   \
         |\n 1 | M(x: [D]) { sum(dense(x, D)) + x[D - 1] }\n   |       ^"
    );
    assert_eq!(
        refusal("M(x: [N, N]) { sum(x) + N }", &[])
            .matches("not known")
            .count(),
        1
    );
    let two = refusal("M(x: [N, D]) { sum(x) + N }", &[]);
    assert_eq!(
        (
            two.matches("not known").count(),
            two.matches("no batch axis").count()
        ),
        (2, 1)
    );
    for (wrong, given, said) in [
        (
            "M(x: [D]) { sum(x) }",
            &[("D", 0)][..],
            "the size of `D` is 0",
        ),
        (
            "M(x: [D]) { const D = 3; sum(x) * D }",
            &[("D", 3)],
            "declared inside the model",
        ),
        (
            "M(x: [D]) { sum(x) }",
            &[("D", 3), ("H", 2)],
            "has the size `H`; free are `D`",
        ),
        (
            "M(x: [3]) { sum(x) }",
            &[("H", 2)],
            "all of them are numbers",
        ),
        (
            "const D = 3; M(x: [D]) { sum(x) }",
            &[("D", 3)],
            "all of them are numbers",
        ),
        (
            "M(x: [D]) { sum(x) }",
            &[("D", 1 << 31)],
            "the most is 2^30",
        ),
        ("M(x: [D]) { sum(x) + E }", &[("D", 3)], "unknown name `E`"),
        (
            "fn f(z) = z * D; M(x: [D]) { sum(f(x)) }",
            &[("D", 3)],
            "unknown name `D`",
        ),
        (
            "M(x: [sum]) { sum(x) }",
            &[],
            "this size must be an integer, found the function `sum`",
        ),
    ] {
        let message = refusal(wrong, given);
        assert!(message.contains(said), "{wrong}: {message}");
    }
    // The declaration that cannot be read may be that of the size.
    assert!(!refusal("const D = ; M(x: [D]) { sum(x) }", &[]).contains("not known"));
}
