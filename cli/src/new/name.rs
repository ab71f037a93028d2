//! Names of crates: what cargo and Rust take, checked before anything is written.

use anyhow::{Result, ensure};

/// Words that a crate cannot be called: those of the language, and crates that every crate or this one names.
const TAKEN: [&str; 59] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "ndarray",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "rand",
    "ref",
    "return",
    "scorematch",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// As long as names on crates.io may be.
const LONGEST: usize = 64;

/// The crate's name in Rust.
///
/// # Errors
/// The name is none of a crate.
pub(super) fn library(name: &str) -> Result<String> {
    let library = name.replace('-', "_");
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    ensure!(
        !name.is_empty()
            && name.len() <= LONGEST
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && library.chars().all(is_letter),
        "{name:?} is no name of a crate: write a letter first, then letters, digits, - and _, {LONGEST} at most, as my-model"
    );
    ensure!(
        !TAKEN.contains(&library.as_str()),
        "a crate cannot be called {name}: Rust or a crate has this name; add a word, as {name}-model"
    );
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_crates() {
        assert_eq!(library("my-model").unwrap(), "my_model");
        assert_eq!(library("Rings2_a").unwrap(), "Rings2_a");
        for name in [
            "",
            "2d",
            "_a",
            "-a",
            "a b",
            "a/b",
            "..",
            "größe",
            "a\n",
            &"a".repeat(65),
        ] {
            let message = library(name).unwrap_err().to_string();
            assert!(message.contains("as my-model"), "{message}");
        }
        for name in TAKEN {
            let message = library(name).unwrap_err().to_string();
            assert!(message.contains(&format!("as {name}-model")), "{message}");
        }
    }
}
