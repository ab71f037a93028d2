//! What the build script recorded: the sources that this command was built from, which programs of specs are made of too.
//!
//! A program must be made of the same sources as the command, since the command writes the Rust that the program calls the
//! libraries with. So changed sources are an error and not a newer program.

use std::path::Path;

use anyhow::{Result, bail};

use super::sources;

/// The versions of all crates that the command was built with.
pub(super) const LOCK: &str = include_str!(concat!(env!("OUT_DIR"), "/Cargo.lock"));

/// The compiler that built the command. Programs are built by whichever is there, and stay right when another one comes.
pub(super) const RUSTC: &str = env!("SCOREMATCH_RUSTC");

/// Hash of the sources; empty for published ones, which their version names.
pub(super) const HASH: &str = env!("SCOREMATCH_SOURCES_HASH");

/// The features of the command, which its programs have too.
pub(super) const FEATURES: &[&str] = if cfg!(feature = "nccl") {
    &["nccl"]
} else if cfg!(feature = "cuda") {
    &["cuda"]
} else {
    &[]
};

/// The folder of the sources; none if they came from a registry.
pub(crate) fn folder() -> Option<&'static Path> {
    let folder = env!("SCOREMATCH_SOURCES");
    (!folder.is_empty()).then(|| Path::new(folder))
}

/// That the sources are still those that the command was built from.
pub(super) fn check() -> Result<()> {
    folder().map_or(Ok(()), |folder| check_folder(folder, HASH))
}

fn check_folder(folder: &Path, hash: &str) -> Result<()> {
    let shown = folder.display();
    match sources::hash(folder) {
        Ok(found) if found == hash => Ok(()),
        Ok(_) => bail!(
            "the sources in {shown} have changed since this command was built from them, and programs of specs are made of \
             both; build the command again: cargo install --path {shown}/cli"
        ),
        Err(error) => bail!(
            "the sources that this command was built from cannot be read any more, and programs of specs are made of them: \
             {shown}: {error}; install the command again from where the sources are now: cargo install --path FOLDER/cli"
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn this_build_knows_its_sources() {
        assert!(folder().is_some_and(|folder| folder.join("runs/Cargo.toml").exists()));
        assert_eq!(HASH.len(), 32);
        assert!(LOCK.contains("name = \"scorematch-runs\"") && RUSTC.starts_with("rustc "));
    }

    #[test]
    fn sources_that_changed_or_are_gone_are_named_with_the_cure() {
        let root = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        file("runs/Cargo.toml", "[package]");
        file("runs/src/lib.rs", "mod a;");
        file("kernels/tests/any.rs", "");
        let hash = sources::hash(root.path()).unwrap();
        check_folder(root.path(), &hash).unwrap();
        file("kernels/tests/any.rs", "a test is no part of a program");
        check_folder(root.path(), &hash).unwrap();

        let message = |root: &Path| check_folder(root, &hash).unwrap_err().to_string();
        file("runs/src/lib.rs", "mod b;");
        let changed = message(root.path());
        assert!(changed.contains("have changed") && changed.contains("cargo install --path"));
        file("runs/src/lib.rs", "mod a;");
        file("runs/src/new.rs", "");
        assert!(message(root.path()).contains("have changed"));

        let gone = message(&root.path().join("moved"));
        assert!(
            gone.contains("moved") && gone.contains("install the command again"),
            "{gone}"
        );
    }
}
