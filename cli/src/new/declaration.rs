//! A spec file as it stands in `energy!`: its free sizes bound, the model visible to the rest of the crate.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, anyhow, ensure};

/// What the new crate declares, and what its other files say about it.
pub(super) struct Declaration {
    /// The text between the braces of `energy!`, indented.
    pub(super) text: String,
    /// Columns of a row.
    pub(super) dim: usize,
    /// The objective that suits the model, as Rust.
    pub(super) objective: &'static str,
}

impl Declaration {
    /// # Errors
    /// The mistakes of the spec.
    pub(super) fn new(
        source: &str,
        file: &Path,
        model: &str,
        sizes: &BTreeMap<String, usize>,
    ) -> Result<Declaration> {
        let shown = file.display().to_string();
        let compile = |source: &str| {
            let compiled = scorematch_compiler::compile_source(source, &shown, sizes, Some(model));
            compiled.map_err(|mistakes| anyhow!("{mistakes}"))
        };
        // Mistakes are told at the lines of the file.
        compile(source)?;
        let visible = with_visible(source, model);
        let rust = compile(&visible)?.rust;
        ensure!(
            rust.contains(&format!("pub enum {model}Spec")),
            "{shown}: the program of the new crate cannot name the model: write `pub {model}(…)`"
        );
        let constants = sizes
            .iter()
            .map(|(name, size)| format!("const {name} = {size}; // free in {shown:?}\n"));
        Ok(Declaration {
            text: indented(&(constants.collect::<String>() + &visible)),
            dim: dim(&rust)
                .ok_or_else(|| anyhow!("{shown}: the emitted Rust says no dimension"))?,
            objective: objective(&rust),
        })
    }
}

/// The spec with `pub` before the model, which stands first in a line.
fn with_visible(source: &str, model: &str) -> String {
    let is_header = |line: &str| {
        let rest = line.trim_start().strip_prefix(model);
        rest.is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    let lines = source.lines().map(|line| match is_header(line) {
        true => format!("pub {}\n", line.trim_start()),
        false => format!("{line}\n"),
    });
    lines.collect()
}

fn indented(text: &str) -> String {
    let lines = text.trim().lines().map(|line| match line.trim_end() {
        "" => "\n".to_owned(),
        line => format!("    {line}\n"),
    });
    lines.collect()
}

fn dim(rust: &str) -> Option<usize> {
    let (_, rest) = rust.split_once("const DIM: usize = ")?;
    rest.split_once(';')?.0.parse().ok()
}

/// The exact one where it sees the energy, which it does not at kinks; else one that the model is compiled for.
fn objective(rust: &str) -> &'static str {
    let smooth = rust.contains("const SMOOTH: bool = true");
    let compiled_for = |name: &str| rust.contains(&format!("(\"{name}\", "));
    if smooth && compiled_for("esm") {
        "Objective::esm()"
    } else if compiled_for("dsm") {
        "Objective::dsm(0.1)"
    } else if compiled_for("ssm_vr") {
        "Objective::ssm_vr(1)"
    } else if compiled_for("ssm") {
        "Objective::ssm(1)"
    } else {
        "Objective::esm()"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declaration(source: &str, sizes: &[(&str, usize)]) -> Result<Declaration> {
        let sizes = sizes
            .iter()
            .map(|(name, size)| (name.to_string(), *size))
            .collect();
        Declaration::new(source, Path::new("my.energy"), "Mine", &sizes)
    }

    #[test]
    fn the_model_is_visible_and_its_sizes_are_numbers() {
        let spec = "/// Mine(x) of the docs.\nMine(x: [D, 2]) {\n    sum(sq(x))\n}\n";
        let found = declaration(spec, &[("D", 3)]).unwrap();
        assert_eq!(found.dim, 6);
        assert_eq!(found.objective, "Objective::esm()");
        assert_eq!(
            found.text,
            "    const D = 3; // free in \"my.energy\"\n    /// Mine(x) of the docs.\n    pub Mine(x: [D, 2]) {\n        sum(sq(x))\n    }\n"
        );
        assert!(
            declaration("pub Mine(x: [2]) { sum(sq(x)) }", &[])
                .unwrap()
                .text
                .starts_with("    pub Mine")
        );
        let message = declaration("fn f(z) = z; Mine(x: [2]) { sum(f(sq(x))) }", &[])
            .err()
            .unwrap()
            .to_string();
        assert!(message.contains("write `pub Mine(…)`"), "{message}");
    }

    #[test]
    fn objectives_are_those_that_the_model_can_be_trained_with() {
        let kinks = declaration("Mine(x: [2]) { sum(relu(x)) }", &[]).unwrap();
        assert_eq!(kinks.objective, "Objective::dsm(0.1)");
        let sliced = declaration("#[objectives(ssm)]\nMine(x: [2]) { sum(sq(x)) }", &[]).unwrap();
        assert_eq!(sliced.objective, "Objective::ssm(1)");
    }

    #[test]
    fn mistakes_are_told_at_the_lines_of_the_file() {
        let message = declaration("Mine(x: [2]) {\n    sum(y)\n}", &[])
            .err()
            .unwrap()
            .to_string();
        assert!(message.starts_with("my.energy:2:"), "{message}");
    }
}
