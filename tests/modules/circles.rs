//! Which source files import which, read off their text.
//!
//! An import is a path from `crate`, `super`, `self` or a child module, in a `use` or in the code. It leads to the file that
//! declares what is named, through re-exports. A file that re-exports what a file of its own folder declares does not
//! import it. Code under `#[cfg(test)]` counts as little as comments.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A module, by the names from the root of its crate; the root has none.
type Module = Vec<String>;

/// The source files of a crate.
struct Files {
    /// The code of each.
    code: BTreeMap<Module, String>,
    /// What it names by `use`: whether it exports that, and its path.
    uses: BTreeMap<Module, Vec<(bool, Vec<String>)>>,
}

/// A circle of imports in the crate whose sources are in `root`, if there is one: files, each of which imports the next.
pub(crate) fn circle(root: &Path, files: &[std::path::PathBuf]) -> Option<String> {
    let files = Files::read(root, files);
    let edges: BTreeMap<&Module, Vec<Module>> = files
        .code
        .keys()
        .map(|module| (module, files.imports(module)))
        .collect();
    let mut done = Vec::new();
    for module in edges.keys() {
        let mut path = Vec::new();
        if walk(module, &edges, &mut path, &mut done) {
            let names: Vec<String> = path.iter().map(|module| module.join("::")).collect();
            return Some(names.join(" imports "));
        }
    }
    None
}

/// Whether a circle is reached from `module`; `path` is it then.
fn walk(
    module: &Module,
    edges: &BTreeMap<&Module, Vec<Module>>,
    path: &mut Vec<Module>,
    done: &mut Vec<Module>,
) -> bool {
    if done.contains(module) {
        return false;
    }
    if let Some(start) = path.iter().position(|other| other == module) {
        path.drain(..start);
        path.push(module.clone());
        return true;
    }
    path.push(module.clone());
    for next in &edges[module] {
        if walk(next, edges, path, done) {
            return true;
        }
    }
    path.pop();
    done.push(module.clone());
    false
}

impl Files {
    fn read(root: &Path, files: &[std::path::PathBuf]) -> Self {
        let mut code = BTreeMap::new();
        for file in files {
            let relative = file.strip_prefix(root).expect("a file of the crate");
            let mut module: Module = relative
                .with_extension("")
                .iter()
                .map(|name| name.to_string_lossy().into_owned())
                .collect();
            if module
                .last()
                .is_some_and(|name| name == "mod" || name == "lib")
            {
                module.pop();
            }
            code.insert(module, code_of(file));
        }
        let uses = code.iter().map(|(module, code)| {
            let trees = statements(code);
            let paths = trees.iter().flat_map(|(exports, tree)| {
                let paths = expand(tree).into_iter();
                paths.map(|path| (*exports, path))
            });
            (module.clone(), paths.collect())
        });
        let uses = uses.collect();
        Files { code, uses }
    }

    /// The files that a file imports.
    fn imports(&self, module: &Module) -> Vec<Module> {
        let own = |path: &[String]| self.code.contains_key(&child(module, &path[0]));
        let used = self.uses[module]
            .iter()
            .filter(|(exports, path)| !(*exports && (own(path) || path[0] == "self")));
        let mut paths: Vec<Vec<String>> = used.map(|(_, path)| path.clone()).collect();
        paths.extend(paths_in_code(&self.code[module]));
        let mut imports: Vec<Module> = paths
            .iter()
            .filter_map(|path| self.resolve(module, path, 0))
            .filter(|found| found != module && !found.is_empty())
            .collect();
        imports.sort();
        imports.dedup();
        imports
    }

    /// The file that declares what a path names, as seen from `module`; `None` outside the crate.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Option<Module> {
        assert!(depth < 20, "{path:?} of {module:?} is exported in a circle");
        let (mut at, mut rest) = match path[0].as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (module.clone(), &path[1..]),
            "super" => (module.clone(), path),
            name if self.code.contains_key(&child(module, name)) => (module.clone(), path),
            _ => return None,
        };
        while rest.first().is_some_and(|name| name == "super") {
            at.pop();
            rest = &rest[1..];
        }
        while let Some(name) = rest.first() {
            let inner = child(&at, name);
            if self.code.contains_key(&inner) {
                at = inner;
                rest = &rest[1..];
                continue;
            }
            let exported = self.uses.get(&at)?.iter().find(|(_, path)| {
                path.last() == Some(name) && (path.len() > 1 || path[0] != *name)
            });
            let Some((_, path)) = exported else {
                break;
            };
            let path = [path, &rest[1..]].concat();
            return self.resolve(&at, &path, depth + 1).or(Some(at));
        }
        Some(at)
    }
}

