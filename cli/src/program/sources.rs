//! The sources of the libraries that programs of specs are made of, as one hash; also a module of the build script.
//!
//! Enters: the root of the sources. Leaves: a hash of every file that a program is built from, and of the code that writes
//! its crate. Tests, benches and documents are not among them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use twox_hash::XxHash3_128;

/// Files and folders below the root, those that some crates lack included.
pub(crate) fn files_and_folders() -> impl Iterator<Item = PathBuf> {
    let parts = ["Cargo.toml", "build.rs", "build", "src", "cuda"];
    let crates = ["", "compiler", "kernels", "macros", "objectives", "runs"];
    let of_crates = crates
        .into_iter()
        .flat_map(move |name| parts.map(|part| Path::new(name).join(part)));
    of_crates.chain(["macros/LANGUAGE.md", "cli/src/program"].map(PathBuf::from))
}

/// The hash of all of them below `root`, in hexadecimal digits.
///
/// # Errors
/// Those of reading; that the root is not there is one.
pub(crate) fn hash(root: &Path) -> io::Result<String> {
    // Whatever else is missing changes the hash; without a manifest there are no sources.
    fs::metadata(root.join("runs/Cargo.toml"))?;
    let mut hasher = XxHash3_128::new();
    for path in files_and_folders() {
        add(&mut hasher, root, &path)?;
    }
    Ok(format!("{:032x}", hasher.finish_128()))
}

fn add(hasher: &mut XxHash3_128, root: &Path, path: &Path) -> io::Result<()> {
    let full = root.join(path);
    let Ok(found) = fs::metadata(&full) else {
        return Ok(());
    };
    if found.is_dir() {
        let entries = fs::read_dir(&full)?.map(|entry| Ok(path.join(entry?.file_name())));
        let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
        // The order of a file system says nothing.
        entries.sort();
        return entries
            .iter()
            .try_for_each(|entry| add(hasher, root, entry));
    }
    let content = fs::read(&full)?;
    for part in [path.as_os_str().as_encoded_bytes(), &content] {
        // Lengths, so that no two lists of files give the same bytes.
        hasher.write(&(part.len() as u64).to_le_bytes());
        hasher.write(part);
    }
    Ok(())
}
