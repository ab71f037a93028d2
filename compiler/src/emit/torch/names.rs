//! Python names of classes and values.

use std::collections::HashSet;

/// Keywords, and what the emitted file uses under these names.
const RESERVED: &[&str] = &[
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "ValueError",
    "dict",
    "functional",
    "list",
    "p",
    "range",
    "self",
    "super",
    "torch",
    "x",
];

/// The name of the class of a model.
pub(super) fn class(model: &str) -> String {
    match python(model) {
        Some(name) if !name.starts_with('_') => name,
        Some(name) => format!("Model{name}"),
        None => "Model".to_string(),
    }
}

/// A name as a Python name that is not reserved; `None` where it has other letters than those of ASCII.
fn python(name: &str) -> Option<String> {
    let name = name.strip_prefix("r#").unwrap_or(name);
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    match RESERVED.contains(&name) {
        true => Some(format!("{name}_")),
        false => Some(name.to_string()),
    }
}

/// Names of the values of one function, each given once.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// The name that a spec gives the value, or that and a number. Where Python cannot have it, the number of the node.
    pub(super) fn of(&mut self, hint: &str, node: u32) -> String {
        let name = python(hint).filter(|name| !name.starts_with('_'));
        self.unique(&name.unwrap_or_else(|| format!("v{node}")))
    }

    /// The name, or that and a number.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let mut found = name.to_string();
        let mut next = 2;
        while !self.taken.insert(found.clone()) {
            found = format!("{name}_{next}");
            next += 1;
        }
        found
    }
}
