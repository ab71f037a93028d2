//! What is too large, and constants that are no numbers: refused, at the token that is to blame.

use super::{check, texts};
use scorematch_compiler::spec::parse_and_check;
use scorematch_compiler::{Sizes, Stage, inspect};

/// The only message about a spec, with the text that it points at.
#[track_caller]
fn refusal(source: &str) -> (String, String) {
    let errors =
        parse_and_check(source.parse().expect("the spec is made of tokens")).expect_err(source);
    assert_eq!(errors.len(), 1, "{:?}", texts(&errors));
    let at = errors[0].span().source_text().expect("the text is there");
    (errors[0].to_string(), at)
}

#[track_caller]
fn refused(source: &str, token: &str, message: &str) {
    let (found, at) = refusal(source);
    assert!(at.starts_with(token), "at {at:?}: {found}");
    assert!(found.contains(message), "{found}");
}

fn doubled(first: &str, next: impl Fn(usize) -> String, count: usize) -> String {
    (0..count).fold(first.to_string(), |text, i| text + " " + &next(i))
}

#[test]
fn work_that_explodes_is_refused_at_its_token() {
    refused(
        "M(x: [100000, 3]) { let (a, b) = pairs(x); sum(sq(a - b)) }",
        "pairs",
        "the most is 2^30",
    );
    refused(
        "M(x: [1000, 3]) { let (a, b) = pairs(x); sum(sq(a - b)) }",
        "pairs",
        "999000 numbers",
    );
    let lists = doubled(
        "const A0 = [1, 2];",
        |i| format!("const A{} = [A{i}, A{i}];", i + 1),
        24,
    );
    refused(
        &format!("M(x: [2]) {{ {lists} sum(x * size(A24)) }}"),
        "[",
        "131072 entries",
    );
    let deep = doubled(
        "const A0 = [1];",
        |i| format!("const A{} = [A{i}];", i + 1),
        5000,
    );
    refused(
        &format!("M(x: [2]) {{ {deep} sum(x) }}"),
        "[",
        "nested deeper",
    );
    let functions = doubled(
        "fn f0(z) = z * z;",
        |i| format!("fn f{}(z) = f{i}(z) + f{i}(z);", i + 1),
        30,
    );
    refused(
        &format!("M(x: [2]) {{ {functions} sum(f30(x)) }}"),
        "f30",
        "evaluated expressions",
    );
    let tuples = doubled(
        "fn f0(z) = (z, z);",
        |i| format!("fn f{}(z) = f{i}((z, z));", i + 1),
        30,
    );
    refused(
        &format!("M(x: [2]) {{ {tuples} let (a, b) = f30(x); sum(a) }}"),
        "(",
        "entries",
    );
    refused(
        "M(x: [100000000]) { sum(relu(x)) }",
        "[",
        "every sample has its own",
    );
    refused(
        "M(x: [9]) { sum(dense(x, 100000000)) }",
        "dense",
        "every sample has its own",
    );
    let widths = vec!["1"; 3000].join(", ");
    refused(
        &format!("M(x: [2]) {{ mlp(x, [{widths}], tanh) }}"),
        "mlp",
        "2048 operations",
    );
    let list = vec!["0"; 70000].join(", ");
    refused(
        &format!("M(x: [2]) {{ sum(x[[{list}]]) }}"),
        "[",
        "70000 entries",
    );
    let nested = "for i in 0..60 { for j in 0..60 { e += sum(x[[0, 1]] * (i + j) * (i - j) * (i + 2 * j) * (1 + i * j) * (7 + i * j * 3) + i * j * i * j * i * j * i * j * i * j * i * j * i * j * i * j * i * j * i * j * i * j * i * j * i); } }";
    let (message, _) = refusal(&format!("M(x: [2]) {{ let mut e = 0; {nested} e }}"));
    assert!(message.contains("beyond"), "{message}");
    refused(
        "M(x: [4294967295, 4294967295]) { sum(x) }",
        "[",
        "the most is 2^30",
    );
    refused(
        "M(x: [2]) { param w: [4294967295, 4294967295, 4294967295]; sum(x) * sum(w) }",
        "w",
        "the most is 2^30",
    );
    refused(
        "M(x: [2]) { sum(reshape(x, [4294967296, 4294967296, 4294967296])) }",
        "reshape",
        "the most is 2^30",
    );
}

