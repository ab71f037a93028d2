//! Crates depend on earlier crates only, and modules import earlier modules only; read off manifests and sources.

#[path = "modules/circles.rs"]
mod circles;

use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)
        .expect("a source folder")
        .map(|e| e.expect("an entry").path())
    {
        if entry.is_dir() {
            found.extend(sources(&entry));
        } else if entry.extension().is_some_and(|e| e == "rs") {
            found.push(entry);
        }
    }
    found.sort();
    found
}

/// Names of `crate::NAME` in a file, comments left out.
fn imports(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a source file");
    let code: Vec<&str> = text
        .lines()
        .map(|l| l.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => group
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .map(str::to_string)
                .collect(),
            None => vec![rest.to_string()],
        })
        .map(|name| {
            name.trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether only tests compile a file.
fn is_test(file: &Path) -> bool {
    let names = ["tests", "tests.rs", "testing.rs"];
    file.iter()
        .any(|part| names.iter().any(|name| part == *name))
}

/// Files of `module` that import a module that is not in `allowed`, out of `modules`.
fn trespasses(base: &Path, module: &str, modules: &[&str], allowed: &[&str]) -> Vec<String> {
    let (dir, file) = (base.join(module), base.join(format!("{module}.rs")));
    let mut files = if dir.is_dir() {
        sources(&dir)
    } else {
        Vec::new()
    };
    files.extend(file.is_file().then_some(file));
    files.retain(|file| !is_test(file.strip_prefix(base).expect("a file of the module")));
    assert!(!files.is_empty(), "{module} has files");
    let mut wrong = Vec::new();
    for file in files {
        for name in imports(&file) {
            if modules.contains(&name.as_str())
                && name != module
                && !allowed.contains(&name.as_str())
            {
                wrong.push(format!("{} imports {name}", file.display()));
            }
        }
    }
    wrong
}

#[test]
fn compiler_modules_import_earlier_modules_only() {
    let modules = [
        "ir", "spec", "diff", "opt", "plan", "lower", "emit", "driver",
    ];
    let allowed: [(&str, &[&str]); 7] = [
        ("ir", &[]),
        ("spec", &["ir"]),
        ("diff", &["ir"]),
        ("opt", &["ir"]),
        ("plan", &["ir"]),
        ("lower", &["ir", "plan"]),
        // Only the name of a program, for the item that implements it.
        ("emit", &["ir", "plan", "lower", "diff"]),
    ];
    let wrong: Vec<String> = allowed
        .iter()
        .flat_map(|(module, allowed)| {
            trespasses(&root().join("compiler/src"), module, &modules, allowed)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_front_end_reads_syntax() {
    for module in ["ir", "diff", "opt", "plan", "lower", "emit"] {
        for file in sources(&root().join("compiler/src").join(module)) {
            let text = fs::read_to_string(&file).expect("a source file");
            assert!(!text.contains("syn::"), "{} reads syntax", file.display());
        }
    }
}

#[test]
fn only_the_planner_and_what_precedes_it_know_no_target() {
    for module in ["ir", "diff", "opt", "plan"] {
        for file in sources(&root().join("compiler/src").join(module)) {
            let text = fs::read_to_string(&file)
                .expect("a source file")
                .to_lowercase();
            assert!(
                !text.contains("cuda"),
                "{} asks for a target",
                file.display()
            );
        }
    }
}

#[test]
fn kernels_import_earlier_modules_only() {
    let modules = ["simd", "pool", "panel", "cuda"];
    let allowed: [(&str, &[&str]); 4] = [
        // Its vectors name the calls that are compiled once for each of them.
        ("simd", &["panel"]),
        ("pool", &["simd"]),
        ("panel", &["simd", "pool"]),
        ("cuda", &[]),
    ];
    let wrong: Vec<String> = allowed
        .iter()
        .flat_map(|(module, allowed)| {
            trespasses(&root().join("kernels/src"), module, &modules, allowed)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The modules of the runtime in their order, but for `data` and `error`: errors tell of data, and data gives errors.
#[test]
fn runtime_modules_import_earlier_modules_only() {
    let modules = [
        "instances",
        "number",
        "setting",
        "whole_file",
        "buffer",
        "optimizer",
        "directions",
        "program",
        "objective",
        "statements",
        "backend",
        "environment",
        "device",
        "model",
        "sample",
        "checkpoint",
        "train",
        "diagnostics",
        "prelude",
        "private",
    ];
    let wrong: Vec<String> = modules
        .iter()
        .enumerate()
        .flat_map(|(place, module)| {
            trespasses(&root().join("src"), module, &modules, &modules[..place])
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_of_the_runtime_import_each_other() {
    let mut files = sources(&root().join("src"));
    files.retain(|file| !is_test(file.strip_prefix(root()).expect("a file of the repository")));
    let circle = circles::circle(&root().join("src"), &files);
    assert_eq!(circle, None);
}

/// Which build it is, is known where the backend is chosen, in the backend itself, and where its public items are named.
#[test]
fn only_the_backend_asks_for_the_feature_cuda() {
    for file in sources(&root().join("src")) {
        let text = fs::read_to_string(&file).expect("a source file");
        let path = file
            .strip_prefix(root().join("src"))
            .expect("a source of the runtime");
        let allowed = ["lib.rs", "backend/mod.rs"]
            .iter()
            .any(|file| path == Path::new(file));
        let asked = |feature: &str| text.contains(&format!("feature = \"{feature}\""));
        assert!(
            allowed || !asked("cuda"),
            "{} asks for the feature cuda",
            file.display()
        );
        let in_backend = path.starts_with("backend/cuda");
        assert!(
            in_backend || !asked("nccl"),
            "{} asks for the feature nccl",
            file.display()
        );
    }
}

/// Crates depend one way: kernels and objectives, runtime, runs, command line; objectives, compiler, macros. Only tests may look the other way.
#[test]
fn crates_depend_on_earlier_ones_only() {
    let allowed: [(&str, &[&str]); 7] = [
        ("kernels", &[]),
        ("objectives", &[]),
        ("compiler", &["objectives"]),
        ("macros", &["compiler"]),
        (".", &["kernels", "macros", "objectives"]),
        ("runs", &[""]),
        ("cli", &["", "compiler", "runs"]),
    ];
    for (folder, allowed) in allowed {
        let manifest = root().join(folder).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a manifest");
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let is_ours = section.ends_with("dependencies]") && section != "[dev-dependencies]";
            let Some(name) = line.split(" =").next().filter(|_| is_ours) else {
                continue;
            };
            let Some(rest) = name.strip_prefix("scorematch") else {
                continue;
            };
            let other = rest.trim_start_matches('-');
            assert!(
                allowed.contains(&other),
                "{}: {section} has {name}",
                manifest.display()
            );
        }
    }
}
