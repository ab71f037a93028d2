//! Small specs and what becomes of them, checked in under `golden/` and compared to the letter.
//!
//! A change of a pass, of planning or of emission shows here as the text that it changes. Where the change is meant,
//! `UPDATE_GOLDEN=1 cargo test -p scorematch-compiler --test golden` writes the texts anew, and the diff is reviewed
//! with the change.

use scorematch_compiler::diff::Program;
use scorematch_compiler::emit::rust;
use scorematch_compiler::ir::print;
use scorematch_compiler::lower::{self, Target, lower};
use scorematch_compiler::objectives;
use scorematch_compiler::spec::parse_and_check;
use scorematch_compiler::{Sizes, plan, plan_model, program, torch_module};
use std::path::{Path, PathBuf};

/// The specs, each with the programs that are kept of it: all nine would be too long to review.
const SPECS: [(&str, [Program; 2]); 3] = [
    (
        "harmonic",
        [Program::Laplacian, Program::Loss(&objectives::ESM)],
    ),
    (
        "network",
        [Program::Energy, Program::Loss(&objectives::ESM)],
    ),
    ("rows", [Program::Score, Program::Loss(&objectives::DSM)]),
];

/// The stages that are kept, by file ending.
const STAGES: [&str; 6] = ["ir", "opt", "plan", "lower", "rs", "py"];

/// The spec whose emitted text is kept: emission prints the lowered form, and one example shows how.
const EMITTED: &str = "harmonic";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The texts of a spec, in the order of [`STAGES`].
fn texts(source: &str, kept: &[Program]) -> [String; 6] {
    let tokens = source.parse().expect("the spec is made of tokens");
    let model = parse_and_check(tokens)
        .expect("the spec has no mistakes")
        .remove(0);
    let mut planned = plan_model(&model).expect("its constants fit float32");
    planned.programs.retain(|(p, _)| kept.contains(p));
    let mut opt = String::new();
    let mut plans = String::new();
    let mut lowered = String::new();
    for (p, plan) in &planned.programs {
        opt.push_str(&format!(
            "{}\n{}\n",
            p.name(),
            print(&program(&model.graph, *p))
        ));
        plans.push_str(&format!("{}\n{}\n", p.name(), plan::print(plan)));
        let program = lower(plan, &Target::CPU);
        lowered.push_str(&format!("{}\n{}\n", p.name(), lower::print(&program)));
    }
    let name = model.name.to_string();
    let module = torch_module(source, "golden", &Sizes::new(), &name, None);
    let python = module.expect("the spec has no mistakes");
    let rust = rust(&[planned]);
    [print(&model.graph), opt, plans, lowered, rust, python]
}

#[test]
fn specs_become_what_they_became() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some_and(|v| v == "1");
    let mut changed = Vec::new();
    for (name, kept) in SPECS {
        let path = |ending: &str| folder().join(format!("{name}.{ending}"));
        let source = std::fs::read_to_string(path("energy")).expect("the spec file is there");
        for (ending, found) in STAGES.into_iter().zip(texts(&source, &kept)) {
            if ending == "rs" && name != EMITTED {
                continue;
            }
            let file = path(ending);
            if update {
                std::fs::write(&file, &found).expect("the golden folder can be written");
                continue;
            }
            // A checkout may have changed line ends.
            let kept = std::fs::read_to_string(&file)
                .unwrap_or_default()
                .replace("\r\n", "\n");
            if kept != found {
                changed.push(difference(&file, &kept, &found));
            }
        }
    }
    assert!(
        changed.is_empty(),
        "{}\nIf this is meant: UPDATE_GOLDEN=1 cargo test -p scorematch-compiler --test golden",
        changed.join("\n")
    );
}

/// The first lines that differ, with what stands before them, and how much differs in all.
fn difference(file: &Path, kept: &str, found: &str) -> String {
    const BEFORE: usize = 3;
    const SHOWN: usize = 8;
    let (kept, found): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), found.lines().collect());
    let first = kept.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let tail = kept[first..].iter().rev().zip(found[first..].iter().rev());
    let same_end = tail.take_while(|(a, b)| a == b).count();
    let name = file
        .file_name()
        .expect("golden files have names")
        .to_string_lossy();
    let mut text = format!(
        "{name}, line {}: {} lines become {}\n",
        first + 1,
        kept.len() - first - same_end,
        found.len() - first - same_end
    );
    for line in &kept[first.saturating_sub(BEFORE)..first] {
        text.push_str(&format!("  {line}\n"));
    }
    for (sign, lines) in [('-', &kept), ('+', &found)] {
        for line in lines[first..lines.len() - same_end].iter().take(SHOWN) {
            text.push_str(&format!("{sign} {line}\n"));
        }
    }
    text
}

/// No file is kept that nothing compares.
#[test]
fn every_file_is_compared() {
    for entry in std::fs::read_dir(folder()).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let part =
            |p: Option<&std::ffi::OsStr>| p.unwrap_or_default().to_string_lossy().into_owned();
        let (name, ending) = (part(path.file_stem()), part(path.extension()));
        assert!(SPECS.iter().any(|s| s.0 == name), "{name}");
        let stage = STAGES.contains(&ending.as_str()) && (ending != "rs" || name == EMITTED);
        assert!(ending == "energy" || stage, "{name}.{ending}");
    }
}

#[test]
fn differences_name_the_first_line() {
    let text = difference(Path::new("golden/a.rs"), "a\nb\nc\nd\n", "a\nb\nx\ny\nd\n");
    assert_eq!(
        text,
        "a.rs, line 3: 1 lines become 2\n  a\n  b\n- c\n+ x\n+ y\n"
    );
    assert!(difference(Path::new("a.rs"), "", "x\n").starts_with("a.rs, line 1: 0 lines become 1"));
}