fn couplings(layers: usize) -> String {
    format!(
        "M(x: [6]) {{ let (mut a, mut b) = (x[..3], x[3..]); for i in 0..{layers} {{ \
         let shift = dense(softplus(dense(a, 16) as \"c{{i}}.0\"), 3) as \"c{{i}}.1\"; (a, b) = (b + shift, a); }} \
         0.5 * norm_sq(concat(a, b)) }}"
    )
}

fn parameters(count: usize) -> String {
    let declared: String = (0..count).map(|i| format!("param p{i}: [4]; ")).collect();
    let terms: String = (0..count).map(|i| format!("e += dot(p{i}, x); ")).collect();
    format!("M(x: [4]) {{ {declared} let mut e = 0; {terms} e }}")
}

#[test]
fn graphs_have_a_limit_and_what_is_below_compiles() {
    refused(&couplings(512), "", "2048 operations");
    refused(&parameters(3000), "", "2048 operations");
    for source in [couplings(100), parameters(500)] {
        let text =
            inspect(&source, "spec", Stage::Rust, &Sizes::new()).unwrap_or_else(|e| panic!("{e}"));
        assert!(text.contains("enum MSpec"));
    }
}

/// Sizes are numbers in the compiler's hands, never arrays.
#[test]
fn memory_does_not_grow_with_sizes() {
    for source in [
        "M(x: [16777216]) { sum(x) }",
        "M(x: [16777216]) { sum(relu(x)) }",
        "M(x: [8388608]) { param w: [8388608]; sum(w * tanh(concat(x, w))[..8388608]) }",
        "M(x: [4096, 4096]) { sum(tanh(transpose(x)[..9])) + sum(x[7]) }",
    ] {
        let text =
            inspect(source, "spec", Stage::Rust, &Sizes::new()).unwrap_or_else(|e| panic!("{e}"));
        assert!(text.len() < 1 << 20, "{} bytes of {source}", text.len());
    }
}

#[test]
fn constants_are_finite_and_fit_float32() {
    for (formula, token) in [
        ("1e308 * 10 * sum(x)", "1e308"),
        ("sum(log1p(1e308 * sq(dot(w, x))))", "1e308"),
        ("sum(1e30 * (1e30 * x))", "1e30"),
        ("sum(1e39 * x)", "1e39"),
        ("sum(x + log(0))", "log"),
        ("sum(x / log(1))", "log"),
        ("sum(x * exp(1000))", "exp"),
        ("sum(x * pow(0, -1))", "pow"),
        ("sum(x * pow(-2, 0.5))", "pow"),
        ("sum(pow(3e10 * x, 5))", "pow"),
        ("sum(x * [1, 1e300])", "["),
        ("sum(x * (1 / 0))", "0"),
        ("sum(x - 1e308 - 1e308)", "x"),
    ] {
        let source = format!(
            "M(x: [2]) {{ param _w: [3, 2]; {} }}",
            formula.replace("w,", "_w,")
        );
        let (message, at) = refusal(&source);
        assert!(at.starts_with(token), "{formula}: at {at:?}: {message}");
    }
    for start in [
        "normal(1e308 * 10)",
        "constant(1e39)",
        "uniform(1e200)",
        "constant(log(0))",
    ] {
        refusal(&format!(
            "M(x: [2]) {{ param w: [2] = {start}; dot(w, x) }}"
        ));
    }
    // As a number it may be large on its way.
    check("M(x: [2]) { const A = 1e300; sum(x * (A / 1e299)) }");
}

/// What only derivatives make too large is said at the model's name.
#[test]
fn constants_of_derivatives_are_refused_too() {
    for formula in [
        "sum(pow(x, 1e25))",
        "sum(log1p(1e30 * sq(x)))",
        "sum(sq(sin(1e30 * x)))",
    ] {
        let message = inspect(
            &format!("Large(x: [2]) {{ {formula} }}"),
            "spec",
            Stage::Rust,
            &Sizes::new(),
        )
        .expect_err(formula);
        assert!(message.contains("spec:1:1: derivatives"), "{message}");
    }
}