fn child(module: &Module, name: &str) -> Module {
    let mut child = module.clone();
    child.push(name.to_owned());
    child
}

/// A file without comments and without what only tests compile.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "#[cfg(test)]" {
            code += line.split("//").next().unwrap_or_default();
            code.push('\n');
            continue;
        }
        // An item on one line, or up to the brace that closes it.
        if lines.next().is_some_and(|line| line.ends_with('{')) {
            lines.by_ref().find(|line| *line == "}");
        }
    }
    code
}

/// The trees of all `use` items, and whether they export.
fn statements(code: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    for item in code.split(';') {
        let item = item.trim_start();
        // Attributes, and the end of what is before.
        let Some(line) = item.lines().position(|line| {
            let line = line.trim_start();
            line.starts_with("use ") || line.starts_with("pub") && line.contains(" use ")
        }) else {
            continue;
        };
        let item: Vec<&str> = item.lines().skip(line).collect();
        let item = item.join(" ");
        let (before, tree) = item.split_once("use ").expect("a use");
        found.push((before.contains("pub"), tree.to_owned()));
    }
    found
}

/// The paths of a tree, `a::{b, c::d}`.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let segments = |text: &str| -> Vec<String> {
        let names = text.split("::").map(|name| name.trim().to_owned());
        names.filter(|name| !name.is_empty()).collect()
    };
    let Some((before, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        let mut path = segments(path);
        if path.len() > 1
            && path
                .last()
                .is_some_and(|name| name == "self" || name == "*")
        {
            path.pop();
        }
        return if path.is_empty() {
            Vec::new()
        } else {
            vec![path]
        };
    };
    let before = segments(before);
    let group = group.trim_end().strip_suffix('}').expect("a closed group");
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().expect("a part").push(c);
            }
        }
    }
    let paths = parts.iter().filter(|part| !part.trim().is_empty());
    let paths = paths.flat_map(|part| {
        if part.trim() == "self" {
            return vec![before.clone()];
        }
        let inner = expand(part).into_iter();
        inner.map(|path| [before.clone(), path].concat()).collect()
    });
    paths.collect()
}

/// The paths from `crate`, `super` and `self` outside of `use` items.
fn paths_in_code(code: &str) -> Vec<Vec<String>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let words = code.split(|c: char| !is_name(c) && c != ':');
    words
        .filter_map(|word| {
            let path: Vec<String> = word.split("::").map(str::to_owned).collect();
            let whole = path.len() > 1 && path.iter().all(|name| !name.is_empty());
            let ours = ["crate", "super", "self"].contains(&path[0].as_str());
            (whole && ours).then_some(path)
        })
        .collect()
}

/// The check finds what it is for.
#[test]
fn circles_are_found_and_exports_are_none() {
    let folder = std::env::temp_dir().join(format!("scorematch-circles-{}", std::process::id()));
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(&file, text).expect("a file");
        file
    };
    let mut files = vec![
        write("lib.rs", "mod a;\nmod b;\npub use a::Kind;\n"),
        write(
            "a/mod.rs",
            "mod kind;\npub use kind::Kind;\npub struct Base;\n",
        ),
        write("a/kind.rs", "use super::Base;\npub struct Kind(Base);\n"),
        write(
            "b.rs",
            "use crate::{a::{Base, self}};\n// use crate::c::C;\n#[cfg(test)]\nuse crate::c::C;\n",
        ),
        write("c.rs", "fn f() -> crate::b::B { todo!() }\n"),
    ];
    assert_eq!(circle(&folder, &files), None);
    files.push(write("b.rs", "use crate::a::Base;\nuse crate::c::C;\n"));
    assert_eq!(
        circle(&folder, &files).as_deref(),
        Some("b imports c imports b")
    );
    fs::remove_dir_all(&folder).expect("the folder was made");
}
