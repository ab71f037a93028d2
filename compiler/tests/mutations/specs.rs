//! The specs that are changed: those of the fixtures, of the command line and of the golden files, and the small ones that
//! the tests of the language consist of.

use std::fs;
use std::path::Path;

use scorematch_compiler::{Sizes, compile_source};

const FOLDERS: [&str; 4] = [
    "../tests/specs",
    "../cli/specs",
    "../tests/families",
    "tests/golden",
];

/// All of them, in an order that is always the same.
pub(crate) fn all() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut specs = Vec::new();
    for folder in FOLDERS {
        for file in files(&root.join(folder), "energy") {
            specs.push(file);
        }
    }
    assert!(specs.len() > 25, "{} spec files", specs.len());
    for source in files(&root.join("tests/language"), "rs") {
        specs.extend(quoted(&source));
    }
    assert!(specs.len() > 250, "{} specs", specs.len());
    // Of those that mean nothing without a change, few do with one.
    let mut mistaken = 0;
    specs.retain(|source| {
        let sound = compile_source(source, "spec", &Sizes::from([("D".to_owned(), 3)]), None)
            .is_ok()
            || compile_source(source, "spec", &Sizes::new(), None).is_ok();
        mistaken += u32::from(!sound);
        sound || mistaken % 8 == 0
    });
    assert!(specs.len() > 60, "{} specs", specs.len());
    specs
}

/// The texts of the files with an extension.
fn files(folder: &Path, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    let read = |path| fs::read_to_string(path).expect("the file can be read");
    paths.into_iter().map(read).collect()
}

/// The specs and the formulas in the literals of a Rust file. Of a text with places to fill in, they are left as they are.
fn quoted(source: &str) -> Vec<String> {
    let mut specs = Vec::new();
    for literal in literals(source) {
        let plain = literal.replace("{{", "{").replace("}}", "}");
        let plain = plain.replace("\\\"", "\"").replace("\\\n", "");
        match plain.starts_with("M(") {
            true => specs.push(plain),
            false if plain.contains('(') && plain.contains(')') => {
                specs.push(format!("M(x: [2]) {{ param w: [2]; dot(w, x) + {plain} }}"))
            }
            false => {}
        }
    }
    specs
}

/// What stands between quotation marks.
fn literals(source: &str) -> Vec<&str> {
    let (mut found, mut start, mut escaped) = (Vec::new(), None, false);
    for (at, character) in source.char_indices() {
        match character {
            '"' if !escaped => match start.take() {
                Some(start) => found.push(&source[start..at]),
                None => start = Some(at + 1),
            },
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    found
}
