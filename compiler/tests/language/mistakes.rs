//! Mistakes and doubtful specs: how many messages there are, and that no text makes the front end panic.
//! What the messages say is held by the files in `tests/ui`.

use super::{check, texts};
use scorematch_compiler::spec::parse_and_check;

fn refusals(source: &str) -> Vec<String> {
    texts(&parse_and_check(source.parse().expect("the spec is made of tokens")).expect_err(source))
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
fn a_syntax_error_is_one_message_wherever_it_stands() {
    for source in [
        "M(x: [2]) { let mut e = 0; for i in 0..4 { e += sum(x) +; } e }",
        "M(x: [2]) { let mut e = 0; for i in 0..4 { e[0] = sum(x); } e }",
        "M(x: [2]) { let mut e = 0; for i = 0..4 { e += sum(x); } e }",
        "M(x: [2]) { let mut e = 0; for i in 0..4 { for j in 0..2 { e += sum(x) sum(x); } } e }",
        "M(x: [2]) { let mut e = 0; for i in range(4) { e += sum(x); } e }",
        "M(x: [2]) { let mut e = 0; for i in 0..nothing { e += sum(x); } e }",
        "M(x: [2]) { fn f(z) { let h = 3 +; h * z } sum(f(x)) }",
        "M(x: [2]) { net f(z) { param w: [2] = ; dot(w, z) } f(x) }",
        "M(x: [2]) { let h = tanh(x); let k = h + ; sum(k) }",
        "M(x: [2]) { param w: [2]; let k = w + ; 3 }",
        "M(x: [2]) { let k = x x; k }",
    ] {
        assert_eq!(
            refusals(source).len(),
            1,
            "{source}: {:?}",
            refusals(source)
        );
    }
}

/// What people write who come from PyTorch, JAX or NumPy, and a part of the cure.
#[test]
fn habits_of_other_libraries_get_a_cure() {
    for (formula, cure) in [
        ("min(x)", "-logsumexp(-k * a) / k"),
        ("max(x)", "logsumexp(k * a) / k"),
        ("maximum(x, 0)", "softplus"),
        ("sum(sign(x))", "tanh(k * z)"),
        ("sum(normalize(x))", "sqrt(norm_sq(x) + 1e-12)"),
        ("sum(cosh(x))", "0.5 * (exp(z) + exp(-z))"),
        ("norm(x)", "sqrt(norm_sq(a) + 1e-12)"),
        ("sum(clamp(x, 0, 1))", "sigmoid(z)"),
        ("sum(relu6(x))", "softplus"),
        ("sum(elu(x))", "softplus"),
        ("sum(where(x, 1, 2))", "blend"),
        ("sum(conv2d(x, x))", "gather"),
        ("sum(einsum(x, x))", "dot(a, b)"),
        ("matmul(x, x)", "did you mean `dot`"),
        ("sum(linear(x, 3))", "did you mean `dense`"),
        ("sum(Linear(x, 3))", "did you mean `dense`"),
        ("sum(zeros([10]) + x)", "write `0`"),
        ("sum(ones([10]) + x)", "write `1`"),
        ("sum(x.T)", "write `transpose(x)`"),
        ("x.sum()", "write `sum(x, …)`"),
        ("torch.sum(x)", "write `sum(a, …)`"),
        ("sum(torch.nn.functional.silu(x))", "write `silu(a, …)`"),
        ("np.pi * sum(x)", "write `PI`"),
        ("pi * sum(x)", "did you mean `PI`"),
        ("sum(x, axis = 0, keep = True)", "`true`"),
        ("sum(x, axis = None)", "leave the option"),
        ("sum(x[::2])", "x[[0, 2, 4]]"),
        ("sum(x[0:2])", "dots"),
        ("sum(x[:2])", "dots"),
        ("sum(x @ x)", "dot(a, b)"),
        ("sum(x ** 2)", "pow(a, 3)"),
        ("if x { 1 } else { 2 }", "sigmoid"),
        ("return sum(x);", "is the value"),
    ] {
        let found = refusals(&format!("M(x: [2]) {{ {formula} }}"));
        assert!(
            found.len() == 1 && found[0].contains(cure),
            "{formula}: {found:?}"
        );
    }
    let batch = refusals("M(x: [B, 10]) { sum(x) }");
    assert!(
        batch.len() == 1 && batch[0].contains("no batch axis"),
        "{batch:?}"
    );
    let two = refusals("M(x: [2], y: [3]) { sum(x) }");
    assert!(
        two.len() == 1 && two[0].contains("differentiate in all of them"),
        "{two:?}"
    );
}

#[test]
fn names_of_parameters_are_what_checkpoints_hold() {
    for declared in [
        "param __metadata__: [2]; dot(__metadata__, x)",
        "param w: [2] as \"__metadata__\"; dot(w, x)",
        "param w: [2] as \"\"; dot(w, x)",
        "param w: [2] as \"a b\"; dot(w, x)",
        "param w: [2] as \"a\\\"b\"; dot(w, x)",
        "param w: [2] as \"a\\nb\"; dot(w, x)",
        "param w: [2] as \"a..b\"; dot(w, x)",
        "net f(z) as \"\" = dense(z, 1); f(x)",
    ] {
        assert_eq!(
            refusals(&format!("M(x: [2]) {{ {declared} }}")).len(),
            1,
            "{declared}"
        );
    }
    let long = "a".repeat(300);
    assert!(
        refusals(&format!(
            "M(x: [2]) {{ param {long}: [2]; dot({long}, x) }}"
        ))[0]
            .contains("too long")
    );
    check("M(x: [2]) { net __metadata__(z) = dense(z, 1); __metadata__(x) }");
}

#[test]
fn a_parameter_with_an_underscore_need_not_be_used() {
    check("M(x: [2]) { param _w: [2]; sum(x) }");
    check("M(x: [2]) { param _w: [2] as \"w\"; let _h = tanh(_w); sum(x) }");
    check("M(x: [2]) { net f(z) { param _w: [2]; sum(z) } f(x) }");
    assert_eq!(refusals("M(x: [2]) { param w: [2]; sum(x) }").len(), 1);
}

#[test]
fn deep_specs_do_not_overflow_the_stack() {
    let mut functions = String::from("fn f0(z) = z + 1; ");
    (1..400).for_each(|i| functions.push_str(&format!("fn f{i}(z) = (f{}(z)); ", i - 1)));
    assert!(
        refusals(&format!("M(x: [2]) {{ {functions} sum(f399(x)) }}"))[0].contains("nested deeper")
    );
    let chain = vec!["x"; 5000].join(" + ");
    assert!(refusals(&format!("M(x: [2]) {{ sum({chain}) }}"))[0].contains("in a row"));
    let leaning = "(".repeat(48) + "y" + &(" - 1".repeat(99) + ")").repeat(48);
    assert!(refusals(&format!("M(x: [2]) {{ sum({leaning}) }}"))[0].contains("nested deeper"));
    let open = "sum(".repeat(3000) + "x" + &")".repeat(3000);
    assert!(refusals(&format!("M(x: [2]) {{ {open} }}"))[0].contains("nested deeper"));
    let lets = "let h = tanh(h + 1); ".repeat(2000);
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
