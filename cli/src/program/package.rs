//! The crate of one program: a manifest, the emitted models and a `main` that hands them to scorematch-runs.
//!
//! It is a workspace of its own, with the versions of crates that the command was built with.

use std::io;
use std::path::{Path, PathBuf};

use super::key::scalar;
use super::place::Place;
use super::{Wanted, origin};

/// Optimised as the library is by default. What is left out is what nobody looks at: debug information and symbols.
const PROFILE: &str = "\
[profile.release]
debug = false
incremental = false
strip = true
";

/// The name of package and executable. It has the key in it, since all programs are built in one folder.
pub(super) fn name(key: &str) -> String {
    format!("scorematch-program-{key}")
}

/// Writes the crate. `models` is the emitted Rust.
pub(super) fn write(
    place: &Place,
    name: &str,
    wanted: &Wanted<'_>,
    models: &str,
) -> io::Result<()> {
    place.write("Cargo.toml", &manifest(name, wanted.spec))?;
    if !origin::LOCK.is_empty() {
        place.write("Cargo.lock", origin::LOCK)?;
    }
    place.write("spec.energy", wanted.source)?;
    place.write("src/models.rs", &with_entry(models, wanted))?;
    place.write("src/main.rs", MAIN)
}

fn manifest(name: &str, spec: &Path) -> String {
    let features = serde_json::json!(origin::FEATURES);
    // Debug formatting keeps a path with line ends in the comment.
    format!(
        "# Written by scorematch {version} for {spec:?}; edits are lost.\n\
         [package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [dependencies]\n\
         scorematch = {{ {library} }}\n\
         scorematch-runs = {{ {runs}, features = {features} }}\n\n\
         {PROFILE}",
        version = env!("CARGO_PKG_VERSION"),
        library = dependency(""),
        runs = dependency("runs"),
    )
}

/// Where a crate of these sources comes from, as keys of its dependency: the folder below the root, or the version.
pub(crate) fn dependency(below: &str) -> String {
    match origin::folder() {
        Some(root) => {
            let folder: PathBuf = root.join(below).components().collect();
            // A string of JSON is one of TOML.
            format!("path = {}", serde_json::json!(folder))
        }
        None => format!("version = \"={}\"", env!("CARGO_PKG_VERSION")),
    }
}

const MAIN: &str = "\
// Of a model its spec is named here and its type is not.
#[allow(dead_code)]
mod models;

fn main() -> std::process::ExitCode {
    models::run()
}
";

/// The emitted models with a function that names the wanted one: a model that is not `pub` has no name outside its module.
/// Paths are absolute, because models may have any name.
fn with_entry(models: &str, wanted: &Wanted<'_>) -> String {
    let (model, scalar) = (wanted.model, scalar(wanted.double));
    format!(
        "{models}\n\
         pub(crate) fn run() -> ::std::process::ExitCode {{\n    \
         ::scorematch_runs::program::<{scalar}>(\n        \
         ::std::vec![::scorematch_runs::CompiledModel::of::<{model}Spec>()],\n        \
         ::std::include_str!(\"../spec.energy\"),\n    )\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_the_sources_and_no_line_of_it_is_the_users() {
        let text = manifest("scorematch-program-0", Path::new("a\n[b]\".energy"));
        assert!(text.starts_with("# Written by scorematch"));
        assert!(!text.lines().any(|line| line.starts_with("[b]")), "{text}");
        let root = origin::folder().expect("tests are built from sources");
        assert!(
            text.contains(root.to_str().unwrap()) && text.contains("scorematch-runs = { path = "),
            "{text}"
        );
    }
}
