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
